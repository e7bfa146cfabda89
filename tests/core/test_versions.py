"""The version that all processes share: what changes it, when, and what happens when a process dies."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection, connections, transaction
from django.db.models import F
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from portal.core import versions
from portal.core.models import Municipality, Theme
from portal.core.moments import changes_at, collecting, next_midnight
from portal.core.versions import is_change, remembered
from tests import factories

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.PAGE_CACHE_FOLDER = str(tmp_path)
    return tmp_path


CHANGES = [
    'INSERT INTO "core_theme" ("name") VALUES (%s)',
    'insert or ignore into "core_theme" ("name") VALUES (%s)',
    'UPDATE "wagtailcore_page" SET "live" = %s',
    "UPDATE wagtailcore_page SET path = 1",
    'DELETE FROM "directory_service" WHERE 1',
    'DELETE FROM "images_portalrendition" WHERE 1',
    'WITH gone AS (DELETE FROM "core_theme" RETURNING id) SELECT * FROM gone',
    'ALTER TABLE "core_theme" ADD COLUMN "x" integer',
    'TRUNCATE "core_theme"',
    "/* why */ UPDATE x SET y = 1",
]
NO_CHANGES = [
    "SELECT 1",
    "(SELECT 1) UNION (SELECT 2)",
    "WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x",
    'SAVEPOINT "s1"',
    'RELEASE SAVEPOINT "s1"',
    "PRAGMA foreign_keys",
    'INSERT INTO "django_session" ("k") VALUES (%s)',
    'UPDATE "core_periodicrun" SET "due_at" = %s',
    'INSERT INTO "wagtailcore_revision" ("content") VALUES (%s)',
    'INSERT INTO "images_portalrendition" ("file") VALUES (%s)',
]


@pytest.mark.parametrize("sql", CHANGES)
def test_statements_that_count(sql):
    assert is_change(sql)


@pytest.mark.parametrize("sql", NO_CHANGES)
def test_statements_that_do_not(sql):
    assert not is_change(sql)


@pytest.mark.django_db
def test_quiet_tables_are_tables():
    """A table that was renamed is found here, not by editors who wonder why every login empties the cache."""
    known = set(connection.introspection.table_names())
    assert known >= versions.QUIET
    assert "images_portalrendition" in known


@pytest.mark.django_db(transaction=True)
class TestCommits:
    def test_any_write_changes_the_version(self):
        theme = factories.ThemeFactory(name="Santé")
        before = versions.read()
        assert versions.read() == before
        Theme.objects.filter(pk=theme.pk).update(name="École")
        after = versions.read()
        assert after != before
        Theme.objects.bulk_update([theme], ["name"])
        assert versions.read() != after

    def test_it_changes_after_the_commit(self, monkeypatch):
        """Not before: a page made in between would be old under the new version. SQLite's RETURNING commits late."""
        seen = []

        def look():
            seen.append(Redirect.objects.filter(old_path="/a").exists())
            connections.close_all()

        def bump():
            thread = Thread(target=look)
            thread.start()
            thread.join()

        monkeypatch.setattr(versions, "bump", bump)
        made = Redirect.objects.create(old_path="/a", redirect_link="/b")
        assert made.pk
        assert seen == [True]
        with connection.cursor() as cursor:
            for name in ("fetchone", "fetchmany", "fetchall", "__iter__"):
                cursor.execute(f"UPDATE {Redirect._meta.db_table} SET redirect_link = '/c' RETURNING redirect_link")
                rows = getattr(cursor, name)()
                assert ([rows] if name == "fetchone" else list(rows)) == [("/c",)], name
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)

    def test_sessions_do_not(self):
        before = versions.read()
        Session.objects.create(session_key="k", session_data="", expire_date=timezone.now())
        assert versions.read() == before

    def test_the_version_changes_after_the_commit_and_not_before(self):
        theme = factories.ThemeFactory(name="Santé")
        before = versions.read()
        with transaction.atomic():
            Theme.objects.update(name="École")
            with transaction.atomic():
                Theme.objects.update(order=F("order") + 1)
            assert versions.read() == before
            assert versions.is_changing()
        assert versions.read() != before
        assert not versions.is_changing()
        theme.delete()

    def test_a_rolled_back_transaction_leaves_no_marker(self, folder):
        factories.ThemeFactory()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Theme.objects.update(name="École")
            assert len(list((folder / "pending").iterdir())) == 1
            raise ZeroDivisionError
        versions.settle_all()
        assert not list((folder / "pending").iterdir())

    def test_a_savepoint_that_is_rolled_back_hides_no_later_write(self):
        factories.ThemeFactory()
        before = versions.read()
        with transaction.atomic():
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                Theme.objects.update(name="École")
                raise ZeroDivisionError
            Theme.objects.update(name="Loisirs")
        assert versions.read() != before

    def test_another_callback_that_fails_changes_nothing(self):
        factories.ThemeFactory()
        before = versions.read()

        def fail():
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError), transaction.atomic():
            transaction.on_commit(fail)
            Theme.objects.update(name="École")
        versions.settle_all()  # what every request begins and ends with
        assert versions.read() != before


DIES_AFTER_ITS_COMMIT = """
import os, sys
from pathlib import Path
from threading import Thread
import django
from django.conf import settings
settings.configure(PAGE_CACHE_FOLDER=sys.argv[1], INSTALLED_APPS=["django.contrib.contenttypes"])
django.setup()
from portal.core.versions import Pending
pending = Pending()
print("marked", flush=True)
sys.stdin.readline()
os._exit(9)
"""


def test_the_version_changes_for_a_process_that_died(folder, monkeypatch):
    monkeypatch.setattr(versions, "fingerprint", lambda: "x")
    before = versions.read()
    process = subprocess.Popen(
        [sys.executable, "-c", DIES_AFTER_ITS_COMMIT, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout.readline() == "marked\n"
        assert versions.read() == before, "its process lives: what was kept is right until it commits"
        process.communicate("\n", timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 9
    after = versions.read()
    assert after != before
    assert versions.read() == after
    assert not list((folder / "pending").iterdir())


def test_without_a_folder_nothing_is_known(settings, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    settings.PAGE_CACHE_FOLDER = str(tmp_path / "file")
    assert versions.read() is None
    assert "nothing is cached" in caplog.text


# --- Kept in memory --------------------------------------------------------------------------------------------------


class Counter:
    def __init__(self, value=None):
        self.calls = 0
        self.value = value

    def __call__(self):
        self.calls += 1
        return self.value or self.calls


@pytest.mark.django_db(transaction=True)
def test_remembered_until_something_changes():
    count = Counter()
    assert [remembered("a", count), remembered("a", count)] == [1, 1]
    assert remembered("b", count) == 2
    factories.MunicipalityFactory()
    assert remembered("a", count) == 3


@pytest.mark.django_db(transaction=True)
def test_a_request_keeps_nothing_under_a_version_that_it_did_not_begin_with():
    """It began before a commit: what it read may be older than the version that is there now."""
    count = Counter()
    with versions.request_version():
        versions.bump()  # by another process
        versions.hold(versions.read())
        assert remembered("a", count) == 1
    assert remembered("a", count) == 2


@pytest.mark.django_db
def test_within_a_transaction_until_its_next_write():
    town = factories.MunicipalityFactory(name="Roubaix")

    def name():
        return remembered("name", lambda: Municipality.objects.get(pk=town.pk).name)

    assert name() == "Roubaix"
    Municipality.objects.update(name="Lille")
    assert name() == "Lille"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Municipality.objects.update(name="Croix")
        assert name() == "Croix"
        raise ZeroDivisionError
    assert name() == "Lille"


@pytest.mark.django_db
def test_what_is_remembered_ends_with_the_instant_that_it_noted():
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    calls = Counter()

    def compute():
        changes_at(start + timedelta(minutes=5))
        return calls()

    with time_machine.travel(start, tick=False) as clock:
        remembered("door", compute)
        with collecting() as moments:
            assert remembered("door", compute) == 1
        assert moments.earliest == start + timedelta(minutes=5)
        clock.shift(timedelta(minutes=5))
        assert remembered("door", compute) == 2


def test_the_earliest_instant_wins_through_all_layers():
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    with collecting() as outer:
        changes_at(now + timedelta(hours=2))
        with collecting() as inner:
            changes_at(now + timedelta(hours=1))
            changes_at(None)
        assert inner.earliest == now + timedelta(hours=1)
    assert outer.earliest == now + timedelta(hours=1)
    changes_at(now)  # nobody collects: nothing happens


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-11-24T22:59:59+00:00", "2026-11-24T23:00:00+00:00"),
        ("2026-11-24T23:00:00+00:00", "2026-11-25T23:00:00+00:00"),
        ("2026-07-01T21:59:59+00:00", "2026-07-01T22:00:00+00:00"),
        ("2026-03-28T23:00:00+00:00", "2026-03-29T22:00:00+00:00"),  # a day of 23 hours
    ],
)
def test_midnight_in_paris(now, midnight):
    assert next_midnight(datetime.fromisoformat(now)) == datetime.fromisoformat(midnight)


@pytest.mark.django_db
def test_private_paths_follow_restrictions(tree):
    from portal.core.sourced import private_paths

    assert private_paths() == frozenset()
    tree.glossary.view_restrictions.create(restriction_type="login")
    assert private_paths() == {Page.objects.get(pk=tree.glossary.pk).path}
