"""School holidays of the portal's own zone, and how far the table of them reaches."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

from .models import PortalSettings, SchoolHoliday
from .versions import remembered

#: Editors are told when the table ends within this time.
SHORT = timedelta(days=92)


@dataclass(frozen=True)
class SchoolHolidays:
    """The holidays of one zone, in order. Beyond ``until`` nothing is known, and nothing is guessed."""

    starts: tuple[date, ...]
    ends: tuple[date, ...]

    @property
    def until(self) -> date | None:
        return self.ends[-1] if self.ends else None

    def __contains__(self, day: date) -> bool:
        place = bisect_right(self.starts, day) - 1
        return place >= 0 and day <= self.ends[place]

    def knows(self, day: date) -> bool:
        return self.until is not None and day <= self.until


def school_holidays() -> SchoolHolidays:
    """The holidays of the zone that the portal's settings name. No query when warm."""
    return remembered("school holidays", _read)


def _read() -> SchoolHolidays:
    settings = PortalSettings.objects.order_by("-site__is_default_site", "pk").values_list("school_zone", flat=True)
    zone = settings.first() or PortalSettings._meta.get_field("school_zone").default
    spans = list(SchoolHoliday.objects.filter(zone=zone).order_by("start").values_list("start", "end"))
    return SchoolHolidays(tuple(start for start, _end in spans), tuple(end for _start, end in spans))


def ends_soon(today: date) -> date | None:
    """The last day that the table knows when it is near or past (``date.min`` for an empty table), else ``None``."""
    until = school_holidays().until
    if until is None:
        return date.min
    return until if until < today + SHORT else None
