"""Writes of the home application."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import PortalSettings
from portal.core.outbox import queue_mail


def send_contact_message(
    *, portal: PortalSettings, message: str, answer_to: str, reply_to: str | None, language: str
) -> None:
    """Writes a visitor's message to the outbox, in French for the team; it is kept nowhere else.

    ``reply_to`` is ``answer_to`` when that is an e-mail; ``language`` is the one that the visitor reads the portal in.
    """
    with translation.override(SOURCE_LANGUAGE):
        wanted = _("Answer to: %(answer_to)s") % {"answer_to": answer_to} if answer_to else _("No answer is asked for.")
        origin = _("Sent from the contact page of %(portal)s, read in: %(language)s.") % {
            "portal": portal.portal_name,
            "language": get_language_info(language)["name_translated"],
        }
        queue_mail(
            to=portal.contact_email or settings.DEFAULT_FROM_EMAIL,
            subject=_("%(portal)s: a message from a visitor") % {"portal": portal.portal_name},
            body=f"{message}\n\n-- \n{wanted}\n{origin}\n",
            reply_to=reply_to,
        )
