"""The archive: a ``tar.gz`` of the database, ``media/…`` and, as its last member, ``manifest.json``.

The manifest names every other member with its size and SHA-256. It comes last so that each file is read once; an
archive without it was cut short. Nothing in an archive is believed before its checksum was compared.
"""

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from .errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
MEDIA = "media"
MANIFEST_LIMIT = 256 * 1024 * 1024  # some millions of files
CHUNK = 1024 * 1024

Progress = Callable[[int], None]
"""Called with a number of bytes, each time that so many were written."""


@dataclass
class Manifest:
    """What an archive says of itself. ``files``: member → size in bytes and SHA-256 in hexadecimal."""

    made_at: str
    engine: str
    migrations: dict[str, list[str]]
    versions: dict[str, str]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def media_count(self) -> int:
        return len(self.files) - 1

    @property
    def size(self) -> int:
        """Bytes of all members, uncompressed."""
        return sum(int(entry["size"]) for entry in self.files.values())

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """Raises ``BackupError`` when it cannot be understood, or was written by a later version of the format."""
        try:
            values = json.loads(content)
            if values["format"] > FORMAT:
                raise BackupError(
                    f"This archive has format {values['format']}: it needs a newer version of the portal."
                )
            manifest = cls(**values)
            if not all({"size", "sha256"} <= entry.keys() for entry in manifest.files.values()):
                raise ValueError("an entry without checksum")
            if not all(isinstance(names, list) for names in manifest.migrations.values()):
                raise ValueError("migrations without a list")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BackupError(f"The manifest of the archive cannot be read ({error}).") from error
        return manifest


class Writer:
    """Adds members to an archive that is being written, and notes their checksums in the manifest."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest, progress: Progress) -> None:
        self.tar = tar
        self.manifest = manifest
        self.progress = progress

    def add(self, path: Path, name: str) -> None:
        """Add a regular file. It must not change meanwhile; ``FileNotFoundError`` when it is gone already."""
        with path.open("rb") as file:
            member = tarfile.TarInfo(name)
            status = os.fstat(file.fileno())
            member.size, member.mtime, member.mode = status.st_size, int(status.st_mtime), 0o644
            source = _Counted(file, self.progress)
            try:
                self.tar.addfile(member, source)
            except OSError as error:
                raise BackupError(f"{path} cannot be saved: {error.strerror or error}.") from error
            self.manifest.files[name] = {"size": member.size, "sha256": source.digest.hexdigest()}

    def finish(self) -> None:
        content = self.manifest.as_json()
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(content), 0o600
        self.tar.addfile(member, io.BytesIO(content))


class _Counted(io.RawIOBase):
    """A file that is read once, its bytes counted and their checksum made on the way."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self.file = file
        self.progress = progress
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        self.progress(len(data))
        return data


@contextmanager
def write(path: Path, manifest: Manifest, progress: Progress) -> Iterator[Writer]:
    """An archive at ``path``, readable by its owner only. It gets its name when it is whole, and is gone else."""
    partial = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            # Pictures and dumps of PostgreSQL are compressed already: the lightest level serves the rest.
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as tar:
                writer = Writer(tar, manifest, progress)
                yield writer
                writer.finish()
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError as error:
        raise BackupError(f"The archive cannot be written: {error.strerror or error} ({path.parent}).") from error
    finally:
        partial.unlink(missing_ok=True)


def unpack(path: Path, folder: Path, progress: Progress) -> Manifest:
    """Write the members of an archive below ``folder`` and compare each with the manifest.

    Only regular files with harmless names are taken, whatever the archive holds besides is a ``BackupError``; the
    caller throws ``folder`` away then.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest = None
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            for member in tar:
                if manifest:
                    raise BackupError(f"The archive goes on after its manifest, with {member.name!r}.")
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise BackupError(f"The archive holds {member.name!r}, which is no plain file.")
                if member.name == MANIFEST:
                    if member.size > MANIFEST_LIMIT:
                        raise BackupError("The manifest of the archive is too large to be one.")
                    manifest = Manifest.from_json(content.read())
                elif member.name in found:
                    raise BackupError(f"The archive holds {member.name!r} twice.")
                else:
                    found[member.name] = _write(content, folder / safe_path(member.name), progress)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise BackupError(f"The archive {path} is damaged or cut short ({error}).") from error
    except OSError as error:
        raise BackupError(f"The archive {path} cannot be read: {error.strerror or error}.") from error
    if manifest is None:
        raise BackupError("The archive has no manifest: it was cut short, or the portal did not make it.")
    compare(manifest.files, found)
    return manifest


def safe_path(name: str) -> PurePosixPath:
    """The place of a member below the folder where it is unpacked; ``BackupError`` when the name leads elsewhere."""
    path = PurePosixPath(name)
    parts = name.split("/")
    # A leading dot is how the portal names its own half-done work, and what a web server must not give out.
    is_harmless = all(part and not part.startswith(".") and part.isprintable() for part in parts)
    is_ours = name == DATABASE or (parts[0] == MEDIA and len(parts) > 1)
    if not is_ours or not is_harmless or "\\" in name:
        raise BackupError(f"The archive holds {name!r}, which has no place in a portal.")
    return path


def compare(promised: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> None:
    """``BackupError`` unless both name the same members with the same sizes and checksums."""
    if missing := sorted(promised.keys() - found.keys()):
        raise BackupError(f"The archive lacks {missing[0]!r}{_and_more(missing)}.")
    if extra := sorted(found.keys() - promised.keys()):
        raise BackupError(f"The archive holds {extra[0]!r}{_and_more(extra)}, unknown to its manifest.")
    if wrong := sorted(name for name, entry in found.items() if entry != promised[name]):
        raise BackupError(f"The checksum of {wrong[0]!r}{_and_more(wrong)} is wrong: the archive is damaged.")
    if DATABASE not in found:
        raise BackupError("The archive holds no database.")


def _and_more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""


def _write(content: Any, path: Path, progress: Progress) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while data := content.read(CHUNK):
            file.write(data)
            digest.update(data)
            size += len(data)
            progress(len(data))
    return {"size": size, "sha256": digest.hexdigest()}
