"""Screens of the desk."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from directory.coverage import coverage_of

from . import checks, guide

PER_PAGE = 50


class Screen(WagtailAdminTemplateMixin):
    """A screen of the admin one click from its home page."""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": self.request.path, "label": self.get_page_title()}]


class SheetsToCheckView(Screen, ListView):
    template_name = "home/admin/sheets_to_check.html"
    page_title = _("Sheets to check")
    header_icon = "check"
    paginate_by = PER_PAGE
    page_kwarg = "p"

    def get_queryset(self) -> Any:
        return checks.sheets_to_check(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "sheets": checks.with_dates(context["object_list"])}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """“Checked today” for one sheet (``page``) or several (``page`` repeated); each is done whole or refused."""
        done, refused = checks.mark_all_checked(request.POST.getlist("page")[:PER_PAGE], request.user)
        if done:
            word = ngettext(
                "%(count)d sheet is checked as of today.", "%(count)d sheets are checked as of today.", done
            )
            messages.success(request, word % {"count": done})
        for title in refused:
            messages.error(request, gettext("“%(title)s” is not yours to publish, or is locked.") % {"title": title})
        if not (done or refused):
            messages.warning(request, gettext("Tick at least one sheet."))
        return redirect(request.get_full_path())


class CoverageView(Screen, TemplateView):
    template_name = "home/admin/coverage.html"
    page_title = _("What is missing where")
    header_icon = "table"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        by_town = self.request.GET.get("par") == "commune"
        return {**super().get_context_data(**kwargs), "coverage": coverage_of(by_town=by_town), "by_town": by_town}


class GuideView(Screen, TemplateView):
    template_name = "home/admin/guide.html"
    page_title = _("The editor's guide")
    header_icon = "help"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            text = guide.GUIDE.read_text(encoding="utf-8")
        except FileNotFoundError as missing:
            raise Http404 from missing
        return {**super().get_context_data(**kwargs), "guide": guide.as_html(text)}


def guide_picture(request: HttpRequest, name: str) -> HttpResponse:
    path = guide.PICTURES / name
    if not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/png")
