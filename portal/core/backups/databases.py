"""Copies of a whole database: SQLite by its online backup, PostgreSQL by ``pg_dump`` and ``pg_restore``.

Both copies are one consistent moment, taken while the portal runs. Both restores are one transaction: the database is
all as before, or all as in the copy.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from .errors import BackupError

LOCK_SECONDS = 20
# What pg_dump, pg_restore and psql read from their environment, by the name that the driver gives it.
POSTGRESQL_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
# Objects of a later version of the portal, unknown to the copy, must go too.
EMPTY_SCHEMA = f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


def engine() -> str:
    """``sqlite`` or ``postgresql``; ``BackupError`` for another database."""
    if connection.vendor not in _DUMP:
        raise BackupError(f"A backup of the database {connection.vendor!r} is not known; use its own tools.")
    return connection.vendor


def applied_migrations() -> dict[str, list[str]]:
    """Names of the migrations that the database has had, by application; empty for a new database.

    Without those of applications that the portal no longer has: their rows stay for ever.
    """
    applied: dict[str, list[str]] = {}
    try:
        rows = MigrationRecorder(connection).applied_migrations()
    except DatabaseError as error:
        raise BackupError(f"The database cannot be read: {error}") from error
    known = known_migrations()
    for app, name in sorted(rows):
        if (app, name) in known:
            applied.setdefault(app, []).append(name)
    return applied


def known_migrations() -> set[tuple[str, str]]:
    """The migrations of this version, and those that its squashed ones stand for."""
    migrations = MigrationLoader(None).disk_migrations
    replaced = {(app, name) for migration in migrations.values() for app, name in migration.replaces}
    return {*migrations, *replaced}


def unknown_migrations(migrations: dict[str, list[str]]) -> list[str]:
    """Those that this version of the portal does not have: the copy was made by a later one."""
    known = known_migrations()
    return sorted(f"{app}.{name}" for app, names in migrations.items() for name in names if (app, name) not in known)


def missing_migrations(migrations: dict[str, list[str]]) -> int:
    """How many of this version's migrations the copy has not had yet."""
    had = {(app, name) for app, names in migrations.items() for name in names}
    return sum(
        key not in had and not (migration.replaces and had.issuperset(migration.replaces))
        for key, migration in MigrationLoader(None).disk_migrations.items()
    )


def size() -> int:
    """Bytes of the database on its disk, about."""
    query = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_database_size(current_database())",
    }[engine()]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def dump(path: Path) -> None:
    """Copy the database to a new file at ``path``."""
    _DUMP[engine()](path)


def check(path: Path) -> None:
    """``BackupError`` when the copy at ``path`` is not whole, as far as can be told without restoring it."""
    _CHECK[engine()](path)


def load(path: Path) -> None:
    """Replace all that the database holds by the copy at ``path``."""
    connection.close()  # our own connection must hold no lock
    _LOAD[engine()](path)


# --- SQLite ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(name: str | Path) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(sqlite3.connect(name, timeout=LOCK_SECONDS)) as database:
            yield database
    except sqlite3.Error as error:
        raise BackupError(f"SQLite: {error} ({name}).") from error


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    deadline = time.monotonic() + LOCK_SECONDS

    def look(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise BackupError("The database is in use: stop the web server, the worker and the periodic work first.")

    source.backup(target, progress=look)  # in one step: nobody sees half of it


def _dump_sqlite(path: Path) -> None:
    with _opened(connection.settings_dict["NAME"]) as source, _opened(path) as target:
        _copy(source, target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it


def _check_sqlite(path: Path) -> None:
    with _opened(path) as copy:
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise BackupError(f"The database in the archive is damaged: {verdict}.")


def _load_sqlite(path: Path) -> None:
    with _opened(path) as source, _opened(connection.settings_dict["NAME"]) as target:
        _copy(source, target)


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def _postgresql(program: str, *arguments: str | Path) -> str:
    """Run one of PostgreSQL's programs on our database; its output. ``BackupError`` tells its own last words."""
    found = shutil.which(program)
    if not found:
        raise BackupError(f"{program} is not installed (Debian package: postgresql-client).")
    parameters: dict[str, Any] = connection.get_connection_params()
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}
    environment |= {
        POSTGRESQL_VARIABLES[name]: str(value) for name, value in parameters.items() if name in POSTGRESQL_VARIABLES
    }
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if "error" in line.lower()] or [done.stderr.strip()]
        raise BackupError(f"{program}: {said[0] if said else 'failed'}")
    return done.stdout


def _dump_postgresql(path: Path) -> None:
    _postgresql(
        *("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-password", "--file", path),
    )


def _check_postgresql(path: Path) -> None:
    _postgresql("pg_restore", "--list", path)


def _load_postgresql(path: Path) -> None:
    script = path.with_suffix(".sql")
    try:
        _postgresql("pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--file", script, path)
        _postgresql(
            *("psql", "--no-psqlrc", "--quiet", "--no-password", "--single-transaction"),
            *("--set", "ON_ERROR_STOP=1", "--command", EMPTY_SCHEMA, "--file", script),
        )
    finally:
        script.unlink(missing_ok=True)


_DUMP: dict[str, Callable[[Path], None]] = {"sqlite": _dump_sqlite, "postgresql": _dump_postgresql}
_CHECK: dict[str, Callable[[Path], None]] = {"sqlite": _check_sqlite, "postgresql": _check_postgresql}
_LOAD: dict[str, Callable[[Path], None]] = {"sqlite": _load_sqlite, "postgresql": _load_postgresql}
