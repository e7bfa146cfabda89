"""What subscribers of a calendar must see of a change: ``SEQUENCE`` and ``LAST-MODIFIED`` (RFC 5545, 3.8.7.4)."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from .holidays import calendar_state
from .models import EventPage
from .models.schedule import ScheduleMixin

#: Facts whose change moves, cancels or relocates the event.
SIGNIFICANT = (
    *ScheduleMixin.SCHEDULE_FACTS,
    "status",
    "postponed_to",
    "is_full",
    "structure_id",
    "place_name",
    "address",
    "address_complement",
    "postcode",
    "municipality_id",
    "online_url",
)
#: What a calendar shows beside these.
SHOWN = (
    "title",
    "summary",
    "description",
    "room",
    "status_note",
    "organizer_id",
    "organizer_name",
    "cost",
    "cost_note",
    "registration",
    "registration_note",
    "slug",
    "latitude",
    "longitude",
)
_EXCEPTION_FIELDS = ("date", "time", "is_extra", "kind", "new_start", "new_end", "place_note", "note")


def digest(values: Any) -> str:
    text = json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def values_of(item: Any, names: tuple[str, ...]) -> list[Any]:
    return [getattr(item, name) for name in names]


def states_of(event: EventPage) -> tuple[str, str]:
    """Digests of what is significant and of what is only shown."""
    rows = sorted(event.exceptions.all(), key=lambda row: (row.date, str(row.time)))
    exceptions = [values_of(row, _EXCEPTION_FIELDS) for row in rows]
    dates = [values_of(event, SIGNIFICANT), exceptions, calendar_state(event)]
    return digest(dates), digest(values_of(event, SHOWN))


def note_changes(event: EventPage, now: datetime) -> None:
    """Raises the sequence of an event whose dates, state or place changed; notes when anything shown did.

    Nothing is written when nothing changed.
    """
    significant, shown = states_of(event)
    before, _colon, _shown = event.published_state.partition(":")
    state = f"{significant}:{shown}"
    if state == event.published_state:
        return
    event.published_state, event.last_modified = state, now
    if before and before != significant:
        event.sequence += 1
    EventPage.objects.filter(pk=event.pk).update(
        published_state=state, last_modified=now, sequence=event.sequence, uid=event.uid
    )
