"""The dates of an event as calendars are told them: a rule, what it leaves out, what is added, what is changed.

All times are those of the clock on the wall of Paris. Kept by this process for each schedule, because many feeds tell
the same event.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from django.core.exceptions import ValidationError

from ..enums import OccurrenceStatus
from ..holidays import calendar_state
from ..models.schedule import whole_days
from ..recurrence import HORIZON, Plan, PlannedDate, instant, plan, rule_of, wall
from ..rules import LAST_YEAR, Rule, read_until, split_rule
from . import ical

if TYPE_CHECKING:
    from ..models import EventException, EventPage

#: No date of an agenda is later.
END = datetime(LAST_YEAR, 12, 31, 23, 59, 59)  # noqa: DTZ001 - the clock on the wall
#: Parts of a rule that say an hour: not for whole days (RFC 5545, 3.3.10).
HOURS = ("BYHOUR", "BYMINUTE", "BYSECOND")


@dataclass(frozen=True)
class Row:
    """An ``EventException`` as a value."""

    date: date
    time: time | None
    is_extra: bool
    kind: str
    new_start: datetime | None
    new_end: datetime | None
    place_note: str
    note: str
    capacity: int | None = None

    @classmethod
    def of(cls, row: "EventException") -> "Row":
        values = (row.date, row.time, row.is_extra, row.kind, row.new_start, row.new_end, row.place_note, row.note)
        return cls(*values)


@dataclass(frozen=True)
class Schedule:
    """All that the dates of an event follow from, as a value; for :func:`events.recurrence.plan` it is an event."""

    starts_at: datetime
    ends_at: datetime
    is_all_day: bool
    rrule: str
    skip_public_holidays: bool
    school_holidays: str
    school_zone: str
    postponed_to: datetime | None
    rows: tuple[Row, ...]
    #: The school holidays that it depends on.
    calendar: tuple[tuple[date, ...], ...]

    @classmethod
    def of(cls, event: "EventPage", rows: Iterable["EventException"]) -> "Schedule | None":
        """``None`` for an event without times."""
        if event.starts_at is None or event.ends_at is None:
            return None
        start, end = event.starts_at, event.ends_at
        if event.is_all_day:
            start, end = whole_days(start, end)
        return cls(
            start,
            end,
            event.is_all_day,
            event.rrule,
            event.skip_public_holidays,
            event.school_holidays,
            event.school_zone,
            event.postponed_to,
            tuple(sorted(map(Row.of, rows), key=lambda row: (row.date, str(row.time)))),
            tuple(tuple(span) for span in calendar_state(event)),
        )

    @property
    def exceptions(self) -> "Schedule":
        return self

    def all(self) -> tuple[Row, ...]:
        return self.rows

    @property
    def has_holidays(self) -> bool:
        return bool(self.rrule) and bool(self.skip_public_holidays or self.school_holidays)

    @property
    def duration(self) -> timedelta:
        return wall(self.ends_at) - wall(self.starts_at)


@dataclass(frozen=True)
class Told:
    """``DTSTART``, ``RRULE``, ``EXDATE``, ``RDATE``, and the dates that have a text or a time of their own."""

    start: datetime
    end: datetime
    rule: str = ""
    skipped: tuple[datetime, ...] = ()
    extra: tuple[datetime, ...] = ()
    changed: tuple[PlannedDate, ...] = ()
    #: The only date of an event, when it is not as the event says.
    only: PlannedDate | None = None


def last_year(now: datetime) -> int:
    """Dates that depend on holidays are told until the end of this year: it changes once a year, and includes all the
    dates that the portal keeps."""
    return (now + HORIZON).year


@lru_cache(maxsize=8_192)
def told(schedule: Schedule, year: int) -> Told | None:
    """What calendars are told; ``None`` when no date is left or known. ``year`` is that of :func:`last_year`."""
    start = wall(schedule.starts_at)
    event = cast("EventPage", schedule)
    try:
        rule = rule_of(event)
    except ValidationError:  # no date is kept either of a rule that was never checked
        return None
    if not (schedule.rows or schedule.postponed_to or schedule.has_holidays):
        first = start if rule is None else next(rule.between(rule.start, END), None)
        text = rule_text(schedule, rule) if rule else ""
        return Told(first, first + schedule.duration, text) if first else None
    limit = END.replace(year=year)
    planned = plan(event, until=instant(limit))
    if not planned.dates:
        return None
    if rule is None and len(planned.dates) == 1:
        only = planned.dates[0]
        return Told(wall(only.times.starts_at), wall(only.times.ends_at), only=only)
    return in_full(schedule, rule, planned, limit)


def in_full(schedule: Schedule, rule: Rule | None, planned: Plan, limit: datetime) -> Told:
    """A series with all that is not like the rule."""
    extra = tuple(map(unzoned, planned.extra))
    skipped = tuple(dict.fromkeys(map(unzoned, planned.skipped)))
    first: datetime | None = wall(schedule.starts_at)
    text = ""
    if rule is not None:
        if planned.unknown_from:
            limit = datetime.combine(planned.unknown_from, time()) - timedelta(seconds=1)
        first = next(rule.between(rule.start, limit), None)
        text = rule_text(schedule, rule, limit if schedule.has_holidays else None) if first else ""
    if first is None:
        first, extra = extra[0], extra[1:]
    changed = tuple(date for date in planned.dates if is_changed(date, schedule.duration))
    return Told(first, first + schedule.duration, text, skipped, extra, changed)


def unzoned(moment: datetime) -> datetime:
    """The clock on the wall, an hour that is skipped in March included."""
    return moment.replace(tzinfo=None)


def is_changed(date: PlannedDate, duration: timedelta) -> bool:
    """Has a time, a state, a place or a word of its own."""
    start = unzoned(date.recurrence_id)
    return bool(
        date.status != OccurrenceStatus.SCHEDULED
        or date.place_note
        or date.note
        or unzoned(date.times.starts_at) != start
        or (date.times.ends_at.astimezone(UTC) != instant(start + duration).astimezone(UTC))
    )


def rule_text(schedule: Schedule, rule: Rule, limit: datetime | None = None) -> str:
    """``RRULE`` as RFC 5545 wants it beside a ``DTSTART`` with a zone, or of a day; ends at ``limit`` at the latest."""
    parts = split_rule(schedule.rrule)
    if schedule.is_all_day:
        parts = {name: value for name, value in parts.items() if name not in HOURS}
    until = read_until(parts["UNTIL"]) if "UNTIL" in parts else None
    if limit and not until and "COUNT" in parts:
        is_over = next(rule.between(limit + timedelta(seconds=1), END), None) is None
        limit = None if is_over else limit
    if limit and (until is None or until > limit):
        parts.pop("COUNT", None)
        until = limit
    if until:
        parts["UNTIL"] = ical.day(until) if schedule.is_all_day else ical.utc(instant(until))
    return ";".join(f"{name}={value}" for name, value in parts.items())
