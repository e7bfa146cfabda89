"""``manage.py import_events FILE|URL``: events from a calendar into the agenda; see ``docs/operations.md``."""

import json
import re
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils.translation import gettext as _

from directory.imports.errors import UnreadableFileError
from directory.imports.reports import Report
from events.imports import engine
from portal.core.fetching import FetchError, fetch

ALL_FINE, SOME_REJECTED, UNREADABLE = 0, 1, 2
SHOWN = 20


class Command(BaseCommand):
    help = "Import events from a calendar (.ics, OpenAgenda JSON), a file or a web address. May be run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="FILE|URL", help="the file to read, or the address to fetch")
        parser.add_argument("--centre", default="", metavar="SLUG", help="into the agenda of this centre")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--report", type=Path, help="where to write the report, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        self.last = 0.0
        is_dry = bool(options["dry_run"])
        source: str = options["source"]
        head = {"file": source.rpartition("/")[2].partition("?")[0], "centre": options["centre"], "dry_run": is_dry}
        try:
            with ExitStack() as stack:
                report = self.run(self.path_of(source, stack), options["centre"], is_dry=is_dry)
        except (UnreadableFileError, FetchError) as error:
            self.refuse(str(error), head, options["report"])
        except DatabaseError as error:
            message = _("The database refused (%(detail)s). Run the same command again: it goes on where it stopped.")
            self.refuse(message % {"detail": str(error)[:200]}, head, options["report"])
        self.line_ended()
        written = self.write(options["report"], {**head, **report.as_json()})
        self.tell(report, is_dry=is_dry)
        if not written:
            sys.exit(UNREADABLE)
        sys.exit(SOME_REJECTED if report.rejected else ALL_FINE)

    def path_of(self, source: str, stack: ExitStack) -> Path:
        """The file; what an address gives, in a file for the time of the import."""
        if not re.match(r"(?:https?|webcals?)://", source, re.IGNORECASE):
            return Path(source)
        fetched = fetch(re.sub(r"^webcals?://", "https://", source, flags=re.IGNORECASE))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-events-"))
        path = Path(folder) / "calendar"
        path.write_bytes(fetched.content)
        return path

    def run(self, path: Path, centre: str, *, is_dry: bool) -> Report:
        content = engine.read(path, self.progress)
        agenda = engine.agenda_of(centre, make=not is_dry)
        if agenda is None:  # it would be made
            agenda = engine.agenda_of()
        assert agenda is not None  # noqa: S101 - for mypy: the common one is there
        target = engine.target_of_file(content, centre, agenda)
        return (engine.plan if is_dry else engine.apply)(content, target, progress=self.progress)

    def tell(self, report: Report, *, is_dry: bool) -> None:
        self.stdout.write(summary(report))
        for rejected in report.rejected[:SHOWN]:
            self.stdout.write(_("row %(row)d: %(reason)s") % rejected)
        if len(report.rejected) > SHOWN:
            self.stdout.write(_("… and %(count)d more, in the report") % {"count": len(report.rejected) - SHOWN})
        if is_dry:
            self.stdout.write(_("Nothing was written (--dry-run)."))

    def refuse(self, message: str, head: dict[str, Any], path: Path | None) -> NoReturn:
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
        "%(read)d events read: %(created)d created, %(changed)d changed, %(unchanged)d unchanged, %(flagged)d flagged, "
        "%(rejected)d rejected. %(gone)d known ones are not in the source any more."
    ) % {**report.as_json(), "rejected": len(report.rejected)}
