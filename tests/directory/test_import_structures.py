"""``import_structures``: every row is accounted for, the second run changes nothing, nobody's edits are lost."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.files import File
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import Page
from wagtail.test.utils.form_data import querydict_from_html

from directory.imports import applying, indexing
from directory.imports.engine import alone, apply, plan
from directory.imports.errors import UnreadableFileError
from directory.imports.formats import format_named
from directory.imports.runs import confirm, start
from directory.models import DirectoryIndexPage, ImportedRecord, ImportMapping, ImportRun, Service, StructurePage
from portal.core.models import Municipality
from tests.directory.import_files import place, shared, write_json, write_lines, write_table
from tests.factories import MunicipalityFactory, StructureFactory, ThemeFactory

pytestmark = pytest.mark.django_db
OUTCOMES = ("created", "changed", "unchanged", "flagged")


def run(path, *options):
    """The exit code and the report of the command."""
    told = path.parent / "report.json"
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("import_structures", str(path), "--report", str(told), *options, stdout=out, stderr=err)
    assert "Traceback" not in out.getvalue() + err.getvalue()
    return ended.value.code, json.loads(told.read_text())


def dila(path, *options):
    return run(path, "--format", "mapped", "--mapping", "annuaire-dila", *options)


def figures(report):
    assert report["read"] == sum(report[name] for name in OUTCOMES) + len(report["rejected"])
    return {name: report[name] for name in ("read", *OUTCOMES, "gone") if report[name]}


def sheet(number):
    return StructurePage.objects.get(source_id=f"annuaire-dila--mairie-59350-{number}")


@pytest.fixture
def places(tree):
    return [place(number) for number in range(1, 6)]


def test_a_first_run_a_second_and_a_changed_copy(tmp_path, places):
    path = write_lines(tmp_path, places)
    code, report = dila(path, "--dry-run")
    assert (code, figures(report)) == (0, {"read": 5, "created": 5})
    assert not StructurePage.objects.exists()
    assert not Municipality.objects.exists()
    code, report = dila(path)
    assert (code, figures(report)) == (0, {"read": 5, "created": 5})
    page = sheet(1)
    assert page.live
    assert (page.title, page.kind, page.phone, page.email) == (
        "Maison 1",
        "mairie",
        "03 20 00 00 01",
        "lieu1@example.org",
    )
    assert (page.address, page.postcode, page.municipality.name) == ("1 rue Neuve", "59000", "Lille")
    assert (page.source, page.source_updated_on, page.position_source) == (
        "annuaire-dila",
        date(2015, 4, 30),
        "annuaire",
    )
    assert page.licence
    assert Municipality.objects.get().latitude
    assert figures(dila(path)[1]) == {"read": 5, "unchanged": 5}

    places[1]["contact_phone"] = "03 20 99 99 99"
    places[3]["writeAddress"]["streetAddress"] = ["4 bis rue Neuve"]
    _code, report = dila(write_lines(tmp_path, places))
    assert figures(report) == {"read": 5, "changed": 2, "unchanged": 3}
    told = {row["row"]: row["changes"] for row in report["details"]["changed"]}
    assert told == {
        2: {"phone": ["03 20 00 00 02", "03 20 99 99 99"]},
        4: {"address": ["4 rue Neuve", "4 bis rue Neuve"]},
    }
    assert sheet(2).phone == "03 20 99 99 99"


def test_what_is_found_afterwards(tmp_path, places, client):
    places[0]["nom"] = "Maison du Cerf-volant"
    dila(write_lines(tmp_path, places))
    found = client.get("/annuaire/", {"q": "cerf-volant"})
    assert "Maison du Cerf-volant" in found.content.decode()
    assert not ImportedRecord.objects.filter(is_indexed=False).exists()
    places[0]["nom"] = "Maison du Hibou"
    dila(write_lines(tmp_path, places))
    assert "Maison du Hibou" in client.get("/annuaire/", {"q": "hibou"}).content.decode()


def test_fields_edited_by_hand_are_never_overwritten(tmp_path, places):
    path = write_lines(tmp_path, places)
    dila(path)
    by_code, by_publishing, by_draft = sheet(1), sheet(2), sheet(3)
    by_code.phone = "03 20 11 11 11"
    by_code.save()
    by_publishing.address = "Place Rihour"
    by_publishing.save_revision().publish()
    by_draft.email = "accueil@example.org"
    by_draft.save_revision()
    for each in places[:3]:
        each |= {"contact_phone": "03 20 22 22 22", "contact_email": "autre@example.org"}
        each["writeAddress"] = {**each["writeAddress"], "streetAddress": ["2 quai Neuf"]}
    _code, report = dila(write_lines(tmp_path, places))
    assert figures(report) == {"read": 5, "changed": 3, "unchanged": 2}
    assert [set(row["kept"]) for row in report["details"]["changed"]] == [{"phone"}, {"address"}, {"email"}]
    one, two, three = sheet(1), sheet(2), sheet(3)
    assert (one.phone, one.email, one.address) == ("03 20 11 11 11", "autre@example.org", "2 quai Neuf")
    assert (two.phone, two.address) == ("03 20 22 22 22", "Place Rihour")
    assert two.get_latest_revision_as_object().phone == "03 20 22 22 22"
    draft = three.get_latest_revision_as_object()
    assert (draft.email, draft.phone, three.email, three.phone) == (
        "accueil@example.org",
        "03 20 22 22 22",
        "lieu3@example.org",
        "03 20 22 22 22",
    )
    assert three.has_unpublished_changes
    assert figures(dila(tmp_path / "places.ndjson")[1]) == {"read": 5, "unchanged": 5}


def post_of(admin, page, **changes):
    """What the editor's form would send, with some fields changed."""
    url = f"/admin/pages/{page.pk}/edit/"
    data = querydict_from_html(admin.get(url).content.decode(), form_id="page-edit-form").copy()
    data["action-publish"] = "action-publish"
    for name, value in changes.items():
        data.setlist(name, value) if isinstance(value, list) else data.__setitem__(name, value)
    return admin.post(url, data)


def test_the_editor_locks_and_gives_back(tmp_path, places, django_user_model):
    path = write_lines(tmp_path, places)
    dila(path)
    admin = Client()
    admin.force_login(django_user_model.objects.create_superuser("admin", "a@example.org", "x"))
    page = sheet(1)
    assert post_of(admin, page, phone="03 20 11 11 11").status_code == 302
    page = sheet(1)
    assert (page.phone, page.locked_fields) == ("03 20 11 11 11", ["phone"])
    page.phone = "03 20 00 00 01"  # as the source says: still the editor's
    page.save_revision().publish()
    places[0]["contact_phone"] = "03 20 22 22 22"
    dila(write_lines(tmp_path, places))
    assert sheet(1).phone == "03 20 00 00 01"
    assert 'name="locked_fields" value="phone"' in admin.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert post_of(admin, page, locked_fields=[]).status_code == 302
    assert sheet(1).locked_fields == []
    dila(tmp_path / "places.ndjson")
    assert sheet(1).phone == "03 20 22 22 22"


def test_what_left_the_source_is_flagged_not_removed(tmp_path, places):
    path = write_lines(tmp_path, places)
    dila(path)
    code, report = dila(write_lines(tmp_path, places[:3]))
    assert (code, figures(report)) == (0, {"read": 3, "unchanged": 3, "gone": 2})
    page = sheet(5)
    assert (page.live, page.gone_on) == (True, timezone.localdate())
    assert figures(dila(write_lines(tmp_path, places[:3]))[1]) == {"read": 3, "unchanged": 3, "gone": 2}
    assert figures(dila(write_lines(tmp_path, places))[1]) == {"read": 5, "changed": 2, "unchanged": 3}
    assert sheet(5).gone_on is None


def test_rows_that_can_not_be_used_are_named(tmp_path, places):
    places[0]["nom"] = ""
    places[1]["id"] = "  "
    places[3]["id"] = places[2]["id"]
    places[4] |= {"type": ["x"], "latitude": [1], "writeAddress": "12", "contact_phone": {"a": 1}, "update": {"b": 2}}
    code, report = dila(write_lines(tmp_path, [*places, "a word", {"id": "7", "nom": "\x00 Sept\x07"}]))
    assert code == 1
    assert [row["row"] for row in report["rejected"]] == [1, 2, 4, 6]
    assert all(row["reason"] for row in report["rejected"])
    assert figures(report) == {"read": 7, "created": 2, "flagged": 1}
    assert StructurePage.objects.get(source_id="annuaire-dila--7").title == "Sept"


def test_a_broken_file_changes_nothing(tmp_path, places):
    path = write_lines(tmp_path, places)
    path.write_text(path.read_text()[:-30])
    code, report = dila(path)
    assert code == 2
    assert report["error"]
    assert not StructurePage.objects.exists()
    assert run(path, "--format", "mapped", "--mapping", "nowhere")[0] == 2
    assert run(path, "--format", "mapped")[0] == 2
    assert run(write_json(tmp_path, [{"a": 1}]), "--format", "data-inclusion")[0] == 2
    assert run(write_json(tmp_path, [{"a": 1}]), "--format", "mediation-numerique")[0] == 2


def test_probable_duplicates_wait_as_drafts(tmp_path, places):
    mine = StructureFactory(
        title="Maison 1", kind="mairie", address="1, rue Neuve", postcode="59000", latitude=50.605, longitude=3.02333
    )
    _code, report = dila(write_lines(tmp_path, places))
    assert figures(report) == {"read": 5, "created": 4, "flagged": 1}
    assert report["details"]["flagged"][0]["duplicates"] == [mine.pk]
    page = sheet(1)
    assert (page.live, page.is_to_check) == (False, True)
    assert figures(dila(tmp_path / "places.ndjson")[1]) == {"read": 5, "unchanged": 5}


@pytest.mark.parametrize("prefix", ["annuaire-dila--", ""])
def test_a_sheet_written_here_is_left_as_it_is(tmp_path, places, prefix):
    StructureFactory(title="Notre maison", source="annuaire-dila", source_id=f"{prefix}mairie-59350-1", phone="3949")
    path = write_lines(tmp_path, places)
    assert figures(dila(path)[1]) == {"read": 5, "created": 4, "flagged": 1}
    mine = StructurePage.objects.get(title="Notre maison")
    assert (mine.address, mine.phone) == ("60 rue d’Oran", "3949")
    assert figures(dila(path)[1]) == {"read": 5, "unchanged": 5}


def test_positions_that_can_not_be_right(tmp_path, places):
    MunicipalityFactory(insee="59350", name="Lille", latitude=50.63, longitude=3.06)
    places[0] |= {"latitude": "43.61", "longitude": "7.11"}
    places[1] |= {"latitude": "3,05", "longitude": "50,62"}
    places[2] |= {"latitude": "50.61", "longitude": "50.61"}
    _code, report = dila(write_lines(tmp_path, places))
    assert figures(report) == {"read": 5, "created": 3, "flagged": 2}
    assert (sheet(1).latitude, sheet(1).is_to_check, sheet(1).live) == (None, True, True)
    assert (sheet(2).latitude, sheet(2).longitude) == (50.62, 3.05)


def test_a_killed_run_is_made_up_for(tmp_path, places, monkeypatch):
    path = write_lines(tmp_path, places)

    class Killed(BaseException):
        pass

    create = applying.Applier._create

    def dies(self, planned, draft):
        if draft.title == "Maison 4":
            raise Killed
        create(self, planned, draft)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(applying.Applier, "_create", dies)
        apply(path, format_named("mapped", "annuaire-dila"))
    assert StructurePage.objects.count() == 3
    assert ImportedRecord.objects.filter(is_indexed=False).count() == 3
    assert figures(dila(path)[1]) == {"read": 5, "created": 2, "unchanged": 3}
    assert not ImportedRecord.objects.filter(is_indexed=False).exists()
    assert indexing.index_written() == 0
    assert [page.pk for page in Page.find_problems()[0]] == []
    assert [list(problem) for problem in Page.find_problems()] == [[], [], [], [], []]


def test_two_imports_at_once(tmp_path, places):
    path = write_lines(tmp_path, places)
    with alone():
        assert dila(path)[0] == 2
        with pytest.raises(UnreadableFileError), alone():
            pass
    assert dila(path)[0] == 0


# --- data.inclusion --------------------------------------------------------------------------------------------------
STRUCTURE = {
    "source": "dora",
    "id": "dora--1",
    "nom": "Maison des aidants",
    "date_maj": "2026-01-02",
    "commune": "Lille",
    "code_insee": "59350",
    "code_postal": "59000",
    "adresse": "1 rue Neuve",
    "longitude": 3.05,
    "latitude": 50.63,
    "telephone": "0320000001",
    "courriel": "a@example.org",
    "horaires_accueil": "Mo-Fr 09:00-12:00; PH off",
    "reseaux_porteurs": ["ccas-cias"],
    "siret": "21590350100017",
}
SERVICE = {
    "source": "dora",
    "id": "dora--s1",
    "structure_id": "dora--1",
    "nom": "Écoute",
    "description": "On écoute les parents.",
    "date_maj": "2026-01-02",
    "type": "accompagnement",
    "thematiques": ["famille--garde-denfants", "nulle-part--rien"],
    "frais": "gratuit",
    "publics": ["familles"],
    "modes_accueil": ["en-presentiel"],
    "zone_eligibilite": ["59", "France entière !"],
    "nombre_semaines": "beaucoup",
    "contact_nom_prenom": "Une Personne",
}


def test_structures_and_services(tmp_path, tree):
    ThemeFactory(slug="garde-d-enfants")
    both = write_json(tmp_path, {"services": [SERVICE], "structures": [STRUCTURE]})
    code, report = run(both)
    assert (code, figures(report)) == (0, {"read": 2, "created": 2})
    page = StructurePage.objects.get(source_id="dora--1")
    assert (page.kind, page.phone, page.siret, page.opening_hours) == (
        "ccas",
        "03 20 00 00 01",
        "21590350100017",
        "Mo-Fr 09:00-12:00; PH off",
    )
    service = page.services.get()
    assert (service.name, service.cost, service.kind) == ("Écoute", "gratuit", "accompagnement")
    assert [theme.slug for theme in service.themes.all()] == ["garde-d-enfants"]
    assert service.extra["thematiques"] == ["famille--garde-denfants"]
    assert service.extra["zone_eligibilite"] == ["59"]
    assert "Personne" not in json.dumps(
        [service.extra, page.extra, *ImportedRecord.objects.values_list("values", flat=True)]
    )
    assert figures(run(both)[1]) == {"read": 2, "unchanged": 2}

    Service.objects.filter(pk=service.pk).update(schedule="Le mardi", name="Écoute des parents")
    alone_ = write_json(tmp_path, [{**SERVICE, "nom": "Accueil", "description": "On écoute tout le monde."}])
    code, report = run(alone_)
    assert figures(report) == {"read": 1, "changed": 1}
    service.refresh_from_db()
    assert (service.name, service.description, service.schedule) == (
        "Écoute des parents",
        "On écoute tout le monde.",
        "Le mardi",
    )
    orphan = write_json(tmp_path, {"items": [{**SERVICE, "id": "dora--s2", "structure_id": "dora--9"}], "total": 1})
    assert run(orphan)[0] == 1


def test_data_inclusion_as_a_table(tmp_path, tree):
    header = ";".join(STRUCTURE)
    cells = ";".join(f'"{"|".join(v) if isinstance(v, list) else v}"' for v in STRUCTURE.values())
    path = write_table(tmp_path, f"{header}\r\n{cells}\r\n", encoding="cp1252")
    assert figures(run(path)[1]) == {"read": 1, "created": 1}
    assert StructurePage.objects.get(source_id="dora--1").networks == ["ccas-cias"]


# --- The shared files ------------------------------------------------------------------------------------------------
SHARED = [
    ("messy/aix-en-provence.json", ("mapped", "aix-en-provence"), 38, 0),
    ("messy/angers.json", ("mapped", "angers"), 63, 0),
    ("messy/gironde.json", ("mapped", "gironde"), 347, 0),
    ("messy/ultra-num.json", ("mapped", "ultra-num"), 155, 0),
    ("hinaura_mediation_numerique_aura.json", ("mediation-numerique", ""), 687, 1),
    ("standard_mediation_num_exemple-valide.csv", ("mediation-numerique", ""), 1, 0),
    ("data_inclusion_saisie_fixture.xlsx", ("data-inclusion", ""), 3, 0),
]


@pytest.mark.parametrize(("name", "how", "rows", "rejected"), SHARED, ids=[each[0] for each in SHARED])
def test_shared_files_are_accounted_for(name, how, rows, rejected, tree):
    report = plan(shared(name), format_named(*how))
    assert (report.read, len(report.rejected)) == (rows, rejected)
    assert report.flagged < rows / 20


@pytest.mark.slow
def test_the_public_services_of_the_nord(tree):
    path = shared("annuaire_services_publics_59.ndjson")
    first = apply(path, format_named("mapped", "annuaire-dila"))
    assert (first.read, first.rejected, first.created + first.flagged) == (1464, [], 1464)
    assert 5 < first.flagged < 30  # positions in the south of France, in Oise…
    assert StructurePage.objects.filter(live=True, source="annuaire-dila").count() == 1464
    assert Municipality.objects.get(insee="59400").name == "Merville"  # not “Lille Cedex 9”
    assert StructurePage.objects.exclude(latitude=None).exclude(latitude__range=(49.9, 51.2)).count() == 0
    second = plan(path, format_named("mapped", "annuaire-dila"))
    assert (second.unchanged, second.gone) == (1464, 0)
    assert len({page.slug for page in StructurePage.objects.all()}) == 1464


# --- In the queue ----------------------------------------------------------------------------------------------------
def test_runs_in_the_queue(tmp_path, places, django_user_model):
    user = django_user_model.objects.create_user("editor", "e@example.org", "x")
    path = write_lines(tmp_path, places)
    with path.open("rb") as stream:
        begun = start(File(stream), name="mes lieux.ndjson", fmt="mapped", mapping="annuaire-dila", user=user)
    begun.refresh_from_db()
    assert (begun.state, begun.counts["created"], begun.percent) == (ImportRun.State.PREVIEWED, 5, 100)
    assert not StructurePage.objects.exists()
    assert confirm(begun)
    begun.refresh_from_db()
    assert begun.state == ImportRun.State.DONE
    assert StructurePage.objects.first().owner == user
    assert not confirm(begun)
    path.write_text("{")
    with path.open("rb") as stream:
        refused = start(File(stream), name="b.json", fmt="data-inclusion")
    refused.refresh_from_db()
    assert refused.state == ImportRun.State.FAILED
    assert refused.message


def test_a_mapping_saved_by_an_editor(tmp_path, tree):
    rules = {
        "source": "ville",
        "id": ["n"],
        "field": [{"to": "title", "from": "nom du lieu"}, {"to": "town", "from": ["v"]}],
    }
    ImportMapping.objects.create(name="ville", label="Ville", rules=rules)
    path = write_table(tmp_path, "n,Nom,v\n1,A,Lille\n")
    assert run(path, "--format", "mapped", "--mapping", "ville")[0] == 2  # another file
    path = write_table(tmp_path, "n\tnom du lieu\tv\n1\tMaison\tLille\n")
    assert figures(run(path, "--format", "mapped", "--mapping", "ville")[1]) == {"read": 1, "created": 1}
    assert StructurePage.objects.get().source_id == "ville--1"


def test_queries_do_not_grow_with_the_directory(tmp_path, places, django_assert_max_num_queries):
    path = write_lines(tmp_path, places)
    dila(path)
    with django_assert_max_num_queries(20):
        plan(path, format_named("mapped", "annuaire-dila"))


def test_the_longest_identifier_comes_back(tree):
    """A source without identifiers gets ones of up to 130 signs; its export says them with the source before."""
    from directory.imports.drafts import MAX_LOCAL_ID, local_id_of
    from directory.imports.formats import format_named
    from directory.imports.readers import Row

    local = local_id_of(["association de solidarité"] * 20)
    assert len(local) >= MAX_LOCAL_ID - 1
    told = {"id": f"gironde--{local}", "source": "gironde", "nom": "Une association"}
    assert format_named("data-inclusion").draft(Row(1, told)).source_id == f"gironde--{local}"


def test_a_new_database_gets_its_sections_first(tmp_path, db):
    path = write_lines(tmp_path, [place(1)])
    assert dila(path, "--dry-run")[0] == 0
    assert not DirectoryIndexPage.objects.exists()
    assert figures(dila(path)[1]) == {"read": 1, "created": 1}
    assert StructurePage.objects.sources().get().get_parent().slug == "annuaire"
