"""What the directory's screens of the admin share."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page
from wagtail.permissions import policy_registry

from ..models import DirectoryIndexPage


def may_import(user: Any) -> bool:
    """Imports publish sheets: they are for who publishes below the directory."""
    index = DirectoryIndexPage.objects.sources().first()
    return index is not None and bool(index.permissions_for_user(user).can_publish_subpage())


class DirectoryScreen(WagtailAdminTemplateMixin, TemplateView):
    """A screen for who publishes somewhere."""

    def may_enter(self) -> bool:
        return bool(policy_registry.get_by_type(Page).user_has_permission(self.request.user, "publish"))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_enter():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": self.request.path, "label": self.get_page_title()}]


class ImportScreen(DirectoryScreen):
    """A screen of the imports."""

    header_icon = "upload"

    def may_enter(self) -> bool:
        return may_import(self.request.user)
