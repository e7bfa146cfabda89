"""What only the whole file tells: names of municipalities, where they are, which identifiers and sources it has."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import median
from types import SimpleNamespace

from portal.core.contacts import distance_km
from portal.core.models import Municipality

from .drafts import Draft, Town
from .mappings import normal

#: Points of one municipality that are kept.
ENOUGH = 60
#: Kilometres that no place is from the middle of its municipality, nor of its county.
FAR_FROM_TOWN = 30
FAR_FROM_COUNTY = 150
#: Points without which a county has no middle.
FEW = 15


@dataclass
class Survey:
    """Gathered from all the rows before the first one is decided on."""

    rows: int = 0
    kinds: set[str] = field(default_factory=set)
    sources: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    postcodes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    points: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    counties: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    #: ``normal(name)`` and postcode, to INSEE codes of rows that give both.
    codes: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, draft: Draft) -> None:
        self.kinds.add(draft.kind)
        self.sources[draft.kind].add(draft.source)
        town = draft.town
        if town.insee:
            if town.name:
                # A name beside “Cedex” may be that of the town whose post office keeps the mail.
                self.names[town.insee][town.name] += 1 if town.is_postal else 10
            if town.postcode and not town.is_postal:
                self.postcodes[town.insee][town.postcode] += 1
                self.codes.setdefault((normal(town.name), town.postcode), town.insee)
        latitude, longitude = draft.values.get("latitude"), draft.values.get("longitude")
        if latitude is not None and longitude is not None:
            if town.insee and len(self.points[town.insee]) < ENOUGH:
                self.points[town.insee].append((latitude, longitude))
            county = county_of(town)
            if county and len(self.counties[county]) < ENOUGH * 50:
                self.counties[county].append((latitude, longitude))

    def name_of(self, insee: str) -> str:
        """The name that most rows give a municipality, one with small letters before one in capitals."""
        names = self.names.get(insee)
        if not names:
            return ""
        best = max(names, key=lambda name: (names[name] * (1 if name.isupper() else 3), name))
        return capitalised(best)[:80]

    def centre_of(self, insee: str) -> tuple[float, float] | None:
        return middle(self.points.get(insee, []))

    def is_far(self, draft: Draft, town: Municipality | None) -> bool:
        """Whether the point of a row is far from its municipality or from its county."""
        here = place(draft.values["latitude"], draft.values["longitude"])
        if town is not None and town.latitude is not None:
            return distance_km(here, town) > FAR_FROM_TOWN
        own = self.points.get(draft.town.insee, []) if draft.town.insee else []
        if len(own) > 2 and (centre := middle(own)) and distance_km(here, place(*centre)) > FAR_FROM_TOWN:
            return True
        county = county_of(draft.town)
        all_there = self.counties.get(county, [])
        centre = self._middles.get(county)
        if centre is None and len(all_there) >= FEW:
            centre = self._middles[county] = middle(all_there)
        return bool(centre) and distance_km(here, place(*centre)) > FAR_FROM_COUNTY  # type: ignore[misc] # not None

    _middles: dict[str, tuple[float, float] | None] = field(default_factory=dict)


def county_of(town: Town) -> str:
    """The beginning of the code: 59, 2A, 974."""
    code = town.insee or town.postcode
    return code[:3] if code.startswith("97") else code[:2]


def place(latitude: float, longitude: float) -> SimpleNamespace:
    return SimpleNamespace(latitude=latitude, longitude=longitude)


def middle(points: list[tuple[float, float]]) -> tuple[float, float] | None:
    """The median: one wrong point does not move it."""
    if not points:
        return None
    return round(median(each[0] for each in points), 6), round(median(each[1] for each in points), 6)


_SMALL = frozenset("de du des la le les l d en sur sous lès lez les et aux au à d' l'".split())


def capitalised(name: str) -> str:
    """“SAINT DENIS EN VAL” as “Saint Denis en Val”; a name with small letters is left as it is."""
    if not name.isupper():
        return name
    words = [word if word in _SMALL else word.capitalize() for word in name.lower().split(" ")]
    text = " ".join(words)
    text = "-".join(part if part in _SMALL else part[:1].upper() + part[1:] for part in text.split("-"))
    return text[:1].upper() + text[1:]
