"""The page that every page of the portal extends."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from ..leaflets import paper_of
from ..prose import Prose
from ..sourced import SourcedPage

#: In the editor's preview: an old phone first, because that is what most readers hold.
PREVIEW_SIZES = (
    {"name": "phone", "icon": "mobile-alt", "device_width": 360, "label": _("See it on a phone")},
    {"name": "desktop", "icon": "desktop", "device_width": 1280, "label": _("See it on a computer")},
)


class BasePage(SourcedPage):
    """Summary, picture for shares, date of the last check; served in the frame of the reader's language."""

    FACTS: ClassVar[tuple[str, ...]] = ("search_image", "checked_on")

    #: Kind of the page in public addresses and data (``type=…``), empty for pages that are no content of their own.
    public_type: ClassVar[str] = ""

    #: What a leaflet of this page says below title and summary: a template that gets the page's own context and
    #: ``paper``. Every page with a ``public_type`` has a leaflet.
    leaflet_template: ClassVar[str] = "components/leaflet_text.html"

    summary = models.TextField(
        _("summary"), max_length=300, blank=True, help_text=_("One or two short sentences, shown in lists.")
    )
    search_image = models.ForeignKey(
        "images.PortalImage",
        verbose_name=_("picture for shares"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    checked_on = models.DateField(
        _("checked on"), null=True, blank=True, help_text=_("The day when somebody last checked these facts.")
    )

    content_panels = [*Page.content_panels, FieldPanel("summary")]
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_image")], heading=_("Address and shares")
        ),
        FieldPanel("show_in_menus"),
    ]

    search_fields = [*Page.search_fields, index.SearchField("summary"), index.AutocompleteField("summary")]

    class Meta:
        abstract = True

    @property
    def preview_sizes(self) -> list[dict[str, Any]]:
        return [dict(size) for size in PREVIEW_SIZES]

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """The page's own template, or that of its leaflet (``?feuille=a5``)."""
        if self.public_type and paper_of(request):
            return "leaflet.html"
        return str(super().get_template(request, *args, **kwargs))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["facts"] = self.facts
        context["prose"] = Prose(self)
        context["paper"] = paper_of(request)
        return context
