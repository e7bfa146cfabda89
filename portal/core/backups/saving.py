"""Saving: one archive of the database and the uploaded files, made while the portal runs."""

import platform
import tempfile
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from . import archive, databases, media
from .errors import BackupError

Report = Callable[[str], None]

PREFIX, SUFFIX = "portal-", ".tar.gz"
STAMP = "%Y-%m-%dT%H%M%SZ"
REPORT_SECONDS = 5


def back_up(folder: Path, *, now: datetime, report: Report, dry_run: bool = False) -> Path:
    """Write ``portal-<UTC time>.tar.gz`` into ``folder``, which is made when absent; gives its path.

    Raises ``BackupError``, and then no archive appears. With ``dry_run`` nothing at all is written.
    """
    path = folder / f"{PREFIX}{now.astimezone(UTC):{STAMP}}{SUFFIX}"
    if path.exists():
        raise BackupError(f"{path} is there already.")
    manifest = archive.Manifest(
        made_at=now.astimezone(UTC).isoformat(),
        engine=databases.engine(),
        migrations=databases.applied_migrations(),
        versions=versions(),
    )
    if not manifest.migrations:
        raise BackupError("The database is empty: there is nothing to save.")
    uploads = media.files()
    expected = databases.size() + sum(upload.stat().st_size for upload in uploads)
    report(f"database ({manifest.engine}) and {len(uploads)} uploaded files, about {readable(expected)}")
    if dry_run:
        return path
    make_folder(folder)
    with tempfile.TemporaryDirectory(prefix=".portal-", dir=folder) as temporary:
        # The database first: a file uploaded since is in the archive without its row, which harms nobody; a row
        # without its file would be a broken picture.
        copy = Path(temporary) / archive.DATABASE
        databases.dump(copy)
        with archive.write(path, manifest, told(report, "saved", expected)) as writer:
            writer.add(copy, archive.DATABASE)
            for upload in media.files():
                name = upload.relative_to(media.root()).as_posix()
                try:
                    writer.add(upload, f"{archive.MEDIA}/{name}")
                except FileNotFoundError:
                    report(f"{name}: deleted meanwhile, left out")
    return path


def remove_older(folder: Path, *, days: int, now: datetime) -> list[Path]:
    """Delete the archives of ``folder`` made more than ``days`` days before ``now``, but never the last one.

    Only files with the name of an archive are looked at; their age is what their name says.
    """
    archives = sorted(path for path in folder.glob(f"{PREFIX}*{SUFFIX}") if made_at(path))
    old = [path for path in archives[:-1] if (made_at(path) or now) < now - timedelta(days=days)]
    for path in old:
        path.unlink()
    return old


def made_at(path: Path) -> datetime | None:
    """When an archive was made, from its name; None when this is no name of an archive."""
    try:
        return datetime.strptime(path.name, f"{PREFIX}{STAMP}{SUFFIX}").replace(tzinfo=UTC)
    except ValueError:
        return None


def versions() -> dict[str, str]:
    """What the archive was made with, for the person who must find the same again."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return {
        "portal": str(project["version"]),
        "django": version("django"),
        "wagtail": version("wagtail"),
        "python": platform.python_version(),
    }


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BackupError(f"The folder {folder} cannot be made: {error.strerror}.") from error


def told(report: Report, verb: str, expected: int) -> archive.Progress:
    """A progress that says, every few seconds, how much of the bytes expected was done."""
    done, said_at = 0, time.monotonic()

    def progress(size: int) -> None:
        nonlocal done, said_at
        done += size
        if time.monotonic() - said_at > REPORT_SECONDS:
            said_at = time.monotonic()
            report(f"{verb} {readable(done)} of about {readable(expected)}")

    return progress


def readable(size: int) -> str:
    """A number of bytes for a person, in an ASCII line."""
    return str(filesizeformat(size)).replace("\xa0", " ")
