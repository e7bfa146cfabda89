"""Which sheets are probably the same place: by name, address and distance, for imports and for the editors' list."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

from rapidfuzz import fuzz

from portal.core.contacts import distance_km

from ..models import StructurePage
from .mappings import normal

#: A grid of about 550 m by 350 m: who is near stands in the same cell or beside it.
CELL = 0.005
#: Kilometres within which two places may be one.
NEAR = 0.15
VERY_NEAR = 0.05
SAME_NAME = 92
LIKE_NAME = 80
SAME_ADDRESS = 90


@dataclass(frozen=True)
class Place:
    """What two sheets are compared by."""

    pk: int
    title: str
    address: str = ""
    postcode: str = ""
    insee: str = ""
    phone: str = ""
    kind: str = ""
    source: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def name(self) -> str:
        return normal(self.title).replace("-", " ")

    @property
    def street(self) -> str:
        return normal(self.address).replace("-", " ")


@dataclass(frozen=True)
class Match:
    """Two probable names of one place; ``score`` from 0 to 100, ``distance`` in metres or ``None``."""

    one: Place
    other: Place
    score: int
    distance: int | None


def compare(one: Place, other: Place) -> Match | None:
    """A match, or ``None`` for two places."""
    name = fuzz.token_sort_ratio(one.name, other.name)
    part = fuzz.token_set_ratio(one.name, other.name)
    address = fuzz.token_set_ratio(one.street, other.street) if one.street and other.street else 0.0
    has_points = one.latitude is not None and other.latitude is not None
    kilometres = distance_km(point(one), point(other)) if has_points else math.inf
    same_town = bool(one.insee and one.insee == other.insee) or bool(one.postcode and one.postcode == other.postcode)
    is_there = (
        kilometres <= NEAR
        or (same_town and address >= SAME_ADDRESS and kilometres <= 1)
        or (same_town and address >= SAME_ADDRESS and not has_points)
    )
    same_phone = bool(one.phone) and one.phone == other.phone
    is_same = is_there and (
        name >= SAME_NAME
        or (part >= SAME_NAME and (same_phone or (one.kind == other.kind and kilometres <= VERY_NEAR)))
        or (name >= LIKE_NAME and (same_phone or kilometres <= VERY_NEAR))
    )
    if not is_same:
        return None
    metres = round(kilometres * 1000) if has_points else None
    return Match(one, other, round(max(name, part)), metres)


def point(place: Place) -> SimpleNamespace:
    return SimpleNamespace(latitude=place.latitude, longitude=place.longitude)


class Index:
    """The sheets of the portal, to look for those near a new one."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], list[Place]] = defaultdict(list)
        self.towns: dict[str, list[Place]] = defaultdict(list)
        for place in known_places():
            self.add(place)

    def add(self, place: Place) -> None:
        if place.latitude is not None and place.longitude is not None:
            self.cells[cell(place.latitude, place.longitude)].append(place)
        if key := place.insee or place.postcode:
            self.towns[key].append(place)

    def near(self, place: Place) -> Iterator[Place]:
        seen: set[int] = {place.pk}
        found: list[Place] = []
        if place.latitude is not None and place.longitude is not None:
            row, column = cell(place.latitude, place.longitude)
            for down in (-1, 0, 1):
                for right in (-1, 0, 1):
                    found += self.cells.get((row + down, column + right), [])
        found += self.towns.get(place.insee or place.postcode, [])
        for other in found:
            if other.pk not in seen:
                seen.add(other.pk)
                yield other

    def matches(self, place: Place, *, same_source: bool = False) -> list[Match]:
        """The probable duplicates of a place, best first. Sheets of one source are told apart by that source."""
        found = (
            compare(place, other)
            for other in self.near(place)
            if same_source or not place.source or other.source != place.source
        )
        return sorted((match for match in found if match), key=lambda match: -match.score)


def cell(latitude: float, longitude: float) -> tuple[int, int]:
    return math.floor(latitude / CELL), math.floor(longitude / CELL)


def known_places() -> Iterator[Place]:
    """All sheets, drafts too: one query."""
    names = ("pk", "title", "address", "postcode", "municipality__insee", "phone", "kind", "source")
    rows = StructurePage.objects.sources().values_list(*names, "latitude", "longitude")
    for pk, title, address, postcode, insee, phone, kind, source, latitude, longitude in rows.iterator():
        yield Place(pk, title, address, postcode, insee or "", phone, kind, source, latitude, longitude)


def pairs() -> Iterator[Match]:
    """All pairs of sheets that are probably one place, each once, drafts too."""
    index = Index()
    for place in known_places():
        for match in index.matches(place, same_source=True):
            if match.other.pk > place.pk:
                yield match
