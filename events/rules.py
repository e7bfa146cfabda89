"""RFC 5545 rules (``RRULE``), read and turned into instants of the wall clock, in bounded time.

Own code because the library at hand, python-dateutil, can't be bounded (a daily rule that never matches costs ten
seconds) and gives other dates than calendars do for ``BYSETPOS`` in a first week, ``BYWEEKNO`` and a yearly
``BYMONTHDAY``: see ``docs/decisions/0021-recurrence.md``. Tests compare this with libical's cases, and with dateutil
where that is right.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import chain, product

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.core.moments import PARIS

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
#: Days that an agenda knows, as a guard against slips of the keyboard and hostile feeds.
FIRST_YEAR, LAST_YEAR = 1970, 2100
#: Whoever asks for all the dates of a rule without end gets those of this many years.
MAX_YEARS = 100
#: Instants within one day beyond which a rule is refused: no agenda needs them, nor as many to pick a few from.
MAX_A_DAY = 24
MAX_A_DAY_TO_PICK = 5_000

#: Parts with numbers: lowest and highest value, and whether they may count from the end.
NUMBERS = {
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYSETPOS": (1, 366, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
}
KNOWN_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *NUMBERS}
_BYDAY = re.compile(rf"([+-]?\d{{1,2}})?({'|'.join(WEEKDAYS)})")


@dataclass(frozen=True)
class Rule:
    """A rule with its first instant ``start``. All instants are those of the wall clock, without zone."""

    start: datetime
    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    #: ``(ordinal, weekday)``: 0 for every such day, else the n-th of the month or year.
    days: tuple[tuple[int, int], ...] = ()
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[datetime]:
        last_year = min(self.start.year + MAX_YEARS, 9998)
        return self.between(self.start, self.start.replace(year=last_year, month=12, day=28))

    def between(self, since: datetime, limit: datetime) -> Iterator[datetime]:
        """Instants of the closed period, in order. Costs no more than the periods from the start to ``limit``."""
        found = 0
        for day_set in self._sets(since, limit):
            for moment in day_set:
                if moment < self.start:
                    continue
                if moment > limit or (self.until and moment > self.until):
                    return
                found += 1
                if self.count and found > self.count:
                    return
                if moment >= since:
                    yield moment

    def _sets(self, since: datetime, limit: datetime) -> Iterator[list[datetime]]:
        """The instants of each period in order, those before the start included."""
        times = self._times()
        matches = self._matcher()
        # A counted rule is counted from its start; any other can begin where it is looked at.
        number = 0 if self.count else max(0, self._periods_until(since) - 1)
        end = min(limit, self.until) if self.until else limit
        while True:
            try:
                days = self._days_of_period(number)
                first = days[0]
            except (OverflowError, ValueError, IndexError):
                return
            if datetime.combine(first, time.min) > end:
                return
            yield self._instants([day for day in days if matches(day)], times)
            number += 1

    def _periods_until(self, since: datetime) -> int:
        days = max(0, (since - self.start).days)
        return days // ({"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[self.freq] * self.interval)

    def _instants(self, days: list[date], times: list[time]) -> list[datetime]:
        """Instants of a period, in order: all, or those that ``BYSETPOS`` picks, without making the others."""
        count = len(times)
        size = len(days) * count
        places: Iterable[int] = range(size)
        if self.positions:
            wanted = {place - 1 if place > 0 else size + place for place in self.positions}
            places = (place for place in sorted(wanted) if 0 <= place < size)
        return [datetime.combine(days[place // count], times[place % count]) for place in places]

    def _times(self) -> list[time]:
        start = self.start
        parts = (self.hours or (start.hour,), self.minutes or (start.minute,), self.seconds or (start.second,))
        return sorted(time(*each) for each in product(*parts))

    def _days_of_period(self, number: int) -> list[date]:
        """Days of the n-th period from the one of the start. Raises ``ValueError`` or ``OverflowError`` after 9999."""
        start, step = self.start.date(), number * self.interval
        if self.freq == "DAILY":
            return [start + timedelta(days=step)]
        if self.freq == "WEEKLY":
            first = start - timedelta(days=(start.weekday() - self.week_start) % 7) + timedelta(weeks=step)
            return [first + timedelta(days=offset) for offset in range(7)]
        if self.freq == "MONTHLY":
            month = start.month - 1 + step
            return days_from(date(start.year + month // 12, month % 12 + 1, 1), days_in_month)
        if self.weeks:
            return self._days_of_weeks(self._first_week_year + step)
        return days_from(date(start.year + step, 1, 1), lambda first: days_in_year(first.year))

    @cached_property
    def _first_week_year(self) -> int:
        """The year that intervals are counted from: that of the week of the start, unless its dates are over then."""
        start = self.start.date()
        year, matches = week_year(start, self.week_start), self._matcher()
        return year if any(day >= start and matches(day) for day in self._days_of_weeks(year)) else year + 1

    def _days_of_weeks(self, year: int) -> list[date]:
        """Days of the numbered weeks of a year: the first week is the one with four days in the year (ISO 8601)."""
        first, after = first_week(year, self.week_start), first_week(year + 1, self.week_start)
        total = (after - first).days // 7
        numbers = {week if week > 0 else total + 1 + week for week in self.weeks}
        starts = [first + timedelta(weeks=week - 1) for week in sorted(numbers) if 1 <= week <= total]
        # Without any such week (there are years without a 53rd), the period still has its place in time.
        return list(chain.from_iterable([day + timedelta(days=n) for n in range(7)] for day in starts)) or [after]

    def _with_defaults(self) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...]]:
        """Days, months and days of the month; what the rule leaves out follows from the start."""
        start = self.start.date()
        days, months, month_days = self.days, self.months, self.month_days
        if self.freq == "YEARLY":
            if not (days or month_days or self.year_days or self.weeks):
                months, month_days = months or (start.month,), (start.day,)
            elif month_days and not (days or self.year_days or self.weeks):
                months = months or (start.month,)
            elif self.weeks and not (days or month_days or self.year_days):
                days = ((0, start.weekday()),)
        elif self.freq == "MONTHLY" and not (days or month_days):
            month_days = (start.day,)
        elif self.freq == "WEEKLY" and not days:
            days = ((0, start.weekday()),)
        return days, months, month_days

    def _matcher(self) -> Callable[[date], bool]:
        """Whether a day of a period is one of the rule."""
        days, months, month_days = self._with_defaults()
        weekdays = {weekday for ordinal, weekday in days if not ordinal}
        numbered = {pair for pair in days if pair[0]}
        in_month = self.freq == "MONTHLY" or bool(self.months)

        def matches(day: date) -> bool:
            if self.weeks and self.freq == "YEARLY" and not self._is_in_weeks(day):
                return False
            if months and day.month not in months:
                return False
            if weekdays and not numbered and day.weekday() not in weekdays:
                return False
            if month_days and not {day.day, day.day - days_in_month(day) - 1}.intersection(month_days):
                return False
            if self.year_days:
                number = day.timetuple().tm_yday
                if not {number, number - days_in_year(day.year) - 1}.intersection(self.year_days):
                    return False
            if not days or day.weekday() in weekdays:
                return True
            return bool(numbered) and bool(numbered.intersection(ordinals(day, in_month=in_month)))

        return matches

    def _is_in_weeks(self, day: date) -> bool:
        year = week_year(day, self.week_start)
        first = first_week(year, self.week_start)
        total = (first_week(year + 1, self.week_start) - first).days // 7
        number = (day - first).days // 7 + 1
        return number in self.weeks or number - total - 1 in self.weeks


def days_from(first: date, count: Callable[[date], int]) -> list[date]:
    return [first + timedelta(days=offset) for offset in range(count(first))]


def days_in_month(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def days_in_year(year: int) -> int:
    return 366 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 365


def first_week(year: int, week_start: int) -> date:
    """First day of the first week of a year: the week that has at least four of its days."""
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - week_start) % 7)


def week_year(day: date, week_start: int) -> int:
    """The year that the week of a day counts for."""
    if day >= first_week(day.year + 1, week_start):
        return day.year + 1
    return day.year if day >= first_week(day.year, week_start) else day.year - 1


def ordinals(day: date, *, in_month: bool) -> set[tuple[int, int]]:
    """``(n, weekday)`` of a day, from the beginning and from the end of its month or year."""
    number = day.day if in_month else day.timetuple().tm_yday
    total = days_in_month(day) if in_month else days_in_year(day.year)
    return {((number - 1) // 7 + 1, day.weekday()), (-((total - number) // 7 + 1), day.weekday())}


# --- Reading ---------------------------------------------------------------------------------------------------------


def split_rule(text: str) -> dict[str, str]:
    """Parts of a rule by name, in upper case. Raises ``ValidationError`` when it is no list of parts."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not part:
            continue
        if not equals or not value or name in parts:
            raise ValidationError(_("This repetition can't be read: “%(part)s”.") % {"part": part[:40]})
        parts[name] = value
    return parts


def parse_rule(text: str, start: datetime, *, is_all_day: bool = False) -> Rule:
    """The rule of a series that begins at ``start`` (aware, or a wall clock's). Raises ``ValidationError`` with the
    reason when it can't be used."""
    parts = split_rule(text)
    if (freq := parts.get("FREQ", "")) not in FREQUENCIES:
        raise ValidationError(_("The agenda knows repetitions by day, week, month or year only."))
    if unknown := sorted(parts.keys() - KNOWN_PARTS):
        raise ValidationError(_("The agenda does not know this part of a repetition: %(part)s.") % {"part": unknown[0]})
    numbers = {name: read_numbers(name, parts[name]) for name in NUMBERS if name in parts}
    days = read_days(parts["BYDAY"]) if "BYDAY" in parts else ()
    check_combination(freq, parts, days)
    clock = ("BYHOUR", "BYMINUTE", "BYSECOND")
    hours, minutes, seconds = (() if is_all_day else numbers.get(name, ()) for name in clock)
    most = MAX_A_DAY_TO_PICK if "BYSETPOS" in parts else MAX_A_DAY
    if max(1, len(hours)) * max(1, len(minutes)) * max(1, len(seconds)) > most:
        raise ValidationError(_("This repetition comes back too often within a day."))
    if parts.get("WKST", "MO") not in WEEKDAYS:
        raise refused("WKST", parts["WKST"])
    local = start.astimezone(PARIS).replace(tzinfo=None) if start.tzinfo else start
    return Rule(
        start=local.replace(microsecond=0),
        freq=freq,
        interval=read_count("INTERVAL", parts.get("INTERVAL", "1")),
        count=read_count("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        until=read_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
        days=days,
        months=numbers.get("BYMONTH", ()),
        weeks=numbers.get("BYWEEKNO", ()),
        year_days=numbers.get("BYYEARDAY", ()),
        month_days=numbers.get("BYMONTHDAY", ()),
        positions=numbers.get("BYSETPOS", ()),
        hours=hours,
        minutes=minutes,
        seconds=seconds,
    )


def check_combination(freq: str, parts: dict[str, str], days: tuple[tuple[int, int], ...]) -> None:
    """What RFC 5545 (section 3.3.10) forbids, because no two calendars agree on it."""
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValidationError(_("A repetition ends after a number of times or on a day, not both."))
    if "BYWEEKNO" in parts and freq != "YEARLY":
        raise refused("BYWEEKNO", freq)
    if "BYYEARDAY" in parts and freq != "YEARLY":
        raise refused("BYYEARDAY", freq)
    if "BYMONTHDAY" in parts and freq == "WEEKLY":
        raise refused("BYMONTHDAY", freq)
    if any(ordinal for ordinal, _weekday in days) and (freq not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts):
        raise refused("BYDAY", parts["BYDAY"])
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise refused("BYSETPOS", parts["BYSETPOS"])


def refused(name: str, value: str) -> ValidationError:
    return ValidationError(_("This part of the repetition can't be used: %(part)s.") % {"part": f"{name}={value}"[:60]})


def read_count(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value[:9]) > 0 and len(value) < 6):
        raise refused(name, value)
    return int(value)


def read_numbers(name: str, value: str) -> tuple[int, ...]:
    low, high, from_end = NUMBERS[name]
    found = set()
    for text in value.split(","):
        if not re.fullmatch(r"[+-]?[0-9]{1,3}", text):
            raise refused(name, value)
        number = int(text)
        if not low <= (abs(number) if from_end else number) <= high:
            raise refused(name, value)
        found.add(number)
    return tuple(sorted(found))


def read_days(value: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for text in value.split(","):
        match = _BYDAY.fullmatch(text)
        if not match or (match[1] and not 1 <= abs(int(match[1])) <= 53):
            raise refused("BYDAY", value)
        found.add((int(match[1] or 0), WEEKDAYS.index(match[2])))
    return tuple(sorted(found))


def read_until(value: str) -> datetime:
    """``UNTIL`` (UTC, a local time or a day) on the wall clock of Paris; a day is taken whole."""
    for style in ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"):
        try:
            moment = datetime.strptime(value, style)  # noqa: DTZ007 - the zone is set below
        except ValueError:
            continue
        if style.endswith("Z"):
            try:
                return moment.replace(tzinfo=UTC).astimezone(PARIS).replace(tzinfo=None)
            except OverflowError:
                break
        return moment.replace(hour=23, minute=59, second=59) if style == "%Y%m%d" else moment
    raise refused("UNTIL", value)
