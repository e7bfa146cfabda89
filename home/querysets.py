"""Reads of the centres' site."""

from datetime import date
from typing import Self

from portal.core.querysets import AudienceQuerySet
from portal.core.sourced import SourcedQuerySet


class ActivityQuerySet(AudienceQuerySet):
    pass


class NewsQuerySet(SourcedQuerySet):
    def published_by(self, day: date) -> Self:
        """News of this day or before, the newest first."""
        return self.filter(published_on__lte=day).order_by("-published_on", "-pk")

    def of_centre(self, centre_id: int) -> Self:
        return self.filter(pk__in=self.model._default_manager.filter(centres=centre_id).values("pk"))
