"""Finding places: counts, services, distances, the same results in every view, whatever the address says."""

import csv
import io
import random
import re
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import QueryDict
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory import finder, whereabouts
from directory.address_base import GeocoderUnavailable
from directory.enums import StructureKind
from directory.finder import COUNTED, JOINT, find_places
from directory.forms import StructureFilterForm
from directory.geocoding import Located
from directory.models import Permanence, Service, StructurePage
from portal.core.distances import metres_around
from portal.core.enums import Access, Cost
from portal.core.filters import OPEN_CHOICES
from portal.core.near import Point
from portal.core.versions import forget_memory
from tests import factories

pytestmark = pytest.mark.django_db

HOURS = [
    "",
    "Mo-Fr 09:00-12:00",
    "Sa 14:00-18:00",
    "24/7",
    "Tu 08:00-20:00; Su 10:00-12:00",
    "Mo-Su 10:00-11:00; SH off",
]
ROUBAIX = {"insee": "59512", "name": "Roubaix", "postcodes": "59100", "latitude": 50.69, "longitude": 3.18}
NOW = "2026-11-24T10:00:00+01:00"


def form_of(**query):
    return StructureFilterForm(QueryDict(urlencode(query, doseq=True)), "/annuaire/")


def titles_of(**query):
    rows = StructurePage.objects.in_bulk()
    return [rows[pk].title for pk in find_places(form_of(**query)).pks]


@pytest.fixture
def many(tree):
    """Places of all sorts, with services, in three towns."""
    dice = random.Random(4)
    themes = [factories.ThemeFactory(slug=f"theme-{number}", name=f"Thème {number}") for number in range(4)]
    audiences = [factories.AudienceFactory(slug=f"public-{number}", name=f"Public {number}") for number in range(3)]
    towns = [
        factories.MunicipalityFactory(**ROUBAIX),
        factories.MunicipalityFactory(insee="59350", name="Lille", postcodes="59000", latitude=50.63, longitude=3.06),
        factories.MunicipalityFactory(insee="59599", name="Tourcoing", postcodes="59200"),
    ]
    with factories.unindexed():
        for number in range(18):
            low = dice.choice([None, 0, 12, 36])
            place = factories.StructureFactory(
                title=f"Lieu {number:02d}{' du bébé' * (number % 5 == 0)}",
                kind=dice.choice(StructureKind.values[:5]), municipality=dice.choice(towns),
                themes=dice.sample(themes, dice.randrange(3)), audiences=dice.sample(audiences, dice.randrange(2)),
                age_min_months=low, age_max_months=dice.choice([None, 48, 72]), cost=dice.choice(["", *Cost.values]),
                languages=dice.sample(["fr", "ar", "en"], dice.randrange(3)),
                access=dice.sample(Access.values[:4], dice.randrange(4)), opening_hours=dice.choice(HOURS),
                latitude=50.6 + dice.random() / 5, longitude=3.0 + dice.random() / 5,
            )  # fmt: skip
            if number % 4 == 0:
                place.services.add(Service(name="Écoute", cost=dice.choice(Cost.values), themes=[themes[3]]))
                place.permanences.add(Permanence(role="Puéricultrice", opening_hours="Sa 09:00-12:00"))
                place.save()
    return tree


def random_query(dice):
    query = {}
    choices = {
        "theme": [f"theme-{number}" for number in range(4)], "kind": StructureKind.values[:5],
        "audience": [f"public-{number}" for number in range(3)], "commune": ["59512", "59350", "59599"],
        "cost": Cost.values, "langue": ["fr", "ar", "en"], "access": Access.values[:4],
        "ouvert": [code for code, _label in OPEN_CHOICES],
    }  # fmt: skip
    for name in dice.sample(sorted(choices), dice.randrange(4)):
        query[name] = dice.sample(choices[name], dice.choice([1, 1, 2]))
    if dice.random() < 0.4:
        query["age"] = dice.choice(["0", "2", "2.5", "5,5"])
    if dice.random() < 0.4:
        query |= {"near": dice.choice(["50.69,3.17", "Lille", "59100"]), "radius": dice.choice(["3", "8", "50"])}
    if dice.random() < 0.2:
        query["sort"] = dice.choice(["title", "distance", "relevance"])
    return query


@time_machine.travel(NOW, tick=False)
def test_a_count_is_what_its_value_then_shows(many):
    dice = random.Random(5)
    compared = 0
    for _round in range(40):
        query = random_query(dice)
        counted = find_places(form_of(**query)).selection
        name = dice.choice(COUNTED)
        for code, count in counted.counts(name).items():
            chosen = [*query.get(name, []), code] if name in JOINT else [code]
            assert find_places(form_of(**{**query, name: chosen})).total == count, (query, name, code)
            compared += bool(count)
    assert compared > 40


@time_machine.travel(NOW, tick=False)
def test_counts_stand_beside_their_values(client, many):
    html = client.get("/annuaire/", {"choix": "tous", "age": "2"}).content.decode()
    found = dict(re.findall(r'name="kind" value="([\w-]+)"> [^<]* \((\d+)\)\s*</label>', html))
    assert found
    for kind, count in found.items():
        assert client.get("/annuaire/", {"age": "2", "kind": kind}).context["total"] == int(count)
    # A kind that no place has is not offered, unless it is in the address.
    assert 'value="tribunal"' not in html
    assert 'value="tribunal" checked' in client.get("/annuaire/?choix=tous&kind=tribunal").content.decode()
    short = client.get("/annuaire/").content.decode()
    assert re.search(r'<option value="sat">Samedi \(\d+\)</option>', short)


@time_machine.travel(NOW, tick=False)
def test_list_map_and_table_have_the_same_places(client, many):
    dice = random.Random(6)
    sizes = set()
    for _round in range(8):
        query = urlencode(random_query(dice), doseq=True)
        pks = client.get(f"/annuaire/?{query}").context["results"].paginator.object_list
        keys = {str(row.translation_key) for row in StructurePage.objects.filter(pk__in=pks)}
        points = client.get(f"/annuaire/lieux.geojson?{query}").json()["features"]
        table = client.get(f"/annuaire/lieux.csv?{query}").content.decode("utf-8-sig")
        assert {point["id"] for point in points} == keys, query
        assert {row["id"] for row in csv.DictReader(io.StringIO(table))} == keys, query
        assert len(points) == len(pks)
        sizes.add(len(pks))
    assert len(sizes) > 3


def test_what_a_service_offers_the_place_offers(tree):
    theme = factories.ThemeFactory(slug="separation", name="Séparation")
    audience = factories.AudienceFactory(slug="peres", name="Pères")
    place = factories.StructureFactory(title="Maison", cost="adhesion", opening_hours="")
    place.services.add(Service(name="Médiation", cost="gratuit", themes=[theme], audiences=[audience]))
    place.permanences.add(Permanence(role="Médiatrice", opening_hours="Sa 09:00-12:00"))
    place.save()
    other = factories.StructureFactory(title="Autre", opening_hours="Mo 09:00-12:00")
    other.permanences.add(Permanence(role="Médiatrice", opening_hours="Sa 09:00-12:00"))
    other.save()
    for query in ({"theme": "separation"}, {"audience": "peres"}, {"cost": "gratuit"}, {"cost": "adhesion"}):
        assert titles_of(**query) == ["Maison"], query
    # Hours of its own say when a place is open; without any, its drop-in sessions do.
    assert titles_of(ouvert="sat") == ["Maison"]


def test_what_changes_is_found_at_once(client, tree):
    place = factories.StructureFactory(title="Lieu", cost="payant")
    assert client.get("/annuaire/?cost=gratuit").context["total"] == 0
    place.cost = "gratuit"
    place.save()
    assert client.get("/annuaire/?cost=gratuit").context["total"] == 1
    place.unpublish()
    assert client.get("/annuaire/?cost=gratuit").context["total"] == 0


def test_open_now_follows_the_clock(tree):
    factories.StructureFactory(title="Matin", opening_hours="Tu 09:00-12:00")
    factories.StructureFactory(title="Soir", opening_hours="Tu 12:00-18:00")
    found = {}
    for clock in ("08:59", "09:00", "11:59", "12:00", "18:00"):
        with time_machine.travel(f"2026-11-24T{clock}:00+01:00", tick=False):
            found[clock] = titles_of(ouvert="now")
    assert found == {"08:59": [], "09:00": ["Matin"], "11:59": ["Matin"], "12:00": ["Soir"], "18:00": []}


class TestNear:
    @pytest.fixture
    def towns(self, tree):
        factories.MunicipalityFactory(**ROUBAIX)
        factories.StructureFactory(title="Loin", latitude=50.72, longitude=3.18)
        factories.StructureFactory(title="Près", latitude=50.697, longitude=3.18)
        factories.StructureFactory(title="En ville", latitude=50.69, longitude=3.18, position_precision="municipality")
        return tree

    @pytest.fixture
    def address(self, monkeypatch):
        """The geocoder's answer to “rue d’Oran”; tests of its own ask a real one."""
        asked = []

        def locate(text):
            asked.append(text)
            if "panne" in text:
                raise GeocoderUnavailable("down")
            known = "oran" in text.lower()
            return Located(50.698, 3.181, "Rue d’Oran 59100 Roubaix", 0.9, "street", "59512") if known else None

        monkeypatch.setattr(whereabouts, "locate", locate)
        return asked

    def test_an_address(self, client, towns, address):
        response = client.get("/annuaire/", {"near": "rue d'Oran Roubaix"})
        assert [item["entry"].title for item in response.context["entries"]] == ["Près", "En ville", "Loin"]
        html = response.content.decode()
        assert "À 130\u00a0m · " in html
        assert "À 2,4\u00a0km · " in html
        # A point that is only that of its town gives no exact distance.
        assert "À environ 1\u00a0km · " in html
        assert "Rue d’Oran 59100 Roubaix" in html
        assert 'value="rue d&#x27;Oran Roubaix"' in html

    def test_an_address_that_cannot_be_told_is_that_of_its_town(self, client, towns, address):
        for text, note in (("rue Inconnue, Roubaix", "pas trouvé cette adresse"), ("panne 59100", "en ce moment")):
            response = client.get("/annuaire/", {"near": text})
            assert response.context["entries"][0]["entry"].title == "En ville"
            html = response.content.decode()
            assert note in html
            assert "centre de Roubaix" in html

    def test_nobody_is_asked_for_what_is_known(self, towns, address):
        for text in ("Roubaix", "59100", "roubaix 59100", "50.7,3.2"):
            assert find_places(form_of(near=text)).total, text
        assert address == []

    def test_around_me_shows_no_numbers(self, client, towns):
        for prefix, said in (("", "Autour de vous"), ("/en", "Around you"), ("/ar", "حولك")):
            response = client.get(f"{prefix}/annuaire/", {"near": "50.698,3.181"})
            html = response.content.decode()
            assert said in html
            assert '<input type="hidden" name="near" value="50.698,3.181">' in html
            assert 'id="filter-near" name="near" value=""' in html
            # Where a reader is must not be kept, not even for a day in the page cache.
            assert "no-store" in response.headers["Cache-Control"]

    def test_an_address_typed_after_takes_the_place_of_the_position(self, client, towns):
        form = client.get("/annuaire/?near=50.1,3.1&near=Roubaix").context["form"]
        assert form.values["near"].label == "Roubaix"
        assert form.query_string == "?near=Roubaix"

    def test_distances_are_those_of_a_geodesic(self):
        dice = random.Random(7)
        for _round in range(200):
            here = Point(dice.uniform(-60, 60), dice.uniform(-180, 180), "")
            point = (here.latitude + dice.uniform(-0.4, 0.4), here.longitude + dice.uniform(-0.4, 0.4))
            index = finder.PlaceIndex([1], {}, {}, {}, [(*point, 0)], {}, {})
            measured = metres_around(index.points, here, 100)
            exact = geodesic((here.latitude, here.longitude), point).meters
            assert measured[0] == pytest.approx(exact, rel=0.002, abs=2)
            assert not metres_around(index.points, here, exact / 1000 * 0.99)

    def test_orders_that_can_be(self, client, towns):
        assert form_of().possible_orders == ["title"]
        assert form_of(sort="distance").order == "title"
        assert form_of(near="Roubaix", q="lieu").possible_orders == ["distance", "relevance", "title"]
        html = client.get("/annuaire/?near=Roubaix").content.decode()
        assert 'href="/annuaire/?near=Roubaix&amp;sort=title"' in html
        assert 'href="/annuaire/?near=Roubaix&amp;radius=10"' in html


# A null byte is answered by 400, before any page sees it.
PLAIN = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ODD = st.text(PLAIN, max_size=12) | st.sampled_from(
    ["now", "sat", "59512", "50.6,3.1", "-1", "1e99", "nan", "٣", "a" * 400]
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(StructureFilterForm.uses), ODD), max_size=6))
def test_no_address_breaks_the_list(client, tree, pairs):
    response = client.get(f"/annuaire/?{urlencode(pairs)}")
    assert response.status_code == 200
    forget_memory()
