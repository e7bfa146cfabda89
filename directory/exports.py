"""The places of the directory as data: GeoJSON (RFC 7946) and CSV (RFC 4180)."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm

from .listing import filtered_structures
from .querysets import StructureQuerySet

CSV_COLUMNS = (
    "id",
    "source",
    "source_id",
    "title",
    "kind",
    "address",
    "postcode",
    "insee",
    "municipality",
    "latitude",
    "longitude",
    "precision",
    "phone",
    "email",
    "website",
    "opening_hours",
    "themes",
    "audiences",
    "cost",
    "languages",
    "access",
    "checked_on",
    "url",
    "licence",
)
#: Between the values of one cell.
SEPARATOR = "|"
BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets take for the start of a formula (OWASP, “CSV injection”), in plain and in full-width characters.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def found_places(form: FilterForm) -> list[Entry]:
    """All the places that match the filters, in the list's order. The number of queries does not depend on theirs."""
    found: StructureQuerySet = filtered_structures(form).select_related("municipality").defer_streamfields()
    return make_entries(found.prefetch_related("themes", "audiences"))


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
    collection = {"type": "FeatureCollection", "features": [feature(entry, request) for entry in entries]}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))


def row(entry: Entry, request: HttpRequest) -> list[Any]:
    """A place as the cells of ``CSV_COLUMNS``; nothing in them is a formula."""
    facts: Any = entry.facts
    town = facts.municipality
    cells = {
        "id": str(facts.translation_key),
        "source": facts.source,
        "source_id": facts.source_id,
        "title": entry.title,
        "kind": facts.kind,
        "address": facts.address,
        "postcode": facts.postcode,
        "insee": town.insee if town else "",
        "municipality": facts.municipality_name,
        "latitude": facts.latitude,
        "longitude": facts.longitude,
        "precision": facts.position_precision,
        "phone": facts.phone,
        "email": facts.email,
        "website": facts.website,
        "opening_hours": facts.opening_hours,
        "themes": SEPARATOR.join(theme.slug for theme in facts.themes.all()),
        "audiences": SEPARATOR.join(audience.slug for audience in facts.audiences.all()),
        "cost": facts.cost,
        "languages": SEPARATOR.join(facts.languages),
        "access": SEPARATOR.join(facts.access),
        "checked_on": facts.checked_on.isoformat() if facts.checked_on else "",
        "url": request.build_absolute_uri(entry.url_for(request)),
        "licence": facts.licence,
    }
    return [harmless(cells[name]) for name in CSV_COLUMNS]


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
    writer.writerow(CSV_COLUMNS)
    writer.writerows(row(entry, request) for entry in entries)
    return text.getvalue()
