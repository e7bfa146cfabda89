"""Screens of the admin: sheets that are probably the same place, and their merging side by side."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from portal.core.paging import page_of

from ..models import StructurePage
from ..models.duplicates import DuplicateVerdict
from . import merging
from .screens import DirectoryScreen

PAIRS_PER_PAGE = 25


class DuplicatesView(DirectoryScreen):
    """Pairs that look alike, the likeliest first."""

    template_name = "directory/admin/duplicates.html"
    page_title = _("Probable duplicates")
    header_icon = "copy"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = self.request.GET.get("p", "")
        found = merging.open_pairs()
        shown = page_of(found, int(number) if number.isdecimal() and len(number) < 6 else None, PAIRS_PER_PAGE)
        return {**super().get_context_data(**kwargs), "pairs": shown, "total": len(found)}


class MergeView(DirectoryScreen):
    """Two sheets side by side: which one is kept, which word for each field."""

    template_name = "directory/admin/merge.html"
    page_title = _("Two sheets for one place?")
    header_icon = "copy"

    def pair(self) -> tuple[StructurePage, StructurePage]:
        """The sheet kept, and the other; 404 unless both are there."""
        rows = StructurePage.objects.sources().select_related("municipality").in_bulk(
            [self.kwargs["kept"], self.kwargs["other"]]
        )  # fmt: skip
        if len(rows) != 2:
            raise Http404
        return rows[self.kwargs["kept"]], rows[self.kwargs["other"]]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept, other = self.pair()
        return {
            **super().get_context_data(**kwargs),
            "kept": kept,
            "other": other,
            "choices": merging.choices(kept, other),
            "rows_of_other": [*other.services.all(), *other.permanences.all()],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept, other = self.pair()
        if "different" in request.POST:
            for page in (kept, other):
                if not page.permissions_for_user(request.user).can_publish():
                    raise PermissionDenied
            merging.decide(kept, other, DuplicateVerdict.Verdict.DIFFERENT)
            messages.success(request, gettext("These stay two places: they are not proposed again."))
            return redirect("directory_duplicates")
        taken = [name for name in request.POST.getlist("differs") if request.POST.get(f"take-{name}") == "other"]
        try:
            merging.merge(kept, other, taken, request.user, with_rows="rows" in request.POST)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(request.path)
        word = gettext("One sheet now: “%(kept)s”. The address of the other one leads there.") % {"kept": kept.title}
        messages.success(request, word, buttons=[messages.button(edit_url(kept), gettext("See it"))])
        return redirect("directory_duplicates")


def edit_url(page: StructurePage) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])
