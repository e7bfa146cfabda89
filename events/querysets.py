"""Reads of the agenda."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from portal.core.moments import changes_at, next_midnight
from portal.core.querysets import AudienceQuerySet
from portal.core.versions import remembered


def changes_of_day(now: datetime) -> list[datetime]:
    """The instants of the day of ``now`` (in Paris) when an event begins or ends, in order. No query when warm."""
    midnight = next_midnight(now)
    return remembered(("changes of the agenda", midnight), lambda: read_changes(midnight))


def read_changes(midnight: datetime) -> list[datetime]:
    """Instants of the day before a midnight."""
    from .models import Occurrence

    start = midnight - timedelta(hours=25)  # the longest day of the year
    touched = Q(starts_at__gte=start, starts_at__lt=midnight) | Q(ends_at__gte=start, ends_at__lt=midnight)
    rows = Occurrence.objects.filter(touched).values_list("starts_at", "ends_at")
    return sorted({moment for row in rows for moment in row if start <= moment < midnight})


def note_next_change(now: datetime) -> None:
    """Tells whoever collects instants when the next event begins or ends."""
    moments = changes_of_day(now)
    place = bisect_right(moments, now)
    if place < len(moments):
        changes_at(moments[place])


class EventQuerySet(AudienceQuerySet):
    def upcoming(self, now: datetime) -> Self:
        """Events that have not ended at ``now``: whoever shows them is told when that changes."""
        from .models import Occurrence

        note_next_change(now)
        return self.filter(Exists(Occurrence.objects.filter(event=OuterRef("pk"), ends_at__gt=now)))

    def in_municipalities(self, insee_codes: Iterable[str]) -> Self:
        codes = list(insee_codes)
        return self.filter(models.Q(municipality__insee__in=codes) | models.Q(structure__municipality__insee__in=codes))

    def at_structure(self, structure_id: int) -> Self:
        return self.filter(models.Q(structure_id=structure_id) | models.Q(organizer_id=structure_id))


class OccurrenceQuerySet(models.QuerySet):
    """Reads of the dates. Those that take an instant tell whoever shows them when the next date begins or ends."""

    def between(self, start: datetime, end: datetime) -> Self:
        """Occurrences that touch the half-open period ``[start, end)``."""
        note_next_change(timezone.now())
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def upcoming(self, now: datetime) -> Self:
        """Occurrences that have not ended at ``now``."""
        note_next_change(now)
        return self.filter(ends_at__gt=now)

    def of(self, events: EventQuerySet) -> Self:
        return self.filter(event__in=events)
