"""Reads of the directory."""

from collections.abc import Iterable
from typing import Self

from portal.core.querysets import AudienceQuerySet


class StructureQuerySet(AudienceQuerySet):
    def with_position(self) -> Self:
        return self.filter(latitude__isnull=False)


class ResourceQuerySet(AudienceQuerySet):
    def of_kind(self, codes: Iterable[str]) -> Self:
        return self.filter(kind__in=list(codes))
