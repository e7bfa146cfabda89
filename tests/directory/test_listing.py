"""The directory's list: filters, order, what is left out, what does not leak."""

import re
from unittest.mock import patch

import pytest
import time_machine
from wagtail.models import PageViewRestriction

from tests import factories

pytestmark = pytest.mark.django_db


def titles(response):
    return [item["entry"].title for item in response.context["entries"]]


@pytest.fixture
def places(tree):
    health = factories.ThemeFactory(slug="sante", name="Santé")
    babies = factories.AudienceFactory(slug="0-3-ans", name="0-3 ans")
    lille = factories.MunicipalityFactory(
        insee="59350", name="Lille", postcodes="59000 59800", latitude=50.63, longitude=3.06
    )
    factories.StructureFactory(
        title="PMI", kind="pmi", themes=[health], audiences=[babies], age_min_months=0, age_max_months=72,
        cost="gratuit", languages=["fr", "ar"], access=["fauteuil", "poussette"], opening_hours="Mo-Fr 09:00-12:00",
        latitude=50.69, longitude=3.17,
    )  # fmt: skip
    factories.StructureFactory(
        title="Ludothèque", kind="ludotheque", municipality=lille, cost="adhesion", access=["poussette"],
        opening_hours="Sa 14:00-18:00", latitude=50.63, longitude=3.06,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Ludothèque", "PMI"]),
        ({"theme": "sante"}, ["PMI"]),
        ({"kind": ["pmi", "ludotheque"]}, ["Ludothèque", "PMI"]),
        ({"kind": "ludotheque"}, ["Ludothèque"]),
        ({"audience": "0-3-ans"}, ["PMI"]),
        ({"age": "7"}, ["Ludothèque"]),
        ({"age": "2.5"}, ["Ludothèque", "PMI"]),
        ({"commune": "59350"}, ["Ludothèque"]),
        ({"cost": "gratuit"}, ["PMI"]),
        ({"langue": "ar"}, ["PMI"]),
        ({"access": ["fauteuil", "poussette"]}, ["PMI"]),
        ({"access": "poussette"}, ["Ludothèque", "PMI"]),
        ({"ouvert": "sat"}, ["Ludothèque"]),
        ({"ouvert": "now"}, ["PMI"]),
        ({"near": "50.69,3.17", "radius": "2"}, ["PMI"]),
        ({"near": "59000"}, ["Ludothèque"]),
        ({"near": "12 rue d'Oran 59000 Lille"}, ["Ludothèque"]),
        ({"near": "lille", "radius": "50"}, ["Ludothèque", "PMI"]),
        ({"near": "50.69,3.17", "radius": "50"}, ["PMI", "Ludothèque"]),
        ({"near": "50.69,3.17", "radius": "50", "sort": "title"}, ["Ludothèque", "PMI"]),
        ({"q": "pmi"}, ["PMI"]),
        ({"q": "ludotheques"}, ["Ludothèque"]),
        ({"q": "rien de tel"}, []),
        ({"q": "pmi", "kind": "ludotheque"}, []),
    ],
)
@time_machine.travel("2026-11-25T10:00:00+01:00", tick=False)
def test_filters(client, places, query, found):
    assert titles(client.get("/annuaire/", query)) == found
    assert client.get("/ar/annuaire/", query).context["total"] == len(found)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"theme": "inconnu"}, "inconnu"),
        ({"age": "douze"}, "douze"),
        ({"near": "nulle part"}, "nulle part"),
        ({"near": "999,999"}, "999,999"),
        ({"radius": "-3"}, "-3"),
        ({"ouvert": "noel"}, "noel"),
        ({"page": "zéro"}, "zéro"),
        ({"sort": "hasard"}, "hasard"),
        ({"langue": "zz"}, "zz"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_named(client, places, query, named):
    response = client.get("/annuaire/", query)
    assert response.context["total"] == 2
    html = response.content.decode()
    assert "laissé de côté" in html
    assert f"<q>{named}</q>" in html


def test_chips_remove_one_filter(client, places):
    response = client.get("/annuaire/", {"kind": ["pmi", "ludotheque"], "age": "2", "page": "1"})
    urls = {chip.label: chip.remove_url for chip in response.context["form"].chips}
    assert len(urls) == 3
    assert any(url == "/annuaire/?kind=ludotheque&age=2" for url in urls.values())


def test_pages_keep_the_filters(client, tree):
    for _number in range(25):
        factories.StructureFactory(kind="pmi")
    response = client.get("/annuaire/", {"kind": "pmi"})
    assert len(titles(response)) == 10
    assert 'href="/annuaire/?kind=pmi&amp;page=2"' in response.content.decode()
    assert '<ol class="list numbered" start="1">' in response.content.decode()
    response = client.get("/annuaire/", {"kind": "pmi", "page": "3"})
    assert len(titles(response)) == 5
    assert '<ol class="list numbered" start="21">' in response.content.decode()
    assert len(titles(client.get("/annuaire/", {"kind": "pmi", "page": "99"}))) == 5


def test_drafts_and_private_places_are_left_out(client, places):
    draft = factories.StructureFactory(title="Brouillon", live=False)
    private = factories.StructureFactory(title="Privé")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    assert draft.pk
    for path in ("/annuaire/", "/ar/annuaire/"):
        response = client.get(path)
        assert response.context["total"] == 2
        assert "Brouillon" not in response.content.decode()
        assert "Privé" not in response.content.decode()


def test_a_private_place_does_not_show_through_other_pages(client, tree):
    centre = factories.CentreFactory(
        title="Echo", slug="echo", structure__title="Lieu secret", structure__phone="03 20 99 88 77"
    )
    event = factories.EventFactory(title="Café", slug="cafe", structure=centre.structure, organizer=centre.structure)
    PageViewRestriction.objects.create(page=centre.structure, restriction_type=PageViewRestriction.LOGIN)
    event.save()
    for path in (
        "/",
        "/centres/",
        "/centres/echo/",
        "/agenda/",
        "/agenda/cafe/",
        "/recherche/?q=secret",
        "/sitemap.xml",
    ):
        html = client.get(path).content.decode()
        assert "Lieu secret" not in html, path
        assert "03 20 99 88 77" not in html, path


class TestFindingAgain:
    """The filters that a form does not show, and what to do when nothing was found."""

    def test_filters_without_a_control_stay_when_the_form_is_sent(self, client, places):
        query = {"kind": ["pmi", "ludotheque"], "ouvert": ["now", "sat"], "theme": "sante", "cost": "inconnu"}
        form = client.get("/annuaire/", query).context["form"]
        kept = form.kept(["q", "near", "theme", "audience", "ouvert=now"])
        assert kept == [("kind", "pmi"), ("kind", "ludotheque"), ("ouvert", "sat")]

    def test_a_second_value_of_a_list_of_choices_stays(self, client, places):
        factories.ThemeFactory(slug="logement", name="Logement")
        html = client.get("/annuaire/", {"theme": ["sante", "logement"]}).content.decode()
        assert '<option value="sante" selected>' in html or '<option value="logement" selected>' in html
        assert html.count('type="checkbox" name="theme"') == 1

    def test_every_filter_on_demand(self, client, places):
        short = client.get("/annuaire/").content.decode()
        assert 'href="/annuaire/?choix=tous"' in short
        assert 'name="access"' not in short
        whole = client.get("/annuaire/", {"choix": "tous"}).content.decode()
        for name in ("theme", "kind", "audience", "commune", "ouvert", "cost", "langue", "access"):
            assert f'<input type="checkbox" name="{name}"' in whole, name
        results = whole.partition('id="results-count"')[2].partition('class="aside"')[0]
        assert "<ol" not in results  # how many, not which

    def test_filters_with_many_choices_are_a_step(self, client, places):
        query = {"choix": "tous", "langue": "ar", "cost": "gratuit"}
        with patch("portal.core.filters.MAX_UNFOLDED", 6):
            html = client.get("/annuaire/", query).content.decode()
            boxes = set(re.findall(r'<input type="checkbox" name="(\w+)"', html))
            steps = set(re.findall(r'<button class="button light" type="submit" name="choix" value="(\w+)">', html))
            assert boxes
            assert steps
            assert not boxes & steps
            for name in steps:
                step = client.get("/annuaire/", {**query, "choix": name}).content.decode()
                assert set(re.findall(r'<input type="checkbox" name="(\w+)"', step)) == {name}
                assert "open" in step.partition('<details class="choices"')[2][:6]
                for other, value in (("langue", "ar"), ("cost", "gratuit")):
                    ticked = f'name="{other}" value="{value}"' + (" checked>" if other == name else ">")
                    assert step.count(ticked) == 1, (name, other)

    @pytest.mark.parametrize("odd", ["", "nope", "q", "TOUS", "page", "é&"])
    def test_an_odd_choice_is_the_list(self, client, places, odd):
        response = client.get("/annuaire/", {"choix": odd})
        assert response.status_code == 200
        assert len(titles(response)) == 2

    @pytest.mark.parametrize("prefix", ["", "/en", "/ar"])
    def test_nothing_found_says_what_each_choice_costs(self, client, places, prefix):
        query = {"kind": "ludotheque", "theme": "sante", "age": "4"}
        response = client.get(f"{prefix}/annuaire/", query)
        assert response.context["total"] == 0
        found = {easing.url: easing.total for easing in response.context["easings"]}
        assert found == {
            f"{prefix}/annuaire/?kind=ludotheque&age=4": 1,
            f"{prefix}/annuaire/?theme=sante&age=4": 1,
        }
        html = response.content.decode()
        for url, total in found.items():
            assert url.replace("&", "&amp;") in html
            assert client.get(url).context["total"] == total

    @time_machine.travel("2026-11-25T10:00:00+01:00", tick=False)
    def test_open_and_closed_are_said_in_words(self, client, places):
        html = client.get("/annuaire/").content.decode()
        assert "Ouvert jusqu’à 12\u00a0h" in html
        assert "Fermé, ouvre samedi à 14\u00a0h" in html
