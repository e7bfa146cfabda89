"""Writes of the agenda: the dates kept from the rules."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from .enums import ExceptionKind
from .models import EventPage, Occurrence
from .recurrence import HORIZON, expand


@transaction.atomic
def keep_occurrences(event: EventPage, *, now: datetime | None = None) -> int:
    """Makes the ``Occurrence`` rows of a source event what its times, rule and exceptions say, up to the horizon.

    Rows that stay the same are left alone, so a second run writes nothing. Gives the number of rows written or deleted.
    """
    if not event.starts_at or not event.ends_at:
        return event.occurrences.all().delete()[0]
    exceptions = {row.date: row.kind for row in event.exceptions.all()}
    removed = [day for day, kind in exceptions.items() if kind == ExceptionKind.REMOVED]
    wanted = {
        times.starts_at: times
        for times in expand(
            start=timezone.localtime(event.starts_at),
            end=timezone.localtime(event.ends_at),
            rule=event.rrule,
            removed=removed,
            until=(now or timezone.now()) + HORIZON,
        )
    }
    kept = {row.starts_at: row for row in event.occurrences.all()}
    written = 0
    for starts_at in kept.keys() - wanted.keys():
        kept[starts_at].delete()
        written += 1
    fresh = []
    for starts_at, times in wanted.items():
        is_cancelled = exceptions.get(timezone.localdate(starts_at)) == ExceptionKind.CANCELLED
        row = kept.get(starts_at)
        if row is None:
            fresh.append(Occurrence(event=event, starts_at=starts_at, ends_at=times.ends_at, is_cancelled=is_cancelled))
        elif row.ends_at != times.ends_at or row.is_cancelled != is_cancelled:
            row.ends_at, row.is_cancelled = times.ends_at, is_cancelled
            row.save()
            written += 1
    Occurrence.objects.bulk_create(fresh)
    return written + len(fresh)


def extend_occurrences(now: datetime) -> int:
    """Moves the horizon of every repeated event. Gives the number of rows written."""
    repeated = EventPage.objects.sources().exclude(rrule="").prefetch_related("occurrences", "exceptions")
    return sum(keep_occurrences(event, now=now) for event in repeated)
