"""Opening hours (OpenStreetMap syntax) as readers need them: this week's table, open now, opens next."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined] # missing in its stubs

from .moments import PARIS, changes_at

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Span:
    """An open period within one day, local time; ``end`` at midnight is the end of the day."""

    start: time
    end: time


@dataclass(frozen=True)
class DayHours:
    day: date
    is_today: bool
    spans: list[Span] = field(default_factory=list)


@dataclass(frozen=True)
class OpenState:
    """Whether it is open, and when that changes next (aware, Paris time; ``None`` for never)."""

    is_open: bool
    changes_at: datetime | None

    @property
    def changes_today(self) -> bool:
        return self.changes_at is not None


@lru_cache(maxsize=4096)
def parse(value: str) -> OpeningHours | None:
    """The parsed expression, ``None`` when it can't be read. French public holidays only."""
    try:
        return OpeningHours(value, timezone=PARIS, country="FR") if value else None
    except (ParserError, SyntaxError, ValueError):
        return None


def week(value: str, today: date) -> list[DayHours]:
    """Hours of the seven days of the week of ``today``, Monday first; empty when unknown."""
    hours = parse(value)
    if hours is None:
        return []
    monday = today - timedelta(days=today.weekday())
    return [
        DayHours(day=day, is_today=day == today, spans=day_spans(hours, day))
        for day in (monday + timedelta(days=count) for count in range(7))
    ]


def day_spans(hours: OpeningHours, day: date) -> list[Span]:
    start = datetime.combine(day, time(), PARIS)
    end = datetime.combine(day + timedelta(days=1), time(), PARIS)
    spans = []
    for begins, ends, state, _comment in hours.intervals(start, end):
        if state == State.OPEN:
            first = max(begins, start)
            last = min(ends or end, end)
            if first < last:
                spans.append(Span(first.time(), last.time()))
    return spans


def open_state(value: str, now: datetime) -> OpenState | None:
    """Open or closed at an instant, which whoever shows it is told the end of; ``None`` when unknown."""
    hours = parse(value)
    if hours is None:
        return None
    local = now.astimezone(PARIS)
    change = hours.next_change(local)
    changes_at(change)
    return OpenState(is_open=hours.is_open(local), changes_at=change.astimezone(PARIS) if change else None)


def is_open_on(value: str, weekday: str, today: date) -> bool:
    """Open at some time on the next such day of the week (``mon`` … ``sun``), today included."""
    hours = parse(value)
    if hours is None:
        return False
    day = today + timedelta(days=(WEEKDAYS.index(weekday) - today.weekday()) % 7)
    return bool(day_spans(hours, day))
