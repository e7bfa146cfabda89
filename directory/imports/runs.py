"""Imports that somebody started on screen: read and applied by the worker, with progress in their row."""

import logging
from datetime import datetime
from time import monotonic
from typing import Any

from django.core.files import File
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from ..models import ImportRun
from .engine import apply, plan
from .errors import MappingError, UnreadableFileError
from .formats import format_named

logger = logging.getLogger(__name__)
State = ImportRun.State
#: Seconds between two writings of the progress.
EVERY = 1.0


def start(file: File, *, name: str, fmt: str, mapping: str = "", user: Any = None) -> ImportRun:
    """Keeps an uploaded file and has the worker read it: the preview is the run's report once it is ``previewed``."""
    run = keep(file, name=name, fmt=fmt, mapping=mapping, user=user)
    preview(run)
    return run


def keep(file: File, *, name: str, fmt: str, mapping: str = "", user: Any = None) -> ImportRun:
    """Keeps an uploaded file, whose columns may still have to be mapped."""
    run = ImportRun(file_name=name[:255], format=fmt, mapping=mapping, user=user)
    run.file.save(name.replace("/", "_")[-100:], file, save=False)
    run.save()
    return run


def preview(run: ImportRun) -> bool:
    """Has the worker read the file (again: with another mapping). False once it is being applied, or was."""
    ready = ImportRun.objects.filter(pk=run.pk, state__in=[State.NEW, State.PREVIEWED, State.FAILED])
    if not ready.update(state=State.PREVIEWING, message="", report={}, rows=0, rows_done=0, mapping=run.mapping):
        return False
    preview_import.enqueue(run.pk)
    return True


def forget_files(before: datetime) -> int:
    """Deletes the files of the runs started before an instant; their reports stay. Gives how many."""
    count = 0
    for run in ImportRun.objects.filter(created_at__lt=before).exclude(file=""):
        run.file.delete(save=False)
        ImportRun.objects.filter(pk=run.pk).update(file="")
        count += 1
    return count


def confirm(run: ImportRun) -> bool:
    """Has the worker apply a run that was previewed, or that stopped on the way. False when it can't be applied now."""
    ready = ImportRun.objects.filter(pk=run.pk, state__in=[State.PREVIEWED, State.FAILED])
    if not ready.update(state=State.WAITING, message="", rows_done=0):
        return False
    apply_import.enqueue(run.pk)
    return True


@task()
def preview_import(run_id: int) -> None:
    """Fills in the report of a run; nothing is written beside it."""
    work(run_id, State.PREVIEWING, State.PREVIEWED)


@task()
def apply_import(run_id: int) -> None:
    """Applies a run. Started again after a crash it makes the rest."""
    work(run_id, State.APPLYING, State.DONE)


def work(run_id: int, during: str, after: str) -> None:
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        return
    ImportRun.objects.filter(pk=run.pk).update(state=during, message="", rows_done=0, rows=0)
    last = monotonic()

    def progress(phase: str, done: int, rows: int) -> None:
        nonlocal last
        if monotonic() - last >= EVERY:
            last = monotonic()
            ImportRun.objects.filter(pk=run_id).update(rows_done=done, rows=rows)

    try:
        fmt = format_named(run.format, run.mapping)
        if after == State.DONE:
            report = apply(run.path, fmt, progress=progress, user=run.user)
        else:
            report = plan(run.path, fmt, progress=progress)
    except (UnreadableFileError, MappingError) as error:
        settle(run_id, state=State.FAILED, message=str(error))
    except DatabaseError:
        logger.exception("Import %s stopped", run_id)
        settle(run_id, state=State.FAILED, message=_("The database refused. Apply again: it goes on where it stopped."))
    except Exception:
        settle(
            run_id, state=State.FAILED, message=_("Something went wrong. Apply again, or tell whoever runs the site.")
        )
        raise
    else:
        settle(run_id, state=after, report=report.as_json(), rows=report.read, rows_done=report.read)


def settle(run_id: int, **values: Any) -> None:
    ImportRun.objects.filter(pk=run_id).update(finished_at=timezone.now(), **values)


__all__ = ["apply_import", "confirm", "forget_files", "keep", "preview", "preview_import", "start"]
