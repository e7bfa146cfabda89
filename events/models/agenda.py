"""The page that lists events."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.core.models import BasePage


class AgendaPage(BasePage):
    """The events of the branch that it stands in: the whole portal's below the home page, a centre's below a centre."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage", "home.CentrePage"]
    subpage_types = ["events.EventPage"]
    template = "events/agenda_page.html"

    class Meta:
        verbose_name = _("agenda")
        verbose_name_plural = _("agendas")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..feeds.views import feed_links
        from ..listing import event_listing

        listing = event_listing(request, agenda=self)
        feeds = feed_links(request, self, listing["form"])
        own = {"feeds": feeds, "programme": self.programme_url(request)}
        return {**super().get_context(request, *args, **kwargs), **listing, **own}

    def programme_url(self, request: HttpRequest) -> str:
        """The month on paper of the centre that this agenda stands in; empty for the portal's, and in a preview."""
        path = self.get_url(request) or ""
        parts = path.strip("/").split("/")
        return f"{path.rstrip('/').rpartition('/')[0]}/programme.pdf" if parts[-3:-2] == ["centres"] else ""
