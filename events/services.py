"""Writes of the agenda: the dates kept from the rules, and what subscribers must see of a change."""

from collections import defaultdict
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from .changes import note_changes
from .models import EventException, EventPage, Occurrence
from .recurrence import HORIZON, PlannedDate, plan

_FIELDS = ("recurrence_id", "starts_at", "ends_at", "status", "place_note", "note", "capacity")
_ROW_FIELDS = ("date", "time", "is_extra", "kind", "new_start", "new_end", "place_note", "note", "capacity")


@transaction.atomic
def keep_dates(event: EventPage, *, now: datetime | None = None) -> int:
    """What every save of a source event does: its dates are kept, and a change that matters raises its sequence."""
    now = now or timezone.now()
    written = keep_occurrences(event, now=now)
    note_changes(event, now)
    return written


#: What the admin shows and compares of an event that nobody sees yet.
_DRAFTED = (
    "starts_at", "ends_at", "is_all_day", "rrule", "skip_public_holidays", "school_holidays", "school_zone", "room",
    "structure", "place_name", "address", "postcode", "status", "is_full",
)  # fmt: skip


def keep_draft(draft: EventPage) -> None:
    """The rows of an event that is not published follow its draft: the calendar of the admin and the conflicts of rooms
    are those that its editor sees. A draft with faults changes nothing."""
    try:
        with transaction.atomic():
            values = {name: getattr(draft, name) for name in _DRAFTED}
            EventPage.objects.filter(pk=draft.pk, live=False).update(**values)
            keep_occurrences(draft)
    except (ValidationError, IntegrityError):
        return


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
    changed = [row for row, made in pairs if fill(row, made)]
    if changed:
        Occurrence.objects.bulk_update(changed, _FIELDS, batch_size=100)
    new = [Occurrence(event=event) for _date in fresh]
    for row, made in zip(new, fresh, strict=True):
        fill(row, made)
    Occurrence.objects.bulk_create(new, batch_size=100)
    return len(gone) + len(changed) + len(new)


def matched(
    rows: list[Occurrence], wanted: list[PlannedDate]
) -> tuple[list[tuple[Occurrence, PlannedDate]], list[PlannedDate], list[Occurrence]]:
    """Pairs of a row and its made, dates without a row, rows without a made.

    First by ``recurrence_id``: whatever row holds one that is wanted keeps it, so no two rows ever want the same.
    """
    by_identity = {row.recurrence_id: row for row in rows}
    pairs = [(row, made) for made in wanted if (row := by_identity.pop(key_of(made), None))]
    paired = {key_of(made) for _row, made in pairs}
    by_day = defaultdict(list)
    for row in sorted(by_identity.values(), key=lambda row: row.recurrence_id, reverse=True):
        by_day[timezone.localdate(row.recurrence_id)].append(row)
    fresh = []
    for made in wanted:
        if key_of(made) in paired:
            continue
        if left := by_day[timezone.localdate(made.recurrence_id)]:
            pairs.append((left.pop(), made))
        else:
            fresh.append(made)
    return pairs, fresh, [row for left in by_day.values() for row in left]


def key_of(made: PlannedDate) -> datetime:
    return made.recurrence_id.astimezone(UTC)


def fill(row: Occurrence, made: PlannedDate) -> bool:
    """Makes a row what a planned date says; whether anything changed."""
    values = {
        "recurrence_id": key_of(made),
        "starts_at": made.times.starts_at.astimezone(UTC),
        "ends_at": made.times.ends_at.astimezone(UTC),
        "status": made.status,
        "place_note": made.place_note,
        "note": made.note,
        "capacity": made.capacity,
    }
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)


@transaction.atomic
def change_date(
    *, event: EventPage, row: EventException | None, named: tuple[date, time | None], user: Any, publish: bool
) -> None:
    """Sets what happens on one date of an event (``named``: its day and, where there are several, its hour).

    ``row=None`` makes it like the others again. With ``publish`` readers see it at once, and a draft that waits keeps
    its own changes with this one; else it goes into the draft. Raises ``ValidationError``.
    """

    def put(page: EventPage) -> None:
        others = [known for known in page.exceptions.all() if (known.date, known.time) != named]
        if row is not None:
            row.full_clean(exclude=["page"])
            others.append(EventException(**{name: getattr(row, name) for name in _ROW_FIELDS}))
        page.exceptions = others  # type: ignore[misc] # a relation of modelcluster takes a list
        if page.source and "exceptions" not in page.locked_fields:
            page.locked_fields = [*page.locked_fields, "exceptions"]

    live = EventPage.objects.get(pk=event.pk)
    if publish and not live.has_unpublished_changes:
        put(live)
        live.save_revision(user=user, log_action=True).publish(user=user)
        return
    if publish:
        put(live)
        live.save()
    draft = live.get_latest_revision_as_object()
    put(draft)
    draft.save_revision(user=user, log_action=True)


def extend_occurrences(now: datetime, *, of_schools: bool = False) -> int:
    """Moves the horizon of every repeated event, or of those that school holidays change. Gives the number of rows
    written."""
    repeated = EventPage.objects.sources().exclude(rrule="")
    if of_schools:
        repeated = repeated.exclude(school_holidays="")
    events = repeated.prefetch_related("occurrences", "exceptions").iterator(chunk_size=200)
    return sum(keep_dates(event, now=now) for event in events)


def follow_school_calendar(**kwargs: object) -> None:
    """Signal receiver: the school calendar changes; once that is certain, the series that it cuts follow."""
    waiting = [entry[1] for entry in transaction.get_connection().run_on_commit]
    if _follow not in waiting:
        transaction.on_commit(_follow)


def _follow() -> None:
    extend_occurrences(timezone.now(), of_schools=True)
