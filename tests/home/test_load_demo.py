"""The demonstration: whole, loaded once, left alone, finished after a crash."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.models import Locale, Page, PageLogEntry, ReferenceIndex, Revision, Site
from wagtail_localize.models import StringTranslation, Translation

from directory.models import Permanence, ResourcePage, Service, StructurePage
from events.enums import EventStatus
from events.models import AgendaPage, EventPage, Occurrence
from glossary.models import Definition, TermPage
from home.demo import files
from home.demo.accounts import DEMO_ACCOUNTS
from home.demo.dates import event_times, skipped_days
from home.demo.drawings import draw
from home.demo.loading import load_demo
from home.models import ActivityPage, CentrePage, HomePage, NewsPage, StandardPage
from home.roles import ADMINISTRATOR, CENTRE_EDITOR, CONTRIBUTOR, EDITOR, centre_group
from home.seeding.pages import publish_below
from home.seeding.translations import translate
from portal.core.fields import CodesField
from portal.core.indexing import index_missing_pages
from portal.core.models import Audience, Municipality, PortalSettings, Territory, Theme
from portal.core.moments import PARIS
from portal.core.sourced import SourcedPage, SourcedRow
from portal.images.models import PortalImage
from tests.home.demo_summary import max_keys, row_counts, row_summary, summary
from tests.inclusion_schemas import faults, needs_schemas
from tests.tree import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_site"), pytest.mark.slow]

OTHER_LANGUAGES = ("en", "ar")


def reload(now=None):
    tallies = {}
    load_demo(now=now or timezone.now(), report=tallies.__setitem__)
    return tallies


def translated(model, language):
    return model.objects.translations_into(language)


# --- What is there ---------------------------------------------------------------------------------------------------


@needs_schemas
@pytest.mark.parametrize(("address", "schema"), [("structures", "structure"), ("services", "service")])
def test_places_leave_as_data_inclusion_wants_them(client, address, schema):
    page = client.get(f"/api/data-inclusion/v1/{address}", {"size": 1_000}).json()
    assert len(page["items"]) == page["total"] > 60
    assert faults(schema, page["items"]) == []


def test_public_places_say_where_they_come_from():
    places = StructurePage.objects.visible().exclude(source="")
    assert 40 <= places.count() <= 60
    for place in places:
        assert place.is_to_check, place
        assert place.checked_on, place
        assert place.licence, place
        assert place.source_id, place
        assert not place.is_example, place


def test_examples_say_that_they_are_examples():
    examples = StructurePage.objects.visible().filter(is_example=True)
    assert 23 <= examples.count() <= 27
    for example in examples:
        assert example.title.startswith("Exemple – "), example
        assert not example.address, example
        assert not example.phone, example
        assert example.opening_hours, example
    assert examples.filter(age_min_months__isnull=False).count() >= 20
    missing_kinds = {"creche", "relais-petite-enfance", "laep", "ludotheque", "accueil-de-loisirs"}
    assert missing_kinds <= set(examples.values_list("kind", flat=True))
    assert not StructurePage.objects.filter(title__startswith="Exemple", is_example=False).exists()


def test_centres_live_on_their_structures():
    assert CentrePage.objects.visible().count() == 7
    for centre in CentrePage.objects.visible():
        assert centre.structure.slug == centre.slug
        assert centre.structure.address
        assert AgendaPage.objects.visible().child_of(centre).get().slug == "agenda"
    federation = StructurePage.objects.get(slug="federation-centres-sociaux", locale__language_code="fr")
    assert federation.phone == "03 20 79 98 70"
    assert ActivityPage.objects.visible().count() >= 14


def test_words():
    terms = TermPage.objects.visible()
    assert terms.filter(collection="numerique").count() == 45
    assert terms.filter(collection="parentalite").count() == 25
    several = terms.annotate(number=Count("definitions")).filter(number__gte=2)
    assert several.filter(collection="numerique").count() >= 2
    for term in several.filter(collection="numerique"):
        assert len({row.group for row in term.definitions.all()}) >= 2
    assert not terms.filter(definitions__isnull=True).exists()
    assert terms.filter(see_also__isnull=False).distinct().count() >= 40
    assert Definition.objects.filter(drawing__isnull=False).count() >= 10


def test_events_of_the_next_three_months(demo_site):
    events = EventPage.objects.visible()
    assert events.count() == 40
    assert events.filter(rrule__startswith="FREQ=WEEKLY").count() >= 5
    assert events.filter(status=EventStatus.CANCELLED).exists()
    assert events.filter(is_full=True).exists()
    assert any(event.is_online for event in events)
    for kind in ("changed", "cancelled", "full"):
        assert events.filter(exceptions__kind=kind).exists()
    assert events.filter(skip_public_holidays=True).exists()
    for event in events:
        assert demo_site.now < event.starts_at < demo_site.now + timedelta(weeks=14), event
        assert event.occurrences.exists(), event
    assert {event.get_parent().specific.get_parent().slug for event in events} > {"home", "echo"}


def test_resources():
    resources = ResourcePage.objects.visible()
    assert resources.count() == 20
    assert {"article", "leaflet", "link"} <= set(resources.values_list("kind", flat=True))
    for leaflet in resources.filter(kind="leaflet"):
        with leaflet.document.open_file() as file:
            assert file.read(5) == b"%PDF-"
    assert resources.exclude(easy_text="").exists()


def test_news_are_of_the_last_two_months(demo_site):
    today = demo_site.now.astimezone(PARIS).date()
    news = NewsPage.objects.visible()
    assert news.count() == 10
    for item in news:
        assert today - timedelta(days=61) <= item.published_on < today


def test_vocabularies():
    for model, number in ((Theme, 11), (Audience, 10)):
        words = model.objects.filter(locale__language_code="fr")
        assert words.count() == number
        for word in words:
            for language in OTHER_LANGUAGES:
                other = model.objects.get(translation_key=word.translation_key, locale__language_code=language)
                assert other.name
                assert other.slug == ""
    assert Municipality.objects.filter(insee__in=["59350", "59512", "59599"]).count() == 3
    assert Territory.objects.get(slug="roubaix").municipalities.filter(insee="59512").exists()


def test_settings_name_the_federation():
    portal = PortalSettings.objects.get(site=Site.objects.get(is_default_site=True))
    assert portal.area == "Centres sociaux de Lille, Roubaix, Tourcoing"
    assert portal.contact_name.startswith("Fédération")
    assert portal.contact_phone == "03 20 79 98 70"
    assert portal.contact_hours == ""  # unknown, so not invented


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_translations(language):
    assert translated(StructurePage, language).count() == 10
    assert translated(TermPage, language).count() == 15
    assert translated(EventPage, language).count() == 8
    assert translated(ResourcePage, language).count() == 5
    assert translated(HomePage, language).count() == 1
    legal = {"accessibilite", "mentions-legales", "donnees-personnelles"}
    assert legal <= set(translated(StandardPage, language).values_list("slug", flat=True))
    home = HomePage.objects.visible().get()
    for index in home.get_children().live().specific():
        assert index.in_language(language).language == language, index


def test_pictures():
    images = PortalImage.objects.all()
    assert images.count() == len(list(files.pictures()))
    for image in images:
        assert image.description
        assert image.credit == "La Boussole"
        assert image.licence == "CC0"
        assert image.file.size == image.file_size
        assert (image.width, image.height) in {(800, 600), (1200, 630)}
    assert HomePage.objects.visible().get().search_image
    assert draw("bird") == draw("bird")


def test_each_centre_has_pictures_of_its_own():
    shown = set()
    for centre in CentrePage.objects.visible():
        photos = list(centre.photos.select_related("image"))
        assert len(photos) >= 3
        assert all(photo.caption and photo.image.has_right for photo in photos)
        shown |= {photo.image_id for photo in photos}
    assert len(shown) == sum(centre.photos.count() for centre in CentrePage.objects.visible())
    echo = translated(CentrePage, "ar").get(slug="echo")
    assert echo.photos.first().caption == "باب الدخول"
    assert echo.photos.first().image is None


def test_accounts():
    groups = {"admin": ADMINISTRATOR, "editeur": EDITOR, "centre": CENTRE_EDITOR, "contributeur": CONTRIBUTOR}
    assert {account.username for account in DEMO_ACCOUNTS} == set(groups)
    for account in DEMO_ACCOUNTS:
        user = authenticate(username=account.username, password="demo-boussole")
        assert user is not None
        assert user.groups.filter(name=groups[account.username]).exists()
        assert user.is_superuser == (account.username == "admin")
    echo = centre_group(CentrePage.objects.visible().get(slug="echo"))
    assert [user.username for user in echo.user_set.all()] == ["centre"]


# --- Facts live once -------------------------------------------------------------------------------------------------


def sourced_models(base):
    from django.apps import apps

    return [model for model in apps.get_models() if issubclass(model, base) and not model._meta.abstract]


def fact(row, name):
    field = row._meta.get_field(name)
    if field.many_to_many:
        return list(getattr(row, name).all())
    value = field.value_from_object(row)
    return [] if value == field.get_default() and isinstance(field, CodesField) else value


@pytest.mark.parametrize("base", [SourcedPage, SourcedRow])
def test_no_fact_on_a_translated_row(base):
    rows = 0
    for model in sourced_models(base):
        for row in model._default_manager.exclude(locale__language_code="fr"):
            rows += 1
            for name in model.FACTS:
                assert not fact(row, name), f"{row!r}: {name}"
            for relation in getattr(model, "FACT_ROWS", ()):
                assert not getattr(row, relation).exists(), f"{row!r}: {relation}"
    assert rows > 50


def test_translating_changes_no_fact():
    english = Locale.objects.get(language_code="en")
    structure = StructurePage.objects.visible().filter(permanences__isnull=False).first()
    event = EventPage.objects.visible().filter(exceptions__isnull=False).first()
    for page in (structure, event):
        page.get_translations().delete()
        before = row_summary(page)
        translate(page, english, lambda copy: setattr(copy, "title", "In English"))
        fresh = type(page).objects.get(pk=page.pk)
        assert row_summary(fresh) == before
        shown = fresh.in_language("en")
        assert shown.title == "In English"
        assert shown.facts == fresh


def test_translations_have_the_slugs_and_rows_of_their_source():
    for model in sourced_models(SourcedPage):
        for page in model._default_manager.exclude(locale__language_code="fr"):
            if page.depth > 2:
                assert page.slug == page.facts.slug
            assert page.live
    for model in (Service, Permanence, Definition):
        for row in model.objects.exclude(locale__language_code="fr"):
            source = model.objects.get(locale__language_code="fr", translation_key=row.translation_key)
            assert row.page.translation_key == source.page.translation_key
            assert row.sort_order == source.sort_order
            assert str(row) != str(source)


def test_editors_find_translations_complete():
    assert Translation.objects.count() > 100
    for translation in Translation.objects.filter(enabled=True):
        total, done = translation.get_progress()
        assert total == done > 0, translation.source.object_repr
    assert not StringTranslation.objects.filter(has_error=True).exists()
    page = translated(StructurePage, "ar").first()
    assert re.search(r"[\u0600-\u06ff]", page.title)
    assert re.search(r"[\u0600-\u06ff]", page.services.first().name)


# --- Pages are as Wagtail makes them ---------------------------------------------------------------------------------


def test_pages_are_valid_and_published():
    for page in Page.objects.filter(depth__gte=2, alias_of__isnull=True).specific():
        page.full_clean()
        assert page.live, page
        assert not page.has_unpublished_changes, page
        assert page.live_revision_id == page.latest_revision_id is not None, page
        for relation in ("services", "permanences", "definitions", "exceptions"):
            for row in getattr(page, relation).all() if hasattr(page, relation) else ():
                row.full_clean()
        if hasattr(page, "body"):
            page.body.stream_block.clean(page.body)


def test_paragraphs_hold_nothing_but_text_and_links():
    allowed = {"p", "strong", "em", "ul", "ol", "li", "a", "b", "i"}
    for model in sourced_models(SourcedPage):
        if not hasattr(model, "body"):
            continue
        for page in model._default_manager.all():
            for block in page.body:
                if block.block_type == "paragraph":
                    tags = set(re.findall(r"</?(\w+)", block.value["html"].source))
                    assert tags <= allowed, page


def test_publishing_leaves_what_wagtail_leaves():
    home = HomePage.objects.visible().get()
    ours = publish_below(home, StandardPage(title="À nous", slug="a-nous"))
    theirs = home.add_child(instance=StandardPage(title="À eux", slug="a-eux"))
    theirs.save_revision().publish()
    for page in (ours, theirs):
        page.refresh_from_db()
    for name in ("live", "has_unpublished_changes", "expired", "locked", "owner_id", "go_live_at"):
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in ("first_published_at", "last_published_at", "latest_revision_created_at", "live_revision_id"):
        assert getattr(ours, name), name
        assert getattr(theirs, name), name
    assert ours.live_revision_id == ours.latest_revision_id
    assert ours.latest_revision.content.keys() == theirs.latest_revision.content.keys()
    entries = PageLogEntry.objects.order_by("pk")
    actions = [list(entries.filter(page_id=page.pk).values_list("action", flat=True)) for page in (ours, theirs)]
    assert actions[0] == actions[1]


def test_indexes_are_complete():
    assert index_missing_pages() == 0
    found = {page.slug for page in Page.objects.search("nuage").get_queryset()}
    assert found
    echo = StructurePage.objects.visible().get(slug="echo")
    event = EventPage.objects.visible().filter(structure=echo).first()
    assert str(event.pk) in {reference.object_id for reference in ReferenceIndex.get_references_to(echo)}


# --- Again -----------------------------------------------------------------------------------------------------------


def test_a_second_run_writes_nothing(demo_site):
    before = row_counts(), max_keys(), Occurrence.objects.count(), Revision.objects.count()
    tallies = reload()
    assert (row_counts(), max_keys(), Occurrence.objects.count(), Revision.objects.count()) == before
    assert {label: (tally.created, tally.translated) for label, tally in tallies.items()} == dict.fromkeys(
        demo_site.tallies, (0, 0)
    )


def test_what_somebody_changed_is_left_alone():
    term = TermPage.objects.visible().get(slug="cloud")
    term.title = "Le nuage"
    term.save_revision().publish()
    structure = StructurePage.objects.visible().get(slug="echo")
    structure.unpublish()
    translated(StructurePage, "en").get(slug="arbrisseau").unpublish()
    PortalSettings.objects.update(area="Partout")
    reload()
    term.refresh_from_db()
    assert term.title == "Le nuage"
    assert term.revisions.count() == 2
    assert not StructurePage.objects.sources().get(slug="echo").live
    assert not StructurePage.objects.get(slug="arbrisseau", locale__language_code="en").live
    assert PortalSettings.objects.get().area == "Partout"


def test_a_changed_page_is_not_translated_with_old_texts():
    structure = StructurePage.objects.visible().get(slug="arbrisseau")
    structure.get_translation(Locale.objects.get(language_code="en")).delete()
    structure.services.first().delete()
    structure = StructurePage.objects.get(pk=structure.pk)
    structure.save_revision().publish()
    reload()
    assert not structure.get_translations().filter(locale__language_code="en").exists()


def test_missing_things_come_back():
    image = PortalImage.objects.get(file=files.picture_path("bird"))
    image.file.storage.delete(image.file.name)
    NewsPage.objects.visible().first().delete()
    translated(TermPage, "ar").first().delete()
    event = EventPage.objects.visible().first()
    event.occurrences.all().delete()
    tallies = reload()
    assert image.file.storage.exists(image.file.name)
    assert PortalImage.objects.count() == len(list(files.pictures()))
    assert tallies["pictures"].created == 1
    assert tallies["news"].created == 1
    assert tallies["words"].translated == 1
    assert tallies["dates put back"].created == 1
    assert event.occurrences.exists()


def test_a_file_without_a_row_is_written_over():
    document = Document.objects.first()
    path = document.file.name
    ResourcePage.objects.filter(document=document).update(document=None)
    Document.objects.filter(pk=document.pk).delete()  # as after a crash between the file and its row
    default_storage.delete(path)
    with default_storage.open(path, "wb") as half:
        half.write(b"%PD")
    files.load_leaflets(dry_run=False)
    again = Document.objects.get(file=path)
    assert again.file.size == again.file_size > 1000


def test_dry_run_writes_nothing():
    NewsPage.objects.visible().first().delete()
    before = row_counts(), max_keys()
    tallies = {}
    load_demo(now=timezone.now(), report=tallies.__setitem__, dry_run=True)
    assert (row_counts(), max_keys()) == before
    assert tallies["news"].created == 1


# --- Where it may run ------------------------------------------------------------------------------------------------


def test_refuses_where_it_is_not_allowed(settings):
    settings.ALLOW_DEMO_CONTENT = False
    with pytest.raises(CommandError, match="refuses to run in production"):
        call_command("load_demo")


def test_refuses_in_production(tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": "long enough for a test of the settings of production, and no longer",
        "ALLOWED_HOSTS": "example.org",
        "SITE_URL": "https://example.org",
        "DATABASE_URL": f"sqlite:///{tmp_path}/production.sqlite3",
        "EMAIL_URL": "smtp://localhost:25",
    }
    command = [sys.executable, "manage.py", "load_demo"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "load_demo refuses to run in production" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


# --- Dates -----------------------------------------------------------------------------------------------------------


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "record", "start", "end"),
    [
        # A Wednesday: before the hour it is today, at the hour and after it is in a week.
        ("2026-11-18T13:59", {"weekday": "wed"}, "2026-11-18T14:00", "2026-11-18T16:00"),
        ("2026-11-18T14:00", {"weekday": "wed"}, "2026-11-25T14:00", "2026-11-25T16:00"),
        ("2026-11-18T09:00", {"weekday": "tue"}, "2026-11-24T14:00", "2026-11-24T16:00"),
        ("2026-11-18T09:00", {"weekday": "thu", "week": 2}, "2026-12-03T14:00", "2026-12-03T16:00"),
        # Over the change to summer time, the clock on the wall counts.
        ("2026-03-25T09:00", {"weekday": "sun"}, "2026-03-29T14:00", "2026-03-29T16:00"),
        ("2026-11-18T09:00", {"weekday": "fri", "end": "01:00"}, "2026-11-20T14:00", "2026-11-21T01:00"),
    ],
)
def test_event_times(now, record, start, end):
    times = event_times({"week": 0, "start": "14:00", "end": "16:00", **record}, at(now))
    assert (times.starts_at, times.ends_at) == (at(start), at(end))


def test_skipped_days():
    assert skipped_days({"skip": [1, 3]}, at("2026-03-25T18:00")) == [at("2026-04-01").date(), at("2026-04-15").date()]
    assert skipped_days({}, at("2026-03-25T18:00")) == []


# --- A crash ---------------------------------------------------------------------------------------------------------

#: Killed so many seconds after these families are done, hence in the middle of the next one.
MOMENTS = (
    ("leaflets", 1.5),
    ("pages of the portal", 3.0),
    ("activities", 1.0),
    ("resources", 1.5),
    ("words", 1.0),
)


def test_a_killed_load_is_finished_by_the_next(demo_site, tmp_path):
    """``kill -9`` at several moments of one load, each run going on where the last one was; then a whole site."""
    if connection.vendor != "sqlite":
        pytest.skip("only on SQLite: the load runs in a file that is a copy of the empty database")
    database = tmp_path / "killed.sqlite3"
    database.write_bytes(demo_site.empty.read_bytes())
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "DATABASE_URL": f"sqlite:///{database}",
        "TMPDIR": str(tmp_path),  # where the settings put uploaded files
    }
    command = [sys.executable, "manage.py", "load_demo"]
    for family, seconds in MOMENTS:
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if line.startswith(f"{family}: "):
                    break
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, f"the load was over before {family} was {seconds} s old"
        with sqlite3.connect(database) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    script = "import json; from tests.home.demo_summary import summary; print(json.dumps(summary()))"
    dump = [sys.executable, "manage.py", "shell", "--no-imports", "--command", script]
    found = json.loads(subprocess.run(dump, cwd=ROOT, env=environment, check=True, capture_output=True).stdout)
    whole = json.loads(json.dumps(summary()))
    assert found["rows"] == whole["rows"]
    assert [page["url_path"] for page in found["pages"]] == [page["url_path"] for page in whole["pages"]]
    for page, expected in zip(found["pages"], whole["pages"], strict=True):
        assert page == expected
