"""Reads of the agenda."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from portal.core.querysets import AudienceQuerySet


class EventQuerySet(AudienceQuerySet):
    def upcoming(self, now: datetime) -> Self:
        """Events that have not ended at ``now``."""
        from .models import Occurrence

        return self.filter(Exists(Occurrence.objects.filter(event=OuterRef("pk"), ends_at__gt=now)))

    def in_municipalities(self, insee_codes: Iterable[str]) -> Self:
        codes = list(insee_codes)
        return self.filter(models.Q(municipality__insee__in=codes) | models.Q(structure__municipality__insee__in=codes))

    def at_structure(self, structure_id: int) -> Self:
        return self.filter(models.Q(structure_id=structure_id) | models.Q(organizer_id=structure_id))


class OccurrenceQuerySet(models.QuerySet):
    def between(self, start: datetime, end: datetime) -> Self:
        """Occurrences that touch the half-open period ``[start, end)``."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def upcoming(self, now: datetime) -> Self:
        return self.filter(ends_at__gt=now)

    def of(self, events: EventQuerySet) -> Self:
        return self.filter(event__in=events)
