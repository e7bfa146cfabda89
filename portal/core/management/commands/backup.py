"""``manage.py backup FOLDER``: see ``portal.core.backups``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.core.backups import saving
from portal.core.backups.errors import BackupError


class Command(BaseCommand):
    help = "Save the database and the uploaded files as one archive in a folder. The portal may run meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the archive goes; made when absent")
        parser.add_argument("--keep-days", type=int, help="then delete the archives there that are older, but the last")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be saved")

    def handle(self, *args: Any, folder: Path, keep_days: int | None, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        try:
            path = saving.back_up(folder, now=now, report=self.report, dry_run=dry_run)
            if dry_run:
                self.report(f"nothing written; it would be {path}")
                return
            self.report(f"saved: {path}, {saving.readable(path.stat().st_size)}")
            if keep_days is not None:
                for old in saving.remove_older(folder, days=keep_days, now=now):
                    self.report(f"deleted, more than {keep_days} days old: {old}")
        except BackupError as error:
            raise CommandError(str(error)) from error

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
