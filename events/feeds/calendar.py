"""Calendars (RFC 5545, RFC 7986) of events: what a phone or a computer subscribes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from portal.core.days import long_day
from portal.core.enums import Cost, PositionPrecision
from portal.core.templatetags.portal_tags import clock

from ..enums import EventStatus, OccurrenceStatus, Registration
from ..models import EventPage
from ..recurrence import PlannedDate, wall
from . import ical
from .ical import text
from .items import Item
from .series import Schedule, Told, last_year, told, unzoned

PRODUCT = "-//La Boussole//Agenda//FR"
#: How often programs should ask again: a date can be cancelled in the morning.
REFRESH = timedelta(hours=1)
#: Before what the portal adds to the editor's text: imports cut there.
RULER = "\n\n—\n"
#: States that RFC 5545 has no word for, and what the portal says of them before the editor's text: for imports.
STATE, SAID = "X-BOUSSOLE-STATE", "X-BOUSSOLE-SAID"


@dataclass(frozen=True)
class About:
    """A calendar as a whole. ``base_url`` is the address of the portal without a slash at its end."""

    name: str
    language: str
    base_url: str
    #: Addresses of the page with the same events, and of this calendar.
    page_url: str
    own_url: str
    #: Whether programs ask again.
    is_subscribed: bool = True


def calendar(about: About, items: list[Item]) -> str:
    """A whole calendar; events without a known date are left out."""
    return ical.document(lines_of(about, items))


def lines_of(about: About, items: list[Item]) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN")
    if about.is_subscribed:
        refresh = ical.duration(REFRESH)
        yield f"NAME:{text(about.name)}"
        yield f"X-WR-CALNAME:{text(about.name)}"
        yield f"X-WR-TIMEZONE:{ical.ZONE}"
        yield f"URL:{iri_to_uri(about.page_url)}"
        yield f"SOURCE;VALUE=URI:{iri_to_uri(about.own_url)}"
        yield f"REFRESH-INTERVAL;VALUE=DURATION:{refresh}"
        yield f"X-PUBLISHED-TTL:{refresh}"
    yield from ical.VTIMEZONE
    year = last_year(timezone.now())
    for item in items:
        schedule = Schedule.of(item.facts, item.rows)
        found = schedule and told(schedule, year)
        if found:
            yield from event_lines(item, found, about)
    yield "END:VCALENDAR"


def event_lines(item: Item, dates: Told, about: About) -> Iterator[str]:
    """The ``VEVENT`` of an event, then one for each date that is not like the others."""
    is_all_day = item.facts.is_all_day
    common = common_lines(item, about)
    yield "BEGIN:VEVENT"
    yield from common
    yield from span(dates.start, dates.end, is_all_day=is_all_day)
    if dates.rule:
        yield f"RRULE:{dates.rule}"
    if dates.skipped:
        yield ical.times("EXDATE", dates.skipped, is_all_day=is_all_day)
    if dates.extra:
        yield ical.times("RDATE", dates.extra, is_all_day=is_all_day)
    yield from state_lines(item, dates.only, about)
    yield "END:VEVENT"
    for date in dates.changed:
        yield "BEGIN:VEVENT"
        yield from common
        yield ical.times("RECURRENCE-ID", [unzoned(date.recurrence_id)], is_all_day=is_all_day)
        yield from span(wall(date.times.starts_at), wall(date.times.ends_at), is_all_day=is_all_day)
        yield from state_lines(item, date, about)
        yield "END:VEVENT"


def span(start: datetime, end: datetime, *, is_all_day: bool) -> Iterator[str]:
    """``DTSTART`` and ``DTEND``; the latter is the first day or instant that is no longer part of it."""
    if is_all_day:
        end = datetime.combine((end - timedelta(microseconds=1)).date() + timedelta(days=1), datetime.min.time())
        end = max(end, datetime.combine(start.date() + timedelta(days=1), datetime.min.time()))
    yield ical.times("DTSTART", [start], is_all_day=is_all_day)
    yield ical.times("DTEND", [end], is_all_day=is_all_day)


def common_lines(item: Item, about: About) -> list[str]:
    """What all the dates of an event share."""
    facts, changed = item.facts, ical.utc(item.changed_at)
    lines = [
        f"UID:{text(item.uid)}",
        # Without a METHOD, the instant of the last change (3.8.7.2): a calendar that nothing changed stays the same.
        f"DTSTAMP:{changed}",
        f"LAST-MODIFIED:{changed}",
        f"SEQUENCE:{facts.sequence}",
        f"SUMMARY{lang(item, about)}:{text(item.entry.title)}",
        f"URL:{iri_to_uri(about.base_url + item.path)}",
    ]
    if facts.first_published_at:
        lines.append(f"CREATED:{ical.utc(facts.first_published_at)}")
    where = item.place or facts
    is_exact = where.has_position and where.position_precision != PositionPrecision.MUNICIPALITY
    if is_exact and (item.place or not facts.structure_id) and not facts.is_online:
        lines.append(f"GEO:{where.latitude:.6f};{where.longitude:.6f}")
    if themes := item.themes:
        lines.append(f"CATEGORIES:{','.join(map(text, themes))}")
    if contact := item.organizer_line:
        lines.append(f"CONTACT:{text(contact)}")
    if facts.online_url:
        lines.append(f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{iri_to_uri(facts.online_url)}")
    return lines


def lang(item: Item, about: About) -> str:
    """The parameter of a text in another language than the calendar's."""
    return f";LANGUAGE={item.entry.lang}" if item.entry.lang != about.language else ""


def state_lines(item: Item, date: PlannedDate | None, about: About) -> Iterator[str]:
    """``STATUS``, ``LOCATION`` and the text, which change from date to date."""
    yield f"STATUS:{status(item, date)}"
    if where := (date.place_note if date else "") or item.place_line:
        yield f"LOCATION:{text(where)}"
    if note := (date.note if date else "") or item.text.status_note:
        yield f"COMMENT:{text(note)}"
    if state := state_of(item, date):
        yield f"{STATE}:{state}"
    states = words(item, date)
    if states:
        yield f"{SAID}:{text(states)}"
    parts = [states, item.entry.summary, item.text.description]
    described = "\n\n".join(part.strip() for part in parts if part)
    yield f"DESCRIPTION{lang(item, about)}:{text((described + RULER + practical(item, about)).lstrip())}"


def status(item: Item, date: PlannedDate | None) -> str:
    """A date that is put off without a new one is *tentative*: it neither takes place then, nor is given up."""
    facts = item.facts
    if facts.is_cancelled or (date and date.status == OccurrenceStatus.CANCELLED):
        return "CANCELLED"
    is_moved = date is not None and date.times.starts_at != date.recurrence_id
    if date and date.status == OccurrenceStatus.POSTPONED:
        return "CONFIRMED" if is_moved else "TENTATIVE"
    return "TENTATIVE" if facts.status == EventStatus.POSTPONED and not facts.postponed_to else "CONFIRMED"


def state_of(item: Item, date: PlannedDate | None) -> str:
    """``FULL``, or ``POSTPONED`` for a date that is not known yet; empty else."""
    facts = item.facts
    if status(item, date) == "TENTATIVE":
        return "POSTPONED"
    is_full = facts.is_full or (date is not None and date.status == OccurrenceStatus.FULL)
    return "FULL" if is_full and status(item, date) == "CONFIRMED" else ""


def words(item: Item, date: PlannedDate | None) -> str:
    """What readers must know before they come: cancelled, full, moved from, the editor's word; empty when nothing."""
    facts = item.facts
    found: list[str] = []
    if facts.is_cancelled or (date and date.status == OccurrenceStatus.CANCELLED):
        found.append(str(EventStatus.CANCELLED.label))
    elif facts.status not in ("", EventStatus.SCHEDULED):
        found.append(str(facts.get_status_display()))
    elif date and date.status == OccurrenceStatus.POSTPONED:
        found.append(str(OccurrenceStatus.POSTPONED.label))
    elif facts.is_full or (date and date.status == OccurrenceStatus.FULL):
        found.append(str(OccurrenceStatus.FULL.label))
    if date and date.times.starts_at != date.recurrence_id and not facts.is_cancelled:
        found.append(_("instead of %(day)s") % {"day": spoken(date.recurrence_id, facts)})
    found += [note for note in (item.text.status_note, date.note if date else "") if note]
    return " – ".join(found)


def spoken(moment: datetime | None, facts: EventPage) -> str:
    """An instant in words: its day, and its hour unless the event lasts whole days."""
    if moment is None:
        return ""
    return long_day(moment) if facts.is_all_day else f"{long_day(moment)}, {clock(moment)}"


@dataclass(frozen=True)
class Labels:
    ages: str
    cost: str
    registration: str
    organizer: str
    line: str
    costs: dict[str, str]
    registrations: dict[str, str]


@lru_cache(maxsize=32)
def labels(language: str) -> Labels:
    """What stands before the facts, in the active language, which ``language`` names: looked up once."""
    return Labels(
        _("Ages"),
        _("Cost"),
        _("Registration"),
        _("Organised by"),
        _("%(filter)s: %(value)s"),
        {code: str(label) for code, label in Cost.choices},
        {code: str(label) for code, label in Registration.choices},
    )


def practical(item: Item, about: About) -> str:
    """Ages, cost, registration, whom to call, the page of the event: programs show the text only."""
    facts, shown, said = item.facts, item.text, labels(item.entry.frame)
    rows = [
        (said.ages, facts.age_range),
        (said.cost, joined(said.costs.get(facts.cost), shown.cost_note)),
        (said.registration, joined(said.registrations.get(facts.registration), shown.registration_note)),
        (said.organizer, item.organizer_line),
    ]
    lines = [said.line % {"filter": label, "value": value} for label, value in rows if value]
    return "\n".join([*lines, about.base_url + item.path])


def joined(*parts: object) -> str:
    return " – ".join(str(part) for part in parts if part)
