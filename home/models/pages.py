"""Home, standard pages, contact."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from portal.core.blocks import BodyBlock
from portal.core.models import BasePage, EasyToReadMixin

#: A page with as many headings says at its top what is on it.
HEADINGS_TO_OUTLINE = 4


@dataclass(frozen=True)
class Heading:
    """A heading of a page's text and where it stands, as ``components/body.html`` numbers it."""

    text: str
    anchor: str


class BodyPage(BasePage):
    """A page with a stream of blocks."""

    body = StreamField(
        BodyBlock(required=False),
        verbose_name=_("text"),
        blank=True,
        help_text=_("Blocks, one below the other: text, picture, questions, steps… Add one with “+”."),
    )

    content_panels = [*BasePage.content_panels, FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        abstract = True

    @property
    def outline(self) -> list[Heading]:
        """The headings of a long page; nothing for a short one, which is read at a glance."""
        headings = [
            Heading(block.value["text"], f"part-{number}")
            for number, block in enumerate(self.body, start=1)
            if block.block_type == "heading"
        ]
        return headings if len(headings) >= HEADINGS_TO_OUTLINE else []


class HomePage(BodyPage):
    """The root of the portal: gathers the other applications."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "directory.DirectoryIndexPage",
        "directory.ResourceIndexPage",
        "glossary.GlossaryIndexPage",
        "events.AgendaPage",
        "home.CentreIndexPage",
        "home.NewsIndexPage",
        "home.StandardPage",
        "home.ContactPage",
    ]
    template = "home/home_page.html"

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..gathering import home_contents

        return {**super().get_context(request, *args, **kwargs), **home_contents(request, timezone.now())}


class StandardPage(EasyToReadMixin, BodyPage):
    """A page of text: legal notice, first visit…"""

    #: First parts of the portal's fixed addresses.
    RESERVED_SLUGS = frozenset(
        {"accueil", "admin", "api", "atelier", "contribuer", "documents", "ecran", "en", "ar", "espace", "healthz",
         "media", "plan-du-site", "proposer", "recherche", "static", "style", "suivi",
         "sur-cet-appareil"}
    )  # fmt: skip
    public_type = "page"

    parent_page_types = ["home.HomePage", "home.StandardPage", "home.CentrePage"]
    subpage_types = ["home.StandardPage"]
    template = "home/standard_page.html"

    content_panels = [*BodyPage.content_panels, *EasyToReadMixin.easy_panels]
    search_fields = [*BodyPage.search_fields, *EasyToReadMixin.easy_search_fields]

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "outline": self.outline}


class ContactPage(BodyPage):
    """A form whose message is mailed and kept nowhere but in the outbox."""

    max_count_per_parent = 1
    public_type = "page"

    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    template = "home/contact_page.html"

    class Meta:
        verbose_name = _("contact page")
        verbose_name_plural = _("contact pages")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from ..views import contact

        return contact(request, self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..forms import ContactForm

        context = super().get_context(request, *args, **kwargs)
        return {"form": ContactForm(), **context, **kwargs}
