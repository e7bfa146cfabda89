"""Backup and restore: dump, wipe, restore, compare, on the database of the tests; and every way to be refused.

Real commands on a small portal: these tests commit, so the tables are emptied after each.
"""

import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.models import Page

from portal.core.backups import archive, databases, media, restoring, saving
from portal.core.backups.errors import BackupError
from tests.factories import EventFactory, StructureFactory, make_tree, translate

committed = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 24, 14, 45, tzinfo=UTC)
UPLOADS = {
    "original_images/école du soir.jpg": os.urandom(70_000),
    "documents/guide.pdf": b"%PDF-1.7 a guide",
    "documents/empty.txt": b"",
}


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    for name, content in UPLOADS.items():
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return settings.MEDIA_ROOT


def make_portal():
    make_tree()
    structure = StructureFactory(title="Pôle accueil", phone="03 20 26 04 11")
    translate(structure, "ar", title="الاستقبال")
    EventFactory(title="Fête d’hiver", structure=structure)
    get_user_model().objects.create_user("claire", "claire@example.org", "a passphrase", first_name="Claire")


def rows():
    """All rows of all tables, in an order of their own."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        result = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            result[table] = sorted(map(repr, cursor.fetchall()))
    return result


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def saved(folder):
    call_command("backup", folder)
    (path,) = folder.iterdir()
    return path


def wipe(uploads):
    """What is there afterwards is another portal, in part of another version."""
    call_command("flush", interactive=False, inhibit_post_migrate=True, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_later_version (id integer)")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'home'")
    for path in uploads.rglob("*.pdf"):
        path.unlink()
    (uploads / "original_images" / "newer.jpg").write_bytes(b"newer")
    (uploads / "newer").mkdir()


# --- Dump, wipe, restore, compare ------------------------------------------------------------------------------------


@committed
def test_all_rows_and_files_come_back(uploads, tmp_path, capsys):
    make_portal()
    before = rows()
    assert len(before["directory_structurepage"]) == 2
    path = saved(tmp_path / "kept")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "3 uploaded files" in capsys.readouterr().out

    wipe(uploads)
    cache.set("former", "there")
    assert rows() != before
    assert "of_a_later_version" in rows()
    call_command("restore", path, "--replace")

    assert rows() == before
    assert files(uploads) == UPLOADS
    assert not list(uploads.glob(".*"))
    assert cache.get("former") is None
    assert capsys.readouterr().out.endswith("restored\n")
    # The portal works on: a sequence that was not put back would refuse this.
    StructureFactory(title="Encore un lieu")
    call_command("migrate", "--check", verbosity=0)


@committed
def test_half_a_copy_changes_no_row(tmp_path):
    make_portal()
    before = rows()
    copy = tmp_path / "copy"
    databases.dump(copy)
    content = copy.read_bytes()
    copy.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError):
        databases.load(copy)
    assert rows() == before


@committed
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only on PostgreSQL: SQLite copies pages, not statements")
def test_a_restore_that_fails_after_the_tables_were_dropped_changes_no_row(tmp_path, monkeypatch):
    make_portal()
    before = rows()
    databases.dump(tmp_path / "copy")
    monkeypatch.setattr(databases, "EMPTY_SCHEMA", f"{databases.EMPTY_SCHEMA} SELECT 1 / 0;")
    with pytest.raises(BackupError, match="division by zero"):
        databases.load(tmp_path / "copy")
    assert rows() == before


@committed
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite: PostgreSQL has a time-out of its own")
def test_a_database_in_use_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "LOCK_SECONDS", 0.1)
    copy = tmp_path / "copy"
    databases.dump(copy)
    with sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BackupError, match=r"in use: stop the web server"):
            databases.load(copy)
        other.execute("ROLLBACK")
    other.close()


# --- Archives that are refused ---------------------------------------------------------------------------------------


@pytest.fixture
def make_archive(db, tmp_path):
    """An archive with these members; its manifest promises what they are, unless ``change`` changes it."""

    def make(members=(), *, change=lambda manifest: None, with_manifest=True, content=b"a database", others=()):
        members = {"database": content, **dict(members)}
        promised = {
            name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in members.items()
        }
        manifest = {
            "format": 1,
            "made_at": NOW.isoformat(),
            "engine": connection.vendor,
            "migrations": {},
            "versions": {"portal": "9.9"},
            "files": promised,
        }
        change(manifest)
        path = tmp_path / "made.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            written = [*members.items(), *([("manifest.json", json.dumps(manifest).encode())] if with_manifest else [])]
            for name, data in written:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
            for member in others:
                tar.addfile(member)
        return path

    return make


@pytest.fixture
def archive_of_this(make_archive, monkeypatch):
    """An archive that would be restored, as far as can be told before."""
    monkeypatch.setattr(databases, "check", lambda copy: None)
    return make_archive({"media/documents/guide.pdf": b"%PDF-1.7 from the archive"})


@pytest.mark.usefixtures("tree")
def test_a_portal_that_is_not_empty_is_only_replaced_when_asked(uploads, archive_of_this):
    get_user_model().objects.create_user("claire")
    before = rows()
    with pytest.raises(CommandError, match=r"not empty \(3 uploaded files, 1 accounts, \d+ pages\).*--replace"):
        call_command("restore", archive_of_this)
    assert (rows(), files(uploads)) == (before, UPLOADS)


def test_a_dry_run_changes_nothing(uploads, archive_of_this, tmp_path, capsys):
    call_command("backup", tmp_path / "kept", "--dry-run")
    assert not (tmp_path / "kept").exists()
    before = rows()
    call_command("restore", archive_of_this, "--dry-run")
    assert (rows(), files(uploads)) == (before, UPLOADS)
    assert "can be restored" in capsys.readouterr().out


def test_a_database_that_cannot_be_replaced_leaves_the_files_as_they_were(uploads, archive_of_this, monkeypatch):
    def fail(copy):
        assert copy.read_bytes() == b"a database"
        assert files(uploads)["documents/guide.pdf"] == b"%PDF-1.7 from the archive"
        raise BackupError("The disk is full.")

    monkeypatch.setattr(databases, "load", fail)
    with pytest.raises(CommandError, match="disk is full"):
        call_command("restore", archive_of_this, "--replace")
    assert files(uploads) == UPLOADS
    assert not list(uploads.glob(".*"))


def refusal(path, uploads):
    """Why an archive is refused; nothing has changed, and nothing lies about."""
    kept = files(uploads)
    with pytest.raises(CommandError) as caught:
        call_command("restore", path, "--replace")
    assert files(uploads) == kept
    assert not list(uploads.glob(".*"))
    assert caught.value.returncode == 1
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "media/../../outside.txt",
        "/tmp/outside.txt",
        "media/a/../b.txt",
        "media//b.txt",
        "media/.htaccess",
        "media/a\\..\\b.txt",
        "media/a\nb.txt",
        "media",
        "other/a.txt",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name, make_archive, uploads, tmp_path):
    assert "has no place" in refusal(make_archive({name: b"evil"}), uploads)
    assert not list(tmp_path.rglob("outside.txt"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_what_is_no_plain_file_is_refused(kind, make_archive, uploads):
    member = tarfile.TarInfo("media/link")
    member.type, member.linkname = kind, "/etc/passwd"
    path = make_archive(with_manifest=False, others=[member])
    assert "no plain file" in refusal(path, uploads)


def test_a_wrong_checksum_is_refused(make_archive, uploads):
    def change(manifest):
        manifest["files"]["media/a.txt"]["sha256"] = "0" * 64

    assert "checksum of 'media/a.txt' is wrong" in refusal(make_archive({"media/a.txt": b"a"}, change=change), uploads)


def test_a_missing_and_an_unknown_file_are_refused(make_archive, uploads):
    def forget(manifest):
        del manifest["files"]["media/a.txt"]

    def promise(manifest):
        manifest["files"]["media/b.txt"] = manifest["files"]["media/a.txt"]

    assert "unknown to its manifest" in refusal(make_archive({"media/a.txt": b"a"}, change=forget), uploads)
    assert "lacks 'media/b.txt'" in refusal(make_archive({"media/a.txt": b"a"}, change=promise), uploads)


def test_another_engine_is_refused(make_archive, uploads):
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    message = refusal(make_archive(change=lambda manifest: manifest.update(engine=other)), uploads)
    assert f"a database of {other}" in message
    assert f"runs on {connection.vendor}" in message


def test_a_newer_portal_is_refused(make_archive, uploads):
    def change(manifest):
        manifest["migrations"] = {"home": ["0001_initial", "0999_later"], "tomorrow": ["0001_initial"]}

    message = refusal(make_archive(change=change), uploads)
    assert "newer version of the portal (9.9)" in message
    assert "home.0999_later and 1 more" in message


def test_a_newer_format_and_a_strange_manifest_are_refused(make_archive, uploads):
    assert "has format 2" in refusal(make_archive(change=lambda manifest: manifest.update(format=2)), uploads)
    assert "manifest of the archive cannot be read" in refusal(
        make_archive(change=lambda manifest: manifest.pop("engine")), uploads
    )


def test_an_archive_without_its_end_is_refused(make_archive, uploads):
    assert "no manifest" in refusal(make_archive(with_manifest=False), uploads)
    path = make_archive({"media/a.bin": os.urandom(200_000)})
    path.write_bytes(path.read_bytes()[:100_000])
    assert "damaged or cut short" in refusal(path, uploads)
    path.write_bytes(b"no archive at all")
    assert "damaged or cut short" in refusal(path, uploads)
    path.write_bytes(gzip.compress(b"no tar"))
    assert "damaged or cut short" in refusal(path, uploads)


def test_a_database_that_is_none_is_refused(make_archive, uploads):
    message = refusal(make_archive(content=b"SQLite format 3\0 and then nothing"), uploads)
    assert {"sqlite": "SQLite", "postgresql": "pg_restore"}[connection.vendor] in message


def test_no_archive_there(tmp_path, uploads):
    assert "There is no archive" in refusal(tmp_path / "nowhere.tar.gz", uploads)


def test_what_a_killed_restore_left_is_said(make_archive, uploads):
    (uploads / ".replaced-abc").mkdir()
    with pytest.raises(CommandError, match=r"killed half way.*\.replaced-abc"):
        call_command("restore", make_archive(), "--replace")


# --- Saving ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_link_among_the_uploads_is_not_followed(uploads, tmp_path):
    (uploads / "link").symlink_to("/etc/passwd")
    with pytest.raises(CommandError, match="is a link"):
        call_command("backup", tmp_path / "kept")


@pytest.mark.django_db
def test_a_failed_backup_leaves_no_archive(uploads, tmp_path, monkeypatch):
    def fail(path):
        raise BackupError("pg_dump is not installed (Debian package: postgresql-client).")

    monkeypatch.setattr(databases, "dump", fail)
    with pytest.raises(CommandError, match="not installed"):
        call_command("backup", tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(databases, "dump", lambda path: path.write_bytes(b""))
    with pytest.raises(CommandError, match=r"The folder .* cannot be made"):
        call_command("backup", tmp_path / "file" / "kept")


def test_a_file_that_fails_while_it_is_read_leaves_no_archive(tmp_path):
    manifest = archive.Manifest(NOW.isoformat(), "sqlite", {}, {})
    path = tmp_path / "made.tar.gz"
    with pytest.raises(BackupError), archive.write(path, manifest, lambda size: None) as writer:
        writer.add(tmp_path, "database")  # a folder cannot be read as a file
    assert list(tmp_path.glob("*made*")) == []


def test_old_archives_go_but_never_the_last(tmp_path):
    def archives(*ages):
        for age in ages:
            (tmp_path / f"portal-{NOW - timedelta(days=age):%Y-%m-%dT%H%M%SZ}.tar.gz").touch()
        return sorted(path.name for path in tmp_path.glob("portal-*"))

    (tmp_path / "portal-mine.tar.gz").touch()
    archives(0, 13, 15, 40)
    assert [path.name for path in saving.remove_older(tmp_path, days=14, now=NOW)] == [
        "portal-2026-10-15T144500Z.tar.gz",
        "portal-2026-11-09T144500Z.tar.gz",
    ]
    assert len(archives()) == 3
    for path in tmp_path.glob("portal-2*"):
        path.unlink()
    archives(90)
    assert saving.remove_older(tmp_path, days=14, now=NOW) == []


def test_progress_is_said_now_and_then(monkeypatch):
    monkeypatch.setattr(saving, "REPORT_SECONDS", -1)
    lines = []
    progress = saving.told(lines.append, "read", 3_000_000)
    progress(1_048_576)
    progress(1_048_576)
    assert [line.replace("\xa0", " ").split(" of ")[0][:6] for line in lines] == ["read 1", "read 2"]


@pytest.mark.django_db
def test_a_new_portal_is_empty(uploads):
    Page.objects.filter(depth__gt=2).delete()
    assert restoring.what_is_there() == "3 uploaded files"
    for path in media.files():
        path.unlink()
    assert restoring.what_is_there() == ""
