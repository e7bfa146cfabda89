"""schema.org description of an event."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from directory.models import StructurePage
from directory.structured_data import drop_empty, is_free, place_of, postal_address

from .enums import EventStatus
from .models import EventPage, Occurrence


def location(facts: EventPage, places: dict[int, StructurePage]) -> dict[str, Any]:
    """The place that readers may know of: a private structure is left out."""
    if facts.is_online:
        return {"@type": "VirtualLocation", "url": facts.online_url}
    if facts.structure_id in places:
        return place_of(places[facts.structure_id])
    address = postal_address(facts)
    name = facts.place_name or facts.address
    return {"@type": "Place", "name": name, **({"address": address} if address else {})} if name else {}


def event_data(
    page: EventPage, request: HttpRequest, following: Occurrence | None, places: dict[int, StructurePage]
) -> dict[str, Any]:
    """The next date of an event, its first one when all are over; empty for a page without dates yet."""
    facts = page.facts
    if not facts.starts_at or not facts.ends_at:
        return {}
    starts_at = following.starts_at if following else facts.starts_at
    ends_at = following.ends_at if following else facts.ends_at
    is_cancelled = bool(following and following.is_cancelled)
    status = EventStatus.CANCELLED if is_cancelled else EventStatus(facts.status or EventStatus.SCHEDULED)
    mode = "OnlineEventAttendanceMode" if facts.is_online else "OfflineEventAttendanceMode"
    organizer = places.get(facts.organizer_id or 0)
    organizer_name = organizer.title if organizer else facts.organizer_name
    url = page.get_full_url(request)
    return drop_empty(
        {
            "@context": "https://schema.org",
            "@type": "Event",
            "@id": facts.get_full_url(request),
            "url": url,
            "name": page.title,
            "description": page.summary or page.description,
            "inLanguage": page.language,
            "startDate": timezone.localtime(starts_at).isoformat(),
            "endDate": timezone.localtime(ends_at).isoformat(),
            "eventStatus": status.schema_url,
            "eventAttendanceMode": f"https://schema.org/{mode}",
            "location": location(facts, places),
            "organizer": {"@type": "Organization", "name": organizer_name} if organizer_name else None,
            "isAccessibleForFree": is_free(facts.cost),
            "maximumAttendeeCapacity": facts.capacity,
            "offers": {"@type": "Offer", "availability": "https://schema.org/SoldOut", "url": url}
            if facts.is_full
            else None,
            "typicalAgeRange": age_range(facts),
        }
    )


def age_range(facts: EventPage) -> str:
    """``typicalAgeRange`` in years, such as ``3-6`` or ``16-``."""
    low, high = facts.age_min_months, facts.age_max_months
    if low is None and high is None:
        return ""
    return f"{(low or 0) // 12}-{high // 12 if high is not None else ''}"
