"""How well addresses are found, by a genuine addok with what the portal does before and after it. ``make bench``.

The index knows the official addresses of 1,307 public services of the Nord, and the department's municipalities. What
is asked is never the official text: it is what offices wrote, the same with the mistakes of people, and the cases of
geocoder-tester (those whose street the index knows). Beside each figure stands the engine's first answer taken as it
is: the reference.
"""

import csv
import random
import re
import time
from dataclasses import dataclass

import pytest
from django.core.cache import cache

from directory import geocoding, positions
from directory.address_base import question
from directory.geocoding import locate, normalised
from directory.models import StructurePage
from portal.core import versions
from portal.core.models import Municipality
from tests import geocoders
from tests.servers import ServerMissingError

NEAR_KM = 0.2
TESTER = geocoders.ADDRESSES / "geocoder_tester_nordpasdecalais"
SHORT = {"avenue": "av", "boulevard": "bd", "place": "pl", "général": "gal", "saint": "st", "docteur": "dr"}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not geocoders.PAIRS.exists(), reason=geocoders.WITHOUT_DATA),
]


@dataclass(frozen=True)
class Case:
    """Words, and where they are: INSEE code or name of the town, point if it is known."""

    words: str
    insee: str = ""
    city: str = ""
    point: tuple[float, float] | None = None


@dataclass
class Figures:
    asked: int = 0
    found: int = 0
    right_town: int = 0
    with_point: int = 0
    near: int = 0

    def add(self, case, answer):
        self.asked += 1
        if answer is None:
            return
        self.found += 1
        self.right_town += answer.citycode == case.insee if case.insee else same(town_of(answer), case.city)
        if case.point:
            self.with_point += 1
            self.near += answer.distance_km(*case.point) <= NEAR_KM

    def __str__(self):
        near = f"{self.near / self.with_point:6.1%}" if self.with_point else "     –"
        return f"{self.found / self.asked:6.1%} {self.right_town / max(self.found, 1):6.1%} {near}"


def town_of(answer):
    return answer.city


def same(one, other):
    return normalised(one).replace("saint", "st") == normalised(other).replace("saint", "st")


# --- What is asked ---------------------------------------------------------------------------------------------------


def as_written(pairs):
    return [
        Case(pair["address_searched"], insee=pair["insee_comm"], point=(float(pair["lat"]), float(pair["lon"])))
        for pair in pairs
    ]


def with_mistakes(pairs):
    """What people make of an address: no accents, short words, a letter too many or too few, no postcode."""
    chance = random.Random(59)
    cases = []
    for pair in pairs:
        words = [SHORT.get(word.lower(), word) for word in pair["address_found"].split()]
        words = [word for word in words if not re.fullmatch(r"\d{5}", word)]
        long = [place for place, word in enumerate(words) if len(word) > 5 and word.isalpha()]
        if long:
            place = chance.choice(long)
            letter = chance.randrange(1, len(words[place]) - 1)
            twice = chance.random() < 0.5
            words[place] = words[place][: letter + twice] + words[place][letter:] if twice else (
                words[place][:letter] + words[place][letter + 1 :]
            )  # fmt: skip
        point = (float(pair["lat"]), float(pair["lon"]))
        cases.append(Case(normalised(" ".join(words)), insee=pair["insee_comm"], point=point))
    return cases


def of_geocoder_tester(streets):
    """Cases whose street and town the index knows: others can't be found in it."""
    cases = []
    for file, separator in (
        ("test_public_buildings_addresses.csv", ";"),
        ("test_postal_relays_addresses.csv", ","),
        ("test_addresses.csv", ","),
        ("test_from_user_input.csv", ","),
    ):
        with (TESTER / file).open(encoding="utf-8") as rows:
            for row in csv.DictReader(rows, delimiter=separator):
                city = row.get("expected_city") or ""
                words = normalised(row["query"])
                if not city or not any(street in words for street in streets.get(normalised(city), ())):
                    continue
                given = (row.get("expected_coordinate") or "").split(",")
                point = (float(given[0]), float(given[1])) if len(given) == 3 else None
                cases.append(Case(row["query"], city=city, point=point))
    return cases


# --- Who answers -----------------------------------------------------------------------------------------------------


def first_answer(case):
    found = question(case.words, None, 30)
    return found[0] if found else None


def placed(case):
    """What a sheet with this address gets without an editor, or ``None`` when it waits for one."""
    page = StructurePage(address=case.words[:200], municipality=Municipality(insee=case.insee, name=""))
    answer = positions.best_answer(page, patience=5, attempts=1)
    return None if answer is None or positions.problem_of(page, answer) else answer


def located(case):
    """What a reader gets who types these words."""
    found = locate(case.words)
    if found is None:
        return None
    return next(one for one in geocoding._ask_for_reader(" ".join(case.words.split())) if one.label == found.label)


def test_how_well_addresses_are_found(settings, monkeypatch):
    monkeypatch.setattr(geocoding, "READER_TIMEOUT", 30)
    monkeypatch.setattr(geocoding, "_pace", geocoding._Pace(100_000))
    cache.clear()
    versions.forget_memory()
    pairs = geocoders.read_pairs()
    documents = geocoders.known_addresses(pairs) + geocoders.known_towns()
    streets = {}
    for one in documents:
        if one["type"] == "street":
            streets.setdefault(normalised(one["city"]), []).append(normalised(one["name"]))
    for town in geocoders.known_towns():
        Municipality.objects.create(
            insee=town["citycode"],
            name=town["name"],
            postcodes=town["postcode"],
            latitude=town["lat"],
            longitude=town["lon"],
        )
    sets = {
        "as offices wrote them": as_written(pairs[::2]),
        "the same, with mistakes": with_mistakes(pairs[1::2]),
        "geocoder-tester": of_geocoder_tester(streets),
    }
    try:
        with geocoders.addok(documents) as url:
            settings.GEOCODER_URL = url
            print(f"\n{len(documents)} streets and towns in addok; found, right town, within 200 m of those found")
            for name, cases in sets.items():
                ways = {"engine alone (reference)": first_answer, "a reader's near": located}
                if cases[0].insee:
                    ways["a sheet, unaided"] = placed
                for way, answer in ways.items():
                    figures, started = Figures(), time.perf_counter()
                    for case in cases:
                        figures.add(case, answer(case))
                    each = (time.perf_counter() - started) / len(cases)
                    print(f"{name:24} {len(cases):5}  {way:25} {figures}  {each * 1000:5.1f} ms each")
                    if way == "a sheet, unaided":
                        assert figures.right_town == figures.found
                        assert figures.near >= 0.97 * figures.found
    except ServerMissingError as missing:
        pytest.skip(str(missing))
