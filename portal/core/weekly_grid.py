"""A week of opening hours as an editor types it, and the ``opening_hours`` text (OpenStreetMap) that says the same.

Most texts are a plain week with a word on public holidays. :func:`read` gives ``None`` for any other, which is then
kept as it is written: a grid never says something else than the text that it came from.
"""

import re
from dataclasses import dataclass, field
from itertools import groupby

from .hours import WEEKDAYS

#: Two letters of each day, as the texts write them.
NAMES = tuple(name.capitalize()[:2] for name in WEEKDAYS)
MIDNIGHT = "24:00"
#: Stands for a time that the editor has not typed yet; no text that can be read holds it.
MISSING = "?"

USUAL, CLOSED, OWN = "usual", "closed", "own"

_DAY = rf"(?:{'|'.join(NAMES)})"
_DAYS = re.compile(rf"{_DAY}(?:-{_DAY})?|PH")
_TIME = r"(?:\d{1,2}:\d{2}|\?)"
_PERIOD = re.compile(rf"({_TIME})\s*-\s*({_TIME})")
_RULE = re.compile(
    rf"(?P<days>(?:{_DAYS.pattern})(?:\s*,\s*(?:{_DAYS.pattern}))*)?\s*"
    rf"(?P<times>off|closed|24/7|{_TIME}\s*-\s*{_TIME}(?:\s*,\s*{_TIME}\s*-\s*{_TIME})*)"
)

#: From when to when: ``("09:00", "12:00")``. An end before the start is on the next day.
Period = tuple[str, str]


@dataclass
class Grid:
    """``days``: the periods of Monday to Sunday. ``holidays``: what public holidays are, with their own periods."""

    days: list[list[Period]] = field(default_factory=lambda: [[] for _day in WEEKDAYS])
    holidays: str = USUAL
    holiday_periods: list[Period] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any(self.days) and not (self.holidays == OWN and self.holiday_periods)


def read(text: str) -> Grid | None:
    """The week that a text says; ``None`` when it says more than a week can. An empty text is an empty week."""
    grid = Grid()
    if not text.strip():
        return grid
    holidays_said = False
    for written in text.rstrip(" ;").split(";"):
        rule = _RULE.fullmatch(written.strip())
        if rule is None:
            return None
        named = _DAYS.findall(rule["days"] or "")
        periods = _periods(rule["times"])
        if periods is None or (rule["times"] == "24/7" and named):
            return None
        weekdays = range(7) if not named else _weekdays(named)
        if weekdays is None or (holidays_said and weekdays):
            return None  # the days written after those of public holidays take them back
        for day in weekdays:
            grid.days[day] = list(periods)
        if "PH" in named:
            holidays_said = True
            grid.holidays, grid.holiday_periods = (OWN, list(periods)) if periods else (CLOSED, [])
    return None if grid.is_empty else grid


def write(grid: Grid) -> str:
    """The text of a week, as short as it can be; empty for a week without hours."""
    if grid.is_empty:
        return ""
    groups: dict[tuple[Period, ...], list[int]] = {}
    for day, periods in enumerate(grid.days):
        if periods:
            groups.setdefault(tuple(periods), []).append(day)
    rules = [f"{_days_text(days)} {_periods_text(periods)}" for periods, days in groups.items()]
    if grid.holidays == CLOSED:
        rules.append("PH off")
    elif grid.holidays == OWN and grid.holiday_periods:
        rules.append(f"PH {_periods_text(grid.holiday_periods)}")
    return "; ".join(rules)


def same(one: Grid | None, other: Grid | None) -> bool:
    return one is not None and one == other


def tidy_time(typed: str) -> str:
    """A time as it is typed (``9``, ``9h30``, ``09:30``) in the form of the texts; ``?`` for what is none."""
    match = re.fullmatch(r"\s*(\d{1,2})\s*(?:[:hH.]\s*(\d{2})?)?\s*(?::\d{2})?", typed)
    if match is None:
        return MISSING
    hours, minutes = int(match[1]), int(match[2] or 0)
    if minutes > 59 or hours * 60 + minutes > 24 * 60:
        return MISSING
    return f"{hours:02d}:{minutes:02d}"


def tidy_period(start: str, end: str) -> Period | None:
    """A period as it is typed; ``None`` when both are empty, ``?`` for the one that is missing."""
    if not start.strip() and not end.strip():
        return None
    first, last = tidy_time(start), tidy_time(end)
    return first, MIDNIGHT if last == "00:00" else last


def _weekdays(named: list[str]) -> list[int] | None:
    found: list[int] = []
    for name in named:
        if name == "PH":
            continue
        first, _dash, last = name.partition("-")
        start, end = NAMES.index(first), NAMES.index(last or first)
        found += range(start, end + 1) if start <= end else [*range(start, 7), *range(end + 1)]
    return found


def _periods(times: str) -> list[Period] | None:
    if times in ("off", "closed"):
        return []
    if times == "24/7":
        return [("00:00", MIDNIGHT)]
    found = []
    for start, end in _PERIOD.findall(times):
        period = _plain(start, end)
        if period is None:
            return None
        found.append(period)
    return found


def _plain(start: str, end: str) -> Period | None:
    """A period in the form of the grid: ``20:00-26:00`` ends at 02:00 on the next day."""
    first, last = start.rjust(5, "0"), end.rjust(5, "0")
    if MISSING in (start, end):
        return (MISSING if start == MISSING else first), (MISSING if end == MISSING else last)
    if first >= MIDNIGHT or first == last or last[3:] > "59" or first[3:] > "59":
        return None
    if last > MIDNIGHT:
        hours = int(last[:2]) - 24
        last = f"{hours:02d}{last[2:]}"
        if last >= first:
            return None  # more than a whole day
    return first, MIDNIGHT if last == "00:00" else last


def _days_text(days: list[int]) -> str:
    if len(days) == 7:
        return "Mo-Su"
    runs = []
    for _key, run in groupby(enumerate(days), key=lambda pair: pair[1] - pair[0]):
        names = [NAMES[day] for _rank, day in run]
        runs.append(f"{names[0]}-{names[-1]}" if len(names) > 2 else ",".join(names))
    return ",".join(runs)


def _periods_text(periods: tuple[Period, ...] | list[Period]) -> str:
    return ",".join(f"{start}-{end}" for start, end in periods)
