"""What editors do with positions: the report, the look-up of the page editor, the form, the map in a real browser."""

import json

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from directory import geocoding
from directory.models import PositionCheck, StructurePage
from home.roles import CONTRIBUTOR, EDITOR, ensure_roles
from portal.users.models import User
from tests import factories
from tests.geocoders import OddGeocoder, feature, say

REPORT = "/admin/positions/"
FIND = "/admin/positions/chercher/"
DOUBTFUL = feature("12 Rue d'Oran 59100 Roubaix", 50.6905, 3.1802, score=0.5)


@pytest.fixture
def geocoder(settings, monkeypatch):
    cache.clear()
    monkeypatch.setattr(geocoding, "_pace", geocoding._Pace(10_000))
    odd = OddGeocoder()
    with odd.served() as url:
        settings.GEOCODER_URL = url
        yield odd
    cache.clear()


@pytest.fixture
def editor(tree, client):
    ensure_roles()
    user = User.objects.create_user("editrice", password="x")
    user.groups.add(Group.objects.get(name=EDITOR))
    client.force_login(user)
    return user


@pytest.fixture
def sheet(tree):
    town = factories.MunicipalityFactory(
        insee="59512", name="Roubaix", postcodes="59100", latitude=50.69, longitude=3.17
    )
    return factories.StructureFactory(
        title="Lieu <b>douteux</b>", address="12 rue d'Oran", municipality=town,
        latitude=50.69, longitude=3.17, position_precision="municipality", position_source="geocodeur",
    )  # fmt: skip


@pytest.fixture
def check(sheet):
    return PositionCheck.objects.create(
        structure=sheet, asked="12 rue d oran|59100|59512", state="waiting", problem="score", latitude=50.6905,
        longitude=3.1802, precision="housenumber", score=0.5, label="12 Rue d'<i>Oran</i> 59100 Roubaix",
    )  # fmt: skip


def decide(client, check, decision):
    return client.post(REPORT, {"check": check.pk, "decision": decision}, follow=True).content.decode()


def test_the_report_shows_address_proposal_and_reason(client, editor, check):
    shown = client.get(REPORT).content.decode()
    assert "Lieu &lt;b&gt;douteux" in shown
    assert "&lt;i&gt;Oran" in shown
    assert "50 %" in shown
    assert "La réponse n’est pas sûre." in shown
    assert "mlat=50.6905&amp;mlon=3.1802" in shown
    assert reverse("wagtailadmin_pages:edit", args=[check.structure_id]) in shown
    assert REPORT in client.get("/admin/").content.decode()


def test_an_accepted_point_is_the_sheets(client, editor, check, sheet):
    assert "le point est accepté" in decide(client, check, "accept")
    page = StructurePage.objects.get(pk=sheet.pk)
    assert (page.latitude, page.longitude, page.position_precision) == (50.6905, 3.1802, "housenumber")
    assert (page.position_source, page.position_score) == ("geocodeur", 0.5)
    check.refresh_from_db()
    assert check.state == "accepted"
    assert "douteux" not in client.get(REPORT).content.decode()
    assert "Cela a changé" in decide(client, check, "accept")  # twice does nothing


def test_a_refused_point_leaves_the_town(client, editor, check, sheet):
    decide(client, check, "refuse")
    check.refresh_from_db()
    assert check.state == "refused"
    assert StructurePage.objects.get(pk=sheet.pk).position_precision == "municipality"


def test_a_point_for_another_address_is_not_accepted(client, editor, check, sheet):
    StructurePage.objects.filter(pk=sheet.pk).update(address="3 rue Neuve")
    assert "Cela a changé" in decide(client, check, "accept")
    assert StructurePage.objects.get(pk=sheet.pk).latitude == 50.69


def test_looked_up_again(client, editor, check, sheet, geocoder):
    geocoder.answer = lambda question: [feature("12 Rue d'Oran 59100 Roubaix", 50.7, 3.2)]
    decide(client, check, "again")
    assert StructurePage.objects.get(pk=sheet.pk).latitude == 50.7


@pytest.mark.parametrize("given", [{}, {"check": "x"}, {"check": "1" * 40}, {"check": "999"}])
def test_odd_decisions_are_refused(client, editor, given):
    assert client.post(REPORT, {"decision": "accept", **given}).status_code == 404


def test_whoever_does_not_publish_neither_sees_nor_decides(client, check, tree):
    ensure_roles()
    user = User.objects.create_user("contributrice", password="x")
    user.groups.add(Group.objects.get(name=CONTRIBUTOR))
    client.force_login(user)
    assert "douteux" not in client.get(REPORT).content.decode()
    answer = client.post(REPORT, {"check": check.pk, "decision": "accept"})
    assert answer.status_code in (302, 403)
    check.refresh_from_db()
    assert check.state == "waiting"


def test_nobody_looks_up_without_signing_in(client, tree):
    assert client.get(FIND).status_code == 302
    assert client.get(REPORT).status_code == 302


def test_candidates_for_the_page_editor(client, editor, sheet, geocoder):
    far = feature("Rue d'Oran 75018 Paris", 48.88, 2.35, citycode="75118", city="Paris", score=0.95)
    geocoder.answer = lambda question: [far, DOUBTFUL]
    asked = {"address": "12 rue d'Oran", "postcode": "59100", "municipality": sheet.municipality_id}
    found = json.loads(client.get(FIND, asked).content)["candidates"]
    assert [one["label"] for one in found] == ["12 Rue d'Oran 59100 Roubaix", "Rue d'Oran 75018 Paris"]
    assert found[0]["precision"] == "housenumber"
    geocoder.answer = lambda question: lambda handler: say(handler, "<html>", 200)
    assert client.get(FIND, {**asked, "address": "13 rue d'Oran"}).status_code == 503
    assert json.loads(client.get(FIND, {"address": "", "municipality": "²"}).content) == {"candidates": []}


# --- The form --------------------------------------------------------------------------------------------------------


def saved(client, page, **changes):
    """The draft after the page editor's form was sent with these changes."""
    from wagtail.test.utils.form_data import querydict_from_html

    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    data = querydict_from_html(html, form_id="page-edit-form").copy()
    for name, value in changes.items():
        data[name] = value
    client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    return StructurePage.objects.get(pk=page.pk).get_latest_revision_as_object()


def test_a_typed_point_is_the_editors(client, editor, sheet):
    draft = saved(client, sheet, latitude="50.7", longitude="3.2")
    assert (draft.latitude, draft.longitude) == (50.7, 3.2)
    assert (draft.position_source, draft.position_precision) == ("editeur", "housenumber")


def test_an_emptied_point_is_nobodys(client, editor, sheet):
    draft = saved(client, sheet, latitude="", longitude="")
    assert (draft.latitude, draft.position_source, draft.position_precision) == (None, "", "")


def test_another_address_is_no_longer_the_directorys_point(client, editor, sheet):
    StructurePage.objects.filter(pk=sheet.pk).update(position_source="annuaire")
    assert saved(client, StructurePage.objects.get(pk=sheet.pk), title="Lieu").position_source == "annuaire"
    StructurePage.objects.get(pk=sheet.pk).latest_revision.publish()
    draft = saved(client, StructurePage.objects.get(pk=sheet.pk), address="3 rue Neuve")
    assert draft.position_source == "geocodeur"


# --- The map ---------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_editor_moves_the_point_by_keyboard(served, open_page, client, sheet, geocoder, editor):
    """Nothing is asked of another site before the click; the strict policy of the admin holds."""
    geocoder.answer = lambda question: [DOUBTFUL]
    tiles = "tile.openstreetmap.org"
    page, watch = open_page("/robots.txt", viewport={"width": 1300, "height": 1000}, allowed_hosts={tiles})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": served.url}])
    page.goto(f"/admin/pages/{sheet.pk}/edit/")
    field = {name: page.locator(f"#id_{name}") for name in ("latitude", "longitude")}
    box = page.locator("[data-position-map]")
    expect(box.locator(".leaflet-container")).to_have_count(0)
    box.get_by_role("button", name="Afficher la carte").press("Enter")
    pin = box.locator(".position-map__pin")
    expect(pin).to_be_visible()
    pin.focus()
    pin.press("ArrowUp")
    pin.press("Shift+ArrowRight")
    assert 50.69 < float(field["latitude"].input_value()) < 50.6905
    assert 3.17 < float(field["longitude"].input_value()) < 3.175
    assert page.locator("#id_position_source").input_value() == "editeur"
    assert page.locator("#id_position_precision").input_value() == "housenumber"
    expect(box.get_by_role("status")).to_contain_text("Le point est à 50.69")

    field["latitude"].fill("50.70")
    field["latitude"].press("Tab")
    box.get_by_role("button", name="Trouver le point à partir de l’adresse").press("Enter")
    box.get_by_role("button", name="12 Rue d'Oran 59100 Roubaix").press("Enter")
    expect(field["latitude"]).to_have_value("50.690500")
    assert watch.foreign == []
    with page.expect_request(f"https://{tiles}/**"):
        box.get_by_role("button", name="Afficher les rues").press("Enter")

    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    page.locator("[name=action-publish]").first.click()
    page.wait_for_url("**/admin/pages/*/")
    fresh = StructurePage.objects.get(pk=sheet.pk)
    assert (fresh.latitude, fresh.longitude, fresh.position_source) == (50.6905, 3.1802, "editeur")
    assert watch.faults == []
