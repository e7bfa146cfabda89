"""Atom (RFC 4287) of the events that come, those that changed last first."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils import timezone
from django.utils.encoding import iri_to_uri

from portal.core.languages import direction

from ..sentences import rule_sentence
from .calendar import About, practical, spoken, words
from .items import Item, newest

ATOM = "http://www.w3.org/2005/Atom"
TYPE = "application/atom+xml"
#: Readers of feeds read what is new: the others are in the calendar.
MAX_ENTRIES = 100
#: Of a feed without entries, which must say when it was updated.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def feed(about: About, items: list[Item], *, identity: UUID, author: str, dates: dict[int, datetime]) -> bytes:
    """A feed. ``identity`` and the language name it, whatever its address; ``dates`` holds the next beginning of each
    event, by primary key."""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": about.language})
    SubElement(root, "id").text = uuid5(identity, about.language).urn
    SubElement(root, "title").text = plain(about.name)
    SubElement(root, "updated").text = stamp(newest(items) or NEVER)
    SubElement(SubElement(root, "author"), "name").text = plain(author)
    SubElement(root, "link", {"rel": "self", "type": TYPE, "href": iri_to_uri(about.own_url)})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": iri_to_uri(about.page_url)})
    for item in latest(items):
        entry(root, item, about, dates.get(item.facts.pk))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="utf-8")


def latest(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.changed_at, item.facts.pk), reverse=True)[:MAX_ENTRIES]


def entry(root: Element, item: Item, about: About, following: datetime | None) -> None:
    facts = item.facts
    made = SubElement(root, "entry", {"xml:lang": item.entry.lang})
    SubElement(made, "id").text = facts.translation_key.urn
    SubElement(made, "title").text = plain(item.entry.title)
    SubElement(made, "updated").text = stamp(item.changed_at)
    if facts.first_published_at:
        SubElement(made, "published").text = stamp(facts.first_published_at)
    url = iri_to_uri(about.base_url + item.path)
    SubElement(made, "link", {"rel": "alternate", "type": "text/html", "href": url})
    for theme in item.themes:
        SubElement(made, "category", {"term": plain(theme)})
    if item.entry.summary:
        SubElement(made, "summary").text = plain(item.entry.summary)
    content = SubElement(made, "content", {"type": "xhtml"})
    body = SubElement(content, "div", {"xmlns": "http://www.w3.org/1999/xhtml"})
    frame = {"lang": item.entry.frame, "dir": direction(item.entry.frame)}
    for said in (words(item, None), rule_sentence(facts), spoken(following, facts), item.place_line):
        if said:
            SubElement(body, "p", frame).text = plain(said)
    for paragraph in (item.text.description or item.entry.summary).split("\n\n"):
        if paragraph.strip():
            SubElement(body, "p").text = plain(paragraph)
    for line in practical(item, about).splitlines()[:-1]:
        SubElement(body, "p", frame).text = plain(line)


def stamp(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


#: What XML can't hold, beside what no database keeps.
_REFUSED = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def plain(text: object) -> str:
    return str(text).translate(_REFUSED)
