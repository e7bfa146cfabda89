"""Decisions carried out: each event in one transaction, with what is remembered of it."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from directory.imports.applying import as_dict
from directory.imports.reports import Outcome

from ..models import AgendaPage, EventPage, ImportedEvent
from . import values as fields
from .drafts import EventDraft
from .planning import Planned, Planner, recorded

MAX_SLUG = 80
MAX_OWN_UID = 255


class Applier:
    """Writes what a planner decided. ``user`` is who asked for it, or ``None`` for a command."""

    def __init__(self, planner: Planner, user: Any = None) -> None:
        self.planner = planner
        self.target = planner.target
        self.writer = planner.writer
        self.user = user
        self.locale_id = AgendaPage.objects.get(pk=self.target.agenda_id).locale_id
        self.slugs = set(EventPage.objects.sources().values_list("slug", flat=True)) | EventPage.RESERVED_SLUGS

    def apply(self, planned: Planned) -> None:
        """Carries out one decision, whole or not at all; an event that the portal refuses becomes a rejected row."""
        decision = planned.decision
        if decision.outcome == Outcome.REJECTED or planned.draft is None:
            return
        try:
            with transaction.atomic():
                if planned.page is not None:
                    self._update(planned, planned.draft, planned.page)
                elif decision.page_id is None and decision.outcome != Outcome.UNCHANGED:
                    self._create(planned, planned.draft)
        except ValidationError as error:
            decision.outcome = Outcome.REJECTED
            decision.reason = "; ".join(" ".join(messages) for messages in as_dict(error).values())
        except (DataError, IntegrityError) as error:
            decision.outcome = Outcome.REJECTED
            decision.reason = _("the database refuses it (%(detail)s)") % {"detail": str(error).splitlines()[0][:120]}

    # --- New ---------------------------------------------------------------------------------------------------------
    def _create(self, planned: Planned, draft: EventDraft) -> None:
        now = timezone.now()
        page = EventPage(
            slug=self.slug_of(draft),
            locale_id=self.locale_id,
            source=self.target.name[:200],
            source_uid=draft.uid,
            uid=self.own_uid(draft),
            sequence=draft.sequence,
            owner=self.user,
            live=True,
            first_published_at=now,
            last_published_at=now,
        )
        for name in fields.OWNED:
            if name in draft.values:
                fields.write(self.writer, page, name, draft.values[name])
        # What the constraints of the database refuse anyway need not be looked for.
        page.full_clean = partial(page.full_clean, validate_unique=False, validate_constraints=False)  # type: ignore[method-assign]
        Page.objects.get(pk=self.target.agenda_id).add_child(instance=page)
        self.slugs.add(page.slug)
        planned.decision.page_id = page.pk
        planned.page = page
        self._remember(planned, draft, page)

    def own_uid(self, draft: EventDraft) -> str:
        """The ``UID`` that subscribers see: that of the source, so that who has both calendars sees the event once."""
        if len(draft.uid) > MAX_OWN_UID or "@" not in draft.uid or EventPage.objects.filter(uid=draft.uid).exists():
            return ""
        return draft.uid

    def slug_of(self, draft: EventDraft) -> str:
        """The end of the address: the title, with the day of the first date where the title alone is taken."""
        base = slugify(draft.title)[:MAX_SLUG].strip("-") or "evenement"
        longer = f"{base}-{draft.values['starts_at'][:10]}"
        for candidate in (base, longer):
            if candidate not in self.slugs:
                return candidate
        number = 2
        while f"{longer}-{number}" in self.slugs:
            number += 1
        return f"{longer}-{number}"

    def _remember(self, planned: Planned, draft: EventDraft, page: EventPage) -> None:
        record = planned.record or ImportedEvent(uid=draft.uid)
        record.source, record.feed, record.event = self.target.source, self.target.feed, page
        record.values, record.doubts = recorded(draft, record.values), draft.doubts
        record.is_indexed, record.gone_on = False, None
        record.save()

    # --- Known -------------------------------------------------------------------------------------------------------
    def _update(self, planned: Planned, draft: EventDraft, page: EventPage) -> None:
        record = planned.record
        assert record is not None  # noqa: S101 - for mypy: a known event has its record
        changes = {name: change.new for name, change in planned.decision.changes.items()}
        if changes:
            page.sequence = max(page.sequence, draft.sequence)
            self.change_page(page, changes)
            self._remember(planned, draft, page)
            return
        values = recorded(draft, record.values)
        is_same = record.values == values and record.doubts == draft.doubts and record.gone_on is None
        if not is_same or record.source != self.target.source:
            record.source, record.feed = self.target.source, self.target.feed
            record.values, record.doubts, record.gone_on = values, draft.doubts, None
            record.save()

    def change_page(self, page: EventPage, changes: dict[str, Any]) -> None:
        """Writes fields on an event as a publication does: the row, its last revision, and a draft that stands on it.

        To be called in a transaction.
        """
        has_draft = page.latest_revision_id and page.has_unpublished_changes
        draft = page.get_latest_revision_as_object() if has_draft else None
        self.put(page, changes)
        if page.live:
            page.last_published_at = timezone.now()
        page.save()
        if draft is not None:
            self.put(draft, changes)
            draft.save_revision(clean=False, user=self.user)
        elif page.latest_revision_id:
            revision = page.save_revision(clean=False, changed=False, user=self.user)
            if page.live:
                Page.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
        data = {"import": page.source, "fields": sorted(changes)}
        log(instance=page, action="wagtail.edit", user=self.user, data=data)

    def put(self, page: EventPage, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            if name == "gone_on":
                page.gone_on = date.fromisoformat(value) if value else None
            else:
                fields.write(self.writer, page, name, value)

    # --- Gone --------------------------------------------------------------------------------------------------------
    @staticmethod
    def mark_gone(records: Iterable[ImportedEvent], today: date) -> None:
        """Says of each event that its source has it no more. Nothing is taken offline."""
        new = [record for record in records if record.gone_on is None]
        with transaction.atomic():
            ImportedEvent.objects.filter(pk__in=[record.pk for record in new]).update(gone_on=today)
            pages = EventPage.objects.filter(pk__in=[record.event_id for record in new], gone_on=None)
            pages.update(gone_on=today)
