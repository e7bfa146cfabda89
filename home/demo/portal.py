"""The tree of the demonstration portal, with its own words, and its settings."""

from django.db import transaction
from wagtail.models import Site

from home.portal_texts import PageTexts, PortalPage
from home.portal_tree import MODELS, ensure_portal_tree
from portal.core.models import PortalSettings

from .files import share_picture
from .records import Record, records
from .tally import Tally

#: The federation of the centres answers for the portal. Its hours are unknown: none are invented.
SETTINGS = {
    "area": "Centres sociaux de Lille, Roubaix, Tourcoing",
    "contact_name": "Fédération des centres sociaux du Nord Pas-de-Calais",
    "contact_phone": "03 20 79 98 70",
    "contact_address": "199-201 rue Colbert, centre Vauban, bâtiment Rochefort, 59000 Lille",
    "contact_email": "contact@boussole.example",
}


def portal_pages() -> list[PortalPage]:
    """The pages of ``pages.toml``."""
    return [
        PortalPage(
            slug=record["slug"],
            kind=record["type"],
            french=_texts(record),
            others={language: _texts(record[language]) for language in ("en", "ar") if language in record},
        )
        for record in records("page", "pages")
    ]


def _texts(record: Record) -> PageTexts:
    return PageTexts(
        record["title"], record["summary"].strip(), tuple(record.get("body", ())), record.get("easy_text", "").strip()
    )


def load_tree(*, dry_run: bool) -> Tally:
    if dry_run:
        wanted = portal_pages()
        kept = sum(MODELS[page.kind].objects.sources().filter(slug=page.slug).exists() for page in wanted)
        return Tally(created=len(wanted) - kept, kept=kept)
    report = ensure_portal_tree(pages=portal_pages(), share_picture=share_picture())
    return Tally(created=len(report.created), translated=len(report.translated), kept=report.kept)


@transaction.atomic
def load_settings(*, dry_run: bool) -> Tally:
    """Fills the settings of the portal, unless somebody has written some."""
    site = Site.objects.filter(is_default_site=True).first()
    found = PortalSettings.objects.filter(site=site).first() if site else None
    if found and any(getattr(found, name) for name in SETTINGS):
        return Tally(kept=1)
    if not dry_run:
        portal = PortalSettings.for_site(site)
        for name, value in SETTINGS.items():
            setattr(portal, name, value)
        portal.full_clean()
        portal.save()
    return Tally(created=1)
