"""Reads of the glossary."""

from collections.abc import Iterable
from typing import Self

from portal.core.querysets import ThemedQuerySet


class TermQuerySet(ThemedQuerySet):
    def of_kind(self, codes: Iterable[str]) -> Self:
        """Words of these collections: what the public parameter ``kind`` names on the glossary."""
        return self.filter(collection__in=list(codes))
