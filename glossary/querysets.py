"""Reads of the glossary."""

from typing import Self

from portal.core.querysets import ThemedQuerySet


class TermQuerySet(ThemedQuerySet):
    def in_collection(self, code: str) -> Self:
        return self.filter(collection=code)
