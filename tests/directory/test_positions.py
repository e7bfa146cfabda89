"""Positions of sheets: asked for after saving, believed or shown to an editor, never against an editor."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from directory import geocoding, positions
from directory.geocoding import outage
from directory.models import PositionCheck, StructurePage
from directory.periodic_jobs import geocode_waiting
from tests import factories
from tests.geocoders import OddGeocoder, feature, say

ORAN = feature("12 Rue d'Oran 59100 Roubaix", 50.6905, 3.1802)


@pytest.fixture
def geocoder(settings, tree, monkeypatch):
    """A geocoder of our own; short pauses."""
    cache.clear()
    monkeypatch.setattr(geocoding, "TASK_TIMEOUT", 0.5)
    monkeypatch.setattr(geocoding, "_pace", geocoding._Pace(10_000))
    monkeypatch.setattr(positions, "PATIENCE", 0.01)
    odd = OddGeocoder()
    odd.answer = lambda question: [ORAN]
    with odd.served() as url:
        settings.GEOCODER_URL = url
        yield odd
    cache.clear()


@pytest.fixture
def roubaix(db):
    return factories.MunicipalityFactory(
        insee="59512", name="Roubaix", postcodes="59100", latitude=50.69, longitude=3.17
    )


@pytest.fixture
def sheet(roubaix):
    def make(**facts):
        address = {"address": "12 rue d'Oran", "postcode": "59100", "municipality": roubaix}
        nowhere = {"latitude": None, "longitude": None, "position_precision": "", "position_source": ""}
        return factories.StructureFactory(**{**address, **nowhere, **facts})

    return make


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """A context at whose end what waits for the commit is done, as the worker does it."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def placed(page):
    page = StructurePage.objects.get(pk=page.pk)
    return page.latitude, page.longitude, page.position_precision, page.position_source


AT_ORAN = (50.6905, 3.1802, "housenumber", "geocodeur")
IN_TOWN = (50.69, 3.17, "municipality", "geocodeur")


# --- Saving ----------------------------------------------------------------------------------------------------------


def test_a_saved_sheet_is_placed_with_score_kind_and_source(geocoder, sheet, commit):
    with commit():
        page = sheet()
    assert placed(page) == AT_ORAN
    assert StructurePage.objects.get(pk=page.pk).position_score == 0.9
    assert geocoder.asked == ["12 rue d'Oran 59100 Roubaix"]
    assert page.position_check.state == "placed"
    with commit():
        StructurePage.objects.get(pk=page.pk).save()
    assert len(geocoder.asked) == 1


def test_another_address_is_looked_up_anew(geocoder, sheet, commit):
    with commit():
        page = sheet()
    geocoder.answer = lambda question: [feature("3 Rue Neuve 59100 Roubaix", 50.7, 3.2)]
    page = StructurePage.objects.get(pk=page.pk)
    page.address = "3 rue Neuve"
    with commit():
        page.save_revision().publish()
    assert placed(page) == (50.7, 3.2, "housenumber", "geocodeur")


def test_a_draft_is_placed_and_published_so(geocoder, sheet, commit):
    with commit():
        page = sheet(live=False)
        page.save_revision()
    page = StructurePage.objects.get(pk=page.pk)
    draft = page.get_latest_revision_as_object()
    assert (draft.latitude, draft.longitude) == AT_ORAN[:2]
    with commit():
        page.latest_revision.publish()
    assert placed(page) == AT_ORAN


def test_the_draft_of_a_published_sheet_takes_its_position(geocoder, sheet, commit):
    page = sheet()
    page.title = "Un titre qui attend"
    with commit():
        page.save_revision()
        page.save()
    assert placed(page) == AT_ORAN
    page = StructurePage.objects.get(pk=page.pk)
    page.latest_revision.publish()
    assert placed(page) == AT_ORAN


@pytest.mark.parametrize("source", ["editeur", "annuaire"])
def test_a_point_of_somebody_else_is_never_replaced(geocoder, sheet, commit, source):
    with commit():
        page = sheet(latitude=50.5, longitude=3.1, position_source=source, position_precision="street")
    call_command("geocode", "--all", stdout=io.StringIO())
    assert placed(page) == (50.5, 3.1, "street", source)
    assert geocoder.asked == []


def test_an_editor_who_places_the_sheet_meanwhile_wins(geocoder, sheet):
    page = sheet()

    def answer(question):
        StructurePage.objects.filter(pk=page.pk).update(latitude=50.5, longitude=3.1, position_source="editeur")
        return [ORAN]

    place_within_the_question(page, answer)
    assert placed(page)[:2] == (50.5, 3.1)


def test_an_address_changed_meanwhile_is_not_given_the_old_point(geocoder, sheet):
    page = sheet()
    place_within_the_question(page, lambda question: [ORAN], address="3 rue Neuve")
    assert placed(page)[0] is None


def place_within_the_question(page, answer, **changes):
    """Settles an answer after the sheet changed in the database, as when somebody saved during the question."""
    stale = StructurePage.objects.get(pk=page.pk)
    if changes:
        StructurePage.objects.filter(pk=page.pk).update(**changes)
    found = geocoding.ask_patiently("12 rue d'Oran 59100 Roubaix", patience=0)
    answer("")
    assert positions.settle(stale, found[0], "", None) == "skipped"


@pytest.mark.parametrize("facts", [{"address": ""}, {"postcode": "", "municipality": None}])
def test_half_an_address_is_not_asked(geocoder, sheet, commit, facts):
    with commit():
        sheet(**facts)
    assert geocoder.asked == []


def test_without_a_geocoder_nothing_is_queued(settings, sheet, commit):
    settings.GEOCODER_URL = ""
    with commit() as callbacks:
        sheet()
    assert not [one for one in callbacks if "enqueue" in getattr(one, "__qualname__", "")]
    assert PositionCheck.objects.count() == 0


def test_an_outage_blocks_no_saving_and_heals_by_itself(geocoder, sheet, commit):
    geocoder.answer = lambda question: lambda handler: say(handler, "<h1>Maintenance</h1>", 503)
    with commit():
        page = sheet()
    assert placed(page)[0] is None
    check = PositionCheck.objects.get()
    assert (check.state, check.attempts) == ("pending", 1)
    assert check.next_at > timezone.now() + timedelta(minutes=4)

    geocoder.answer = lambda question: [ORAN]
    outage.over()
    assert geocode_waiting(timezone.now()) is None  # not yet
    assert geocode_waiting(timezone.now() + timedelta(minutes=6)) == "1 addresses looked up"
    assert placed(page) == AT_ORAN


def test_sheets_saved_in_an_outage_do_not_ask_one_by_one(geocoder, sheet, commit):
    geocoder.answer = lambda question: lambda handler: say(handler, "no", 500)
    with commit():
        for number in range(5):
            sheet(address=f"{number} rue d'Oran")
    assert len(geocoder.asked) == 1
    assert PositionCheck.objects.filter(state="pending").count() == 5


def test_an_old_form_does_not_put_the_old_point_back(geocoder, sheet, commit):
    with commit():
        page = sheet()
    stale = StructurePage.objects.get(pk=page.pk)
    stale.latitude = stale.longitude = None
    stale.position_source = stale.position_precision = ""
    with commit():
        stale.save()
    assert placed(page) == AT_ORAN


# --- What is believed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state", "problem"),
    [
        (feature("12 Rue d'Oran 59100 Roubaix", 50.69, 3.18, score=0.4), "waiting", "score"),
        (feature("Rue d'Oran 75018 Paris", 48.88, 2.35, citycode="75118", city="Paris"), "waiting", "elsewhere"),
        # The right words with a point in another region.
        (feature("12 Rue d'Oran 59100 Roubaix", 43.3, 5.4), "waiting", "elsewhere"),
        (feature("59100 Roubaix", 50.7, 3.2, kind="municipality"), "waiting", "town-only"),
        (None, "nothing", "nothing"),
    ],
)
def test_a_doubtful_answer_waits_and_the_town_is_shown(geocoder, sheet, commit, client, answer, state, problem):
    geocoder.answer = lambda question: [answer] if answer else []
    with commit():
        page = sheet()
    assert placed(page) == IN_TOWN
    assert (page.position_check.state, page.position_check.problem) == (state, problem)
    shown = client.get(page.url).content.decode()
    assert "L’endroit exact n’est pas connu" in shown


def test_without_a_town_the_postcode_decides(geocoder, sheet, commit):
    with commit():
        page = sheet(municipality=None)
    assert placed(page) == AT_ORAN
    geocoder.answer = lambda question: [feature("13 Rue d'Oran 59100 Roubaix", 43.3, 5.4)]
    with commit():
        other = sheet(municipality=None, address="13 rue d'Oran")
    assert other.position_check.problem == "elsewhere"
    assert placed(other)[0] is None


def test_the_town_is_looked_up_when_the_portal_does_not_know_its_centre(geocoder, sheet, commit, roubaix):
    type(roubaix).objects.update(latitude=None, longitude=None)
    town = feature("Roubaix", 50.7, 3.2, kind="municipality", postcode="59100")
    geocoder.answer = lambda question: [town] if question == "59100 Roubaix" else []
    with commit():
        page = sheet()
    assert placed(page) == (50.7, 3.2, "municipality", "geocodeur")


def test_the_answer_in_the_town_is_preferred_to_a_better_one_elsewhere(geocoder, sheet, commit):
    elsewhere = feature("Rue d'Oran 75018 Paris", 48.88, 2.35, citycode="75118", city="Paris", score=0.99)
    geocoder.answer = lambda question: [elsewhere, ORAN]
    with commit():
        page = sheet()
    assert placed(page) == AT_ORAN


def test_a_name_before_the_street_is_left_out_at_the_second_question(geocoder, sheet, commit):
    geocoder.answer = lambda question: [ORAN] if question == "12 rue d'Oran 59100 Roubaix" else []
    with commit():
        page = sheet(address="Centre social Echo, BP 123, 12 rue d'Oran")
    assert placed(page) == AT_ORAN


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("Centre Féron-Vrau CS 90255 291 boulevard Victor-Hugo", "291 boulevard Victor-Hugo"),
        ("BP 70049 27 rue du Fer-à-Cheval Cedex 2", "27 rue du Fer-à-Cheval"),
        ("Mairie, place de l'Église", "place de l'Église"),
        ("20 bis, rue Jean-Jaurès", "20 bis, rue Jean-Jaurès"),
        ("Le Bourg", "Le Bourg"),
    ],
)
def test_the_street_in_an_address(address, street):
    assert positions.street_part(address) == street


# --- The command -----------------------------------------------------------------------------------------------------


def geocode(*options):
    out = io.StringIO()
    call_command("geocode", *options, stdout=out)
    return out.getvalue()


def test_the_command_asks_what_is_missing_and_only_once(geocoder, sheet):
    pages = [sheet(address=f"{number} rue d'Oran") for number in (1, 2, 3)]
    sheet(latitude=50.5, longitude=3.1, position_source="editeur")
    assert "3 of 3: 3 placed" in geocode()
    assert [placed(page) for page in pages] == [AT_ORAN] * 3
    assert "0 addresses to look up" in geocode()
    assert len(geocoder.asked) == 3


def test_the_command_goes_on_where_it_stopped(geocoder, sheet, monkeypatch):
    for number in range(4):
        sheet(address=f"{number} rue d'Oran")

    ask, asked = geocoding.ask_patiently, []

    def interrupted_at_the_third(question, **options):
        asked.append(question)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return ask(question, **options)

    monkeypatch.setattr(positions, "ask_patiently", interrupted_at_the_third)
    with pytest.raises(CommandError) as raised:
        geocode()
    assert raised.value.returncode == 130
    monkeypatch.setattr(positions, "ask_patiently", ask)
    assert "2 addresses to look up" in geocode()
    assert StructurePage.objects.filter(latitude__isnull=True).count() == 0


def test_the_command_stops_in_an_outage(geocoder, sheet, monkeypatch):
    monkeypatch.setattr("directory.management.commands.geocode.PATIENCE", 0.01)
    for number in range(3):
        sheet(address=f"{number} rue d'Oran")
    geocoder.answer = lambda question: lambda handler: say(handler, "wait", 429, Retry_After="90")
    with pytest.raises(CommandError) as raised:
        geocode()
    assert raised.value.returncode == 1
    assert len(geocoder.asked) == 1


def test_the_command_writes_nothing_when_dry(geocoder, sheet):
    page = sheet()
    assert "placed: " in geocode("--dry-run")
    assert placed(page)[0] is None
    assert PositionCheck.objects.count() == 0


def test_the_command_takes_a_limit_and_can_ask_all_again(geocoder, sheet):
    for number in range(3):
        sheet(address=f"{number} rue d'Oran")
    assert "2 of 3: 2 placed" in geocode("--limit", "2")
    assert "1 of 1: 1 placed" in geocode()
    geocoder.answer = lambda question: [feature("12 Rue d'Oran 59100 Roubaix", 50.7, 3.2)]
    assert "1 of 3: 1 placed" in geocode("--all", "--limit", "1")
    assert "2 of 2: 2 placed" in geocode()  # the rest, as asked
    assert StructurePage.objects.filter(latitude=50.7).count() == 3


def test_the_command_needs_a_service(settings, db):
    settings.GEOCODER_URL = ""
    with pytest.raises(CommandError) as raised:
        geocode()
    assert raised.value.returncode == 2
