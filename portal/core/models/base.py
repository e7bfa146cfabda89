"""The page that every page of the portal extends."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.models import Page
from wagtail.search import index

from ..freshness import is_stale
from ..leaflets import paper_of
from ..prose import Prose
from ..sourced import SourcedPage

#: In the editor's preview: an old phone first, because that is what most readers hold.
PREVIEW_SIZES = (
    {"name": "phone", "icon": "mobile-alt", "device_width": 360, "label": _("See it on a phone")},
    {"name": "desktop", "icon": "desktop", "device_width": 1280, "label": _("See it on a computer")},
)


def title_panel(help_text: Any) -> TitleFieldPanel:
    """The field of the title, which makes the address of a new page."""
    return TitleFieldPanel("title", help_text=help_text)


class BasePage(SourcedPage):
    """Summary, picture for shares, date of the last check; served in the frame of the reader's language."""

    FACTS: ClassVar[tuple[str, ...]] = ("search_image", "checked_on")

    #: Kind of the page in public addresses and data (``type=…``), empty for pages that are no content of their own.
    public_type: ClassVar[str] = ""

    #: What a leaflet of this page says below title and summary: a template that gets the page's own context and
    #: ``paper``. Every page with a ``public_type`` has a leaflet.
    leaflet_template: ClassVar[str] = "components/leaflet_text.html"
    #: Where its sheets of paper are, below its own address.
    leaflet_a5: ClassVar[str] = "?feuille=a5"
    leaflet_a4: ClassVar[str] = "?feuille=a4"

    summary = models.TextField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One or two short sentences: what one finds here, and for whom. Shown in lists."),
    )
    search_image = models.ForeignKey(
        "images.PortalImage",
        verbose_name=_("picture for shares"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Shown when somebody sends the page by message. Never a child's face."),
    )
    checked_on = models.DateField(
        _("checked on"),
        null=True,
        blank=True,
        help_text=_("The day when somebody last called or went there to check. Readers see it."),
    )

    content_panels = [
        title_panel(
            _(
                "What the page is about, in a few known words, such as “Café des parents”. Shown in lists and at the "
                "top."
            )
        ),
        FieldPanel("summary"),
    ]
    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel(
                    "slug",
                    help_text=_(
                        "The end of the page's address, made from the title. Leave it as it is: people may have kept "
                        "it."
                    ),
                ),
                FieldPanel(
                    "seo_title", help_text=_("Another title for search engines. Leave it empty: the title serves.")
                ),
                FieldPanel("search_image"),
            ],
            heading=_("Address and shares"),
        ),
        FieldPanel(
            "show_in_menus",
            help_text=_("Adds the page to the menu at the top of every page. The menu must stay short."),
        ),
    ]

    search_fields = [*Page.search_fields, index.SearchField("summary"), index.AutocompleteField("summary")]

    class Meta:
        abstract = True

    @property
    def is_stale(self) -> bool:
        """The facts were checked, but too long ago (a fact of the source page)."""
        return is_stale(self.checked_on)

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
        paper = paper_of(request)
        context["paper"] = paper and paper.beside(self.title + self.summary)
        return context
