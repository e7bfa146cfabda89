"""Structures as the places of other pages: a private or unpublished one must not show through them."""

from collections.abc import Iterable

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
