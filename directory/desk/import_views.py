"""Screens of the imports: a file, its columns, what would become of each row, what became of it."""

import csv
import io
import json
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from portal.core.paging import page_of

from ..exports import harmless
from ..imports import runs
from ..imports.errors import UnreadableFileError
from ..imports.formats import DATA_INCLUSION, DIGITAL_HELP, MAPPED
from ..imports.mappings import mapping_named, mapping_names
from ..imports.readers import MAX_FILE_BYTES
from ..models import ImportMapping, ImportRun, StructurePage
from .mapping_forms import MappingForm, columns_of, initial_of
from .screens import DirectoryScreen, ImportScreen

ROWS_PER_PAGE = 50
RUNS_SHOWN = 20
ANOTHER = "another"
State = ImportRun.State
WORKING = (State.PREVIEWING, State.WAITING, State.APPLYING)
#: Headings of a report, in the order in which an editor wants them.
PARTS = {
    "created": _("New"),
    "changed": _("Changed"),
    "flagged": _("To look at"),
    "rejected": _("Refused"),
    "gone": _("No longer in the source"),
    "unchanged": _("Unchanged"),
}


def formats() -> list[tuple[str, Any]]:
    """What an editor can say a file is: the open formats, the mappings that exist, or another file."""
    own = dict(ImportMapping.objects.values_list("name", "label"))
    return [
        (ANOTHER, _("Another file: I choose what each column is")),
        (DATA_INCLUSION, _("data.inclusion, version 1 (JSON or CSV)")),
        (DIGITAL_HELP, _("Places of digital help, national format (CSV or JSON)")),
        *((f"{MAPPED}:{name}", own.get(name) or mapping_named(name).label) for name in mapping_names()),
    ]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"), help_text=_("CSV, XLSX, JSON or NDJSON, up to 200 MB. It is erased from here after 30 days.")
    )
    format = forms.ChoiceField(label=_("What kind of file"), choices=formats, initial=ANOTHER)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                gettext("This file is too large: 200 MB at most. Split it, by county for instance.")
            )
        return file


class ImportsView(ImportScreen):
    """A file to choose, and the last imports."""

    template_name = "directory/admin/imports.html"
    page_title = _("Import sheets")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", UploadForm())
        return {
            **super().get_context_data(**kwargs),
            "runs": ImportRun.objects.select_related("user").defer("report")[:RUNS_SHOWN],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        file, chosen = form.cleaned_data["file"], form.cleaned_data["format"]
        if chosen == ANOTHER:
            run = runs.keep(file, name=file.name, fmt=MAPPED, user=request.user)
            return redirect("directory_import_mapping", run.pk)
        fmt, _colon, mapping = chosen.partition(":")
        return redirect(
            "directory_import", runs.start(file, name=file.name, fmt=fmt, mapping=mapping, user=request.user).pk
        )


def run_of(number: int) -> ImportRun:
    run = ImportRun.objects.filter(pk=number).select_related("user").first()
    if run is None:
        raise Http404
    return run


class MappingView(ImportScreen):
    """The columns of a file, with samples; where each goes is saved as a mapping, then the file is read with it."""

    template_name = "directory/admin/import_mapping.html"
    page_title = _("What is each column?")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.may_enter():
            self.run = run_of(kwargs["pk"])
            if self.run.format != MAPPED or not self.run.file or self.run.state in (*WORKING, State.DONE):
                return redirect("directory_import", self.run.pk)
            try:
                self.columns = columns_of(self.run.path)
            except UnreadableFileError as error:
                messages.error(request, str(error))
                return redirect("directory_imports")
        return super().dispatch(request, *args, **kwargs)

    def initial(self) -> dict[str, Any]:
        saved = ImportMapping.objects.filter(name=self.run.mapping).first() if self.run.mapping else None
        if saved:
            return initial_of(saved, self.columns)
        name = self.run.file_name.rpartition(".")[0] or self.run.file_name
        return {"label": name[:120], "source": slugify(name)[:60]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", MappingForm(columns=self.columns, initial=self.initial()))
        return {**super().get_context_data(**kwargs), "import_run": self.run}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = MappingForm(request.POST, columns=self.columns)
        # The table of kinds appears once a column says the kind: shown again with it, nothing is lost.
        if "again" in request.POST or not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        self.run.mapping = form.save().name
        runs.preview(self.run)
        return redirect("directory_import", self.run.pk)


class RunView(ImportScreen):
    """An import: how far it is, what would become or became of each row, and what to do next."""

    template_name = "directory/admin/import.html"
    page_title = _("An import")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = run_of(self.kwargs["pk"])
        part = self.request.GET.get("partie", "")
        counts = run.counts
        part = part if part in PARTS else next((name for name in PARTS if counts.get(name)), "created")
        number = self.request.GET.get("p", "")
        rows = rows_of(run, part)
        return {
            **super().get_context_data(**kwargs),
            "import_run": run,
            "is_working": run.state in WORKING,
            "can_apply": run.state in (State.PREVIEWED, State.FAILED)
            and bool(run.file)
            and bool(run.report or run.rows),
            "can_map": run.format == MAPPED and bool(run.file) and run.state not in (*WORKING, State.DONE),
            "parts": [(name, label, counts.get(name, 0), name == part) for name, label in PARTS.items()],
            "part": part,
            "rows": page_of(rows, int(number) if number.isdecimal() and len(number) < 6 else None, ROWS_PER_PAGE),
            "mends": list((run.report.get("mends") or {}).items())[:20],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run = run_of(self.kwargs["pk"])
        if "discard" in request.POST:
            if run.state in WORKING or run.state == State.DONE:
                messages.error(request, gettext("It is under way, or done: it can't be thrown away any more."))
                return redirect("directory_import", run.pk)
            run.file.delete(save=False)
            run.delete()
            messages.success(request, gettext("The file is erased. Nothing was imported."))
            return redirect("directory_imports")
        if ImportRun.objects.filter(state__in=[State.WAITING, State.APPLYING]).exclude(pk=run.pk).exists():
            messages.error(request, gettext("Another import is under way. Apply this one when it is done."))
        elif not run.file or not runs.confirm(run):
            messages.error(request, gettext("This import can't be applied any more: choose the file again."))
        return redirect("directory_import", run.pk)


def rows_of(run: ImportRun, part: str) -> list[dict[str, Any]]:
    """The rows of a part of the report, each with a reason or with what changes, as sentences to show."""
    if part == "rejected":
        return list(run.report.get("rejected") or [])
    if part == "gone":
        return list(run.report.get("gone_rows") or [])
    found = (run.report.get("details") or {}).get(part) or []
    return [{**row, "fields": [*told(row.get("changes")), *told(row.get("kept"), is_kept=True)]} for row in found]


def told(fields: dict[str, list[Any]] | None, *, is_kept: bool = False) -> list[dict[str, Any]]:
    """Fields with their old and new value, by the name that editors know."""
    return [
        {"label": field_label(name), "old": in_words(old), "new": in_words(new), "is_kept": is_kept}
        for name, (old, new) in (fields or {}).items()
    ]


def field_label(name: str) -> str:
    known = {field.name: getattr(field, "verbose_name", "") for field in StructurePage._meta.get_fields()}
    return str(known.get(name) or name)


def in_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


class RunStateView(ImportScreen):
    """For the script of the page: where the import is."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run = run_of(self.kwargs["pk"])
        text = ngettext("%(done)d row of %(rows)d", "%(done)d rows of %(rows)d", run.rows_done)
        return JsonResponse(
            {
                "working": run.state in WORKING,
                "percent": run.percent,
                "text": text % {"done": run.rows_done, "rows": run.rows} if run.rows else run.get_state_display(),
            }
        )


class ReportView(ImportScreen):
    """The report as a file: JSON whole, or a table of rows."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run = run_of(self.kwargs["pk"])
        if not run.report:
            raise Http404
        name = f"import-{run.pk}"
        if self.kwargs["ext"] == "json":
            answer = HttpResponse(json.dumps(run.report, ensure_ascii=False, indent=2), content_type="application/json")
        else:
            answer = HttpResponse(report_table(run), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}.{self.kwargs["ext"]}"'
        return answer


def report_table(run: ImportRun) -> str:
    """One line a row of the report; no cell is a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(
        [gettext("row"), gettext("what becomes of it"), gettext("identifier"), gettext("name"), gettext("details")]
    )
    for part, label in PARTS.items():
        for row in rows_of(run, part):
            details = [row.get("reason", ""), *row.get("doubts", []), *row.get("notes", [])]
            details += [f"{field['label']} : {field['old']} → {field['new']}" for field in row.get("fields", [])]
            cells = [
                row.get("row", ""),
                label,
                row.get("id", ""),
                row.get("title", ""),
                " ; ".join(filter(None, details)),
            ]
            writer.writerow([harmless(str(cell)) for cell in cells])
    return out.getvalue()


class GoneView(DirectoryScreen):
    """Sheets that an import no longer found in their source: somebody calls, and keeps or takes them offline."""

    template_name = "directory/admin/gone.html"
    page_title = _("Sheets that left their source")
    header_icon = "warning"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = StructurePage.objects.sources().live().filter(gone_on__isnull=False).order_by("gone_on", "title")
        number = self.request.GET.get("p", "")
        shown = page_of(pages, int(number) if number.isdecimal() and len(number) < 6 else None, ROWS_PER_PAGE)
        return {**super().get_context_data(**kwargs), "pages": shown}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        number = request.POST.get("page", "")
        page = (
            StructurePage.objects.sources()
            .filter(pk=int(number) if number.isdecimal() and len(number) < 10 else 0)
            .first()
        )
        permissions = page.permissions_for_user(request.user) if page else None
        if page is None or permissions is None or not permissions.can_publish() or permissions.page_locked():
            messages.error(request, gettext("This sheet is not yours to publish, or is locked."))
        elif "offline" in request.POST:
            page.unpublish(user=request.user)
            messages.success(request, gettext("“%(title)s” is offline.") % {"title": page.title})
        else:
            StructurePage.objects.filter(pk=page.pk).update(gone_on=None)
            if revision := page.latest_revision:
                revision.content["gone_on"] = None
                revision.save(update_fields=["content"])
            messages.success(request, gettext("“%(title)s” stays.") % {"title": page.title})
        return redirect(reverse("directory_gone"))
