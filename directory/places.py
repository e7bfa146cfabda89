"""Structures as the places of other pages: a private or unpublished one must not show through them."""

from collections.abc import Callable, Iterable
from typing import Any

from .models import StructurePage


def visible_places(ids: Iterable[int | None]) -> dict[int, StructurePage]:
    """The visible structures among these, by primary key, with their municipality: one query, none for nothing."""
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return {}
    return {row.pk: row for row in StructurePage.objects.visible().filter(pk__in=wanted).select_related("municipality")}


def place_name(structure: StructurePage) -> str:
    """A structure and its town, on one line."""
    return ", ".join(part for part in (structure.title, str(structure.municipality or "")) if part)


#: What takes place soon at a structure, by its primary key: dated events for ``components/dates.html``.
Soon = Callable[[int], list[Any]]
_soon: list[Soon] = []


def register_soon(provider: Soon) -> None:
    """The agenda, a floor above, says what takes place soon at a structure."""
    if provider not in _soon:
        _soon.append(provider)


def soon_at(structure_id: int | None) -> list[Any]:
    return [item for provider in _soon for item in provider(structure_id)] if structure_id else []
