"""The opening hours of a sheet as one text of OpenStreetMap, as data.inclusion wants them, and back.

A sheet keeps apart what an editor fills in apart: the usual week, that of school holidays, a closure with its message,
and words that no grid holds. As one text, school holidays are rules with ``SH``, a closure is a last rule of dates, and
words stand between quotes after ``||``: “else, nobody knows, but it is said that…”. Specification:
https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

import re
from dataclasses import dataclass
from datetime import date

from portal.core.hours import parse

#: A rule: all up to a semicolon that stands in no comment.
RULE = re.compile(r'(?:[^;"]|"[^"]*"?)+')
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = rf"(\d{{4}}) ({'|'.join(MONTHS)}) (\d{{1,2}})"
CLOSURE = re.compile(rf'^{_DAY}(?:(\+)|-{_DAY})? off(?: "([^"]*)")?$')
WORDS = re.compile(r'^(?:(?P<hours>.*?) \|\| )?"(?P<words>[^"]*)"$', re.DOTALL)
HOLIDAYS = "SH "
ELSE = " || "


@dataclass(frozen=True)
class Hours:
    """The hours of a sheet or of a service, by the names of its columns; dates are inclusive."""

    opening_hours: str = ""
    holiday_hours: str = ""
    closed_from: date | None = None
    closed_until: date | None = None
    notice: str = ""
    hours_text: str = ""


def join(hours: Hours) -> str:
    """One text for ``horaires_accueil``; ``""`` when nothing is known. :func:`split` gives the same hours back."""
    rules = _rules(hours.opening_hours)
    text = hours.opening_hours
    if hours.holiday_hours:
        # “SH PH” is no selector: public holidays are said by the usual rules, which come last.
        holidays = [HOLIDAYS + rule for rule in _rules(hours.holiday_hours) if not _is_public_holiday(rule)]
        if holidays != [f"{HOLIDAYS}off"]:
            # Without it the days that the holidays' rules do not name would be open as usual.
            holidays.insert(0, f"{HOLIDAYS}off")
        public = [rule for rule in rules if _is_public_holiday(rule)]
        # A later rule wins: public holidays are closed during the school's too.
        text = "; ".join([*(rule for rule in rules if rule not in public), *holidays, *public])
    if hours.closed_from:
        first, last = _written(hours.closed_from), hours.closed_until
        end = "+" if last is None else f"-{_written(last)}" if last != hours.closed_from else ""
        comment = f' "{_comment(hours.notice)}"' if hours.notice.strip() else ""
        text = "; ".join(part for part in (text, f"{first}{end} off{comment}") if part)
    if hours.hours_text.strip():
        words = f'"{_comment(hours.hours_text)}"'
        text = f"{text}{ELSE}{words}" if text else words
    return text


def split(text: str) -> Hours:
    """The hours of one text; what can't be told apart without loss stays whole in ``opening_hours``.

    A text that is not of OpenStreetMap becomes ``hours_text``, as it is.
    """
    text = text.strip()
    words = ""
    if match := WORDS.match(text):
        text, words = (match["hours"] or "").strip(), match["words"]
    if text and parse(text) is None:
        return Hours(hours_text=" ".join(part for part in (text, words) if part))
    found = _parts(text, words)
    whole = f'{text}{ELSE}"{words}"' if words and text else text
    if words and not text:
        return found
    return found if join(found) == whole else Hours(opening_hours=text, hours_text=words)


def _parts(text: str, words: str) -> Hours:
    usual: list[str] = []
    holidays: list[str] = []
    closure: re.Match[str] | None = None
    for rule in _rules(text):
        if match := CLOSURE.match(rule):
            closure = match
        elif rule.startswith(HOLIDAYS):
            holidays.append(rule.removeprefix(HOLIDAYS))
        else:
            usual.append(rule)
    if len(holidays) > 1 and holidays[0] == "off":
        holidays = holidays[1:]
    try:
        first = _day(closure, 1) if closure else None
        last = None if closure is None or closure[4] else _day(closure, 5) or first
    except ValueError:  # 31 February
        return Hours(opening_hours=text, hours_text=words)
    return Hours(
        opening_hours="; ".join(usual),
        holiday_hours="; ".join(holidays),
        closed_from=first,
        closed_until=last,
        notice=(closure[8] or "") if closure else "",
        hours_text=words,
    )


def _rules(text: str) -> list[str]:
    return [rule.strip() for rule in RULE.findall(text) if rule.strip()]


def _is_public_holiday(rule: str) -> bool:
    return rule.startswith("PH")


def _comment(words: str) -> str:
    """Words that may stand between quotes, on one line."""
    return " ".join(words.replace('"', "”").split())


def _written(day: date) -> str:
    return f"{day.year} {MONTHS[day.month - 1]} {day.day:02d}"


def _day(match: re.Match[str], group: int) -> date | None:
    if match[group] is None:
        return None
    return date(int(match[group]), MONTHS.index(match[group + 1]) + 1, int(match[group + 2]))
