"""One version of all that readers see, shared by every process: what was made under another version is out of date.

Every writing statement of every process is seen where it reaches the database, so that nothing can be forgotten: page
saves, ``QuerySet.update``, bulk and raw SQL alike; only the tables of :data:`QUIET` do not count. Three steps keep a
version right whatever happens, see ``docs/decisions/0009-page-cache.md``:

1. before the first write of a transaction, a *marker* file is made and locked: “this process may change things”;
2. once the transaction is committed, the version changes and the marker goes (after a rollback the marker goes later);
3. whoever reads the version looks for markers whose process is dead, and changes the version on its behalf.

The version is a random text in a small file, and in the cache too where that is a Redis: several machines share it.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import re
from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from datetime import datetime
from functools import cache as kept_for_ever
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import uuid4
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from .moments import changes_at, collecting

logger = logging.getLogger(__name__)
Value = TypeVar("Value")

#: Tables that no public page shows: sessions, logs, drafts, locks, mails and the state of machinery. A table that is
#: not named here counts, so that a new model is safe before anybody thinks of it.
QUIET = frozenset(
    """
    auth_group auth_group_permissions auth_permission core_periodicrun directory_duplicateverdict
    directory_importedrecord directory_importmapping directory_importrun directory_positioncheck
    events_eventfeed events_eventfeed_themes events_importedevent
    django_content_type django_migrations
    django_session django_tasks_database_dbtaskresult post_office_attachment post_office_attachment_emails
    post_office_email post_office_emailtemplate post_office_log users_user users_user_groups
    users_user_user_permissions wagtailadmin_admin wagtailadmin_editingsession wagtailadmin_formstate
    wagtailcore_apitoken wagtailcore_comment wagtailcore_commentreply wagtailcore_modellogentry
    wagtailcore_pagelogentry wagtailcore_pagesubscription wagtailcore_referenceindex wagtailcore_revision
    wagtailcore_taskstate wagtailcore_uploadedfile wagtailcore_workflowstate wagtailusers_userprofile
    wagtail_localize_translationlog
    """.split()
)
#: New rows there change nothing that was shown: a picture in one more size, made by the first page that shows it.
QUIET_INSERTS = frozenset({"images_portalrendition", "wagtailimages_rendition"})

_WRITE = re.compile(
    r"\s*(INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?[\"`]?(\w+)", re.IGNORECASE
)
#: Statements that change no row. Whatever else is not understood counts as a write.
_HARMLESS = re.compile(
    r"\s*\(*\s*(SELECT|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|PRAGMA|SET|SHOW|EXPLAIN|ANALYZE|VACUUM|DECLARE|FETCH|CLOSE"
    r"|WITH(?!.*\b(?:INSERT|UPDATE|DELETE)\b))\b",
    re.IGNORECASE | re.DOTALL,
)
REDIS_KEY = "page-version"
TOKEN_LENGTH = 32  # of a random number in hexadecimal


def is_change(sql: str) -> bool:
    """Whether a statement may change what readers see."""
    if match := _WRITE.match(sql):
        table = match[2].lower()
        return table not in QUIET and not (table in QUIET_INSERTS and match[1][:6].upper() == "INSERT")
    return not _HARMLESS.match(sql)


# --- The version -----------------------------------------------------------------------------------------------------


def folder() -> Path:
    return Path(settings.PAGE_CACHE_FOLDER)


def read() -> str | None:
    """The version as it is now; ``None`` when it can't be known: then nothing may be kept, nor used that was."""
    try:
        recover()
        try:
            token = _token()
        except FileNotFoundError:
            bump()
            token = _token()
        return f"{fingerprint()}-{token.decode()}-{_shared_token()}"
    except Exception:
        logger.exception("The version of the pages cannot be read: nothing is cached")
        return None


def _token() -> bytes:
    # Read at each request, hence with three system calls and no object.
    file = os.open(f"{settings.PAGE_CACHE_FOLDER}/version", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, TOKEN_LENGTH)
    finally:
        os.close(file)


def bump() -> None:
    """Makes all that was kept out of date. Raises when the folder or the Redis can't be written."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    token = uuid4().hex
    fresh = place / f"version-{token}"
    fresh.write_text(token)
    fresh.replace(place / "version")
    if _is_shared():
        cache.set(REDIS_KEY, token, timeout=None)


def _is_shared() -> bool:
    return bool(settings.CACHES["default"]["BACKEND"].endswith("RedisCache"))


def _shared_token() -> str:
    if not _is_shared():
        return ""
    token: str | None = cache.get(REDIS_KEY)
    if token is None:  # a new or emptied Redis: whatever it held before, this was never a version
        cache.add(REDIS_KEY, uuid4().hex, timeout=None)
        token = cache.get(REDIS_KEY)
    return str(token)


@kept_for_ever
def fingerprint() -> str:
    """Changes with the code, the templates, the catalogues, the static files and the settings that this process runs.

    And with the start of the machine: after a power cut a file system may have forgotten the last version.
    """
    root = Path(settings.BASE_DIR)
    lines = [settings.SITE_URL, settings.MAP_TILES_URL, repr(settings.LANGUAGES), repr(settings.ALLOWED_HOSTS)]
    database = settings.DATABASES[DEFAULT_DB_ALIAS]
    lines.append(repr([database.get(name) for name in ("ENGINE", "HOST", "PORT", "NAME")]))
    with contextlib.suppress(OSError):
        lines.append(Path("/proc/sys/kernel/random/boot_id").read_text())
    files = [Path(settings.STATIC_ROOT) / "staticfiles.json", *sorted((root / "requirements").glob("*.txt"))]
    for package in ("portal", "home", "search", "events", "directory", "glossary"):
        files += sorted(path for path in (root / package).rglob("*") if path.suffix in {".py", ".html", ".mo", ".txt"})
    for path in files:
        with contextlib.suppress(OSError):
            status = path.stat()
            lines.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


# --- Markers ---------------------------------------------------------------------------------------------------------


class Pending:
    """The changes of one connection that are not known to the version yet."""

    def __init__(self) -> None:
        #: What was read within the transaction, since its last write.
        self.seen: dict[Hashable, tuple[Any, datetime | None]] = {}
        self.marker: Path | None = None
        self.lock: int | None = None
        try:
            self._mark()
        except OSError:
            logger.exception("The page cache can't be told of a change beforehand: it is told afterwards only")

    def _mark(self) -> None:
        waiting = folder() / "pending"
        waiting.mkdir(parents=True, exist_ok=True)
        name = uuid4().hex
        fresh = folder() / f"marker-{name}"
        self.lock = os.open(fresh, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        # Locked before it can be found: a marker without a lock is that of a dead process.
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.marker = waiting / name
        fresh.rename(self.marker)

    def settle(self) -> None:
        """Changes the version; when that fails, the marker is left for the next reader to find."""
        try:
            bump()
            if self.marker:
                self.marker.unlink(missing_ok=True)
        except Exception:
            logger.exception("The version of the pages can't be changed")
        finally:
            if self.lock is not None:
                os.close(self.lock)
                self.lock = None


@contextlib.contextmanager
def changing() -> Iterator[None]:
    """Around what replaces contents without a statement of ours: a restored database, files put in by hand."""
    pending = Pending()
    try:
        yield
    finally:
        pending.settle()


_pending: WeakKeyDictionary[BaseDatabaseWrapper, Pending] = WeakKeyDictionary()


def recover() -> None:
    """Changes the version for processes that died between their commit and their bump, or could not bump."""
    try:
        # Read at each request, hence no object for the path nor for each name.
        names = os.listdir(f"{settings.PAGE_CACHE_FOLDER}/pending")  # noqa: PTH208
    except FileNotFoundError:
        return
    for name in names:
        marker = folder() / "pending" / name
        try:
            lock = os.open(marker, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # its process lives, and will see to it
        else:
            bump()
            marker.unlink(missing_ok=True)
        finally:
            os.close(lock)


def watch(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Signal receiver: a connection was opened; from now on its writes are seen."""
    if connection.alias == DEFAULT_DB_ALIAS and on_statement not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, on_statement)


def on_statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute wrapper of Django's connections."""
    cursor = context["cursor"]
    if isinstance(cursor.cursor, FinishedCursor):
        cursor.cursor = cursor.cursor.cursor
    if sql.startswith("SELECT"):
        return execute(sql, params, many, context)
    connection: BaseDatabaseWrapper = context["connection"]
    pending = _pending.get(connection)
    if not is_change(sql):
        if pending is not None and sql.startswith("ROLLBACK"):  # to a savepoint: what was read since may be wrong
            pending.seen.clear()
        return execute(sql, params, many, context)
    if pending is None:
        pending = _pending[connection] = Pending()
    pending.seen.clear()
    try:
        result = execute(sql, params, many, context)
        if connection.vendor == "sqlite" and not connection.in_atomic_block and cursor.description:
            cursor.cursor = FinishedCursor(cursor.cursor)
        return result
    finally:
        _settle_after_commit(connection)


class FinishedCursor:
    """A cursor whose rows were all read. Without a transaction, SQLite commits ``INSERT … RETURNING`` only then.

    Django reads them after the statement, hence after its wrappers: too late for a version that must change after the
    commit.
    """

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.rows = iter(cursor.fetchall())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return self.rows

    def fetchone(self) -> Any:
        return next(self.rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return list(islice(self.rows, size))

    def fetchall(self) -> list[Any]:
        return list(self.rows)


def _settle_after_commit(connection: BaseDatabaseWrapper) -> None:
    if not connection.in_atomic_block:
        if connection.get_autocommit():
            settle(connection)
        return  # else a transaction managed by hand: ``settle_all`` sees to it
    if connection.run_on_commit:
        # Registered once for each savepoint: one that is rolled back takes its own registrations along.
        entry: tuple[Any, ...] = connection.run_on_commit[-1]
        savepoints, function = entry[:2]
        if getattr(function, "func", None) is settle and savepoints == set(connection.savepoint_ids):
            return
    transaction.on_commit(partial(settle, connection), using=connection.alias, robust=True)


def settle(connection: BaseDatabaseWrapper) -> None:
    """The changes of a connection are committed (or perhaps rolled back): the version changes."""
    if pending := _pending.pop(connection, None):
        pending.settle()
        if (asked := _asked.get()) is not None:
            asked.forget()


def settle_all() -> None:
    """The changes of this thread that were rolled back, or whose callbacks another callback's failure left out."""
    if not _pending:  # of no thread: nearly always
        return
    connection = connections[DEFAULT_DB_ALIAS]
    if connection in _pending and not _is_open(connection):
        settle(connection)


def _is_open(connection: BaseDatabaseWrapper) -> bool:
    """Whether the transaction in which pending changes were made is still the one that is open."""
    return connection.in_atomic_block and any(
        getattr(entry[1], "func", None) is settle for entry in connection.run_on_commit
    )


def is_changing() -> bool:
    """Whether this thread is in a transaction that has changed something."""
    settle_all()
    return bool(_pending) and connections[DEFAULT_DB_ALIAS] in _pending


# --- Kept in the memory of a process ---------------------------------------------------------------------------------


class Asked:
    """The version under which a request is answered: read once, before anything else is."""

    def __init__(self) -> None:
        self.version = current()

    def forget(self) -> None:
        """This request changed something itself."""
        self.version = current()


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)
_memory: tuple[str | None, dict[Hashable, tuple[Any, datetime | None]]] = (None, {})
MEMORY_LIMIT = 2_000
#: Called when this process learns of a new version: memories of their own that are too hot for :func:`remembered`.
on_new_version: list[Callable[[], object]] = []


def hold(version: str | None) -> None:
    """Begins to keep things for a version that was just read, and drops those of the one before."""
    global _memory  # noqa: PLW0603 - one reference, replaced whole: threads see the old pair or the new one
    if version is not None and _memory[0] != version:
        _memory = (version, {})
        for forget in on_new_version:
            forget()


def current() -> str | None:
    """The version as :func:`read` gives it; from now on this process keeps things for that one only."""
    version = read()
    hold(version)
    return version


def forget_memory() -> None:
    """For tests: as at the start of a process."""
    global _memory  # noqa: PLW0603
    _memory = (None, {})
    for forget in on_new_version:
        forget()
    for pending in _pending.values():
        pending.seen.clear()


@contextlib.contextmanager
def request_version() -> Iterator[Asked]:
    """Reads the version once for a request; :func:`remembered` uses it within."""
    asked = Asked()
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)


def _kept() -> dict[Hashable, tuple[Any, datetime | None]] | None:
    """Where this thread may keep what it reads now; ``None`` when nowhere."""
    if is_changing():
        return _pending[connections[DEFAULT_DB_ALIAS]].seen
    asked = _asked.get()
    version = asked.version if asked else read()
    if asked is None:
        hold(version)
    known, kept = _memory
    return kept if version is not None and known == version else None


def remembered(key: Hashable, compute: Callable[[], Value]) -> Value:
    """What ``compute()`` gives, kept in this process until anything changes. Never change what it gives.

    ``key`` names the computation with all that it depends on but the database: the language, the day… Instants noted
    by ``compute`` (:mod:`portal.core.moments`) are respected. Within a transaction that has written, values live until
    its next write.
    """
    kept = _kept()
    if kept is None:
        return compute()
    if (found := kept.get(key)) is not None:
        value, until = found
        if until is None or timezone.now() < until:
            changes_at(until)
            return cast(Value, value)
    with collecting() as moments:
        value = compute()
    if len(kept) >= MEMORY_LIMIT:
        kept.clear()
    kept[key] = (value, moments.earliest)
    return value
