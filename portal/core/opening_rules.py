"""What one ``opening_hours`` text (OpenStreetMap) says of one day.

The library behind knows French public holidays but no school holidays, reads ``PH Mo-Fr`` as “on public holidays *or*
from Monday to Friday”, and lets the rule of a day cut short the night before (``Fr 20:00-02:00; Sa 09:00-12:00`` closes
at midnight). So a text that holds one of these is written anew for the kind of day asked about, and its nights apart.
Specification: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined] # missing in its stubs

from .moments import PARIS

#: Texts held parsed in each process: as many as a large directory has.
KEPT = 16_384
COUNTRY = "FR"

QUOTED = re.compile(r'("[^"]*")')
_WEEKDAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_DAYS = rf"(?:PH|SH|{_WEEKDAY}(?:\s*-\s*{_WEEKDAY})?(?:\[[^\]]*\])?)"
_LIST = rf"{_DAYS}(?:\s*,\s*{_DAYS})*"
#: A list of days; a second one after a space narrows the first: ``SH Mo-Fr``, from Monday to Friday in the holidays.
DAY_SELECTOR = re.compile(rf"\b({_LIST})(?:\s+({_LIST}))?(?![A-Za-z])")
HOLIDAY_AND_WEEKDAY = re.compile(rf"\b(?:PH|SH)(?:\s*,\s*(?:PH|SH))*\s+{_WEEKDAY}\b")
_SPAN = r"\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}"
TIME_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
TIME_LIST = re.compile(rf"{_SPAN}(?:\s*,\s*{_SPAN})*")
#: A rule that adds to the one before it (``Mo 09:00-12:00, PH 10:00-11:00``), and times without an end.
BEYOND_US = re.compile(r",\s*[A-Z][a-z]|,\s*[PS]H|\+|\"|\|\||sun|dawn|dusk")
OFF = re.compile(r"\b(?:off|closed)\b")
#: What holds on no day of the library's calendar of France.
NEVER = "SH"
ALWAYS = "Mo-Su"
DAY_MINUTES = 24 * 60


class DayKind(NamedTuple):
    """Which calendars a day stands in."""

    is_public_holiday: bool = False
    is_school_holiday: bool = False


ORDINARY = DayKind()


class Period(NamedTuple):
    """An open period on the clock on the wall, without time zone; it may end on the next day."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Rules:
    """A text that can be read. ``simple``: the library alone is right about it."""

    text: str
    parsed: OpeningHours
    names_public_holidays: bool
    names_school_holidays: bool
    simple: bool

    def periods(self, day: date, kind: DayKind) -> list[Period]:
        """What begins on a day, nights included."""
        own, nights = variant(self.text, kind)
        begins = datetime.combine(day, time())
        found = _open_within(own, begins)
        if nights:
            ahead = timedelta(days=1)
            found += [Period(start + ahead, end + ahead) for start, end in _open_within(nights, begins)]
        return joined(found)


@lru_cache(maxsize=KEPT)
def rules_of(text: str) -> Rules | None:
    """The rules of a text; ``None`` when it is empty or can't be read."""
    parsed = parse(text)
    if parsed is None:
        return None
    bare = QUOTED.sub("", text)
    names_school = re.search(r"\bSH\b", bare) is not None
    return Rules(
        text=text,
        parsed=parsed,
        names_public_holidays=re.search(r"\bPH\b", bare) is not None,
        names_school_holidays=names_school,
        simple=not (names_school or HOLIDAY_AND_WEEKDAY.search(bare) or has_nights(text)),
    )


def parse(text: str) -> OpeningHours | None:
    """The text as the library reads it, in Paris time; ``None`` when it can't be read."""
    try:
        return OpeningHours(text, timezone=PARIS, country=COUNTRY) if text.strip() else None
    except (ParserError, SyntaxError, ValueError):
        return None


@lru_cache(maxsize=KEPT)
def variant(text: str, kind: DayKind) -> tuple[OpeningHours, OpeningHours | None]:
    """The rules of a readable text for one kind of day: until midnight, and those after it (``None`` for none)."""
    here = resolved(text, kind)
    if _on_the_wall(here) is None:  # “PH +1 day”: as the library reads it
        here = text
    if has_nights(here):
        until, after = _on_the_wall(until_midnight(here)), _on_the_wall(after_midnight(here))
        if until is not None and after is not None:
            return until, after
    own = _on_the_wall(here)
    assert own is not None  # noqa: S101 - the caller has parsed the text
    return own, None


def resolved(text: str, kind: DayKind) -> str:
    """The text with every list of days that names holidays replaced by “each day”, the other days, or “never”."""

    def days(listed: str) -> str:
        names = [name.strip() for name in listed.split(",")]
        holds = {"PH": kind.is_public_holiday, "SH": kind.is_school_holiday}
        if any(holds.get(name) for name in names):
            return ALWAYS
        return ",".join(name for name in names if name not in holds) or NEVER

    def selector(match: re.Match[str]) -> str:
        first, second = days(match[1]), days(match[2] or ALWAYS)
        if NEVER in (first, second):
            return NEVER
        return second if first == ALWAYS else first

    parts = QUOTED.split(text)
    return "".join(part if part.startswith('"') else DAY_SELECTOR.sub(selector, part) for part in parts)


# --- Nights ----------------------------------------------------------------------------------------------------------


def has_nights(text: str) -> bool:
    """Whether a period of the text goes on after midnight; texts beyond us are left to the library."""
    if BEYOND_US.search(text):
        return False
    return any(_after(match) for match in TIME_SPAN.finditer(text))


def _minutes(match: re.Match[str]) -> tuple[int, int]:
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return start, end + DAY_MINUTES if end <= start else end


def _after(match: re.Match[str]) -> str:
    """The part of a period after midnight, as a period of the next day; empty for none."""
    start, end = _minutes(match)
    if end <= DAY_MINUTES or start >= DAY_MINUTES:
        return ""
    return f"00:00-{(end - DAY_MINUTES) // 60:02d}:{end % 60:02d}"


def until_midnight(text: str) -> str:
    """The text with its periods cut at midnight."""
    return TIME_SPAN.sub(lambda match: f"{match[1]}:{match[2]}-24:00" if _after(match) else match[0], text)


def after_midnight(text: str) -> str:
    """What its periods have after midnight, said of the day on which they began."""

    def times(match: re.Match[str]) -> str:
        parts = [_after(span) for span in TIME_SPAN.finditer(match[0])]
        return ",".join(part for part in parts if part) or "off"

    rules = []
    for rule in text.split(";"):
        if TIME_LIST.search(rule):
            rules.append(TIME_LIST.sub(times, rule))
        else:
            days = rule.replace("24/7", "").strip()
            rules.append(days if OFF.search(days) else f"{days} off")
    return ";".join(rules)


# --- Reading the library ---------------------------------------------------------------------------------------------


def _on_the_wall(text: str) -> OpeningHours | None:
    try:
        return OpeningHours(text, country=COUNTRY)
    except (ParserError, SyntaxError, ValueError):
        return None


def _open_within(hours: OpeningHours, begins: datetime) -> list[Period]:
    """The open periods of the day that begins at an instant."""
    ends = begins + timedelta(days=1)
    found = []
    for start, end, state, _comment in hours.intervals(begins, ends):
        if state == State.OPEN:
            first, last = max(start, begins), min(end or ends, ends)
            if first < last:
                found.append(Period(first, last))
    return found


def joined(periods: list[Period]) -> list[Period]:
    """Periods in order, those that touch put together."""
    found: list[Period] = []
    for period in sorted(periods):
        if found and period.start <= found[-1].end:
            found[-1] = Period(found[-1].start, max(found[-1].end, period.end))
        else:
            found.append(period)
    return found


_PUBLIC_HOLIDAYS = OpeningHours("PH", country=COUNTRY)


@lru_cache(maxsize=2048)
def is_public_holiday(day: date) -> bool:
    """Whether a day is a public holiday in France."""
    return _PUBLIC_HOLIDAYS.is_open(datetime.combine(day, time(12)))
