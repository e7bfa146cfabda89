"""A page handed on: plain links that open the reader's own messages, mails or WhatsApp, words and address ready."""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Shares:
    """Addresses for one page. ``url`` is absolute, in the reader's language."""

    title: str
    url: str
    sms: str
    whatsapp: str
    mail: str


def shares(title: str, url: str) -> Shares:
    words = _("Here is a page that may help you: %(title)s") % {"title": title}
    message = quote(f"{words}\n{url}", safe="")
    # RFC 6068 wants CRLF in the body of a mail.
    mail = quote(f"{words}\r\n{url}\r\n", safe="")
    return Shares(
        title=title,
        url=url,
        # Old iPhones want "&", all others "?": this form suits both.
        sms=f"sms:?&body={message}",
        whatsapp=f"https://wa.me/?text={message}",
        mail=f"mailto:?subject={quote(title, safe='')}&body={mail}",
    )
