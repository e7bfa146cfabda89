"""Addresses looked up over HTTP by a genuine addok, the engine behind the French address base."""

import pytest
from django.core.cache import cache
from django.core.management import call_command

from directory import geocoding, positions
from directory.address_base import question
from directory.geocoding import locate
from directory.models import StructurePage
from portal.core import versions
from portal.core.models import Municipality
from tests import factories, geocoders
from tests.servers import ServerMissingError

pytestmark = pytest.mark.slow

DATA = geocoders.PAIRS.exists() and geocoders.POSTCODES.exists()


@pytest.fixture(scope="module")
def addok():
    """The address of an addok that knows the demonstration's streets, and those of the open data where it is."""
    pairs = geocoders.own_pairs() + (geocoders.read_pairs() if DATA else [])
    documents = geocoders.known_addresses(pairs) + (geocoders.known_towns() if DATA else geocoders.own_towns())
    try:
        with geocoders.addok(documents) as url:
            yield url
    except ServerMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def portal(addok, tree, settings, monkeypatch):
    """A portal of three towns that asks this addok; nobody is in a hurry on a loaded machine."""
    cache.clear()
    versions.forget_memory()
    monkeypatch.setattr(geocoding, "READER_TIMEOUT", 10)
    monkeypatch.setattr(geocoding, "_pace", geocoding._Pace(10_000))
    settings.GEOCODER_URL = addok
    for insee, name, postcodes, latitude, longitude in (
        ("59512", "Roubaix", "59100", 50.689, 3.174),
        ("59350", "Lille", "59000 59800 59160 59260", 50.632, 3.057),
        ("59599", "Tourcoing", "59200", 50.723, 3.161),
    ):
        Municipality.objects.create(insee=insee, name=name, postcodes=postcodes, latitude=latitude, longitude=longitude)
    yield tree
    cache.clear()


@pytest.mark.parametrize(
    "words",
    [
        "60 rue d'Oran, 59100 Roubaix",
        "rue d'Oran Roubaix",
        "rue d’oran, ROUBAIX",
        "rue doran roubaix",
        "60 rue d'Oran",
        "Centre social, 60 rue d'Oran 59100 Roubaix Cedex",
    ],
)
def test_a_reader_finds_a_street_with_mistakes(portal, words):
    found = locate(words)
    assert "Rue d'Oran 59100 Roubaix" in found.label
    assert found.citycode == "59512"


@pytest.mark.parametrize(
    "words", ["zzyzx", "rue de l'écriture illisible", "rue d'Oran Lille", "rue d'Oran 59800", "mon ado décroche"]
)
def test_what_is_not_there_is_not_found(portal, words):
    assert locate(words) is None


def test_a_sheet_is_placed_at_the_door(portal, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        page = factories.StructureFactory(
            address="49 bd de Strasbourg", postcode="59000", municipality=Municipality.objects.get(insee="59350"),
            latitude=None, longitude=None, position_precision="", position_source="",
        )  # fmt: skip
    page = StructurePage.objects.get(pk=page.pk)
    assert (page.position_precision, page.position_source) == ("housenumber", "geocodeur")
    assert (page.latitude, page.longitude) == pytest.approx((50.61814, 3.05509), abs=0.0005)
    assert page.position_score >= positions.ENOUGH_SCORE


@pytest.mark.skipif(not DATA, reason=geocoders.WITHOUT_DATA)
def test_real_addresses_are_found_where_they_are(portal):
    """Addresses as offices wrote them: what is believed is right, what is doubtful is few."""
    believed = right_town = near = 0
    sample = geocoders.read_pairs()[::12]
    for pair in sample:
        insee, latitude, longitude = pair["insee_comm"], float(pair["lat"]), float(pair["lon"])
        town = Municipality(insee=insee, name="")
        page = StructurePage(address=pair["address_searched"][:200], municipality=town)
        answer = positions.best_answer(page, patience=5, attempts=1)
        if answer is None or positions.problem_of(page, answer):
            continue
        believed += 1
        right_town += answer.citycode == insee
        near += answer.distance_km(latitude, longitude) <= 0.2
    assert believed >= 0.85 * len(sample)
    assert right_town == believed
    assert near >= 0.98 * believed


@pytest.mark.skipif(not DATA, reason=geocoders.WITHOUT_DATA)
def test_the_command_places_many_sheets(portal, capsys):
    pairs = [pair for pair in geocoders.read_pairs() if pair["insee_comm"] == "59512"][:10]
    for pair in pairs:
        factories.StructureFactory(
            address=pair["address_searched"].rsplit(" 59100", 1)[0][:200], postcode="59100",
            municipality=Municipality.objects.get(insee="59512"),
            latitude=None, longitude=None, position_precision="", position_source="",
        )  # fmt: skip
    call_command("geocode")
    assert f"{len(pairs)} addresses to look up" in capsys.readouterr().out
    assert not StructurePage.objects.filter(latitude__isnull=True).exists()
    exact = StructurePage.objects.filter(position_source="geocodeur").exclude(position_precision="municipality")
    assert exact.count() >= 0.8 * len(pairs)
    call_command("geocode")
    assert "0 addresses to look up" in capsys.readouterr().out


def test_the_answers_have_the_shape_that_is_read(portal):
    first = question("60 rue d'Oran Roubaix", (50.69, 3.17), 10)[0]
    assert (first.kind, first.postcode, first.citycode, first.city) == ("housenumber", "59100", "59512", "Roubaix")
    assert first.street == "Rue d'Oran"
    assert question("Roubaix", None, 10)[0].kind == "municipality"
