"""Opening hours of sources: OpenStreetMap's form where they are in it, else their words."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.core.validation import check_opening_hours

from .mending import Note, as_text, text

MAX_HOURS = 1000
MAX_WORDS = 500
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_CLOCK = re.compile(r"^\s*(\d{1,2})\s*(?:[:hH]\s*(\d{2})?)?(?::\d{2})?\s*$")


def hours(value: Any, name: str, note: Note) -> tuple[str, str]:
    """``(opening_hours, hours_text)``: one of them is empty. Words are kept verbatim, never guessed at."""
    raw = as_text(value).strip()
    if not raw:
        return "", ""
    candidate = re.sub(r"\s+", " ", raw).strip(" ;,")
    if len(candidate) <= MAX_HOURS and is_readable(candidate):
        return candidate, ""
    words = text(raw, "hours_text", note, limit=MAX_WORDS, lines=True)
    if re.search(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)\b", raw):
        note(name, _("the opening hours could not be read and are kept as words"))
    return "", words


def is_readable(value: str) -> bool:
    """Whether it follows OpenStreetMap's form, and says something of the week (“24/7” does, “2024” does not)."""
    if not re.search(r"\d", value) or not re.search(r"Mo|Tu|We|Th|Fr|Sa|Su|PH|24/7|\d{1,2}:\d{2}", value):
        return False
    try:
        check_opening_hours(value)
    except ValidationError:
        return False
    return True


def hours_of_days(cells: list[list[Any]], name: str, note: Note) -> tuple[str, str]:
    """From seven lists of clock times, Monday first: opens, closes, opens again, closes again."""
    spans: list[str] = []
    for day, times in enumerate(cells):
        clocks = [clock(value) for value in times]
        pairs = []
        for opens, closes in zip(clocks[::2], clocks[1::2], strict=False):
            if opens and closes and opens < closes:
                pairs.append(f"{opens}-{closes}")
            elif opens or closes:
                note(name, _("the hours of %(day)s are not whole and were left out") % {"day": DAYS[day]})
        spans.append(",".join(pairs))
    return joined(spans), ""


def joined(spans: list[str]) -> str:
    """Days with the same hours together: ``Mo-Th 09:00-12:00; Fr 09:00-11:00``."""
    rules: list[str] = []
    day = 0
    while day < len(spans):
        last = day
        while last + 1 < len(spans) and spans[last + 1] == spans[day]:
            last += 1
        if spans[day]:
            rules.append(f"{CODES[day] if last == day else f'{CODES[day]}-{CODES[last]}'} {spans[day]}")
        day = last + 1
    return "; ".join(rules)


def clock(value: Any) -> str:
    match = _CLOCK.match(as_text(value))
    if not match or int(match[1]) > 24 or int(match[2] or 0) > 59:
        return ""
    return f"{int(match[1]):02d}:{int(match[2] or 0):02d}"
