"""What the television of a centre's hall shows: what is on, the news, the last words by children, the hours.

The page holds the dates of a week and a day, so that a television without network passes midnight and goes on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.images.models import Filter
from wagtail.images.shortcuts import get_rendition_or_not_found

from directory.places import visible_places
from events.enums import EventStatus
from events.listing import Dated, dated
from events.models import EventPage, Occurrence
from events.periods import midnight
from events.querysets import note_next_change
from glossary.enums import Origin
from glossary.models import Definition, TermPage
from portal.core.days import long_day
from portal.core.entries import Entry, make_entries
from portal.core.hours import DayHours, Hours, week
from portal.core.leaflets import cut
from portal.core.sourced import row_pairs
from portal.core.templatetags.portal_tags import clock
from portal.images.models import PortalImage

from ..models import CentrePage, NewsPage

#: Days whose dates a television keeps, today included: what it shows of a week, should the network be gone for one.
DAYS_KEPT = 8
ROWS_KEPT = 80
NEWS = 3
#: News of last summer are none.
NEWS_DAYS = 60
WORDS = 4
#: Read from five metres while the scene lasts.
LONGEST_TEXT = 190
#: Enough for a third of a large screen, light enough for an old television.
PICTURE = Filter("max-1100x1100|format-webp")


@dataclass(frozen=True)
class Row:
    """A date on one of its days. ``until``: the instant after which it is over on that day.

    ``is_off``: it does not take place then. ``says``: what people must know before they come, in a word.
    """

    day: date
    until: datetime
    item: Dated
    hours: str
    where: str
    says: str
    is_off: bool


@dataclass(frozen=True)
class Picture:
    image: PortalImage
    file: Any


@dataclass(frozen=True)
class Story:
    """A piece of news and, where its right to use is recorded, its first picture."""

    entry: Entry
    text: str
    picture: Picture | None


@dataclass(frozen=True)
class Word:
    """A word with the sentences of children."""

    entry: Entry
    text: str
    language: str
    group: str
    picture: Picture | None


def hall_contents(page: CentrePage, now: datetime) -> dict[str, Any]:
    """All that the screen of a centre shows, in the reader's language; only what a visitor of the portal sees too."""
    facts = page.facts
    today = timezone.localdate(now)
    structure = visible_places([facts.structure_id]).get(facts.structure_id)
    rows = list(rows_of(facts, today, now))
    return {
        "today": today,
        "rows_today": [row for row in rows if row.day == today],
        "rows_later": [row for row in rows if row.day > today],
        "stories": stories(facts, today),
        "words": words(),
        "structure": structure,
        "hours": next_days(Hours.of(structure), today) if structure else [],
    }


# --- What is on ------------------------------------------------------------------------------------------------------


def rows_of(centre: CentrePage, today: date, now: datetime) -> Iterator[Row]:
    """The dates of a centre by day; one that was moved shows on the day when people expected it too."""
    first, last = midnight(today), midnight(today + timedelta(days=DAYS_KEPT))
    events = EventPage.objects.visible().at_structure(centre.structure_id)
    note_next_change(now)
    found = Occurrence.objects.of(events).filter(
        Q(starts_at__lt=last, ends_at__gt=first) | Q(recurrence_id__gte=first, recurrence_id__lt=last)
    )
    items = dated(found.order_by("starts_at", "pk")[:ROWS_KEPT])
    rows = [
        row
        for item in items
        for row in rows_of_date(item, centre, [today + timedelta(days=ahead) for ahead in range(DAYS_KEPT)])
        if row.until > now
    ]
    # What lasts for days comes after what begins at an hour.
    yield from sorted(rows, key=lambda row: (row.day, row.item.entry.facts.is_all_day, row.item.occurrence.starts_at))


def rows_of_date(item: Dated, centre: CentrePage, days: Iterable[date]) -> Iterator[Row]:
    occurrence = item.occurrence
    first, last = timezone.localdate(occurrence.starts_at), occurrence.last_day
    expected = timezone.localdate(occurrence.recurrence_id)
    for day in days:
        end_of_day = midnight(day + timedelta(days=1))
        if first <= day <= last:
            is_off = item.is_cancelled or occurrence.is_off or is_put_off(item)
            until = min(occurrence.ends_at, end_of_day)
            yield Row(day, until, item, hours_of(item, day), where(item, centre), says(item), is_off)
        elif day == expected and not item.is_cancelled:
            moved = gettext("Moved to %(day)s, %(time)s") % {
                "day": long_day(occurrence.starts_at),
                "time": clock(occurrence.starts_at),
            }
            yield Row(day, end_of_day, item, clock(occurrence.recurrence_id), "", moved, is_off=True)


def is_put_off(item: Dated) -> bool:
    """The whole event is postponed, and its dates are still those of before."""
    facts = item.entry.facts
    return facts.status == EventStatus.POSTPONED and not item.occurrence.is_moved


def hours_of(item: Dated, day: date) -> str:
    occurrence = item.occurrence
    if item.entry.facts.is_all_day or occurrence.ends_the_same_day:
        return item.hours
    if day == occurrence.last_day:
        return gettext("until %(time)s") % {"time": clock(occurrence.ends_at)}
    if day == timezone.localdate(occurrence.starts_at):
        return gettext("from %(time)s") % {"time": clock(occurrence.starts_at)}
    return gettext("All day")


def where(item: Dated, centre: CentrePage) -> str:
    """The room; the place too when it is not the centre itself."""
    facts = item.entry.facts
    if item.occurrence.place_note:
        return item.occurrence.place_note
    if facts.is_online:
        return gettext("Online")
    room = item.entry.text.room or facts.room
    place = "" if facts.structure_id == centre.structure_id else item.place
    return ", ".join(part for part in (room, place) if part)


def says(item: Dated) -> str:
    """As :attr:`Dated.says`, and that the day or the hour is not the usual one."""
    occurrence = item.occurrence
    if occurrence.is_moved and not item.is_cancelled and not occurrence.is_full and not item.entry.facts.is_full:
        return gettext("New date") if occurrence.is_another_day else gettext("New hour")
    return item.says


# --- News, words, hours ----------------------------------------------------------------------------------------------


def stories(centre: CentrePage, today: date) -> list[Story]:
    """The last news of a centre; when it has none, those of the whole portal."""
    recent = NewsPage.objects.visible().published_by(today).filter(published_on__gt=today - timedelta(days=NEWS_DAYS))
    found = list(recent.of_centre(centre.pk)[:NEWS]) or list(recent.filter(centres=None)[:NEWS])
    return [
        Story(entry, cut(entry.summary, LONGEST_TEXT), picture_of(first_picture(entry.facts)))
        for entry in make_entries(found)
    ]


def first_picture(news: NewsPage) -> PortalImage | None:
    for block in news.body:
        if block.block_type == "picture" and block.value["image"] and block.value["image"].has_right:
            found: PortalImage = block.value["image"]
            return found
    return None


def picture_of(image: PortalImage | None) -> Picture | None:
    """The file of a picture whose right to use is recorded; ``None`` for another."""
    if image is None or not image.has_right:
        return None
    return Picture(image, get_rendition_or_not_found(image, PICTURE))


def words() -> list[Word]:
    """The last words that children explained, those with a drawing first among them."""
    pages = TermPage.objects.visible()
    told = Definition.objects.filter(origin=Origin.CHILDREN, page__in=pages)
    ids = list(
        told.filter(drawing__isnull=False)
        .order_by("-page__first_published_at", "-page_id")
        .values_list("page_id", flat=True)[:WORDS]
    )
    if len(ids) < WORDS:
        others = told.exclude(page__in=ids).order_by("-page__first_published_at", "-page_id")
        ids += others.values_list("page_id", flat=True)[: WORDS - len(ids)]
    by_id = {page.pk: page for page in pages.filter(pk__in=ids)}
    entries = make_entries(by_id[pk] for pk in dict.fromkeys(ids) if pk in by_id)
    return [word for entry in entries if (word := word_of(entry))]


def word_of(entry: Entry) -> Word | None:
    text: Any = entry.text
    text.__dict__.setdefault("facts", entry.facts)
    pairs = [pair for pair in row_pairs(text, "definitions") if pair.facts.origin == Origin.CHILDREN]
    pairs.sort(key=lambda pair: pair.facts.drawing_id is None)
    if not pairs:
        return None
    facts: Any = pairs[0].facts
    told: Any = pairs[0].text
    shown = told.text or facts.text
    language = told.language if told.text else facts.language
    return Word(entry, cut(shown, LONGEST_TEXT), language, facts.group, picture_of(facts.drawing))


def next_days(hours: Hours, today: date) -> list[DayHours]:
    """The hours of seven days, today first; empty when unknown."""
    days = [*week(hours, today), *week(hours, today + timedelta(days=7))]
    return [day for day in days if today <= day.day < today + timedelta(days=7)]
