"""Values of events in a form that can be compared, kept as JSON and shown: read and written.

Instants are ISO texts in UTC, structures their primary keys; dates of their own are rows as in ``calendars.EMPTY_ROW``;
the rest is as in ``directory.imports.values``.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import models

from directory.imports import values as shared
from directory.imports.values import Writer

from ..models import EventException, EventPage
from .calendars import EMPTY_ROW

#: What a source may own of an event; everything else is the editors' alone.
OWNED = (
    "title",
    "summary",
    "description",
    "starts_at",
    "ends_at",
    "is_all_day",
    "rrule",
    "exceptions",
    "structure",
    "place_name",
    "online_url",
    "address",
    "postcode",
    "municipality",
    "latitude",
    "longitude",
    "position_precision",
    "position_source",
    "organizer",
    "themes",
    "tags",
    "age_min_months",
    "age_max_months",
    "cost",
    "cost_note",
    "access",
    "registration",
    "registration_note",
    "status",
    "is_full",
    "source_url",
    "source_updated_on",
)
PLACE = (
    "structure",
    "place_name",
    "online_url",
    "address",
    "postcode",
    "municipality",
    "latitude",
    "longitude",
    "position_precision",
    "position_source",
)
#: What goes together: whoever edits one of them has decided about all of them.
TOGETHER = (PLACE, ("starts_at", "ends_at", "is_all_day"), ("age_min_months", "age_max_months"), ("cost", "cost_note"))
#: Facts about the source itself: no lock is ever set on them.
NEVER_LOCKED = frozenset({"source_url", "source_updated_on"})
#: What no reader sees, and calendars write anew each time: not worth a change of its own.
ASIDE = frozenset({"source_updated_on"})
#: Names of the editor's form for what has another one here.
FORM_NAMES = {"tagged_items": "tags"}


def together(names: Iterable[str]) -> set[str]:
    """These names and those that go with them."""
    found = {FORM_NAMES.get(name, name) for name in names}
    for group in TOGETHER:
        if found & set(group):
            found |= set(group)
    return found


def read(page: EventPage, name: str) -> Any:
    """The value of a field of an event."""
    if name == "exceptions":
        return sorted(map(read_row, page.exceptions.all()), key=lambda row: (row["date"], row["time"] or ""))
    if name == "tags":
        return sorted(item.tag.name for item in page.tagged_items.all())
    if name in ("structure", "organizer"):
        return getattr(page, f"{name}_id")
    return plain(getattr(page, name)) if name in ("starts_at", "ends_at") else shared.read(page, name)


def plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return value


def read_row(row: EventException) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in EMPTY_ROW}


def empty(name: str) -> Any:
    """What ``read`` gives for a field that nobody has filled in."""
    if name in ("exceptions", "tags"):
        return []
    if name in ("structure", "organizer"):
        return None
    field = EventPage._meta.get_field(name)
    return field.get_default() if isinstance(field, models.BooleanField) else shared.empty(EventPage, name)


def write(writer: Writer, page: EventPage, name: str, value: Any) -> None:
    """Puts a value on an event, saved or not."""
    if name == "exceptions":
        page.exceptions = [EventException(**row_values(row)) for row in value]  # type: ignore[misc] # takes a list
    elif name == "tags":
        page.tags.clear()
        page.tags.add(*value)
    elif name in ("structure", "organizer"):
        setattr(page, f"{name}_id", value)
    elif name in ("starts_at", "ends_at"):
        setattr(page, name, datetime.fromisoformat(value) if value else None)
    else:
        writer.write(page, name, value)


def row_values(row: dict[str, Any]) -> dict[str, Any]:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row.get(name) else None

    at = row.get("time")
    return {
        **EMPTY_ROW,
        **row,
        "date": date.fromisoformat(row["date"]),
        "time": time.fromisoformat(at) if at else None,
        "new_start": moment("new_start"),
        "new_end": moment("new_end"),
    }


__all__ = ["OWNED", "PLACE", "Writer", "empty", "read", "together", "write"]
