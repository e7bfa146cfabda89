"""``sitemap.xml`` (sitemaps.org): every visible page in every language, each with its addresses in the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import cast
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpRequest
from wagtail.models import Page

from portal.core.languages import SOURCE_LANGUAGE, code_of_locale, language_codes, localize_path
from portal.core.mixed import mixed_pages
from portal.core.sourced import SourcedPage

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
#: Of the protocol, for one file.
MAX_ADDRESSES = 50_000


@dataclass(frozen=True)
class Address:
    """A page in one language; ``alternates`` are its addresses by language, this one and ``x-default`` included."""

    url: str
    changed_at: datetime | None
    alternates: dict[str, str]


def sitemap_addresses(root: Page, base_url: str, request: HttpRequest | None = None) -> Iterator[Address]:
    """Addresses of the visible pages below a site's French root. ``base_url`` has no slash at its end."""
    sources = mixed_pages().visible().filter(path__startswith=root.path).order_by("path")
    changes = translation_changes()
    for page in sources.specific(defer=True):
        parts = cast(SourcedPage, page).get_url_parts(request)
        if not parts or not parts[2]:
            continue
        urls = {code: base_url + localize_path(parts[2], code) for code in language_codes()}
        alternates = {**urls, "x-default": urls[SOURCE_LANGUAGE]}
        for code, url in urls.items():
            moments = (page.last_published_at, changes.get((page.translation_key, code)))
            yield Address(url, max((moment for moment in moments if moment), default=None), alternates)


def translation_changes() -> dict[tuple[object, str], datetime | None]:
    """When each live translation was published last, by translation key and language."""
    rows = mixed_pages().filter(live=True, alias_of__isnull=True).exclude(locale__language_code=SOURCE_LANGUAGE)
    found = rows.values_list("translation_key", "locale_id", "last_published_at")
    return {(key, code_of_locale(locale)): moment for key, locale, moment in found}


def sitemap_xml(addresses: Iterator[Address]) -> bytes:
    root = Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for address in islice(addresses, MAX_ADDRESSES):
        entry = SubElement(root, "url")
        SubElement(entry, "loc").text = address.url
        if address.changed_at:
            SubElement(entry, "lastmod").text = address.changed_at.isoformat(timespec="seconds")
        for code, url in address.alternates.items():
            SubElement(entry, "xhtml:link", {"rel": "alternate", "hreflang": code, "href": url})
    return tostring(root, encoding="utf-8", xml_declaration=True)
