"""Reads shared by several page types."""

from collections.abc import Iterable
from typing import Self

from django.db.models import Q

from .fields import CodesField
from .sourced import SourcedQuerySet


class ThemedQuerySet(SourcedQuerySet):
    """Reads shared by everything that has themes."""

    def about(self, theme_slugs: Iterable[str]) -> Self:
        return self.filter(pk__in=self.model._default_manager.filter(themes__slug__in=theme_slugs).values("pk"))


class AudienceQuerySet(ThemedQuerySet):
    """Reads shared by everything that has audiences, ages and languages."""

    def for_audience(self, slugs: Iterable[str]) -> Self:
        return self.filter(pk__in=self.model._default_manager.filter(audiences__slug__in=slugs).values("pk"))

    def for_age(self, months: int) -> Self:
        """Suits this age; a page without ages suits all."""
        return self.filter(
            Q(age_min_months__isnull=True) | Q(age_min_months__lte=months),
            Q(age_max_months__isnull=True) | Q(age_max_months__gte=months),
        )

    def speaking(self, codes: Iterable[str]) -> Self:
        query = Q()
        for code in codes:
            query |= Q(languages__contains=CodesField.needle(code))
        return self.filter(query)

    def costing(self, codes: Iterable[str]) -> Self:
        return self.filter(cost__in=list(codes))

    def accessible(self, codes: Iterable[str]) -> Self:
        """Offers all of these."""
        found = self
        for code in codes:
            found = found.filter(access__contains=CodesField.needle(code))
        return found
