"""Answers kept in files, one for each address and encoding: bounded, written at once or not at all, never an error.

A file holds a line of JSON (version, end, headers) and the body as it is sent. A newer version of a page overwrites the
file of the one before; what nobody asks for any more is swept by ``run_due``.
"""

import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django.conf import settings

from . import versions

logger = logging.getLogger(__name__)

MAX_ENTRIES = 10_000
MAX_BYTES = 256 * 2**20
#: One answer: longer ones are rare and cheap to make for their length.
MAX_BODY = 2 * 2**20
#: Stored answers between two looks at the size of the whole, in each process.
BETWEEN_COUNTS = 200
#: A file being written is left alone this long, in seconds.
GRACE = 60
#: Answers that each process holds in its memory too, and the longest of them.
HOT_ENTRIES = 500
HOT_BODY = 64 * 1024


@dataclass(frozen=True)
class Stored:
    """A kept answer; ``expires`` in seconds of Unix time."""

    version: str
    expires: float
    headers: list[tuple[str, str]]
    body: bytes

    @cached_property
    def sent(self) -> dict[str, tuple[str, str]]:
        """All the headers of the answer, by their name in lower case."""
        every = [*self.headers, ("Content-Length", str(len(self.body)))]
        return {name.lower(): (name, value) for name, value in every}


def folder() -> Path:
    return versions.folder() / "pages"


def path_of(key: str) -> str:
    name = hashlib.blake2b(key.encode(), digest_size=20).hexdigest()
    return f"{settings.PAGE_CACHE_FOLDER}/pages/{name[:2]}/{name}"


_hot: dict[str, Stored] = {}
versions.on_new_version.append(_hot.clear)


def load(key: str, version: str) -> Stored | None:
    """The answer kept for a key under this version, unless its time is over."""
    stored = _hot.get(key)
    if stored is None or stored.version != version:
        stored = _read(key, version)
        _hold(key, stored)
    return stored if stored and stored.expires > time.time() else None


def _hold(key: str, stored: Stored | None) -> None:
    if stored and len(stored.body) <= HOT_BODY:
        if len(_hot) >= HOT_ENTRIES:
            _hot.clear()
        _hot[key] = stored


def _read(key: str, version: str) -> Stored | None:
    try:
        file = os.open(path_of(key), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        content = os.read(file, os.fstat(file).st_size)
        head, _, body = content.partition(b"\n")
        known, expires, length, headers = json.loads(head)
        if known != version or length != len(body):
            return None
        return Stored(known, expires, headers, body)
    except Exception:
        logger.exception("A kept page can't be read")
        return None
    finally:
        os.close(file)


_since_count = 0


def save(key: str, stored: Stored) -> None:
    """Keeps an answer; whatever goes wrong, the reader has theirs."""
    global _since_count  # noqa: PLW0603 - a rough count for each process: a race loses one
    if len(stored.body) > MAX_BODY:
        return
    try:
        path = Path(path_of(key))
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}")
        head = json.dumps([stored.version, stored.expires, len(stored.body), stored.headers]).encode()
        try:
            fresh.write_bytes(head + b"\n" + stored.body)
            fresh.replace(path)
            _hold(key, stored)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        _since_count += 1
        if _since_count >= BETWEEN_COUNTS:
            _since_count = 0
            make_room()
    except Exception:
        logger.exception("A page can't be kept")


@dataclass(frozen=True)
class _File:
    path: str
    size: int
    written_at: float


def _files() -> Iterator[_File]:
    with contextlib.suppress(FileNotFoundError):
        for part in os.scandir(folder()):
            for entry in os.scandir(part.path):
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat()
                    yield _File(entry.path, status.st_size, status.st_mtime)


def _remove(file: _File) -> None:
    Path(file.path).unlink(missing_ok=True)


def make_room() -> int:
    """Removes the oldest files when there are too many, or too much; gives how many."""
    files = sorted(_files(), key=lambda file: file.written_at)
    count, size, removed = len(files), sum(file.size for file in files), 0
    if count <= MAX_ENTRIES and size <= MAX_BYTES:
        return 0
    for file in files:
        if count <= MAX_ENTRIES * 0.8 and size <= MAX_BYTES * 0.8:
            break
        _remove(file)
        count, size, removed = count - 1, size - file.size, removed + 1
    return removed


def sweep() -> int:
    """Removes what was kept under an older version or whose time is over, and files left half written."""
    version = versions.read()
    now = time.time()
    removed = 0
    for file in _files():
        is_whole = "." not in Path(file.path).name
        if is_whole and version is not None and _is_current(file.path, version, now):
            continue
        if is_whole or file.written_at < now - GRACE:
            _remove(file)
            removed += 1
    for leftover in (*versions.folder().glob("version-*"), *versions.folder().glob("marker-*")):
        with contextlib.suppress(FileNotFoundError):
            if leftover.stat().st_mtime < now - GRACE:
                leftover.unlink()
    make_room()
    return removed


def _is_current(path: str, version: str, now: float) -> bool:
    try:
        with Path(path).open("rb") as file:
            known, expires, *_rest = json.loads(file.readline())
    except (OSError, ValueError):
        return False
    return bool(known == version and expires > now)
