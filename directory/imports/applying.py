"""Decisions carried out: each sheet in one transaction, with what is remembered of it."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from ..models import DirectoryIndexPage, ImportedRecord, Service, StructurePage
from . import values as fields
from .drafts import Draft
from .errors import RowError, UnreadableFileError
from .planning import Planned, Planner, place_of
from .reports import Outcome
from .values import Writer

MAX_SLUG = 80


class Applier:
    """Writes what a planner decided. ``user`` is who asked for it, or ``None`` for a command."""

    def __init__(self, writer: Writer, planner: Planner, user: Any = None) -> None:
        self.writer = writer
        self.planner = planner
        self.user = user
        parent = DirectoryIndexPage.objects.sources().first()
        if parent is None:
            raise UnreadableFileError(_("This portal has no directory yet: make it first (init_portal)."))
        self.parent_id = parent.pk
        self.locale_id = parent.locale_id
        self.slugs = set(StructurePage.objects.sources().values_list("slug", flat=True))
        self.slugs |= StructurePage.RESERVED_SLUGS

    def apply(self, planned: Planned) -> None:
        """Carries out one decision, whole or not at all; a row that the portal refuses becomes a rejected one."""
        decision = planned.decision
        if decision.outcome == Outcome.REJECTED or planned.draft is None:
            return
        try:
            if planned.draft.kind == "service":
                self._service(planned, planned.draft)
            elif planned.page is None:
                self.planner.towns.make(planned.draft.values.get("municipality", ""))
                self._create(planned, planned.draft)
            else:
                self._update(planned, planned.draft, planned.page)
        except ValidationError as error:
            decision.outcome = Outcome.REJECTED
            decision.reason = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in as_dict(error).items())
        except RowError as error:
            decision.outcome = Outcome.REJECTED
            decision.reason = str(error)
        except (DataError, IntegrityError) as error:
            decision.outcome = Outcome.REJECTED
            decision.reason = _("the database refuses it (%(detail)s)") % {"detail": str(error).splitlines()[0][:120]}

    # --- New ---------------------------------------------------------------------------------------------------------
    def _create(self, planned: Planned, draft: Draft) -> None:
        decision = planned.decision
        now = timezone.now()
        is_held = bool(decision.duplicates)
        page = StructurePage(
            slug=self.slug_of(draft),
            locale_id=self.locale_id,
            source=draft.source,
            source_id=draft.source_id,
            owner=self.user,
            live=not is_held,
            has_unpublished_changes=is_held,
            is_to_check=bool(draft.doubts),
            first_published_at=None if is_held else now,
            last_published_at=None if is_held else now,
        )
        for name in fields.OWNED:
            if name in draft.values:
                self.writer.write(page, name, draft.values[name])
        # Half of the time of a new page went into looking for what the constraints of the database refuse anyway.
        page.full_clean = partial(page.full_clean, validate_unique=False, validate_constraints=False)  # type: ignore[method-assign]
        with transaction.atomic():
            Page.objects.get(pk=self.parent_id).add_child(instance=page)
            record = ImportedRecord.objects.create(
                kind=draft.kind,
                source=draft.source,
                source_id=draft.source_id,
                page=page,
                values=draft.values,
                doubts=draft.doubts,
            )
        self.slugs.add(page.slug)
        decision.page_id = page.pk
        planned.page, planned.record = page, record
        place = place_of(draft)
        self.planner.index.add(type(place)(**{**place.__dict__, "pk": page.pk}))

    def slug_of(self, draft: Draft) -> str:
        """The end of the address: the name, with the municipality where the name alone is taken."""
        town = self.planner.towns.town_of(draft)
        base = slugify(draft.title)[:MAX_SLUG].strip("-") or slugify(draft.source_id)[:MAX_SLUG].strip("-") or "lieu"
        longer = f"{base}-{slugify(town.name)}" if town is not None and slugify(town.name) not in base else base
        for candidate in (base, longer):
            if candidate not in self.slugs:
                return candidate
        number = 2
        while f"{longer}-{number}" in self.slugs:
            number += 1
        return f"{longer}-{number}"

    # --- Known -------------------------------------------------------------------------------------------------------
    def _update(self, planned: Planned, draft: Draft, page: StructurePage) -> None:
        decision, record = planned.decision, planned.record
        changes = {name: change.new for name, change in decision.changes.items()}
        if "municipality" in changes:
            self.planner.towns.make(changes["municipality"])
        with transaction.atomic():
            if record is None:
                record = ImportedRecord(kind=draft.kind, source=draft.source, source_id=draft.source_id, page=page)
            if record.is_merged:
                return
            if decision.doubts and decision.outcome == Outcome.FLAGGED and record.pk:
                changes["is_to_check"] = True
            if changes:
                self.change_page(page, changes)
            is_new = record.pk is None
            if is_new or changes or record.values != draft.values or record.doubts != draft.doubts or record.gone_on:
                record.values, record.doubts, record.gone_on = draft.values, draft.doubts, None
                record.is_indexed = record.is_indexed and not changes
                record.save()

    def change_page(self, page: StructurePage, changes: dict[str, Any]) -> None:
        """Writes fields on a sheet as a publication does: the row, its last revision, and a draft that stands on it.

        To be called in a transaction.
        """
        for name, value in changes.items():
            self.writer.write(page, name, value)
        draft = (
            page.get_latest_revision_as_object() if page.latest_revision_id and page.has_unpublished_changes else None
        )
        if page.live:
            page.last_published_at = timezone.now()
        page.save()
        if draft is not None:
            for name, value in changes.items():
                self.writer.write(draft, name, value)
            draft.save_revision(clean=False, user=self.user)
        elif page.latest_revision_id:
            revision = page.save_revision(clean=False, changed=False, user=self.user)
            if page.live:
                Page.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
        log(
            instance=page,
            action="wagtail.edit",
            user=self.user,
            data={"import": page.source, "fields": sorted(changes)},
        )

    # --- Services ----------------------------------------------------------------------------------------------------
    def _service(self, planned: Planned, draft: Draft) -> None:
        decision, record = planned.decision, planned.record
        page = planned.page or StructurePage.objects.sources().filter(source_id=draft.structure_id).first()
        if page is None:
            raise RowError(_("its structure %(id)s is neither here nor in the file") % {"id": draft.structure_id})
        decision.page_id = page.pk
        with transaction.atomic():
            service = planned.service
            if service is None and record is None:
                last = page.services.aggregate(last=models.Max("sort_order"))["last"]
                service = Service(
                    page=page,
                    locale_id=page.locale_id,
                    source_id=draft.source_id,
                    sort_order=0 if last is None else last + 1,
                )
                self.write_service(service, {name: draft.values[name] for name in draft.values})
            elif service is not None and decision.changes:
                self.write_service(service, {name: change.new for name, change in decision.changes.items()})
            if record is None:
                record = ImportedRecord(kind=draft.kind, source=draft.source, source_id=draft.source_id, page=page)
            is_changed = record.pk is None or bool(decision.changes)
            if is_changed or record.values != draft.values or record.gone_on:
                record.values, record.gone_on = draft.values, None
                record.is_indexed = record.is_indexed and not is_changed
                record.save()
            if is_changed and page.latest_revision_id and service is not None:
                self.keep_in_revision(StructurePage.objects.get(pk=page.pk), service)

    def keep_in_revision(self, page: StructurePage, service: Service) -> None:
        """The last revision holds the services too: without this one, its publication would take it off."""
        if page.has_unpublished_changes:
            draft = page.get_latest_revision_as_object()
            draft.services.add(service)
            draft.save_revision(clean=False, user=self.user)
        else:
            self.change_page(page, {})

    def write_service(self, service: Service, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if name in fields.OWNED_OF_SERVICE:
                self.writer.write(service, name, value)
        service.full_clean(exclude=["page"])
        service.save()

    # --- Gone --------------------------------------------------------------------------------------------------------
    def mark_gone(self, records: Iterable[ImportedRecord], today: date) -> int:
        """Says on each sheet that its source has it no more. Nothing is taken offline. Gives how many there are."""
        count = 0
        for record in records:
            count += 1
            if record.gone_on:
                continue
            with transaction.atomic():
                record.gone_on = today
                record.save(update_fields=["gone_on"])
                if record.kind == ImportedRecord.Kind.STRUCTURE and record.page.gone_on is None:
                    self.change_page(StructurePage.objects.get(pk=record.page_id), {"gone_on": today.isoformat()})
        return count


def as_dict(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
