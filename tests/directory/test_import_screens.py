"""Imports on screen: a file, its columns, the preview, the application, the report; who may; what left its source."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from directory import periodic_jobs
from directory.imports import runs
from directory.models import ImportMapping, ImportRun, StructurePage
from home import roles
from tests import factories

pytestmark = pytest.mark.django_db

SHARED = Path(__file__).parents[3] / "shared" / "data" / "places"
TABLE = (
    "Identifiant;Nom du lieu;Catégorie;Téléphone;Ville;Code postal;Remarque\n"
    "1;Ludothèque des Flandres;ludo;0320260411;Roubaix;59100;<script>alert(1)</script>\n"
    "2;Crèche Les Lilas;creche;03 20 26 04 12;Roubaix;59100;=HYPERLINK(1)\n"
    "3;;creche;;;;\n"
)


def user_of(role):
    user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}")
    user.groups.set([Group.objects.get(name=role)])
    return user


@pytest.fixture
def editor(client, tree, commits_at_once):
    user = user_of(roles.EDITOR)
    client.force_login(user)
    return user


def upload(client, content, fmt="another", name="lieux.csv"):
    data = content.encode() if isinstance(content, str) else content
    return client.post(
        reverse("directory_imports"), {"file": SimpleUploadedFile(name, data), "format": fmt}, follow=True
    )


def fields_of(answer):
    """What the form of a screen would send: names and values of its controls."""
    soup = BeautifulSoup(answer.content, "html.parser")
    sent = {}
    for control in soup.select("main input[name], main select[name]"):
        if control.name == "select":
            chosen = control.select_one("option[selected]")
            sent[control["name"]] = chosen["value"] if chosen else ""
        elif control.get("type") != "checkbox" or control.has_attr("checked"):
            sent[control["name"]] = control.get("value", "on")
    return {name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"}


def test_from_a_file_to_its_sheets_without_a_script(client, editor):
    screen = upload(client, TABLE)
    run = ImportRun.objects.get()
    assert "Ludothèque des Flandres" in screen.content.decode()
    proposed = fields_of(screen)
    assert [proposed[f"to-{number}"] for number in range(1, 6)] == ["title", "kind", "phone", "town", "postcode"]
    assert proposed["id-0"] == "on"
    address = reverse("directory_import_mapping", args=[run.pk])
    words = fields_of(
        client.post(address, {**proposed, "label": "Mairie", "source": "Mairie de Roubaix", "again": "1"})
    )
    preview = client.post(address, {**words, "word-ludo": "ludotheque", "word-creche": "creche"}, follow=True)
    run.refresh_from_db()
    assert (run.state, run.counts["created"], run.counts["rejected"]) == ("previewed", 2, 1)
    assert not StructurePage.objects.filter(source="mairie-de-roubaix").exists()
    text = preview.content.decode()
    assert "Importer ces fiches" in text
    assert "<script>alert" not in text
    done = client.post(reverse("directory_import", args=[run.pk]), follow=True)
    assert done.status_code == 200
    run.refresh_from_db()
    assert run.state == "done"
    sheet = StructurePage.objects.get(source_id="mairie-de-roubaix--1")
    assert (sheet.title, sheet.kind, sheet.phone, sheet.live) == (
        "Ludothèque des Flandres", "ludotheque", "03 20 26 04 11", True,
    )  # fmt: skip
    # The same mapping serves again, and finds nothing new.
    upload(client, TABLE, fmt="mapped:mairie-de-roubaix")
    again = ImportRun.objects.latest("pk")
    assert (again.state, again.counts["created"], again.counts["unchanged"]) == ("previewed", 0, 2)


def test_the_report_can_be_taken_away(client, editor):
    upload(client, TABLE)
    run = ImportRun.objects.get()
    client.post(
        reverse("directory_import_mapping", args=[run.pk]),
        {"label": "M", "source": "m", "default_kind": "autre", "to-1": "title", "to-6": "summary", "id-0": "on"},
    )
    whole = json.loads(client.get(reverse("directory_import_report", args=[run.pk, "json"])).content)
    assert whole["read"] == whole["created"] + len(whole["rejected"]) == 3
    table = client.get(reverse("directory_import_report", args=[run.pk, "csv"])).content.decode()
    assert "\n=" not in table
    assert "Ludothèque" in table


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "vide.csv"),
        (b'[{"nom": "A"}, {"nom', "coupe.json"),
        (b"%PDF-1.4 x", "affiche.pdf"),
        (b"\x00\x01\x02", "x.csv"),
    ],
)
@pytest.mark.parametrize("fmt", ["another", "data-inclusion", "mapped:gironde"])
def test_a_broken_file_is_told_in_a_sentence(client, editor, content, name, fmt):
    answer = upload(client, content, fmt, name)
    assert answer.status_code == 200
    soup = BeautifulSoup(answer.content, "html.parser")
    assert soup.select_one(".help-critical, .messages .error, .error-message, [role=alert]")
    assert not StructurePage.objects.exclude(source="").exists()


def test_a_column_to_nowhere_and_no_identifier_are_told(client, editor):
    upload(client, TABLE)
    run = ImportRun.objects.get()
    address = reverse("directory_import_mapping", args=[run.pk])
    told = client.post(address, {"label": "M", "source": "m", "default_kind": "autre"}).content.decode()
    assert "nom du lieu" in told
    told = client.post(
        address, {"label": "M", "source": "§", "default_kind": "autre", "to-1": "title"}
    ).content.decode()
    assert "lettres" in told
    assert not ImportMapping.objects.exists()


def test_an_import_that_stopped_goes_on(client, editor):
    upload(client, TABLE)
    run = ImportRun.objects.get()
    client.post(
        reverse("directory_import_mapping", args=[run.pk]),
        {"label": "M", "source": "m", "default_kind": "autre", "to-1": "title", "id-0": "on"},
    )
    ImportRun.objects.update(state="failed", message="Arrêté")
    screen = client.get(reverse("directory_import", args=[run.pk])).content.decode()
    assert "Arrêté" in screen
    assert "Continuer" in screen
    client.post(reverse("directory_import", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "done"


def test_only_one_at_a_time_and_progress_is_told(client, editor):
    upload(client, TABLE, fmt="mapped:gironde")
    run = ImportRun.objects.get()
    other = ImportRun.objects.create(file_name="autre.csv", format="mapped", state="applying", rows=10, rows_done=4)
    ImportRun.objects.filter(pk=run.pk).update(state="previewed")
    client.post(reverse("directory_import", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "previewed"
    state = client.get(reverse("directory_import_state", args=[other.pk])).json()
    assert (state["working"], state["percent"], state["text"]) == (True, 40, "4 lignes sur 10")


def test_a_file_thrown_away_leaves_nothing(client, editor):
    upload(client, TABLE)
    run = ImportRun.objects.get()
    path = run.path
    assert path.exists()
    client.post(reverse("directory_import", args=[run.pk]), {"discard": "1"})
    assert not path.exists()
    assert not ImportRun.objects.exists()


def test_files_are_erased_after_a_month(editor, tree):
    run = runs.keep(io.BytesIO(b"a;b") and SimpleUploadedFile("a.csv", b"a;b"), name="a.csv", fmt="mapped")
    path = run.path
    periodic_jobs.forget_import_files(timezone.now() + timedelta(days=29))
    assert path.exists()
    periodic_jobs.forget_import_files(timezone.now() + timedelta(days=31))
    assert not path.exists()
    assert ImportRun.objects.get().file_name == "a.csv"


@pytest.mark.parametrize("role", [roles.CONTRIBUTOR, roles.CENTRE_EDITOR])
def test_who_does_not_publish_the_directory_imports_nothing(client, tree, role):
    client.force_login(user_of(role))
    run = ImportRun.objects.create(file_name="a.csv", format="mapped", state="previewed")
    for address in (
        reverse("directory_imports"), reverse("directory_import", args=[run.pk]),
        reverse("directory_import_mapping", args=[run.pk]), reverse("directory_import_state", args=[run.pk]),
        reverse("directory_import_report", args=[run.pk, "json"]),
    ):  # fmt: skip
        assert client.get(address).status_code in (302, 403)
    assert upload(client, TABLE).status_code in (200, 403)
    assert ImportRun.objects.count() == 1


def test_what_left_its_source_is_kept_or_taken_offline(client, editor):
    stays, goes = (
        factories.StructureFactory(
            title=title, slug=slug, source="dila", source_id=f"dila--{slug}", gone_on=timezone.localdate()
        )
        for title, slug in (("Reste", "reste"), ("Part", "part"))
    )
    assert "Reste" in client.get(reverse("directory_gone")).content.decode()
    client.post(reverse("directory_gone"), {"page": stays.pk})
    client.post(reverse("directory_gone"), {"page": goes.pk, "offline": "1"})
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.live, stays.gone_on, goes.live) == (True, None, False)


def test_a_real_file_is_previewed(client, editor):
    path = SHARED / "messy" / "angers.json"
    if not path.exists():
        pytest.skip("only on a machine with the open data of ../shared/data/places")
    upload(client, path.read_bytes(), "mapped:angers", "angers.json")
    run = ImportRun.objects.get()
    assert run.state == "previewed"
    assert run.counts["read"] == 63
    screen = client.get(reverse("directory_import", args=[run.pk]), {"partie": "flagged", "p": "99"})
    assert screen.status_code == 200
