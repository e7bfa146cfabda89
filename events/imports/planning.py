"""What is to be done with each event of a file: compared with what is there, nothing written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from directory.imports.mappings import normal
from directory.imports.reports import Change, Decision, Outcome
from directory.imports.values import Writer

from ..models import EventFeed, EventPage, ImportedEvent
from . import values as fields
from .drafts import EventDraft
from .places import Places
from .readers import Read

#: Events whose pages are read together.
BATCH = 100
#: Of a tag.
MAX_TAG = 60


@dataclass(frozen=True)
class Target:
    """Where the events of a file go. ``source`` is the key of their source, ``name`` what readers are told."""

    source: str
    name: str
    agenda_id: int
    feed: EventFeed | None = None
    #: Structure of what says no place: that of the centre.
    structure_id: int | None = None
    themes: tuple[str, ...] = ()


@dataclass
class Planned:
    """A decision and what it takes to carry it out."""

    decision: Decision
    draft: EventDraft | None = None
    record: ImportedEvent | None = None
    page: EventPage | None = None


@dataclass
class Known:
    """What the portal has for some events, by ``UID``."""

    records: dict[str, list[ImportedEvent]] = field(default_factory=dict)
    pages: dict[int, EventPage] = field(default_factory=dict)
    #: Events that were written here.
    own: dict[str, int] = field(default_factory=dict)


class Planner:
    """Decides on the events of one file."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.writer = Writer()
        self.places = Places(self.writer, target.structure_id)
        self.themes = {normal(theme.name): slug for slug, theme in self.writer.themes.items()}
        self.themes |= {normal(slug): slug for slug in self.writer.themes}
        #: Identities that the file has, even of events that are rejected.
        self.seen: set[str] = set()

    def decide(self, reads: Iterable[Read]) -> Iterator[Planned]:
        reads = iter(reads)
        while batch := list(islice(reads, BATCH)):
            known = self.known([read.draft.uid for read in batch if read.draft])
            for read in batch:
                self.seen.add(read.draft.uid if read.draft else read.uid)
                if read.draft is None:
                    yield Planned(Decision(read.number, "event", Outcome.REJECTED, read.uid, reason=read.reason))
                else:
                    yield self.decided(read.number, read.draft, known)

    def known(self, uids: list[str]) -> Known:
        known = Known()
        for record in ImportedEvent.objects.filter(uid__in=uids).select_related("feed"):
            known.records.setdefault(record.uid, []).append(record)
        page_ids = [record.event_id for records in known.records.values() for record in records if record.event_id]
        pages = EventPage.objects.sources().select_related("municipality")
        for page in pages.filter(pk__in=page_ids).prefetch_related(
            "themes", "exceptions", "tagged_items__tag", "occurrences"
        ):
            known.pages[page.pk] = page
        own = EventPage.objects.sources().filter(source="", uid__in=uids)
        known.own = dict(own.values_list("uid", "pk"))
        return known

    # --- One event ---------------------------------------------------------------------------------------------------
    def decided(self, number: int, draft: EventDraft, known: Known) -> Planned:
        decision = Decision(number, "event", Outcome.UNCHANGED, draft.uid, draft.title)
        planned = Planned(decision, draft)
        self.prepare(draft)
        decision.notes = draft.notes
        if draft.uid in known.own:
            decision.page_id = known.own[draft.uid]
            draft.note("uid", _("it was written on this portal, and is left as it is"))
            return planned
        record = planned.record = self.record_of(draft, known.records.get(draft.uid, []))
        if record is None:
            decision.doubts = draft.doubts
            decision.outcome = Outcome.FLAGGED if draft.doubts else Outcome.CREATED
            return planned
        if self.belongs_elsewhere(record):
            decision.page_id = record.event_id
            draft.note("uid", _("another calendar has it too, and it is left to that one"))
            return planned
        page = planned.page = known.pages.get(record.event_id or 0)
        if page is None:
            if self.target.feed is None:
                decision.outcome = Outcome.CREATED
            else:
                draft.note("uid", _("somebody deleted it here: it does not come back"))
            return planned
        decision.page_id = page.pk
        self.compare(planned, page, record)
        return planned

    def record_of(self, draft: EventDraft, records: list[ImportedEvent]) -> ImportedEvent | None:
        """What is remembered of an event: from this source; from a file, whatever it was called; from another calendar
        only when it says the same, because some number their events from 1."""
        for record in records:
            if record.source == self.target.source:
                return record
        for record in records:
            same = all(record.values.get(name) == draft.values[name] for name in ("title", "starts_at"))
            if record.feed_id is None or same:
                return record
        return None

    def belongs_elsewhere(self, record: ImportedEvent) -> bool:
        return record.source != self.target.source and record.feed_id is not None and record.event_id is not None

    def prepare(self, draft: EventDraft) -> None:
        """Place, themes and tags, in the words of this portal."""
        self.places.settle(draft)
        themes = set(self.target.themes)
        tags = []
        for word in draft.words:
            if slug := self.themes.get(normal(word)):
                themes.add(slug)
            elif normal(word):
                tags.append(word[:MAX_TAG])
        draft.values["themes"] = self.writer.known("themes", themes)
        draft.values["tags"] = sorted(set(tags))

    def compare(self, planned: Planned, page: EventPage, record: ImportedEvent) -> None:
        draft, decision = planned.draft, planned.decision
        assert draft is not None  # noqa: S101 - for mypy: there is an event
        names = [name for name in fields.OWNED if name in draft.values]
        if record.values.get("place") == draft.place.as_json():
            # Said as before: a new sheet of the directory, or a mended one, moves nothing by itself.
            names = [name for name in names if name not in fields.PLACE]
        locked = self.locked(page, record, names)
        aside = {}
        for name in names:
            current, new = fields.read(page, name), draft.values[name]
            if current == new:
                continue
            if name in locked:
                if record.values.get(name) != new:
                    decision.kept[name] = Change(current, new)
            elif name in fields.ASIDE:
                aside[name] = Change(current, new)
            else:
                decision.changes[name] = Change(current, new)
        if page.gone_on:
            decision.changes["gone_on"] = Change(page.gone_on.isoformat(), None)
        decision.doubts = [doubt for doubt in draft.doubts if doubt not in record.doubts]
        if decision.changes:
            decision.changes |= aside
        if decision.doubts:
            decision.outcome = Outcome.FLAGGED
        elif decision.changes:
            decision.outcome = Outcome.CHANGED

    def locked(self, page: EventPage, record: ImportedEvent, names: Iterable[str]) -> set[str]:
        """Fields that somebody edited: those that the event says are locked, and those that are not as the last import
        wrote them, in the live event or in a draft of it."""
        versions = [page]
        if page.has_unpublished_changes and page.latest_revision_id:
            versions.append(page.get_latest_revision_as_object())
        found = {name for version in versions for name in version.locked_fields or []}
        for name in names:
            written = record.values.get(name, fields.empty(name))
            found |= {name for version in versions if fields.read(version, name) != written}
        return fields.together(found - fields.NEVER_LOCKED) - fields.NEVER_LOCKED

    # --- What is gone ------------------------------------------------------------------------------------------------
    def gone(self) -> Iterator[ImportedEvent]:
        """Records of this source that the file has not, but for what somebody deleted here."""
        records = ImportedEvent.objects.filter(source=self.target.source, event__isnull=False)
        for record in records.select_related("event").order_by("pk").iterator(chunk_size=500):
            if record.uid not in self.seen:
                yield record


def recorded(draft: EventDraft, before: dict[str, Any]) -> dict[str, Any]:
    """What is remembered of an event: where the place is said as before, what it became then."""
    place = draft.place.as_json()
    values = {**draft.values, "place": place}
    if before.get("place") == place:
        values |= {name: before[name] for name in fields.PLACE if name in before}
    return values
