"""Calendars of partners, and what each source said last of its events."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import Theme

from .agenda import AgendaPage
from .event import EventPage

#: Editors are told on their first page when a calendar fails for so long.
LONG = timedelta(days=1)


def private_storage() -> FileSystemStorage:
    """Files to import are kept out of the media, which everybody can read."""
    return FileSystemStorage(location=settings.IMPORTS_FOLDER)


class EventFeed(models.Model):
    """A partner's calendar: an address that is read again every hour, or a file that was given once."""

    class State(models.TextChoices):
        NEW = "new", _("not read yet")
        PREVIEWED = "previewed", _("read, not published")
        FINE = "fine", _("up to date")
        FAILED = "failed", _("could not be read")

    name = models.CharField(
        _("name"),
        max_length=120,
        help_text=_("Whose calendar it is, such as “Médiathèque de Lille”. Readers see it below each event."),
    )
    url = models.CharField(
        _("address of the calendar"),
        max_length=2000,
        blank=True,
        help_text=_("That of the .ics file or of the OpenAgenda export (JSON). It is read again every hour."),
    )
    file = models.FileField(
        _("or a file"),
        storage=private_storage,
        max_length=255,
        blank=True,
        help_text=_("An .ics or JSON file from your computer. It is read once; give a newer one here to update."),
    )
    agenda = models.ForeignKey(
        AgendaPage,
        verbose_name=_("goes into"),
        on_delete=models.CASCADE,
        related_name="feeds",
        help_text=_("The agenda that its events are published in: that of a centre, or the common one."),
    )
    themes = models.ManyToManyField(
        Theme,
        verbose_name=_("themes"),
        blank=True,
        related_name="+",
        limit_choices_to={"locale__language_code": SOURCE_LANGUAGE},
        help_text=_("Given to all its events, beside those that the calendar says itself. One or two are enough."),
    )
    #: Chosen by an editor after the preview.
    is_active = models.BooleanField(_("active"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NEW)
    #: Somebody works at it until then.
    claimed_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    fetched_at = models.DateTimeField(_("last read"), null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    #: One after the other, and since when.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=300, blank=True)
    #: The last report: of the preview, then of what was done. See ``directory.imports.reports``.
    report = models.JSONField(default=dict, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("partner's calendar")
        verbose_name_plural = _("partners' calendars")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """The key of what it gave, whatever its name becomes."""
        return f"feed-{self.pk}"

    @property
    def path(self) -> Path:
        return Path(self.file.path)

    @property
    def counts(self) -> dict[str, Any]:
        """The figures of the last report by name; empty before there is one."""
        names = ("read", "created", "changed", "unchanged", "flagged", "gone")
        figures = {name: self.report.get(name, 0) for name in names} if self.report else {}
        return {**figures, "rejected": len(self.report.get("rejected", []))} if figures else {}

    def is_working(self, now: datetime) -> bool:
        return self.claimed_until is not None and self.claimed_until > now

    def fails_for_long(self, now: datetime) -> bool:
        return self.is_active and self.failing_since is not None and now - self.failing_since >= LONG


class ImportedEvent(models.Model):
    """What a source said last of an event, beside the page that it became.

    A value of the page that is not the one kept here was written by somebody: imports leave it alone. Without a page,
    somebody deleted it here: a calendar that is read again does not bring it back.
    """

    #: ``feed-12`` for a calendar, ``file …`` with what a file calls itself.
    source = models.CharField(max_length=200)
    uid = models.CharField(max_length=500, db_index=True)
    feed = models.ForeignKey(EventFeed, null=True, on_delete=models.SET_NULL, related_name="events")
    event = models.ForeignKey(EventPage, null=True, on_delete=models.SET_NULL, related_name="+")
    #: Field name to value, as ``events.imports.values.read`` gives them; and ``place`` as the source wrote it.
    values = models.JSONField(default=dict)
    #: Doubts that were reported already.
    doubts = models.JSONField(default=list)
    #: False between the writing of the page and its indexing, so that a killed run is made up for.
    is_indexed = models.BooleanField(default=False, db_index=True)
    gone_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("record of a calendar")
        verbose_name_plural = _("records of calendars")
        constraints = [models.UniqueConstraint(fields=["source", "uid"], name="events_imported_event_unique")]

    def __str__(self) -> str:
        return self.uid
