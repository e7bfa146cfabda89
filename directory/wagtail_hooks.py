"""What the directory adds to the admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, re_path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from .desk import import_views, merging
from .desk.merge_views import DuplicatesView, MergeView
from .desk.screens import may_import
from .imports.locks import give_back
from .models import StructurePage
from .position_views import PositionsToCheckView, find_position


# --- Imports ---------------------------------------------------------------------------------------------------------
@hooks.register("register_admin_urls")
def urls_of_imports() -> list[URLPattern]:
    return [
        path("imports/", import_views.ImportsView.as_view(), name="directory_imports"),
        path("imports/<int:pk>/", import_views.RunView.as_view(), name="directory_import"),
        path("imports/<int:pk>/colonnes/", import_views.MappingView.as_view(), name="directory_import_mapping"),
        path("imports/<int:pk>/etat/", import_views.RunStateView.as_view(), name="directory_import_state"),
        re_path(
            r"^imports/(?P<pk>\d{1,9})/rapport\.(?P<ext>csv|json)$",
            import_views.ReportView.as_view(),
            name="directory_import_report",
        ),
        path("parties-de-leur-source/", import_views.GoneView.as_view(), name="directory_gone"),
    ]


@hooks.register("register_reports_menu_item")
def gone_in_reports() -> MenuItem:
    return MenuItem(_("Sheets that left their source"), reverse_lazy("directory_gone"), icon_name="warning", order=320)


class ImportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_import(request.user)


@hooks.register("register_admin_menu_item")
def imports_in_menu() -> MenuItem:
    return ImportMenuItem(_("Import sheets"), reverse_lazy("directory_imports"), icon_name="upload", order=450)


@hooks.register("after_edit_page")
def give_fields_back_to_their_source(request: HttpRequest, page: Page) -> None:
    """What an editor unticked in “Kept from imports” is the source's again."""
    if isinstance(page, StructurePage) and page.is_source:
        give_back(page)


# --- Duplicates ------------------------------------------------------------------------------------------------------
@hooks.register("register_admin_urls")
def urls_of_duplicates() -> list[URLPattern]:
    return [
        path("doublons/", DuplicatesView.as_view(), name="directory_duplicates"),
        path("doublons/<int:kept>/<int:other>/", MergeView.as_view(), name="directory_merge"),
    ]


@hooks.register("register_reports_menu_item")
def duplicates_in_reports() -> MenuItem:
    return MenuItem(_("Probable duplicates"), reverse_lazy("directory_duplicates"), icon_name="copy", order=310)


@hooks.register("register_log_actions")
def name_the_merge(actions: Any) -> None:
    actions.register_action(merging.MERGED, _("Merge with another sheet"), _("Merged with another sheet"))


# --- Positions -------------------------------------------------------------------------------------------------------
@hooks.register("register_admin_urls")
def urls_of_positions() -> list[URLPattern]:
    return [
        path("positions/", PositionsToCheckView.as_view(), name="positions_to_check"),
        path("positions/chercher/", find_position, name="find_position"),
    ]


@hooks.register("register_reports_menu_item")
def positions_in_reports() -> MenuItem:
    return MenuItem(_("Positions to check"), reverse_lazy("positions_to_check"), icon_name="globe", order=300)
