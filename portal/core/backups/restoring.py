"""Restoring: the portal becomes what an archive holds, or stays what it was."""

from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.cache import cache
from wagtail.models import Page

from portal.core import versions

from . import archive, databases, media
from .errors import BackupError
from .saving import Report, told

UNPACKED_FACTOR = 2  # pictures do not shrink, texts do: a guess, for the progress only


@dataclass(frozen=True)
class Restored:
    """What was in the archive; ``missing_migrations``: how many migrations must still be run."""

    manifest: archive.Manifest
    missing_migrations: int


def restore(path: Path, *, report: Report, replace: bool = False, dry_run: bool = False) -> Restored:
    """Replace database and uploaded files by those of the archive at ``path``.

    The archive is first unpacked beside the uploaded files and compared with its manifest; then the files are
    exchanged by renaming, and the database is replaced in one transaction. ``BackupError`` says what is wrong, and
    nothing has changed then. A portal that holds something is only replaced with ``replace``. With ``dry_run`` all is
    unpacked and checked, and thrown away.
    """
    if not path.is_file():
        raise BackupError(f"There is no archive at {path}.")
    if not replace and not dry_run and (content := what_is_there()):
        raise BackupError(f"This portal is not empty ({content}): nothing was changed. Add --replace to replace it.")
    with media.staging() as folder:
        report(f"reading {path}")
        expected = path.stat().st_size * UNPACKED_FACTOR
        manifest = archive.unpack(path, folder, told(report, "read", expected))
        check(manifest, folder / archive.DATABASE)
        report(f"checked: {manifest.media_count} uploaded files and the database of {manifest.made_at}")
        if not dry_run:
            with versions.changing(), media.exchanged(folder / archive.MEDIA):
                databases.load(folder / archive.DATABASE)
            cache.clear()  # it tells of the former content
    return Restored(manifest, databases.missing_migrations(manifest.migrations))


def check(manifest: archive.Manifest, copy: Path) -> None:
    """``BackupError`` when this portal could not live with what the archive holds."""
    if manifest.engine != databases.engine():
        raise BackupError(
            f"The archive holds a database of {manifest.engine}, this portal runs on {databases.engine()}. "
            "To move from one to the other, see docs/operations.md."
        )
    if unknown := databases.unknown_migrations(manifest.migrations):
        made_with = manifest.versions.get("portal", "unknown")
        raise BackupError(
            f"The archive was made by a newer version of the portal ({made_with}): this one does not know "
            f"{unknown[0]}{f' and {len(unknown) - 1} more' if len(unknown) > 1 else ''}. Upgrade, then restore."
        )
    databases.check(copy)


def what_is_there() -> str:
    """What would be lost, in a few words; empty for a portal with neither account, page nor uploaded file."""
    counts = {"uploaded files": len(media.files())}
    if databases.applied_migrations():
        counts["accounts"] = get_user_model().objects.count()
        # Wagtail's own migrations make the root and one page below.
        counts["pages"] = max(0, Page.objects.count() - 2)
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
