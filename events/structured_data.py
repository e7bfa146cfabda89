"""schema.org description of an event."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from directory.models import StructurePage
from directory.structured_data import drop_empty, is_free, place_of, postal_address

from .enums import EventStatus
from .models import EventPage, Occurrence
from .recurrence import plan, rule_of
from .rules import WEEKDAYS
from .sentences import habit


def location(facts: EventPage, places: dict[int, StructurePage]) -> dict[str, Any]:
    """The place that readers may know of: a private structure is left out."""
    if facts.is_online:
        return {"@type": "VirtualLocation", "url": facts.online_url}
    if facts.structure_id in places:
        return place_of(places[facts.structure_id])
    if facts.structure_id:
        return {"@type": "Place", "name": _("Call us to know the place."), "address": {**COUNTRY}}
    name = facts.place_name or facts.address
    # Search engines want an address; the name is all that is known of some.
    return {"@type": "Place", "name": name, "address": postal_address(facts) or {**COUNTRY, "streetAddress": name}}


COUNTRY = {"@type": "PostalAddress", "addressCountry": "FR"}


def offers(facts: EventPage, url: str) -> dict[str, Any] | None:
    """What it costs when that is nothing, and whether there is a place left; a price in words is no ``price``."""
    is_open = not facts.is_full and not facts.is_cancelled
    if not is_free(facts.cost) and is_open:
        return None
    price = {"price": "0", "priceCurrency": "EUR"} if is_free(facts.cost) else {}
    availability = "InStock" if is_open else "SoldOut"
    return {"@type": "Offer", **price, "availability": f"https://schema.org/{availability}", "url": url}


def event_data(
    page: EventPage, request: HttpRequest, coming: list[Occurrence], places: dict[int, StructurePage]
) -> dict[str, Any]:
    """An event with its next dates, its first one when all are over; empty for a page without dates yet."""
    facts = page.facts
    if not facts.starts_at or not facts.ends_at:
        return {}
    following = next((date for date in coming if not date.is_off), coming[0] if coming else None)
    is_both = bool(facts.online_url) and not facts.is_online
    mode = f"{'Mixed' if is_both else 'Online' if facts.is_online else 'Offline'}EventAttendanceMode"
    organizer = places.get(facts.organizer_id or 0)
    organizer_name = organizer.title if organizer else facts.organizer_name
    url = page.get_full_url(request)
    where: Any = location(facts, places)
    if is_both:
        where = [where, {"@type": "VirtualLocation", "url": facts.online_url}]
    common = {
        "name": page.title,
        "location": where,
        "eventAttendanceMode": f"https://schema.org/{mode}",
    }
    return drop_empty(
        {
            "@context": "https://schema.org",
            "@type": "Event",
            "@id": identity(facts, request),
            "url": url,
            **common,
            "description": page.summary or page.description,
            "inLanguage": page.language,
            **times_of(facts, following),
            "organizer": {"@type": "Organization", "name": organizer_name} if organizer_name else None,
            "isAccessibleForFree": is_free(facts.cost),
            "maximumAttendeeCapacity": facts.capacity,
            "offers": offers(facts, url),
            "typicalAgeRange": age_range(facts),
            "eventSchedule": schedule(facts, coming),
            "subEvent": [drop_empty({"@type": "Event", **common, **times_of(facts, date)}) for date in coming]
            if facts.is_series
            else None,
        }
    )


def identity(facts: EventPage, request: HttpRequest) -> str:
    """The French address, whatever the frame that the event is shown in."""
    parts = facts.source_url_parts(request)
    return f"{parts[1]}{parts[2]}" if parts and parts[2] else ""


def times_of(facts: EventPage, occurrence: Occurrence | None) -> dict[str, Any]:
    """``startDate``, ``endDate``, ``eventStatus`` of a date, and ``previousStartDate`` where it was another day.

    Google and schema.org tell an event with a new date (*rescheduled*) from one without (*postponed*).
    """
    starts_at = occurrence.starts_at if occurrence else facts.starts_at
    ends_at = occurrence.ends_at if occurrence else facts.ends_at
    status = EventStatus(facts.status or EventStatus.SCHEDULED)
    previous = None
    if occurrence and status in (EventStatus.SCHEDULED, EventStatus.POSTPONED, EventStatus.RESCHEDULED):
        if occurrence.is_cancelled:
            status = EventStatus.CANCELLED
        elif occurrence.is_moved:
            status, previous = EventStatus.RESCHEDULED, occurrence.recurrence_id
        elif occurrence.is_postponed or status == EventStatus.POSTPONED:
            status, previous = EventStatus.POSTPONED, starts_at
    return {
        "startDate": moment(starts_at, facts),
        "endDate": moment(ends_at, facts, is_end=True),
        "eventStatus": status.schema_url,
        "previousStartDate": moment(previous, facts),
    }


def moment(value: datetime | None, facts: EventPage, *, is_end: bool = False) -> str:
    """An instant with its offset; a day for an event of whole days, which ends with its last one."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    if not facts.is_all_day:
        return local.isoformat()
    return (local - timedelta(microseconds=1) if is_end else local).date().isoformat()


#: ISO 8601 durations of schema.org's ``repeatFrequency``.
FREQUENCIES = {"DAILY": "D", "WEEKLY": "W", "MONTHLY": "M", "YEARLY": "Y"}


def schedule(facts: EventPage, coming: list[Occurrence]) -> dict[str, Any] | None:
    """``eventSchedule`` of a series that schema.org has words for, with the dates that fall out among the next ones."""
    rule = rule_of(facts)
    if rule is None or not habit(rule) or not facts.starts_at or not facts.ends_at:
        return None
    skipped = plan(facts, until=coming[-1].recurrence_id).skipped if coming else []
    today = timezone.localdate()
    start, end = timezone.localtime(facts.starts_at), timezone.localtime(facts.ends_at)
    return drop_empty(
        {
            "@type": "Schedule",
            "repeatFrequency": f"P{rule.interval}{FREQUENCIES[rule.freq]}",
            "byDay": [f"{ordinal or ''}{WEEKDAYS[weekday]}" for ordinal, weekday in rule.days],
            "byMonth": list(rule.months),
            "byMonthDay": list(rule.month_days),
            "repeatCount": rule.count,
            "startDate": start.date().isoformat(),
            "endDate": rule.until.date().isoformat() if rule.until else None,
            "startTime": f"{start:%H:%M:%S}",
            "endTime": f"{end:%H:%M:%S}",
            "scheduleTimezone": "Europe/Paris",
            "exceptDate": [day.date().isoformat() for day in skipped if day.date() >= today],
        }
    )


def age_range(facts: EventPage) -> str:
    """``typicalAgeRange`` in years, such as ``3-6`` or ``16-``."""
    low, high = facts.age_min_months, facts.age_max_months
    if low is None and high is None:
        return ""
    return f"{(low or 0) // 12}-{high // 12 if high is not None else ''}"
