"""Writes of the agenda: the dates kept from the rules, and what subscribers must see of a change."""

from collections import defaultdict
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from .changes import note_changes
from .models import EventPage, Occurrence
from .recurrence import HORIZON, PlannedDate, plan

_FIELDS = ("recurrence_id", "starts_at", "ends_at", "status", "place_note", "note", "capacity")


@transaction.atomic
def keep_dates(event: EventPage, *, now: datetime | None = None) -> int:
    """What every save of a source event does: its dates are kept, and a change that matters raises its sequence."""
    now = now or timezone.now()
    written = keep_occurrences(event, now=now)
    note_changes(event, now)
    return written


@transaction.atomic
def keep_occurrences(event: EventPage, *, now: datetime | None = None) -> int:
    """Makes the ``Occurrence`` rows of a source event what its times, rule and exceptions say, up to the horizon.

    Rows that stay the same are left alone, so a second run writes nothing. A row follows its date: by its
    ``recurrence_id``, else by its day, so that a series that begins an hour later keeps its rows and what hangs on
    them. Gives the number of rows written or deleted.
    """
    if not event.starts_at or not event.ends_at:
        return event.occurrences.all().delete()[0]
    wanted = plan(event, until=(now or timezone.now()) + HORIZON).dates
    pairs, fresh, gone = matched(list(event.occurrences.all()), wanted)
    if gone:
        Occurrence.objects.filter(pk__in=[row.pk for row in gone]).delete()
    changed = [row for row, date in pairs if fill(row, date)]
    if changed:
        Occurrence.objects.bulk_update(changed, _FIELDS, batch_size=100)
    new = [Occurrence(event=event) for _date in fresh]
    for row, date in zip(new, fresh, strict=True):
        fill(row, date)
    Occurrence.objects.bulk_create(new, batch_size=100)
    return len(gone) + len(changed) + len(new)


def matched(
    rows: list[Occurrence], wanted: list[PlannedDate]
) -> tuple[list[tuple[Occurrence, PlannedDate]], list[PlannedDate], list[Occurrence]]:
    """Pairs of a row and its date, dates without a row, rows without a date.

    First by ``recurrence_id``: whatever row holds one that is wanted keeps it, so no two rows ever want the same.
    """
    by_identity = {row.recurrence_id: row for row in rows}
    pairs = [(row, date) for date in wanted if (row := by_identity.pop(key_of(date), None))]
    paired = {key_of(date) for _row, date in pairs}
    by_day = defaultdict(list)
    for row in sorted(by_identity.values(), key=lambda row: row.recurrence_id, reverse=True):
        by_day[timezone.localdate(row.recurrence_id)].append(row)
    fresh = []
    for date in wanted:
        if key_of(date) in paired:
            continue
        if left := by_day[timezone.localdate(date.recurrence_id)]:
            pairs.append((left.pop(), date))
        else:
            fresh.append(date)
    return pairs, fresh, [row for left in by_day.values() for row in left]


def key_of(date: PlannedDate) -> datetime:
    return date.recurrence_id.astimezone(UTC)


def fill(row: Occurrence, date: PlannedDate) -> bool:
    """Makes a row what a date says; whether anything changed."""
    values = {
        "recurrence_id": key_of(date),
        "starts_at": date.times.starts_at.astimezone(UTC),
        "ends_at": date.times.ends_at.astimezone(UTC),
        "status": date.status,
        "place_note": date.place_note,
        "note": date.note,
        "capacity": date.capacity,
    }
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)


def extend_occurrences(now: datetime) -> int:
    """Moves the horizon of every repeated event. Gives the number of rows written."""
    repeated = EventPage.objects.sources().exclude(rrule="").prefetch_related("occurrences", "exceptions")
    return sum(keep_dates(event, now=now) for event in repeated)
