"""The uploaded files: which there are, and how all of them are exchanged at once."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from .errors import BackupError


def root() -> Path:
    """The folder of the uploaded files, made when absent; ``BackupError`` when they are kept elsewhere."""
    if not isinstance(default_storage, FileSystemStorage):
        raise BackupError("The uploaded files are not in a folder of this machine; save them where they are.")
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"The folder of uploaded files cannot be made: {error.strerror} ({folder}).") from error
    return folder


def files() -> list[Path]:
    """Every uploaded file, in a steady order. Names with a leading dot, at any depth, are nobody's upload."""
    folder = root()
    found = []
    for path in sorted(folder.rglob("*")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.is_symlink():
            raise BackupError(f"{path} is a link, which an archive cannot hold: put the file itself there.")
        if path.is_file():
            found.append(path)
    return found


@contextmanager
def staging() -> Iterator[Path]:
    """A folder to unpack into, on the disk of the uploaded files, gone at the end.

    It lies inside their folder, not beside: that one is often where a volume is mounted, which nothing can rename.
    """
    if left := sorted(root().glob(".replaced-*")):
        raise BackupError(
            f"A former restore was killed half way; the files that it was replacing are in {left[0]}. "
            "Move them back or away, then delete that folder."
        )
    try:
        folder = Path(tempfile.mkdtemp(prefix=".restore-", dir=root()))
    except OSError as error:
        raise BackupError(f"The folder of uploaded files cannot be written: {error.strerror} ({root()}).") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def exchanged(new: Path) -> Iterator[None]:
    """Within it, the uploaded files are those of ``new``; after an exception the former ones are back.

    Only the entries at the top are renamed, which takes no time and no space.
    """
    folder = root()
    former = Path(tempfile.mkdtemp(prefix=".replaced-", dir=folder))
    try:
        _move_entries(folder, former)
        if new.is_dir():
            _move_entries(new, folder)
        yield
    except BaseException:
        _move_entries(folder, new)
        _move_entries(former, folder)
        former.rmdir()
        raise
    shutil.rmtree(former, ignore_errors=True)


def _move_entries(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for entry in list(source.iterdir()):
        if not entry.name.startswith("."):
            entry.rename(target / entry.name)
