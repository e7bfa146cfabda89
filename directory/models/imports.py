"""What imports leave beside the sheets: what each source said last, mappings that editors made, runs with reports."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.translation import gettext_lazy as _

from .structures import StructurePage


class ImportedRecord(models.Model):
    """What a source said last of a structure or of a service, beside the sheet that it became.

    A value of the sheet that is not the one kept here was written by somebody: imports leave it alone.
    """

    class Kind(models.TextChoices):
        STRUCTURE = "structure", _("structure")
        SERVICE = "service", _("service")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.CharField(max_length=60, db_index=True)
    #: ``source--localid``.
    source_id = models.CharField(max_length=200)
    page = models.ForeignKey(StructurePage, on_delete=models.CASCADE, related_name="+")
    #: Field name to value, as ``directory.imports.values.read`` gives them.
    values = models.JSONField(default=dict)
    #: Doubts that were reported already.
    doubts = models.JSONField(default=list)
    #: The row was found to be a sheet that is there already: an editor merged them. Imports leave that sheet alone.
    is_merged = models.BooleanField(default=False)
    #: False between the writing of the sheet and its indexing, so that a killed run is made up for.
    is_indexed = models.BooleanField(default=False, db_index=True)
    gone_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("record of a source")
        verbose_name_plural = _("records of sources")
        constraints = [models.UniqueConstraint(fields=["kind", "source_id"], name="directory_imported_record_unique")]

    def __str__(self) -> str:
        return self.source_id


class ImportMapping(models.Model):
    """How the columns of one family of files become ours, as an editor chose on screen."""

    name = models.SlugField(
        _("code"),
        max_length=60,
        unique=True,
        help_text=_("Short, such as “mairie-lille”. Imports are started with it."),
    )
    label = models.CharField(
        _("name"), max_length=120, help_text=_("In words, such as “Équipements de la mairie de Lille”.")
    )
    #: As the TOML files of ``directory/imports/shipped``; see ``directory.imports.mappings``.
    rules = models.JSONField(_("rules"), default=dict)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("mapping of columns")
        verbose_name_plural = _("mappings of columns")
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


def private_storage() -> FileSystemStorage:
    """Files to import are kept out of the media, which everybody can read."""
    return FileSystemStorage(location=settings.IMPORTS_FOLDER)


class ImportRun(models.Model):
    """One file, from its upload to the report of what became of each row."""

    class State(models.TextChoices):
        NEW = "new", _("not read yet")
        PREVIEWING = "previewing", _("being read")
        PREVIEWED = "previewed", _("read, not applied")
        WAITING = "waiting", _("waits to be applied")
        APPLYING = "applying", _("being applied")
        DONE = "done", _("applied")
        FAILED = "failed", _("refused")

    created_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    file = models.FileField(_("file"), storage=private_storage, max_length=255)
    file_name = models.CharField(_("name of the file"), max_length=255)
    format = models.CharField(_("format"), max_length=30)
    mapping = models.CharField(_("mapping"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.NEW)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    #: The last report: of the preview, then of what was done. See ``directory.imports.reports``.
    report = models.JSONField(_("report"), default=dict, blank=True)
    #: Why the file was refused.
    message = models.TextField(_("message"), blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def path(self) -> Path:
        return Path(self.file.path)

    @property
    def percent(self) -> int:
        """How far the work under way is, from 0 to 100."""
        return min(100, self.rows_done * 100 // self.rows) if self.rows else 0

    @property
    def counts(self) -> dict[str, Any]:
        """The figures of the report by name; empty before there is one."""
        names = ("read", "created", "changed", "unchanged", "flagged", "gone")
        figures = {name: self.report.get(name, 0) for name in names} if self.report else {}
        return {**figures, "rejected": len(self.report.get("rejected", []))} if figures else {}
