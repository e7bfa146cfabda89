"""Some four hundred migrations, run once: other databases of tests start from a copy of their result.

On SQLite the copy is a file, kept in ``var/tests`` under a fingerprint of all migrations, for the next sessions too; in
continuous integration ``tests/run.py`` throws it away first. On PostgreSQL it is a database of the same server that the
others are made from.
"""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created

FOLDER = Path(__file__).resolve().parents[1] / "var" / "tests"


def fingerprint() -> str:
    """Changes with the migrations of all installed applications and with the version of SQLite."""
    digest = hashlib.sha256(sqlite3.sqlite_version.encode())
    digest.update(repr(getattr(settings, "MIGRATION_MODULES", {})).encode())
    for config in apps.get_app_configs():
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def forget_copies() -> None:
    """Throw away what earlier sessions kept."""
    for old in FOLDER.glob("migrated-*.sqlite3"):
        old.unlink()


@contextmanager
def migrations_from_copy() -> Iterator[None]:
    """Within it, the test database is made from the copy when there is one; else it becomes the copy at the end.

    The workers of pytest-xdist start together: the first one migrates for all.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"migrated-{connection.vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _sqlite_file() if connection.vendor == "sqlite" else _postgresql_template():
            yield


@contextmanager
def _sqlite_file() -> Iterator[None]:
    copy = FOLDER / f"migrated-{fingerprint()}.sqlite3"
    real = connection.settings_dict["NAME"]

    def fill(**kwargs: object) -> None:
        database = connection.connection
        is_empty = not database.execute("SELECT 1 FROM sqlite_master").fetchone()
        if is_empty and connection.settings_dict["NAME"] != real:
            with closing(sqlite3.connect(copy)) as source:
                source.backup(database)

    if copy.exists():
        connection_created.connect(fill)
    yield
    connection_created.disconnect(fill)
    if not copy.exists():
        forget_copies()
        fresh = copy.with_suffix(f".{os.getpid()}")
        connection.ensure_connection()
        with closing(sqlite3.connect(fresh)) as target:
            connection.connection.backup(target)
        fresh.rename(copy)


@contextmanager
def _postgresql_template() -> Iterator[None]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield  # one database only: a copy would serve nobody, and stay behind
        return
    copy = f"migrated_{fingerprint()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [copy])
        is_there = cursor.fetchone() is not None
    if is_there:
        connection.settings_dict["TEST"]["TEMPLATE"] = copy
    yield
    if not is_there:
        migrated = connection.settings_dict["NAME"]
        connection.close()  # a database is copied only while nobody is in it
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{migrated}"')
