"""Screens of the desk."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView, TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from . import checks, guide

PER_PAGE = 50


class SheetsToCheckView(WagtailAdminTemplateMixin, ListView):
    template_name = "home/admin/sheets_to_check.html"
    page_title = _("Sheets to check")
    header_icon = "check"
    _show_breadcrumbs = True
    paginate_by = PER_PAGE
    page_kwarg = "p"

    def get_queryset(self) -> Any:
        return checks.sheets_to_check(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "sheets": checks.with_dates(context["object_list"])}


class GuideView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "home/admin/guide.html"
    page_title = _("The editor's guide")
    header_icon = "help"
    _show_breadcrumbs = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            text = guide.GUIDE.read_text(encoding="utf-8")
        except FileNotFoundError as missing:
            raise Http404 from missing
        return {**super().get_context_data(**kwargs), "guide": guide.as_html(text)}


def guide_picture(request: HttpRequest, name: str) -> HttpResponseBase:
    path = guide.PICTURES / name
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")
