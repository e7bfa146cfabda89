"""From an event to its dates: its rule, what holidays take away, and the dates that are not like the others.

Everything is reckoned on the wall clock of Paris, so that 18:00 stays 18:00 in summer and in winter.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from portal.core.moments import PARIS

from .enums import ExceptionKind, OccurrenceStatus
from .holidays import Verdict, verdict_on
from .rules import Rule, parse_rule

if TYPE_CHECKING:
    from .models import EventException, EventPage

HORIZON = timedelta(days=400)
#: Of a series that began long ago, this much is kept as archives.
ARCHIVES = timedelta(days=3_650)
MAX_OCCURRENCES = 3_000


@dataclass(frozen=True)
class Times:
    """Start and end of one occurrence, with their zone."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class PlannedDate:
    """One date as it must be kept. ``recurrence_id`` is the beginning that the rule gives, moved or not."""

    recurrence_id: datetime
    times: Times
    status: str = OccurrenceStatus.SCHEDULED
    place_note: str = ""
    note: str = ""
    capacity: int | None = None


@dataclass(frozen=True)
class Plan:
    """The dates of an event in order, and the dates that something took away."""

    dates: list[PlannedDate]
    #: Dates that the rule gives and that do not take place (``EXDATE``), in order.
    skipped: list[datetime] = field(default_factory=list)
    #: Additional dates (``RDATE``), among ``dates``.
    extra: list[datetime] = field(default_factory=list)
    #: The first date that can't be told, because the school calendar ends before it.
    unknown_from: date | None = None


def wall(moment: datetime) -> datetime:
    """An instant on the clock on the wall, without zone."""
    return moment.astimezone(PARIS).replace(tzinfo=None)


def instant(moment: datetime) -> datetime:
    """A time of the wall clock with its zone; an hour that is skipped in March is told by the clock not yet changed."""
    return moment.replace(tzinfo=PARIS)


def lasting(start: datetime, duration: timedelta) -> Times:
    """A two-hour workshop lasts two hours on the clock on the wall, unless the clock is changed just then."""
    times = Times(instant(start), instant(start + duration))
    if times.ends_at.astimezone(UTC) <= times.starts_at.astimezone(UTC):
        return Times(times.starts_at, (times.starts_at.astimezone(UTC) + duration).astimezone(PARIS))
    return times


def rule_of(event: "EventPage") -> Rule | None:
    """The rule of a series; ``None`` for a single date. Raises ``ValidationError``."""
    if not event.rrule or event.starts_at is None:
        return None
    return parse_rule(event.rrule, event.starts_at, is_all_day=event.is_all_day)


def plan(event: "EventPage", *, until: datetime) -> Plan:
    """The dates of an event that the rule gives up to ``until`` (at most ``MAX_OCCURRENCES``, the last ones)."""
    if event.starts_at is None or event.ends_at is None:
        return Plan([])
    start, limit = wall(event.starts_at), wall(until)
    duration = wall(event.ends_at) - start
    moments, skipped, unknown_from = rule_moments(event, start, limit)
    dates = {moment: PlannedDate(instant(moment), lasting(moment, duration)) for moment in moments}
    rows = list(event.exceptions.all())
    extra = [day for row in rows if row.is_extra and (day := day_of(row, start)) not in dates and day <= limit]
    dates |= {moment: PlannedDate(instant(moment), lasting(moment, duration)) for moment in extra}
    for row in rows:
        for moment in [moment for moment in dates if is_about(row, moment)]:
            if row.kind == ExceptionKind.REMOVED:
                del dates[moment]
                skipped.append(moment)
            else:
                dates[moment] = overridden(moment, duration, row)
    if not event.rrule and event.postponed_to and start in dates:
        postponed = lasting(wall(event.postponed_to), duration)
        dates[start] = PlannedDate(instant(start), postponed, OccurrenceStatus.POSTPONED)
    planned = sorted(dates.values(), key=lambda found: found.recurrence_id)
    unique = {found.recurrence_id.astimezone(UTC): found for found in planned}
    return Plan(list(unique.values()), sorted(map(instant, skipped)), sorted(map(instant, extra)), unknown_from)


def rule_moments(
    event: "EventPage", start: datetime, limit: datetime
) -> tuple[list[datetime], list[datetime], date | None]:
    """Moments of a rule on the wall clock, those that holidays take away, and the first day that can't be told."""
    rule = rule_of(event)
    if rule is None:
        return [start], [], None
    kept: deque[datetime] = deque(maxlen=MAX_OCCURRENCES)
    skipped: list[datetime] = []
    for moment in rule.between(max(rule.start, limit - HORIZON - ARCHIVES), limit):
        match verdict_on(moment.date(), event):
            case Verdict.KEPT:
                kept.append(moment)
            case Verdict.UNKNOWN:
                return list(kept), skipped, moment.date()
            case _:
                skipped.append(moment)
    return list(kept), skipped, None


def day_of(row: "EventException", start: datetime) -> datetime:
    """The date that a row is about, at its own hour or at that of the series."""
    return datetime.combine(row.date, row.time or start.time())


def is_about(row: "EventException", moment: datetime) -> bool:
    return moment.date() == row.date and row.time in (None, moment.time())


def overridden(moment: datetime, duration: timedelta, row: "EventException") -> PlannedDate:
    """A date as a row changes it."""
    start = wall(row.new_start) if row.new_start else moment
    length = wall(row.new_end) - start if row.new_end else duration
    return PlannedDate(
        instant(moment),
        lasting(start, length if length > timedelta() else duration),
        ExceptionKind(row.kind).status,
        row.place_note,
        row.note,
        row.capacity,
    )


def expand(*, start: datetime, end: datetime, rule: str, removed: Iterable[date] = (), until: datetime) -> list[Times]:
    """Dates of a bare rule up to ``until``; without rule, one. At most ``MAX_OCCURRENCES``."""
    duration = wall(end) - wall(start)
    skipped = set(removed)
    moments: Iterator[datetime] | list[datetime] = [wall(start)]
    if rule:
        moments = parse_rule(rule, start).between(wall(start), wall(until))
    found = [lasting(moment, duration) for moment in moments if moment.date() not in skipped]
    return found[:MAX_OCCURRENCES]
