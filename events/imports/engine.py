"""An import of events from end to end: what commands, tasks and screens call.

:func:`plan` reads a file and says what would become of each event; :func:`apply` does it. Both read the whole file
before anything is decided, so that a broken one is refused as a whole. Each event is whole or not there; whatever a
killed run left undone is made by the next one.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from modelsearch.backends import get_search_backends
from modelsearch.tasks import insert_or_update_object_task
from wagtail.log_actions import LogContext
from wagtail.models import Page, ReferenceIndex

from directory.imports.errors import UnreadableFileError
from directory.imports.reports import Report
from portal.core.foundations import lay_foundations
from portal.core.indexing import silent_indexing

from ..models import AgendaPage, EventFeed, EventPage, ImportedEvent
from .applying import Applier
from .planning import BATCH, Planner, Target
from .readers import Content, survey

#: Called with a phase (``reading``, ``comparing``, ``writing``, ``indexing``), the events done and those in all.
Progress = Callable[[str, int, int], None]
#: Seconds that an import waits for another one to end.
PATIENCE = 60.0
GONE_TOLD = 1_000


def nothing(phase: str, done: int, rows: int) -> None:
    """No progress."""


# --- Where to ---------------------------------------------------------------------------------------------------------


def agenda_of(centre: str = "", *, make: bool = False) -> AgendaPage | None:
    """The agenda of a centre by its slug, or the common one. ``make`` adds the one that a centre has not yet; without,
    ``None`` stands for it. Raises ``UnreadableFileError``."""
    agendas = AgendaPage.objects.sources()
    if not centre:
        common = agendas.order_by("depth", "path").first()
        if common is None and make:
            lay_foundations()  # the database is new: nobody made the sections yet
            common = agendas.order_by("depth", "path").first()
        if common is None:
            raise UnreadableFileError(_("This portal has no agenda yet: make it first (init_portal)."))
        return common
    for page in Page.objects.filter(slug=centre).order_by("depth"):
        parent = page.specific
        if not hasattr(parent, "structure_id") or not AgendaPage.can_create_at(parent):
            if found := agendas.child_of(page).first():
                return found
            continue
        if make:
            agenda = AgendaPage(title="Agenda", slug="agenda", locale_id=parent.locale_id)
            parent.add_child(instance=agenda)
            return agenda
        return None
    raise UnreadableFileError(_("There is no centre with the address “%(slug)s”.") % {"slug": centre})


def structure_of(agenda: AgendaPage) -> int | None:
    """The structure of the centre that an agenda belongs to."""
    return getattr(agenda.get_parent().specific, "structure_id", None)


def target_of_file(content: Content, centre: str, agenda: AgendaPage) -> Target:
    """Where the events of a file go that somebody imports by command."""
    label = content.label or "calendar"
    return Target(
        source=f"file {centre} {label}"[:200],
        name=content.name or content.path.stem,
        agenda_id=agenda.pk,
        structure_id=structure_of(agenda) if centre else None,
    )


def target_of_feed(feed: EventFeed) -> Target:
    return Target(
        source=feed.source,
        name=feed.name,
        agenda_id=feed.agenda_id,
        feed=feed,
        structure_id=structure_of(feed.agenda),
        themes=tuple(feed.themes.values_list("slug", flat=True)),
    )


# --- From end to end --------------------------------------------------------------------------------------------------


def read(path: Path, progress: Progress = nothing) -> Content:
    """A whole file, looked at once. Raises ``UnreadableFileError``."""
    return survey(path, lambda count: progress("reading", count, 0))


def plan(content: Content, target: Target, *, progress: Progress = nothing) -> Report:
    """What would become of each event; nothing is written."""
    planner = Planner(target)
    report = Report()
    for done, planned in enumerate(planner.decide(content.events()), start=1):
        report.add(planned.decision)
        progress("comparing", done, content.rows)
    for record in planner.gone():
        tell_gone(report, record)
    return report


def apply(content: Content, target: Target, *, progress: Progress = nothing, user: Any = None) -> Report:
    """Imports a file. ``user`` is who asked for it, ``None`` for a command.

    Raises ``UnreadableFileError`` before anything is written; also when another import does not end.
    """
    with alone(), silent_indexing(EventPage), LogContext(user=user):
        index_written()  # of a run that was killed
        planner = Planner(target)
        applier = Applier(planner, user)
        report = Report()
        decided = planner.decide(content.events())
        done = 0
        while True:
            with transaction.atomic():
                batch = list(islice(decided, BATCH))
                for planned in batch:
                    applier.apply(planned)
                    report.add(planned.decision)
            if not batch:
                break
            done += len(batch)
            progress("writing", done, content.rows)
        gone = list(planner.gone())
        for record in gone:
            tell_gone(report, record)
        applier.mark_gone(gone, timezone.localdate())
        index_written(lambda count: progress("indexing", count, content.rows))
    return report


def tell_gone(report: Report, record: ImportedEvent) -> None:
    report.gone += 1
    if len(report.gone_rows) < GONE_TOLD and record.event:
        report.gone_rows.append({"id": record.uid, "page": record.event_id, "title": record.event.title})


@contextmanager
def alone() -> Iterator[None]:
    """Two imports at once would give two events one address. Raises ``UnreadableFileError`` when the other lasts."""
    folder = Path(settings.IMPORTS_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + PATIENCE
    with (folder / "events.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > until:
                    raise UnreadableFileError(
                        _("Another import is under way. Wait for its end, then try again.")
                    ) from error
                time.sleep(0.2)
        yield


# --- The search -------------------------------------------------------------------------------------------------------


def index_written(progress: Callable[[int], None] = lambda count: None) -> int:
    """Indexes the events that imports wrote and that are not indexed yet. Gives their number."""
    count = 0
    while records := list(
        ImportedEvent.objects.filter(is_indexed=False, event__isnull=False).values_list("pk", "event_id")[:200]
    ):
        index_pages({page_id for _pk, page_id in records if page_id})
        ImportedEvent.objects.filter(pk__in=[pk for pk, _page_id in records]).update(is_indexed=True)
        count += len(records)
        progress(count)
    return count


def index_pages(page_ids: set[int]) -> None:
    with transaction.atomic():
        for page in EventPage.objects.filter(pk__in=page_ids):
            ReferenceIndex.create_or_update_for_object(page)
    for backend in get_search_backends(with_auto_update=True):
        if backend.catch_indexing_errors:  # an engine of its own: the worker talks to it
            for pk in page_ids:
                insert_or_update_object_task.enqueue("events", "eventpage", str(pk))
        else:
            live = EventPage.get_indexed_objects().filter(pk__in=page_ids).prefetch_related("themes", "tags")
            with transaction.atomic():
                backend.add_bulk(EventPage, list(live))
