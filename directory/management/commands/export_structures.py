"""``manage.py export_structures FILE --format data-inclusion``: see ``directory.inclusion_records``."""

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from directory.inclusion_records import everything

FORMATS = ("data-inclusion",)
#: Records between two lines of progress.
STEP = 1_000


class Command(BaseCommand):
    help = (
        "Write all public structures and services to a file of data.inclusion v1 (JSON), which import_structures reads "
        "again. The file is whole or not there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="where to write; “-” for the standard output")
        parser.add_argument("--format", choices=FORMATS, default=FORMATS[0])
        parser.add_argument("--dry-run", action="store_true", help="write nothing: only count")

    def handle(self, *args: Any, file: str, dry_run: bool, **options: Any) -> None:
        if dry_run:
            for name, count, _records in everything(settings.SITE_URL):
                self.tell(f"{name}: {count}")
            return
        if file == "-":
            self.write(sys.stdout)
            return
        path = Path(file)
        try:
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
                part = Path(folder) / path.name
                with part.open("w", encoding="utf-8", newline="\n") as out:
                    self.write(out)
                part.replace(path)
        except OSError as error:
            raise CommandError(f"{path} can’t be written: {error.strerror or error}") from error
        self.tell(f"written: {path}")

    def write(self, out: TextIO) -> None:
        """One record a line, so that two exports can be compared by any tool."""
        head = {
            "source": settings.DATA_SOURCE,
            "licence": settings.DATA_LICENCE,
            "licence_url": settings.DATA_LICENCE_URL,
            "date": timezone.localdate().isoformat(),
        }
        out.write("{\n" + ",\n".join(f"{as_json(name)}: {as_json(value)}" for name, value in head.items()))
        for name, count, records in everything(settings.SITE_URL):
            out.write(f",\n{as_json(name)}: [")
            lines = self.counted(name, count, records)
            out.writelines(f",\n{line}" if rank else f"\n{line}" for rank, line in enumerate(lines))
            out.write("\n]")
        out.write("\n}\n")

    def counted(self, name: str, count: int, records: Iterator[dict[str, Any]]) -> Iterator[str]:
        for rank, record in enumerate(records, start=1):
            yield as_json(record)
            if rank % STEP == 0 or rank == count:
                self.tell(f"{name}: {rank} / {count}")

    def tell(self, line: str) -> None:
        self.stderr.write(line)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
