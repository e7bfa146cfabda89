"""Export, import into an empty portal, export: the same bytes."""

import json
from contextlib import suppress
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from directory.models import Service, StructurePage
from portal.core.models import Audience, Municipality, Theme
from tests.factories import AudienceFactory, MunicipalityFactory, StructureFactory, ThemeFactory

pytestmark = pytest.mark.django_db

STRUCTURES, SERVICES = (f"/api/data-inclusion/v1/{name}" for name in ("structures", "services"))


@pytest.fixture
def places(tree):
    """One place that says everything, one that says nothing, one from elsewhere; texts are odd but honest."""
    lille = MunicipalityFactory(insee="59350", name="Lille", postcodes="59000 59800", latitude=50.63, longitude=3.06)
    words = {
        slug: ThemeFactory(slug=slug) for slug in ("sante", "ecoute", "adolescence", "droits", "propre-au-portail")
    }
    people = {slug: AudienceFactory(slug=slug) for slug in ("parents", "0-3-ans", "12-17-ans", "professionnels")}
    full = StructureFactory(
        title="PMI « Moulins » – l’accueil", slug="pmi-moulins", kind="caf", summary="Une équipe reçoit les parents.",
        description="Pour les enfants :\n– de moins de 6 ans ;\n– leurs  parents.\n\n\nSans rendez-vous <3 & gratuit.",
        address="12 rue d’Artois", address_complement="Bâtiment B", postcode="59000", municipality=lille,
        latitude=50.6234567, longitude=3.0712345, position_precision="housenumber", phone="03 20 00 00 01",
        email="pmi@example.org", website="https://médiathèque.example.org/é?a=b#c", siret="13003013300016",
        acceslibre_url="https://acceslibre.beta.gouv.fr/app/x/", networks=["unaf", "fcsf"],
        themes=[words["sante"], words["adolescence"]], audiences=[people["parents"], people["0-3-ans"]],
        cost="adhesion", cost_note="12 € : l’année", opening_hours="Mo-Fr 09:00-12:00; PH off",
        holiday_hours="Mo 10:00-12:00; Tu 14:00-16:00", hours_text="un samedi sur deux, « sur » rendez-vous",
        closed_from=date(2030, 8, 1), closed_until=date(2030, 8, 20), notice="Travaux : entrée par la cour",
        age_min_months=0, age_max_months=72, languages=["fr", "ar"], access=["fauteuil"],
    )  # fmt: skip
    full.services.add(
        Service(name="Pesée", kind="accueil", schedule="Le mardi matin", booking="Sans rendez-vous", sort_order=0),
        Service(
            name="Écoute", kind="aide-financiere", description="On parle.\n\nAvec une psy.", cost="selon-revenus",
            cost_note="2 €", themes=[words["ecoute"], words["droits"], words["propre-au-portail"]],
            audiences=[people["12-17-ans"], people["professionnels"]], phone="3018", email="e@example.org",
            conditions="Habiter Lille", audience_note="Parents d’un bébé", modes=["a-distance", "en-presentiel"],
            mobilisation=["telephoner"], referrers=["usagers", "professionnels"], url="https://example.org/rdv?x=1&y=2",
            opening_hours="Tu 09:00-11:00", schedule="x" * 290, hours_text="y" * 300, sort_order=1,
        ),
        Service(name="Garde", kind="garde", audiences=[people["professionnels"]], sort_order=2),
    )  # fmt: skip
    full.save()
    StructureFactory(
        title="X", slug="x", address="", postcode="", municipality=None, latitude=None, longitude=None,
        opening_hours="", position_precision="", position_source="", phone="", hours_text="lundi et mardi",
    )  # fmt: skip
    StructureFactory(title="Milieu", slug="milieu", municipality=lille, position_precision="municipality")
    other = StructureFactory(
        title="CCAS de Lille", slug="ccas", kind="ccas", source="dora", source_id="AidantsConnect:17",
        source_url="https://dora.example.org/17", source_updated_on=date(2026, 3, 4), municipality=lille,
        opening_hours="24/7",
    )  # fmt: skip
    other.services.add(
        Service(
            name="Aide au logement", source_id="dora--s-1", description="Une aide d’urgence.",
            source_updated_on=date(2025, 1, 2), source_url="https://dora.example.org/s-1",
            extra={
                "thematiques": ["logement-hebergement--louer-un-logement", "mobilite--preparer-un-permis"],
                "publics": ["femmes"], "zone_eligibilite": ["59350", "france"], "nombre_semaines": 3,
                "volume_horaire_hebdomadaire": 2.5, "adresse": "1 place du Théâtre", "latitude": 50.637,
            },
        ),
        Service(name="À nous"),
    )  # fmt: skip
    other.save()


def empty_portal():
    for page in StructurePage.objects.all():
        page.delete()
    for model in (Service, Theme, Audience, Municipality):
        model.objects.all().delete()


def different(first, second):
    """Each field that changed, for whoever has to mend it."""
    found = []
    for name in ("structures", "services"):
        before, after = ({record["id"]: record for record in content[name]} for content in (first, second))
        found += sorted(before.keys() ^ after.keys())
        found += [
            (record["nom"], field, value, after[key][field])
            for key, record in before.items()
            for field, value in record.items()
            if key in after and value != after[key][field]
        ]
    return found


def export(path):
    call_command("export_structures", path, stderr=StringIO())
    return path.read_text(encoding="utf-8")


def run_import(*paths):
    for path in paths:
        report = path.with_suffix(".report")
        with suppress(SystemExit):
            call_command("import_structures", path, "--report", report, stdout=StringIO(), stderr=StringIO())
        said = json.loads(report.read_text(encoding="utf-8"))
        assert (said["rejected"], said["flagged"]) == ([], 0), said
        yield said


def test_a_file_of_everything_comes_back_the_same(places, tmp_path):
    first = export(tmp_path / "first.json")
    empty_portal()
    (said,) = run_import(tmp_path / "first.json")
    assert said["created"] == said["read"] == 9
    second = export(tmp_path / "second.json")
    assert different(json.loads(first), json.loads(second)) == []
    assert second == first
    # And no import changes what is there already.
    (again,) = run_import(tmp_path / "second.json")
    assert (again["unchanged"], again["changed"], again["created"]) == (9, 0, 0)
    assert export(tmp_path / "third.json") == first


def test_pages_of_the_api_come_back_the_same(client, places, tmp_path):
    answers = {address: client.get(address, {"size": 500}).content for address in (STRUCTURES, SERVICES)}
    paths = [tmp_path / f"{number}.json" for number in range(2)]
    for path, content in zip(paths, answers.values(), strict=True):
        path.write_bytes(content)
    empty_portal()
    assert [said["created"] for said in run_import(*paths)] == [4, 5]
    assert {address: client.get(address, {"size": 500}).content for address in answers} == answers
