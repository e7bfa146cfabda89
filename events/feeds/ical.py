"""Lines of iCalendar (RFC 5545): how texts, instants and days are written, the time zone of Paris.

Own code because the library at hand, icalendar, builds an object for each value: see
``docs/decisions/0025-calendars.md``. Tests read all that is written here with that library.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

#: Octets of a line, its end not counted (3.1).
LONGEST_LINE = 75
ZONE = "Europe/Paris"
#: The rules of summer time since 1996; before, calendars of a social centre hold nothing.
VTIMEZONE = (
    "BEGIN:VTIMEZONE",
    f"TZID:{ZONE}",
    "BEGIN:STANDARD",
    "DTSTART:19961027T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZNAME:CET",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:19960331T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZNAME:CEST",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
)
#: Signs with a meaning (3.3.11), and those that no text may hold (3.1).
_ESCAPES: dict[int, str | None] = {
    **dict.fromkeys([*range(9), *range(11, 32), 127]),
    ord("\\"): "\\\\",
    ord(";"): "\\;",
    ord(","): "\\,",
    ord("\n"): "\\n",
}


def text(value: str) -> str:
    """A value of type TEXT."""
    return value.replace("\r\n", "\n").replace("\r", "\n").translate(_ESCAPES)


def utc(moment: datetime) -> str:
    """An instant, in UTC."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def local(moment: datetime) -> str:
    """A time of the clock on the wall."""
    return f"{moment:%Y%m%dT%H%M%S}"


def day(value: date) -> str:
    return f"{value:%Y%m%d}"


def times(name: str, moments: Sequence[datetime], *, is_all_day: bool) -> str:
    """A property that holds times of the clock on the wall of Paris, or days."""
    if is_all_day:
        return f"{name};VALUE=DATE:{','.join(map(day, moments))}"
    return f"{name};TZID={ZONE}:{','.join(map(local, moments))}"


def duration(length: timedelta) -> str:
    """A length of time in whole minutes, such as ``PT1H``."""
    return f"PT{int(length.total_seconds()) // 60}M"


def folded(line: str) -> str:
    """A line cut where it is too long, never within a character."""
    if len(line) <= LONGEST_LINE and (line.isascii() or len(line.encode()) <= LONGEST_LINE):
        return line
    content, parts, limit = line.encode(), [], LONGEST_LINE
    while len(content) > limit:
        end = limit
        while content[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        parts.append(content[:end].decode())
        content, limit = content[end:], LONGEST_LINE - 1
    return "\r\n ".join([*parts, content.decode()])


def document(lines: Iterable[str]) -> str:
    """The lines as they are sent."""
    return "".join(f"{folded(line)}\r\n" for line in lines)
