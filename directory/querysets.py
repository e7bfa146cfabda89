"""Reads of the directory."""

import math
from collections.abc import Iterable
from typing import Self

from portal.core.querysets import AudienceQuerySet

KM_PER_DEGREE = 111.32


class StructureQuerySet(AudienceQuerySet):
    def of_kind(self, codes: Iterable[str]) -> Self:
        return self.filter(kind__in=list(codes))

    def in_municipalities(self, insee_codes: Iterable[str]) -> Self:
        return self.filter(municipality__insee__in=list(insee_codes))

    def with_position(self) -> Self:
        return self.filter(latitude__isnull=False)

    def within(self, latitude: float, longitude: float, kilometres: float) -> Self:
        """In the square around a point: the narrow phase, an exact distance, is the caller's."""
        north = kilometres / KM_PER_DEGREE
        east = kilometres / (KM_PER_DEGREE * max(math.cos(math.radians(latitude)), 0.01))
        return self.filter(
            latitude__range=(latitude - north, latitude + north), longitude__range=(longitude - east, longitude + east)
        )


class ResourceQuerySet(AudienceQuerySet):
    def of_kind(self, codes: Iterable[str]) -> Self:
        return self.filter(kind__in=list(codes))
