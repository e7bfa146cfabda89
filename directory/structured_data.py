"""schema.org descriptions of structures and resources."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from portal.core.enums import Cost, PositionPrecision
from portal.core.hours import Hours, week

from .enums import ResourceKind, StructureKind
from .models import ResourcePage, StructurePage

#: The closest types of schema.org; a place without one is a LocalBusiness' parent, an Organization.
TYPES: dict[str, str] = {
    StructureKind.NURSERY: "ChildCare",
    StructureKind.LEISURE_CENTRE: "ChildCare",
    StructureKind.LIBRARY: "Library",
    StructureKind.TOWN_HALL: "CityHall",
    StructureKind.COURT: "Courthouse",
    StructureKind.MOTHER_CHILD_HEALTH: "MedicalClinic",
    StructureKind.HEALTH: "MedicalClinic",
    StructureKind.FAMILY_PLANNING: "MedicalClinic",
    StructureKind.EMPLOYMENT: "GovernmentOffice",
    StructureKind.FAMILY_BENEFITS: "GovernmentOffice",
    StructureKind.HEALTH_INSURANCE: "GovernmentOffice",
    StructureKind.COUNTY: "GovernmentOffice",
}


def drop_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def postal_address(facts: Any) -> dict[str, Any]:
    """``PostalAddress`` of a row with the fields of ``PositionMixin``; empty when nothing is known."""
    data = drop_empty(
        {
            "streetAddress": facts.address,
            "postalCode": facts.postcode,
            "addressLocality": str(facts.municipality or ""),
        }
    )
    return {"@type": "PostalAddress", **data, "addressCountry": "FR"} if data else {}


def place_of(structure: StructurePage) -> dict[str, Any]:
    """A structure as the place of something else."""
    exact = structure.has_position and structure.position_precision != PositionPrecision.MUNICIPALITY
    geo = {"@type": "GeoCoordinates", "latitude": structure.latitude, "longitude": structure.longitude}
    return drop_empty(
        {
            "@type": "Place",
            "name": structure.title,
            "address": postal_address(structure),
            "geo": geo if exact else None,
            "telephone": structure.phone,
        }
    )


def opening_hours_specification(hours: Hours, today: date) -> list[dict[str, str]]:
    """The hours of this week, one ``OpeningHoursSpecification`` a period; then the closure, which opens and closes at
    midnight, as search engines ask for it."""
    closed = []
    if hours.closed_from:
        until = {"validThrough": hours.closed_until.isoformat()} if hours.closed_until else {}
        closed.append(
            {
                "@type": "OpeningHoursSpecification",
                "validFrom": hours.closed_from.isoformat(),
                **until,
                "opens": "00:00",
                "closes": "00:00",
            }
        )
    return (
        closed
        if not hours.usual
        else closed
        + [
            {
                "@type": "OpeningHoursSpecification",
                "validFrom": day.day.isoformat(),
                "validThrough": day.day.isoformat(),
                "dayOfWeek": f"https://schema.org/{day.day:%A}",
                "opens": span.start.strftime("%H:%M"),
                "closes": span.end.strftime("%H:%M"),
            }
            for day in week(hours, today)
            for span in day.spans
        ]
    )


def structure_data(page: StructurePage, request: HttpRequest) -> dict[str, Any]:
    facts = page.facts
    place = place_of(facts)
    return drop_empty(
        {
            "@context": "https://schema.org",
            **place,
            "@type": TYPES.get(facts.kind, "Organization"),
            "@id": facts.get_full_url(request),
            "url": page.get_full_url(request),
            "name": page.title,
            "description": page.summary,
            "inLanguage": page.language,
            "email": facts.email,
            "sameAs": facts.website,
            "location": {**place, "openingHoursSpecification": opening_hours_specification(
                Hours.of(facts), timezone.localdate()
            )},
            "knowsLanguage": facts.languages,
        }
    )  # fmt: skip


def resource_data(page: ResourcePage, request: HttpRequest) -> dict[str, Any]:
    facts = page.facts
    kinds = {ResourceKind.VIDEO: "VideoObject", ResourceKind.LINK: "WebPage"}
    return drop_empty(
        {
            "@context": "https://schema.org",
            "@type": kinds.get(ResourceKind(facts.kind), "Article") if facts.kind else "Article",
            "@id": facts.get_full_url(request),
            "url": page.get_full_url(request),
            "headline": page.title,
            "name": page.title,
            "description": page.summary,
            "inLanguage": page.language,
            "sameAs": facts.url,
            "isAccessibleForFree": True,
        }
    )


def is_free(cost: str) -> bool | None:
    """``isAccessibleForFree``; unknown stays unknown."""
    return None if not cost else cost == Cost.FREE
