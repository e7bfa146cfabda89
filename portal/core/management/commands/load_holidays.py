"""``manage.py load_holidays FILE``: the dates of the school holidays; see ``portal.core.holiday_files``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.core.holiday_files import UnreadableFileError, apply, read_holidays


class Command(BaseCommand):
    help = (
        "Load school holidays from a CSV file (date, vacances_zone_a, vacances_zone_b, vacances_zone_c, nom_vacances). "
        "Ends with 1 when rows were rejected, 2 when the file can't be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file, one row a day")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            reading = read_holidays(file)
        except UnreadableFileError as error:
            raise CommandError(str(error), returncode=2) from error
        with transaction.atomic():
            report = apply(reading.holidays)
            if dry_run:
                transaction.set_rollback(True)
        for line, reason in reading.rejected:
            self.stderr.write(f"line {line}: {reason}")
        would = " (nothing written)" if dry_run else ""
        self.stdout.write(
            f"{reading.days} days read, {len(reading.rejected)} rejected; holidays: {report.created} created, "
            f"{report.changed} changed, {report.unchanged} unchanged{would}"
        )
        if reading.rejected:
            raise CommandError(f"{len(reading.rejected)} rows were rejected.", returncode=1)
