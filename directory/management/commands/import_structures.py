"""``manage.py import_structures FILE``: structures from a file into the directory; see ``docs/imports.md``."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils.translation import gettext as _

from directory.imports.engine import apply, plan
from directory.imports.errors import MappingError, UnreadableFileError
from directory.imports.formats import DATA_INCLUSION, FORMATS, format_named
from directory.imports.reports import Report

ALL_FINE, SOME_REJECTED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    help = "Import structures from a file (CSV, XLSX, JSON, NDJSON). May be run again: only what differs is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file to read")
        parser.add_argument("--format", choices=FORMATS, default=DATA_INCLUSION, dest="fmt")
        parser.add_argument("--mapping", default="", help="with --format mapped: which mapping of columns")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--report", type=Path, help="where to write the report, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        self.last = 0.0
        path: Path = options["file"]
        is_dry = bool(options["dry_run"])
        head = {"file": path.name, "format": options["fmt"], "mapping": options["mapping"], "dry_run": is_dry}
        try:
            fmt = format_named(options["fmt"], options["mapping"])
            report = (plan if is_dry else apply)(path, fmt, progress=self.progress)
        except (UnreadableFileError, MappingError) as error:
            self.refuse(str(error), head, options["report"])
        except DatabaseError as error:
            message = _("The database refused (%(detail)s). Run the same command again: it goes on where it stopped.")
            self.refuse(message % {"detail": str(error)[:200]}, head, options["report"])
        self.line_ended()
        written = self.write(options["report"], {**head, **report.as_json()})
        self.stdout.write(summary(report))
        for rejected in report.rejected[:20]:
            self.stdout.write(_("row %(row)d: %(reason)s") % rejected)
        if len(report.rejected) > 20:
            self.stdout.write(_("… and %(count)d more, in the report") % {"count": len(report.rejected) - 20})
        if is_dry:
            self.stdout.write(_("Nothing was written (--dry-run)."))
        if not written:
            sys.exit(UNREADABLE)
        sys.exit(SOME_REJECTED if report.rejected else ALL_FINE)

    def refuse(self, message: str, head: dict[str, Any], path: Path | None) -> None:
        self.line_ended()
        self.stderr.write(message)
        self.write(path, {**head, **Report().as_json(), "error": message})
        sys.exit(UNREADABLE)

    def write(self, path: Path | None, report: dict[str, Any]) -> bool:
        if path is None:
            return True
        try:
            path.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            self.stderr.write(_("The report can't be written: %(detail)s") % {"detail": error})
            return False
        return True

    # --- Progress ----------------------------------------------------------------------------------------------------
    def progress(self, phase: str, done: int, rows: int) -> None:
        """A line that is written over on a terminal, a line now and then elsewhere."""
        is_terminal = self.stderr.isatty()
        now = monotonic()
        if now - self.last < (0.2 if is_terminal else 3):
            return
        self.last = now
        words = {
            "reading": _("reading"),
            "comparing": _("comparing"),
            "writing": _("writing"),
            "indexing": _("indexing"),
        }
        text = f"{words[phase]}: {done}{f' / {rows}' if rows else ''}"
        if is_terminal:
            self.stderr.write(f"\r{text:<60}", ending="")
        else:
            self.stderr.write(text)
        self.stderr.flush()

    def line_ended(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("")


def summary(report: Report) -> str:
    return _(
        "%(read)d rows read: %(created)d created, %(changed)d changed, %(unchanged)d unchanged, %(flagged)d flagged, "
        "%(rejected)d rejected. %(gone)d known ones are not in the source any more."
    ) % {**report.as_json(), "rejected": len(report.rejected)}
