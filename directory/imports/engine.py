"""An import from end to end: what commands, tasks and screens call.

:func:`plan` reads a file and says what would become of each row; :func:`apply` does it. Both read the whole file before
anything is decided, so that a broken one is refused as a whole. A run that was killed is made up for by the same
:func:`apply` again: each sheet is whole or not there, and what is there is found by its identifier.
"""

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext

from portal.core.foundations import lay_foundations

from ..models import DirectoryIndexPage, ImportedRecord
from . import indexing, readers
from .applying import Applier
from .errors import ODD_ROW, RowError, UnreadableFileError
from .formats import Format
from .planning import Planned, Planner
from .reports import Decision, Report
from .surveys import Survey
from .values import Writer

#: Called with a phase (``reading``, ``comparing``, ``writing``, ``indexing``), the rows done and the rows in all (0 if
#: nobody knows yet).
Progress = Callable[[str, int, int], None]


def nothing(phase: str, done: int, rows: int) -> None:
    """No progress."""


def plan(
    path: Path, fmt: Format, *, progress: Progress = nothing, tell: Callable[[Decision], None] | None = None
) -> Report:
    """What would become of each row; nothing is written. ``tell`` gets each decision.

    ``fmt`` is fresh from ``formats.format_named``. Raises ``UnreadableFileError``.
    """
    survey = survey_of(path, fmt, progress)
    planner = Planner(fmt, survey, Writer(), timezone.localdate())
    report = Report()
    for done, planned in enumerate(decisions(path, planner), start=1):
        report.add(planned.decision)
        if tell:
            tell(planned.decision)
        progress("comparing", done, survey.rows)
    for record in planner.gone():
        tell_gone(report, record)
    return report


def apply(path: Path, fmt: Format, *, progress: Progress = nothing, user: Any = None) -> Report:
    """Imports a file: each sheet in a transaction of its own. ``user`` is who asked for it, ``None`` for a command.

    Raises ``UnreadableFileError`` before anything is written; also while another import is under way.
    """
    survey = survey_of(path, fmt, progress)
    if not DirectoryIndexPage.objects.sources().exists():
        lay_foundations()  # the database is new: nobody made the sections yet
    with alone(), indexing.gathered(), LogContext(user=user):
        indexing.index_written()  # of a run that was killed
        planner = Planner(fmt, survey, Writer(), timezone.localdate())
        applier = Applier(planner.writer, planner, user)
        report = Report()
        for done, planned in enumerate(decisions(path, planner), start=1):
            applier.apply(planned)
            report.add(planned.decision)
            progress("writing", done, survey.rows)
        for record in planner.gone():
            applier.mark_gone([record], planner.today)
            tell_gone(report, record)
        indexing.index_written(lambda count: progress("indexing", count, survey.rows))
    return report


def survey_of(path: Path, fmt: Format, progress: Progress = nothing) -> Survey:
    """Reads the whole file once. Raises ``UnreadableFileError`` when it is broken, or is not of this format."""
    content = readers.check(path, lambda count: progress("reading", count, 0))
    fmt.chooses(content.groups)
    if missing := fmt.missing(content.columns):
        raise UnreadableFileError(
            _("This file has no column %(missing)s: it is not of this format. Its columns are: %(columns)s.")
            % {"missing": ", ".join(f"“{name}”" for name in missing), "columns": ", ".join(content.columns[:20])[:300]}
        )
    survey = Survey()
    for row in readers.rows(path):
        if not fmt.wants(row):
            continue
        survey.rows += 1
        with contextlib.suppress(RowError, *ODD_ROW):
            survey.add(fmt.draft(row))
        if survey.rows % 200 == 0:
            progress("reading", survey.rows, content.rows)
    if not survey.rows:
        raise UnreadableFileError(_("There are no rows in this file."))
    return survey


def decisions(path: Path, planner: Planner) -> Iterator[Planned]:
    """A decision for each row. Structures come before the services that hang on them, wherever they stand."""
    if planner.survey.kinds >= {"structure", "service"}:
        yield from planner.decide(readers.rows(path), "structure")
        yield from planner.decide(readers.rows(path), "service")
    else:
        yield from planner.decide(readers.rows(path))


def tell_gone(report: Report, record: ImportedRecord) -> None:
    report.gone += 1
    if len(report.gone_rows) < 1000:
        told = {"id": record.source_id, "page": record.page_id, "title": record.page.title}
        report.gone_rows.append(told)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two imports at once would give two sheets one address. Raises ``UnreadableFileError`` for the second one."""
    folder = Path(settings.IMPORTS_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UnreadableFileError(_("Another import is under way. Wait for its end, then try again.")) from error
        yield
