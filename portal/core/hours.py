"""Opening hours (OpenStreetMap syntax) as readers need them: this week's table, open now, opens next.

Every function takes :class:`Hours`, or the bare ``opening_hours`` text where there is nothing else to know.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from opening_hours import OpeningHours

from .moments import PARIS, changes_at
from .opening_rules import DayKind, Period, Rules, is_public_holiday, joined, rules_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: How far ahead the next opening is looked for: yearly things are found, endless closures end.
HORIZON = timedelta(days=400)


class Reason(TextChoices):
    """Why a day is not as usual."""

    CLOSURE = "closure", _("temporary closure")
    PUBLIC_HOLIDAY = "public-holiday", _("public holiday")
    SCHOOL_HOLIDAY = "school-holiday", _("school holidays")


class Doubt(TextChoices):
    """What the hours do not say, so that one had better call."""

    PUBLIC_HOLIDAY = "public-holiday", _("It is a public holiday today: call before you come.")
    SCHOOL_HOLIDAYS = "school-holidays", _("During school holidays the hours may change: call before you come.")


@dataclass(frozen=True)
class Hours:
    """What decides when a place is open: its usual hours, those of school holidays, a closure (days included)."""

    usual: str = ""
    school_holidays: str = ""
    closed_from: date | None = None
    closed_until: date | None = None

    @classmethod
    def of(cls, facts: Any) -> Self:
        """The hours of a source row; what the row has no column for is empty."""
        return cls(
            usual=facts.opening_hours or "",
            school_holidays=getattr(facts, "holiday_hours", "") or "",
            closed_from=getattr(facts, "closed_from", None),
            closed_until=getattr(facts, "closed_until", None),
        )

    def __bool__(self) -> bool:
        return bool(self.usual or self.closed_from)

    def is_closed_for_a_while(self, day: date) -> bool:
        if self.closed_from is None or day < self.closed_from:
            return False
        return self.closed_until is None or day <= self.closed_until


@dataclass(frozen=True)
class Span:
    """An open period within one day, local time; ``end`` at midnight is the end of the day."""

    start: time
    end: time


@dataclass(frozen=True)
class DayHours:
    """One day. ``reason``: a :class:`Reason`, or empty for a day as usual."""

    day: date
    is_today: bool
    spans: list[Span] = field(default_factory=list)
    reason: str = ""

    @property
    def why(self) -> Any:
        return Reason(self.reason).label if self.reason else ""


@dataclass(frozen=True)
class OpenState:
    """Whether it is open, and when that changes next (aware, Paris time; ``None`` for never or not known).

    ``closure``: closed for a while, whatever the hours say. ``doubt``: a :class:`Doubt`, or empty.
    """

    is_open: bool
    changes_at: datetime | None
    closure: bool = False
    doubt: str = ""

    @property
    def changes_today(self) -> bool:
        return self.changes_at is not None

    @property
    def caution(self) -> Any:
        return Doubt(self.doubt).label if self.doubt else ""


class _Timetable:
    """The open periods of a place, day by day; the hours of each day are those of its own kind."""

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self.usual: Rules | None = rules_of(hours.usual)
        self.holiday: Rules | None = rules_of(hours.school_holidays)
        self.minds_school = self.holiday is not None or (self.usual is not None and self.usual.names_school_holidays)
        #: The library answers alone: nothing else changes the hours.
        self.simple = self.usual is not None and self.usual.simple and not self.minds_school and not hours.closed_from

    @property
    def is_known(self) -> bool:
        return self.usual is not None or self.hours.closed_from is not None

    def kind(self, day: date) -> DayKind:
        return DayKind(is_public_holiday(day), self.minds_school and self._is_school_holiday(day))

    @staticmethod
    def _is_school_holiday(day: date) -> bool:
        from .holidays import school_holidays

        return day in school_holidays()

    def rules(self, kind: DayKind) -> Rules | None:
        return self.holiday if kind.is_school_holiday and self.holiday is not None else self.usual

    def periods(self, day: date) -> list[Period]:
        """What begins on a day, on the clock on the wall."""
        if self.hours.is_closed_for_a_while(day):
            return []
        kind = self.kind(day)
        rules = self.rules(kind)
        return rules.periods(day, kind) if rules else []

    def day(self, day: date, today: date) -> DayHours:
        begins = datetime.combine(day, time())
        ends = begins + timedelta(days=1)
        around = joined([*self.periods(day - timedelta(days=1)), *self.periods(day)])
        spans = [
            Span(max(start, begins).time(), min(end, ends).time())
            for start, end in around
            if max(start, begins) < min(end, ends)
        ]
        return DayHours(day, is_today=day == today, spans=spans, reason=self.reason(day))

    def reason(self, day: date) -> str:
        if self.hours.is_closed_for_a_while(day):
            return Reason.CLOSURE
        kind = self.kind(day)
        if kind.is_public_holiday:
            return Reason.PUBLIC_HOLIDAY
        return Reason.SCHOOL_HOLIDAY if kind.is_school_holiday else ""

    def doubt(self, day: date) -> str:
        if self.hours.is_closed_for_a_while(day):
            return ""
        kind = self.kind(day)
        rules = self.rules(kind)
        if kind.is_public_holiday and rules and not rules.names_public_holidays and rules.periods(day, kind):
            return Doubt.PUBLIC_HOLIDAY
        if self.minds_school and not self._knows_holidays_on(day):
            return Doubt.SCHOOL_HOLIDAYS
        return ""

    @staticmethod
    def _knows_holidays_on(day: date) -> bool:
        from .holidays import school_holidays

        return school_holidays().knows(day)

    def is_open(self, moment: datetime) -> bool:
        if self.simple and self.usual:
            return self.usual.parsed.is_open(moment.astimezone(PARIS))
        today = moment.astimezone(PARIS).date()
        return any(
            _utc(start) <= moment < _utc(end)
            for day in (today - timedelta(days=1), today)
            for start, end in self.periods(day)
        )

    def opens_on(self, day: date) -> bool:
        """Open at some time of a day."""
        if self.simple and self.usual:
            begins = datetime.combine(day, time(), PARIS)
            if self.usual.parsed.is_open(begins):
                return True
            change = self.usual.parsed.next_change(begins)
            return change is not None and change.astimezone(PARIS).date() == day
        return bool(self.day(day, day).spans)

    def next_change(self, moment: datetime) -> datetime | None:
        """When open becomes closed or the other way round; ``None`` for never, or beyond the horizon."""
        if self.simple and self.usual:
            change = self.usual.parsed.next_change(moment.astimezone(PARIS))
            return change.astimezone(PARIS) if change else None
        if self.hours.closed_from and self.hours.closed_until is None and moment >= _utc_day(self.hours.closed_from):
            return None
        today = moment.astimezone(PARIS).date()
        day, last = today - timedelta(days=1), today + HORIZON
        open_until: datetime | None = None
        while day <= last:
            for start, end in self.periods(day):
                if open_until is not None and _utc(start) > open_until:
                    return open_until.astimezone(PARIS)
                if _utc(end) <= moment:
                    continue
                if _utc(start) > moment and open_until is None:
                    return _utc(start).astimezone(PARIS)
                open_until = _utc(end) if open_until is None else max(open_until, _utc(end))
            day += timedelta(days=1)
            if open_until is not None and _utc_day(day) > open_until:
                return open_until.astimezone(PARIS)
        return None


def _utc(wall: datetime) -> datetime:
    """An instant of the clock on the wall in Paris; on the night when it goes back, the first of the two."""
    return wall.replace(tzinfo=PARIS).astimezone(UTC)


def _utc_day(day: date) -> datetime:
    return _utc(datetime.combine(day, time()))


def _timetable(hours: Hours | str) -> _Timetable | None:
    timetable = _Timetable(Hours(usual=hours) if isinstance(hours, str) else hours)
    return timetable if timetable.is_known else None


def parse(value: str) -> OpeningHours | None:
    """The text as the library reads it, for whoever asks whether it can be read; ``None`` when it can't."""
    rules = rules_of(value)
    return rules.parsed if rules else None


def week(hours: Hours | str, today: date) -> list[DayHours]:
    """Hours of the seven days of the week of ``today``, Monday first; empty when unknown."""
    timetable = _timetable(hours)
    if timetable is None or timetable.usual is None:
        return []
    monday = today - timedelta(days=today.weekday())
    return [timetable.day(monday + timedelta(days=count), today) for count in range(7)]


def open_state(hours: Hours | str, now: datetime) -> OpenState | None:
    """Open or closed at an instant, which whoever shows it is told the end of; ``None`` when unknown."""
    timetable = _timetable(hours)
    if timetable is None:
        return None
    today = now.astimezone(PARIS).date()
    change = timetable.next_change(now)
    changes_at(change)
    is_open = timetable.is_open(now)
    return OpenState(
        is_open=is_open,
        changes_at=change,
        closure=not is_open and timetable.hours.is_closed_for_a_while(today),
        doubt=timetable.doubt(today),
    )


def weekdays_open(hours: Hours | str, today: date) -> frozenset[str]:
    """The days of the week (``mon`` … ``sun``) on whose next date, today included, it is open at some time."""
    timetable = _timetable(hours)
    if timetable is None:
        return frozenset()
    days = [today + timedelta(days=ahead) for ahead in range(7)]
    return frozenset(WEEKDAYS[day.weekday()] for day in days if timetable.opens_on(day))
