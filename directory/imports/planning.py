"""What is to be done with each row: compared with the sheets that are there, nothing written."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from ..models import ImportedRecord, Service, StructurePage
from . import values as fields
from .drafts import SEPARATOR, Draft, identity
from .errors import ODD_ROW, RowError
from .formats import Format
from .mapped import set_point
from .matching import Index, Place
from .readers import Row
from .reports import Change, Decision, Outcome
from .surveys import Survey
from .towns import Towns
from .values import Writer

logger = logging.getLogger(__name__)
#: Rows whose sheets are read together.
BATCH = 100


@dataclass
class Planned:
    """A decision and what it takes to carry it out."""

    decision: Decision
    draft: Draft | None = None
    record: ImportedRecord | None = None
    page: StructurePage | None = None
    service: Service | None = None


@dataclass
class Known:
    """What the portal has for some rows, by identifier."""

    records: dict[str, ImportedRecord] = field(default_factory=dict)
    pages: dict[str, StructurePage] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)


class Planner:
    """Decides on the rows of one file. ``today`` is the day that what left the source is said to have left it."""

    def __init__(self, fmt: Format, survey: Survey, writer: Writer, today: date) -> None:
        self.fmt = fmt
        self.survey = survey
        self.writer = writer
        self.today = today
        self.towns = Towns(writer, survey)
        self.index = Index()
        #: Identifiers that the file has, even of rows that are rejected.
        self.seen: dict[str, set[str]] = {"structure": set(), "service": set()}
        #: Structures of this file that are, or would be, on the portal.
        self.structures: set[str] = set()
        self.first_rows: dict[tuple[str, str], int] = {}

    def decide(self, rows: Iterable[Row], kind: str = "") -> Iterator[Planned]:
        """A decision for each row that the format wants; with ``kind``, only for rows of that kind.

        Rejected rows of no known kind are told with the structures.
        """
        wanted = (row for row in rows if self.fmt.wants(row))
        while batch := list(islice(wanted, BATCH)):
            drafts = [(row, *self.drafted(row)) for row in batch]
            if kind:
                drafts = [each for each in drafts if (each[1].kind if each[1] else "structure") == kind]
            known = self.known([draft for _row, draft, _reason in drafts if draft])
            for row, draft, reason in drafts:
                if draft is None:
                    yield Planned(Decision(row.number, "", Outcome.REJECTED, reason=reason))
                else:
                    yield self.decided(row.number, draft, known)

    def drafted(self, row: Row) -> tuple[Draft | None, str]:
        try:
            return self.fmt.draft(row), ""
        except RowError as error:
            return None, str(error)
        except ODD_ROW as error:
            logger.warning("Row %s can't be read", row.number, exc_info=True)
            return None, _("this row can't be read (%(detail)s)") % {"detail": type(error).__name__}

    def known(self, drafts: list[Draft]) -> Known:
        """The sheets and services of some rows, and what was imported last: few queries for all of them."""
        ids = [draft.source_id for draft in drafts]
        for draft in drafts:
            if draft.structure_id:
                ids += [draft.structure_id, f"{draft.source}{SEPARATOR}{draft.structure_id}"]
        known = Known()
        records = list(ImportedRecord.objects.filter(source_id__in=ids))
        known.records = {f"{record.kind} {record.source_id}": record for record in records}
        # Sheets written by hand may name their source and what it calls them, without the prefix.
        bare = [draft.source_id.removeprefix(f"{draft.source}{SEPARATOR}") for draft in drafts]
        sources = {draft.source for draft in drafts}
        pages = StructurePage.objects.sources().filter(
            Q(source_id__in=ids)
            | Q(source__in=sources, source_id__in=bare)
            | Q(pk__in=[record.page_id for record in records])
        )
        by_pk = {}
        for page in pages.select_related("municipality").prefetch_related("themes", "audiences"):
            by_pk[page.pk] = page
            if page.source_id:
                known.pages[identity(page.source, page.source_id)] = page
        for record in records:
            if record.kind == ImportedRecord.Kind.STRUCTURE and record.page_id in by_pk:
                known.pages[record.source_id] = by_pk[record.page_id]
        if any(draft.kind == "service" for draft in drafts):
            services = Service.objects.filter(source_id__in=ids, page__in=StructurePage.objects.sources())
            for service in services.select_related("page").prefetch_related("themes", "audiences"):
                known.services[service.source_id] = service
        return known

    # --- One row -----------------------------------------------------------------------------------------------------
    def decided(self, number: int, draft: Draft, known: Known) -> Planned:
        decision = Decision(number, draft.kind, Outcome.UNCHANGED, draft.source_id, draft.title)
        planned = Planned(decision, draft, known.records.get(f"{draft.kind} {draft.source_id}"))
        key = (draft.kind, draft.source_id)
        if key in self.first_rows:
            decision.outcome = Outcome.REJECTED
            decision.reason = _("the identifier %(id)s stands in row %(row)d already") % {
                "id": draft.source_id,
                "row": self.first_rows[key],
            }
            return planned
        self.first_rows[key] = number
        self.seen[draft.kind].add(draft.source_id)
        if draft.kind == "structure":
            self.structure(planned, known)
        else:
            self.service(planned, known)
        decision.notes = draft.notes
        return planned

    def structure(self, planned: Planned, known: Known) -> None:
        draft, decision = planned.draft, planned.decision
        assert draft is not None  # noqa: S101 - for mypy: a structure has its draft
        self.prepare(draft)
        page = planned.page = known.pages.get(draft.source_id)
        self.structures.add(draft.source_id)
        if page is None:
            self.fresh(planned)
            return
        decision.page_id = page.pk
        record = planned.record
        if record is None:
            decision.outcome = Outcome.FLAGGED
            decision.doubts = [_("a sheet that no import made says that it is this row: it is left as it is")]
            # But for what the source says of itself.
            for name in ("source_url", "source_updated_on", "extra"):
                current, new = fields.read(page, name), draft.values.get(name)
                if name in draft.values and current != new:
                    decision.changes[name] = Change(current, new)
            return
        if record.is_merged:
            return
        self.compare(planned, page, known)

    def prepare(self, draft: Draft) -> None:
        """Municipality, vocabularies, and a last look at the position, which the whole file tells about."""
        self.towns.settle(draft)
        for name in ("themes", "audiences"):
            if name in draft.values:
                draft.values[name] = self.writer.known(name, draft.values[name])
        if draft.values.get("latitude") is None:
            return
        if self.survey.is_far(draft, self.towns.town_of(draft)):
            where = f"{draft.values['latitude']}, {draft.values['longitude']}"
            draft.doubts.append(_("the position %(position)s is far from the municipality") % {"position": where})
            set_point(draft.values, None, None)

    def fresh(self, planned: Planned) -> None:
        draft, decision = planned.draft, planned.decision
        assert draft is not None  # noqa: S101 - for mypy: a structure has its draft
        matches = self.index.matches(place_of(draft))
        if matches:
            decision.duplicates = [match.other.pk for match in matches[:5]]
            names = ", ".join(match.other.title for match in matches[:3])
            draft.doubts.append(_("probably the same place as: %(names)s") % {"names": names})
        decision.doubts = draft.doubts
        decision.outcome = Outcome.FLAGGED if draft.doubts else Outcome.CREATED

    def compare(self, planned: Planned, page: StructurePage, known: Known) -> None:
        draft, decision, record = planned.draft, planned.decision, planned.record
        assert draft is not None and record is not None  # noqa: S101, PT018 - for mypy
        names = [name for name in fields.OWNED if name in draft.values]
        locked = self.locked(page, record, draft, names)
        for name in names:
            current, new = fields.read(page, name), draft.values[name]
            if current == new:
                continue
            if name in locked:
                if record.values.get(name) != new:
                    decision.kept[name] = Change(current, new)
            else:
                decision.changes[name] = Change(current, new)
        if page.gone_on and record.gone_on:
            decision.changes["gone_on"] = Change(page.gone_on.isoformat(), None)
        decision.doubts = [doubt for doubt in draft.doubts if doubt not in record.doubts]
        if decision.doubts:
            decision.outcome = Outcome.FLAGGED
        elif decision.changes:
            decision.outcome = Outcome.CHANGED

    def locked(self, page: StructurePage, record: ImportedRecord, draft: Draft, names: Iterable[str]) -> set[str]:
        """Fields that somebody edited: those that the sheet says are locked, and those that are not as the last import
        wrote them, in the live sheet or in a draft of it."""
        versions = [page]
        if page.has_unpublished_changes and page.latest_revision_id:
            versions.append(page.get_latest_revision_as_object())
        found = set(names) & {name for version in versions for name in version.locked_fields or []}
        for name in names:
            written = record.values.get(name, fields.empty(StructurePage, name))
            for version in versions:
                if fields.is_edited(name, fields.read(version, name), written):
                    found.add(name)
        # Found by a machine from the address: the source's own point is better, none is not.
        is_found = page.position_source == "geocodeur" and "latitude" not in (page.locked_fields or [])
        if is_found and draft.values.get("latitude") is not None:
            found -= set(fields.TOGETHER[0])
        return fields.together(found - fields.NEVER_LOCKED)

    # --- Services ----------------------------------------------------------------------------------------------------
    def service(self, planned: Planned, known: Known) -> None:
        draft, decision, record = planned.draft, planned.decision, planned.record
        assert draft is not None  # noqa: S101 - for mypy: a service has its draft
        for name in ("themes", "audiences"):
            draft.values[name] = self.writer.known(name, draft.values[name])
        longer = f"{draft.source}{SEPARATOR}{draft.structure_id}"
        if not self.has(draft.structure_id, known) and self.has(longer, known):
            draft.structure_id = longer  # “--” is part of what the source itself calls it
        page = planned.page = known.pages.get(draft.structure_id)
        if page is None and draft.structure_id not in self.structures:
            decision.outcome = Outcome.REJECTED
            decision.reason = _("its structure %(id)s is neither here nor in the file") % {"id": draft.structure_id}
            return
        decision.page_id = page.pk if page else None
        if record is not None and record.is_merged:
            return
        service = planned.service = known.services.get(draft.source_id)
        if service is None or record is None:
            if record is not None:  # somebody deleted it from the sheet
                decision.kept["name"] = Change("", draft.title)
            elif service is None:
                decision.outcome = Outcome.CREATED
            else:
                decision.outcome = Outcome.FLAGGED
                decision.doubts = [_("a service that no import made says that it is this row: it is left as it is")]
            return
        self.compare_service(planned, service, record)

    def compare_service(self, planned: Planned, service: Service, record: ImportedRecord) -> None:
        draft, decision = planned.draft, planned.decision
        assert draft is not None  # noqa: S101 - for mypy: a service has its draft
        for name in fields.OWNED_OF_SERVICE:
            current, new = fields.read(service, name), draft.values.get(name)
            if name not in draft.values or current == new:
                continue
            written = record.values.get(name, fields.empty(Service, name))
            if fields.is_edited(name, current, written) and name not in fields.NEVER_LOCKED:
                if written != new:
                    decision.kept[name] = Change(current, new)
            else:
                decision.changes[name] = Change(current, new)
        if decision.changes:
            decision.outcome = Outcome.CHANGED

    def has(self, structure_id: str, known: Known) -> bool:
        return structure_id in known.pages or structure_id in self.structures

    # --- What is gone ------------------------------------------------------------------------------------------------
    def gone(self) -> Iterator[ImportedRecord]:
        """Records of the sources and kinds of the file that the file has not."""
        for kind in sorted(self.survey.kinds):
            records = ImportedRecord.objects.filter(kind=kind, source__in=self.survey.sources[kind], is_merged=False)
            for record in records.select_related("page").order_by("pk").iterator(chunk_size=500):
                if record.source_id not in self.seen[kind]:
                    yield record


def place_of(draft: Draft) -> Place:
    told: dict[str, Any] = draft.values
    return Place(
        pk=0,
        title=draft.title,
        address=told.get("address") or "",
        postcode=told.get("postcode") or "",
        insee=told.get("municipality") or "",
        phone=told.get("phone") or "",
        kind=told.get("kind") or "",
        source=draft.source,
        latitude=told.get("latitude"),
        longitude=told.get("longitude"),
    )
