"""Some four hundred migrations, run once: on SQLite the next session of tests starts from a copy of their result.

The copy is kept in ``var/tests`` under a fingerprint of all migrations; with ``CI=true`` migrations always run.
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


@contextmanager
def migrations_from_copy() -> Iterator[None]:
    """Within it, an empty test database on SQLite is filled from the copy when it is first opened."""
    if connection.vendor != "sqlite" or os.environ.get("CI", "").lower() in {"true", "1"}:
        yield
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    copy = FOLDER / f"migrated-{fingerprint()}.sqlite3"
    real = connection.settings_dict["NAME"]

    def fill(**kwargs: object) -> None:
        database = connection.connection
        is_empty = not database.execute("SELECT 1 FROM sqlite_master").fetchone()
        if is_empty and connection.settings_dict["NAME"] != real:
            with closing(sqlite3.connect(copy)) as source:
                source.backup(database)

    with (FOLDER / "migrated.lock").open("w") as lock:
        # The workers of pytest-xdist start together: the first one migrates for all.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if copy.exists():
            connection_created.connect(fill)
        yield
        connection_created.disconnect(fill)
        if not copy.exists():
            for old in FOLDER.glob("migrated-*.sqlite3"):
                old.unlink()
            fresh = copy.with_suffix(f".{os.getpid()}")
            connection.ensure_connection()
            with closing(sqlite3.connect(fresh)) as target:
                connection.connection.backup(target)
            fresh.rename(copy)
