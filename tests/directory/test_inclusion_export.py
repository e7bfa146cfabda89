"""Sheets as data.inclusion v1: each record follows the schema, hides what is private, and says who it is."""

import json
import math
from datetime import date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from directory.models import Service, StructurePage
from tests.factories import AudienceFactory, MunicipalityFactory, StructureFactory, ThemeFactory, create_many, translate
from tests.inclusion_schemas import faults, needs_schemas

pytestmark = pytest.mark.django_db

STRUCTURES, SERVICES = (f"/api/data-inclusion/v1/{name}" for name in ("structures", "services"))
PARIS = ZoneInfo("Europe/Paris")


def ask(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return response.json()


@pytest.fixture
def places(tree):
    """A place of ours and an imported one, each with services."""
    lille = MunicipalityFactory(insee="59350", name="Lille", postcodes="59000 59800", latitude=50.63, longitude=3.06)
    health, listening = ThemeFactory(slug="sante"), ThemeFactory(slug="ecoute")
    parents = AudienceFactory(slug="parents")
    ours = StructureFactory(
        title="PMI Moulins", slug="pmi-moulins", kind="pmi", summary="Une équipe reçoit les parents.",
        description="Pour les enfants de moins de 6 ans.\r\n\r\nSans rendez-vous.", address="12 rue d’Artois",
        postcode="59000", municipality=lille, latitude=50.62, longitude=3.07, position_precision="housenumber",
        phone="03 20 00 00 01", email="pmi@example.org", website="https://médiathèque.example.org/é?a=b#c",
        themes=[health], audiences=[parents], cost="selon-revenus", cost_note="2 € au plus",
        opening_hours="Mo-Fr 09:00-12:00; PH off", holiday_hours="Mo 10:00-12:00",
        last_published_at=datetime(2026, 11, 20, 0, 30, tzinfo=PARIS), siret="13003013300016",
    )  # fmt: skip
    ours.services.add(
        Service(name="Pesée", kind="accueil", schedule="Le mardi matin", booking="Sans rendez-vous", sort_order=0),
        Service(
            name="Écoute", kind="accompagnement", description="On parle avec une psychologue.", themes=[listening],
            cost="gratuit", phone="3018", conditions="Habiter Lille", audience_note="Parents d’un bébé",
            modes=["en-presentiel"], mobilisation=["telephoner", "se-presenter"], referrers=["usagers"],
            url="https://example.org/rdv", opening_hours="Tu 09:00-11:00", sort_order=1,
        ),
    )  # fmt: skip
    ours.save()
    theirs = StructureFactory(
        title="CCAS de Lille", slug="ccas", kind="ccas", source="dora", source_id="17", licence="Licence Ouverte 2.0",
        source_url="https://dora.example.org/17", source_updated_on=date(2026, 3, 4), municipality=lille,
        position_precision="municipality",
    )  # fmt: skip
    theirs.services.add(
        Service(
            name="Aide au logement", kind="aide-financiere", source_id="dora--s-1", description="Une aide d’urgence.",
            extra={
                "thematiques": ["logement-hebergement--louer-un-logement", "mobilite--preparer-un-permis"],
                "publics": ["femmes"], "zone_eligibilite": ["59350", "france", "nulle part"], "nombre_semaines": 3,
                "adresse": "1 place du Théâtre", "latitude": 50.637,
            },
        )
    )  # fmt: skip
    theirs.save()
    return ours, theirs


def test_a_structure_of_ours(client, places):
    ours, _theirs = places
    found = {item["id"]: item for item in ask(client, STRUCTURES)["items"]}
    assert found[f"boussole--{ours.translation_key.hex}"] == {
        "source": "boussole",
        "id": f"boussole--{ours.translation_key.hex}",
        "nom": "PMI Moulins",
        "date_maj": "2026-11-20",
        "lien_source": "http://testserver/annuaire/pmi-moulins/",
        "siret": "13003013300016",
        "commune": "Lille",
        "code_insee": "59350",
        "code_postal": "59000",
        "adresse": "12 rue d’Artois",
        "complement_adresse": None,
        "longitude": 3.07,
        "latitude": 50.62,
        "telephone": "+33320000001",
        "courriel": "pmi@example.org",
        "site_web": "https://xn--mdiathque-53af.example.org/%C3%A9?a=b#c",
        "description": "Une équipe reçoit les parents.\n\nPour les enfants de moins de 6 ans.\n\nSans rendez-vous.",
        "horaires_accueil": "Mo-Fr 09:00-12:00; SH off; SH Mo 10:00-12:00; PH off",
        "accessibilite_lieu": None,
        "reseaux_porteurs": None,
    }


def test_an_imported_structure_keeps_its_name(client, places):
    found = {item["id"]: item for item in ask(client, STRUCTURES)["items"]}
    theirs = found["dora--17"]
    assert (theirs["source"], theirs["date_maj"], theirs["lien_source"]) == (
        "dora",
        "2026-03-04",
        "https://dora.example.org/17",
    )
    assert theirs["reseaux_porteurs"] == ["ccas-cias"]
    # The middle of a town is no address of anything.
    assert theirs["latitude"] is None


def test_services_say_what_their_structure_says_for_them(client, places):
    ours, _theirs = places
    found = {item["nom"]: item for item in ask(client, SERVICES)["items"]}
    weighing = found["Pesée"]
    assert weighing["structure_id"] == f"boussole--{ours.translation_key.hex}"
    assert weighing["id"].startswith("boussole--")
    assert weighing["description"] == "Pesée – PMI Moulins"
    assert (weighing["type"], weighing["frais"]) == ("information", "payant")
    assert weighing["frais_precisions"] == "Tarif selon les revenus : 2 € au plus"
    assert weighing["thematiques"] == ["sante--acces-aux-soins"]
    assert weighing["publics"] == ["familles"]
    assert weighing["horaires_accueil"] == '"Le mardi matin"'
    assert weighing["adresse"] == "12 rue d’Artois"
    assert (weighing["date_maj"], weighing["contact_nom_prenom"]) == ("2026-11-20", None)
    listening = found["Écoute"]
    assert listening["thematiques"] == ["famille--soutien-a-la-parentalite-et-a-leducation"]
    assert (listening["frais"], listening["frais_precisions"]) == ("gratuit", None)
    assert (listening["telephone"], listening["horaires_accueil"]) == ("3018", "Tu 09:00-11:00")
    assert listening["modes_mobilisation"] == ["se-presenter", "telephoner"]


def test_what_an_import_kept_goes_out_again(client, places):
    service = next(item for item in ask(client, SERVICES)["items"] if item["id"] == "dora--s-1")
    assert (service["source"], service["structure_id"]) == ("dora", "dora--17")
    assert service["thematiques"] == ["logement-hebergement--louer-un-logement", "mobilite--preparer-un-permis"]
    assert service["publics"] == ["femmes"]
    assert (service["zone_eligibilite"], service["nombre_semaines"]) == (["59350", "france"], 3)
    assert (service["adresse"], service["commune"], service["latitude"]) == ("1 place du Théâtre", "Lille", 50.637)


@needs_schemas
def test_records_follow_the_schemas(client, places):
    odd = StructureFactory(title="A.", slug="a", source="dora", source_id="1")
    StructurePage.objects.filter(pk=odd.pk).update(
        website="javascript:alert(1)", email="x", phone="?", postcode="5900", siret="1", networks=["nobody"],
        extra={"lien_source": "javascript:alert(1)"}, source_url="x", acceslibre_url="//", opening_hours="toujours",
    )  # fmt: skip
    long = StructureFactory(title="x" * 255, slug="long", summary="é" * 300, description="é" * 10_000)
    long.services.add(Service(name="B"))
    long.save()
    Service.objects.filter(name="B").update(
        url="data:text/html,x", kind="nothing", cost="lots", modes=["nowhere"], email="x", phone="x" * 32,
        extra={
            "zone_eligibilite": "nulle part", "nombre_semaines": "trois", "latitude": "?", "code_postal": 5,
            "adresse": [], "volume_horaire_hebdomadaire": -1, "thematiques": ["?", {}], "publics": "tous", "source": 5,
        },
    )  # fmt: skip
    assert faults("structure", ask(client, STRUCTURES)["items"]) == []
    assert faults("service", ask(client, SERVICES)["items"]) == []


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(tree):
    """Seven places with two services each."""
    found = create_many(StructureFactory, 7)
    Service.objects.bulk_create(
        Service(page=place, name=f"Service {rank}", locale=place.locale, sort_order=rank)
        for place in found
        for rank in range(2)
    )
    return found


def test_pages_hold_everything_once_in_the_order_of_identities(client, many):
    for address, total in ((STRUCTURES, 7), (SERVICES, 14)):
        pages = [ask(client, address, page=number, size=3) for number in range(1, math.ceil(total / 3) + 1)]
        assert [list(page) for page in pages] == [["items", "total", "page", "size", "pages"]] * len(pages)
        assert {(page["total"], page["size"], page["pages"]) for page in pages} == {(total, 3, len(pages))}
        assert [page["page"] for page in pages] == list(range(1, len(pages) + 1))
        found = [item["id"] for page in pages for item in page["items"]]
        assert found == sorted(set(found))
        assert len(found) == total
        assert ask(client, address, page=99)["items"] == []


def test_odd_pages_and_sizes_are_left_out(client, many):
    for odd in ("0", "-1", "abc", "1.5", "1e3", "٣", "", "9" * 50, "\u202e5"):
        for name in ("page", "size"):
            answer = ask(client, STRUCTURES, **{name: odd})
            assert 1 <= answer["size"] <= 1_000, (name, odd)
            assert answer["total"] == 7, (name, odd)
    assert ask(client, STRUCTURES, size=10**6)["size"] == 1_000


def test_the_filters_of_the_list_narrow(client, places):
    ours, _theirs = places
    assert [item["nom"] for item in ask(client, STRUCTURES, kind="pmi")["items"]] == [ours.title]
    assert ask(client, STRUCTURES, commune="59350")["total"] == 2
    assert ask(client, STRUCTURES, theme="sante", cost="selon-revenus")["total"] == 1
    assert {item["nom"] for item in ask(client, SERVICES, kind="pmi")["items"]} == {"Pesée", "Écoute"}
    assert ask(client, SERVICES, kind="nothing", theme="?")["total"] == 3


def test_a_page_costs_a_bounded_number_of_queries(client, many):
    for address in (STRUCTURES, SERVICES):
        counts = set()
        for size in (1, 7):
            client.get(address, {"size": 1})  # vocabularies and private paths are in memory
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(address, {"size": size})
            counts.add(len(queries))
        assert len(counts) == 1
        assert counts.pop() <= 9


def test_what_is_not_public_does_not_leave(client, places, tree):
    ours, theirs = places
    theirs.unpublish()
    assert (ask(client, STRUCTURES)["total"], ask(client, SERVICES)["total"]) == (1, 2)
    PageViewRestriction.objects.create(page=ours, restriction_type=PageViewRestriction.LOGIN)
    assert (ask(client, STRUCTURES)["total"], ask(client, SERVICES)["total"]) == (0, 0)
    PageViewRestriction.objects.create(page=tree.directory, restriction_type=PageViewRestriction.LOGIN)
    for address in (STRUCTURES, SERVICES):
        hidden = client.get(address)
        assert (hidden.status_code, list(hidden.json())) == (404, ["detail"])


def test_translations_are_no_other_places(client, places):
    ours, _theirs = places
    translate(ours, "ar", title="مركز")
    assert ask(client, STRUCTURES)["total"] == 2
    assert {item["nom"] for item in ask(client, STRUCTURES)["items"]} == {"PMI Moulins", "CCAS de Lille"}


def test_the_address_is_of_machines(client, places, settings):
    for address in (STRUCTURES, SERVICES):
        response = client.get(address)
        assert response["Content-Type"] == "application/json"
        assert response["Link"] == f'<{settings.DATA_LICENCE_URL}>; rel="license"'
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in response
        assert client.get(f"/en{address}/").status_code == 404
        assert client.post(address).status_code == 405


def test_a_portal_has_a_name_of_its_own(client, places, settings):
    settings.DATA_SOURCE = "un-autre-portail"
    assert [item["source"] for item in ask(client, STRUCTURES)["items"]] == ["dora", "un-autre-portail"]


def test_a_page_is_kept_until_something_changes(client, places, settings):
    settings.PAGE_CACHE = True
    first = client.get(STRUCTURES)
    assert (first["Cache-Control"], first["ETag"][:1]) == ("no-cache", '"')
    assert client.get(STRUCTURES, headers={"If-None-Match": first["ETag"]}).status_code == 304
    places[0].unpublish()
    assert client.get(STRUCTURES, headers={"If-None-Match": first["ETag"]}).status_code == 200


# --- A file ----------------------------------------------------------------------------------------------------------


def test_a_file_of_everything(places, tmp_path, client):
    path = tmp_path / "places.json"
    call_command("export_structures", path, stderr=StringIO())
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["source"], content["licence"]) == ("boussole", "Licence Ouverte 2.0")
    assert content["date"] == f"{timezone.localdate()}"
    assert content["structures"] == ask(client, STRUCTURES)["items"]
    assert content["services"] == ask(client, SERVICES)["items"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["places.json"]


def test_a_file_that_can_not_be_written_is_said(places, tmp_path):
    for path in (tmp_path / "nowhere" / "places.json", tmp_path):
        with pytest.raises(CommandError, match="can’t be written"):
            call_command("export_structures", path, stderr=StringIO())
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_only_counts(places, tmp_path):
    said = StringIO()
    call_command("export_structures", tmp_path / "places.json", "--dry-run", stderr=said)
    assert said.getvalue().split("\n")[:2] == ["structures: 2", "services: 3"]
    assert list(tmp_path.iterdir()) == []
