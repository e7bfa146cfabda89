"""Screens of the desk."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView, TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

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
