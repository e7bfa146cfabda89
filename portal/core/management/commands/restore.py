"""``manage.py restore ARCHIVE``: see ``portal.core.backups``."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.core.backups import restoring
from portal.core.backups.errors import BackupError


class Command(BaseCommand):
    help = "Put back what `backup` saved: all of it, or nothing. Stop web server, worker and periodic work before."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument("--replace", action="store_true", help="replace a portal that is not empty")
        parser.add_argument("--dry-run", action="store_true", help="read and check the archive, change nothing")

    def handle(self, *args: Any, archive: Path, replace: bool, dry_run: bool, **options: Any) -> None:
        # Asked to end, it puts back what it has moved, as after Ctrl-C.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            restored = restoring.restore(archive, report=self.report, replace=replace, dry_run=dry_run)
        except BackupError as error:
            raise CommandError(str(error)) from error
        finally:
            signal.signal(signal.SIGTERM, before)
        self.report("nothing changed: the archive can be restored" if dry_run else "restored")
        if restored.missing_migrations:
            self.report(f"{restored.missing_migrations} migrations are newer than the archive: run manage.py migrate")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
