"""The places of the directory as data: GeoJSON (RFC 7946), and the rows of tables, with CSV (RFC 4180).

Each says its licence and its date. What the columns hold: ``docs/donnees-ouvertes.md``.
"""

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm

from .listing import filtered_structures
from .querysets import StructureQuerySet

COLUMNS = (
    "id", "source", "source_id", "title", "kind", "address", "address_complement", "postcode", "insee", "municipality",
    "latitude", "longitude", "precision", "phone", "email", "website", "opening_hours", "holiday_hours", "hours_text",
    "closed_from", "closed_until", "themes", "audiences", "age_min_months", "age_max_months", "cost", "languages",
    "access", "services", "siret", "networks", "checked_on", "url", "licence", "extracted_on",
)  # fmt: skip
#: Between the values of one cell.
SEPARATOR = "|"
BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets take for the start of a formula (OWASP, “CSV injection”), in plain and in full-width characters.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def found_places(form: FilterForm, *more: str) -> list[Entry]:
    """All the places that match the filters, in the list's order. The number of queries does not depend on theirs.

    ``more``: relations that the answer needs besides themes and audiences.
    """
    found: StructureQuerySet = filtered_structures(form).select_related("municipality").defer_streamfields()
    return make_entries(found.prefetch_related("themes", "audiences", *more))


def feature(entry: Entry, request: HttpRequest) -> dict[str, Any]:
    """A place as a GeoJSON feature, ``[longitude, latitude]``; its geometry is null when its position is not known."""
    facts: Any = entry.facts
    point = {"type": "Point", "coordinates": [facts.longitude, facts.latitude]} if facts.has_position else None
    return {
        "type": "Feature",
        "id": str(facts.translation_key),
        "geometry": point,
        "properties": {
            "title": entry.title,
            "lang": entry.lang,
            "kind": facts.kind,
            "kind_label": facts.kind_label,
            "address": facts.address,
            "postcode": facts.postcode,
            "municipality": facts.municipality_name,
            "phone": facts.phone,
            "url": request.build_absolute_uri(entry.url_for(request)),
            "precision": facts.position_precision,
            "themes": [theme.slug for theme in facts.themes.all()],
            "checked_on": facts.checked_on.isoformat() if facts.checked_on else None,
        },
    }


def geojson(entries: Iterable[Entry], request: HttpRequest) -> str:
    collection = {
        "type": "FeatureCollection",
        # Members that RFC 7946 does not know are allowed (6.1).
        "licence": settings.DATA_LICENCE,
        "licence_url": settings.DATA_LICENCE_URL,
        "extracted_on": timezone.localdate().isoformat(),
        "features": [feature(entry, request) for entry in entries],
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))


def row(entry: Entry, request: HttpRequest) -> list[Any]:
    """A place as the cells of ``COLUMNS``; nothing in them is a formula."""
    facts: Any = entry.facts
    town = facts.municipality
    cells = {
        "id": str(facts.translation_key),
        "title": entry.title,
        "insee": town.insee if town else "",
        "municipality": facts.municipality_name,
        "precision": facts.position_precision,
        "themes": joined(theme.slug for theme in facts.themes.all()),
        "audiences": joined(audience.slug for audience in facts.audiences.all()),
        "languages": joined(facts.languages),
        "access": joined(facts.access),
        "services": joined(service.name for service in facts.services.all()),
        "networks": joined(facts.networks),
        "url": request.build_absolute_uri(entry.url_for(request)),
        "licence": licence_of(facts),
        "extracted_on": timezone.localdate(),
    }
    values = (cells[name] if name in cells else getattr(facts, name) for name in COLUMNS)
    return [harmless(value.isoformat() if isinstance(value, date) else value) for value in values]


def joined(values: Iterable[str]) -> str:
    return SEPARATOR.join(value.replace(SEPARATOR, "/") for value in values)


def licence_of(facts: Any) -> str:
    """The licence of the source; the portal's own for what the portal wrote; empty when a source gives none."""
    return facts.licence or ("" if facts.source else settings.DATA_LICENCE)


def harmless(cell: Any) -> Any:
    """A cell that a spreadsheet reads as text: after an apostrophe when it would be a formula. Numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def table(entries: Iterable[Entry], request: HttpRequest) -> str:
    """A CSV table with its header; it starts with a byte order mark, without which Excel spoils the accents."""
    text = io.StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(row(entry, request) for entry in entries)
    return text.getvalue()
