"""The places of a map in their small form: a feature for each main theme, columns instead of objects."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory.points import compact_geojson
from tests.factories import StructureFactory, ThemeFactory, create_many, translate

pytestmark = pytest.mark.django_db

POINTS = "/annuaire/lieux.geojson?forme=carte"


@pytest.fixture
def places(tree):
    health = ThemeFactory(slug="sante", name="Santé", order=2, names={"ar": "الصحة"})
    school = ThemeFactory(slug="scolarite", name="Scolarité", order=1)
    clinic = StructureFactory(
        title="PMI", slug="pmi", kind="pmi", themes=[health], latitude=50.123456789, longitude=3.987654321
    )
    translate(clinic, "ar", title="حماية الأمومة")
    # Its main theme is the first of the vocabulary, whatever the order in which they were chosen.
    StructureFactory(title="Atelier", slug="atelier", themes=[health, school], position_precision="municipality")
    StructureFactory(title="Bureau", slug="bureau")
    StructureFactory(title="Sans adresse", slug="sans", latitude=None, longitude=None, position_precision="",
                     position_source="", themes=[health])  # fmt: skip
    StructureFactory(slug="brouillon", live=False)
    return clinic


def features(client, path):
    response = client.get(path)
    assert response["Content-Type"] == "application/geo+json"
    collection = json.loads(response.content)
    assert collection["type"] == "FeatureCollection"
    return {feature["properties"]["theme"]: feature for feature in collection["features"]}


def test_one_feature_for_each_main_theme(client, places):
    found = features(client, POINTS)
    assert list(found) == ["scolarite", "sante", ""]
    assert found["sante"]["geometry"] == {"type": "MultiPoint", "coordinates": [[3.98765, 50.12346]]}
    assert found["sante"]["properties"] == {
        "theme": "sante", "slugs": ["pmi"], "titles": ["PMI"], "approximate": [], "translated": [],
    }  # fmt: skip
    assert found["scolarite"]["properties"]["approximate"] == [0]
    assert found[""]["properties"]["slugs"] == ["bureau"]


def test_titles_in_the_language_of_the_reader(client, places):
    found = features(client, f"/ar{POINTS}")
    assert found["sante"]["properties"]["titles"] == ["حماية الأمومة"]
    assert found["sante"]["properties"]["translated"] == [0]
    assert found["scolarite"]["properties"]["titles"] == ["Atelier"]
    assert found["scolarite"]["properties"]["translated"] == []


def test_the_same_filters_as_the_list(client, places):
    assert list(features(client, f"{POINTS}&kind=pmi")) == ["sante"]
    assert features(client, f"{POINTS}&q=zzzz") == {}
    # Another form is no form: the full one.
    assert json.loads(client.get("/annuaire/lieux.geojson?forme=zzz").content)["features"][0]["properties"]["url"]


def test_what_a_popup_says(client, places):
    told = json.loads(client.get("/ar/annuaire/pmi/lieu.geojson").content)
    assert told["geometry"]["coordinates"] == [3.987654321, 50.123456789]
    assert told["properties"]["title"] == "حماية الأمومة"
    assert told["properties"]["theme_labels"] == ["الصحة"]
    assert told["properties"]["directions"] == "geo:50.123456789,3.987654321"
    assert told["properties"]["is_open"] in (True, False)
    assert told["properties"]["state"]
    assert json.loads(client.get("/annuaire/atelier/lieu.geojson").content)["properties"]["directions"] == ""
    for slug in ("sans", "brouillon", "nulle-part"):
        assert client.get(f"/annuaire/{slug}/lieu.geojson").status_code == 404


def test_around_a_place(client, places):
    html = client.get("/annuaire/pmi/autour/").content.decode()
    assert "Autour de : PMI" in html
    assert "near=50.123456789%2C3.987654321&amp;radius=3" in html
    assert client.get("/annuaire/sans/autour/").status_code == 404


def test_a_map_says_its_choices(client, places):
    assert "<h1>Map of the places: Santé</h1>" in client.get("/en/annuaire/carte/?theme=sante").content.decode()
    html = client.get("/en/annuaire/carte/?theme=sante&age=2").content.decode()
    assert "<h1>Map of the places</h1>" in html
    assert "<p>Your choices: Santé, Age, in years: 2</p>" in html


def test_neither_queries_nor_bytes_of_a_page_object(client, tree):
    """Few queries whatever the number of places; and about as many bytes as a place has letters."""
    themes = [ThemeFactory() for _number in range(3)]
    StructureFactory(themes=themes)

    def measured():
        client.get(f"/ar{POINTS}")
        with CaptureQueriesContext(connection) as captured:
            body = client.get(f"/ar{POINTS}").content
        return len(captured), len(body)

    few, size = measured()
    create_many(StructureFactory, 40, themes=themes)
    many, full = measured()
    assert many == few <= 8
    assert (full - size) / 40 < 60


def test_a_title_of_any_length_and_kind(tree):
    hostile = '"</script><img src=x onerror=alert(1)>${x}\u202e\u2028😀' + "é" * 200
    StructureFactory(title=hostile, slug="h")
    from directory.models import StructurePage

    (feature,) = json.loads(compact_geojson(StructurePage.objects.visible(), "fr"))["features"]
    assert feature["properties"]["titles"] == [hostile]
