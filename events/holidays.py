"""What holidays take away from a series. Outside the school calendar nothing is guessed."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from portal.core.models import SchoolHoliday
from portal.core.opening_rules import is_public_holiday
from portal.core.versions import remembered

from .enums import SchoolHolidays

if TYPE_CHECKING:
    from .models import EventPage


@dataclass(frozen=True)
class SchoolCalendar:
    """The holidays of one zone as ``(first day, last day)``, in order."""

    spans: tuple[tuple[date, date], ...]

    @property
    def until(self) -> date | None:
        """The last day that is known: the end of the last holidays."""
        return self.spans[-1][1] if self.spans else None

    def is_before(self, day: date) -> bool:
        """Whether it begins after a day."""
        return bool(self.spans) and day < self.spans[0][0]

    def is_over(self, day: date) -> bool:
        """Whether it ends before a day."""
        return not self.spans or day > self.spans[-1][1]

    def __contains__(self, day: date) -> bool:
        place = bisect_right(self.spans, (day, date.max)) - 1
        return place >= 0 and day <= self.spans[place][1]


def school_calendar(zone: str) -> SchoolCalendar:
    """The school holidays of a zone. No query when warm."""
    return remembered(("school calendar", zone), lambda: read_calendar(zone))


def read_calendar(zone: str) -> SchoolCalendar:
    rows = SchoolHoliday.objects.filter(zone=zone).order_by("start", "end").values_list("start", "end")
    return SchoolCalendar(tuple(rows))


class Verdict(Enum):
    """Whether a date that the rule gives takes place."""

    KEPT = "kept"
    SKIPPED = "skipped"
    #: After the end of the school calendar.
    UNKNOWN = "unknown"


def verdict_on(day: date, event: "EventPage") -> Verdict:
    """What the holidays say of a day of a series."""
    if event.skip_public_holidays and is_public_holiday(day):
        return Verdict.SKIPPED
    if not event.school_holidays:
        return Verdict.KEPT
    calendar = school_calendar(event.school_zone)
    if calendar.is_over(day):
        return Verdict.UNKNOWN
    if calendar.is_before(day):
        return Verdict.SKIPPED  # archives that can't be told are left out
    is_wanted = (day in calendar) == (event.school_holidays == SchoolHolidays.ONLY)
    return Verdict.KEPT if is_wanted else Verdict.SKIPPED


def calendar_state(event: "EventPage") -> list[list[date]]:
    """The holidays that the dates of a series depend on; empty when they depend on none."""
    if not (event.rrule and event.school_holidays):
        return []
    return [list(span) for span in school_calendar(event.school_zone).spans]
