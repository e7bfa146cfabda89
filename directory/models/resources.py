"""Resources for parents: articles, leaflets, useful sites, videos."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.search import index

from portal.core.blocks import BodyBlock
from portal.core.enums import Language
from portal.core.fields import CodesField
from portal.core.models import AudienceMixin, BasePage, EasyToReadMixin
from portal.core.models.mixins import age_constraint
from portal.core.validation import check_slug_unique, require

from ..enums import RESOURCE_PICTOGRAMS, ResourceKind
from ..querysets import ResourceQuerySet


class ResourceIndexPage(BasePage):
    """The list of the resources."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["directory.ResourcePage"]
    template = "directory/resource_index_page.html"

    class Meta:
        verbose_name = _("list of resources")
        verbose_name_plural = _("lists of resources")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..listing import resource_listing

        return {**super().get_context(request, *args, **kwargs), **resource_listing(request)}


class ResourceTag(TaggedItemBase):
    content_object = ParentalKey("directory.ResourcePage", on_delete=models.CASCADE, related_name="tagged_items")


class ResourcePage(EasyToReadMixin, AudienceMixin, BasePage):
    """Something to read, print or watch."""

    FACTS = (*BasePage.FACTS, *AudienceMixin.AUDIENCE_FACTS, "kind", "url", "document", "languages")
    FACT_ROWS = ("tagged_items",)
    RESERVED_SLUGS = frozenset({"proposer"})
    public_type = "resource"

    parent_page_types = ["directory.ResourceIndexPage"]
    subpage_types: list[str] = []
    template = "directory/resource_page.html"
    leaflet_template = "directory/resource_leaflet.html"

    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=ResourceKind.choices,
        blank=True,
        help_text=_("A leaflet needs its file; a site or a video needs its address."),
    )
    body = StreamField(
        BodyBlock(required=False),
        verbose_name=_("text"),
        blank=True,
        help_text=_("Blocks, one below the other: text, picture, questions, steps… Add one with “+”."),
    )
    url = models.URLField(
        _("address"), blank=True, max_length=500, help_text=_("For a useful site or a video: it opens there.")
    )
    document = models.ForeignKey(
        "wagtaildocs.Document",
        verbose_name=_("file"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("For a leaflet: an accessible PDF if you can."),
    )
    languages = CodesField(
        _("languages of the resource"),
        codes=Language.choices,
        help_text=_("The languages in which one can read it or watch it."),
    )
    tags = ClusterTaggableManager(
        through=ResourceTag,
        blank=True,
        verbose_name=_("tags"),
        help_text=_("Free words, separated by commas, for the search. Themes count more."),
    )

    objects = PageManager.from_queryset(ResourceQuerySet)()

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("kind"),
        MultiFieldPanel(
            [FieldPanel("body"), FieldPanel("url"), FieldPanel("document"), FieldPanel("languages")],
            heading=_("What one reads or sees"),
        ),
        *EasyToReadMixin.easy_panels,
        *AudienceMixin.audience_panels,
        FieldPanel("tags"),
        FieldPanel("checked_on"),
    ]

    search_fields = [
        *BasePage.search_fields,
        index.SearchField("body"),
        *EasyToReadMixin.easy_search_fields,
        index.RelatedFields("tags", [index.SearchField("name")]),
    ]

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints = [age_constraint("directory", "resource")]

    def clean_facts(self) -> None:
        super().clean_facts()
        check_slug_unique(self)
        require(self, "kind")
        self.clean_ages()
        if self.kind in (ResourceKind.LINK, ResourceKind.VIDEO) and not self.url:
            raise ValidationError({"url": _gettext("Write the address of the site or of the video.")})
        if self.kind == ResourceKind.LEAFLET and not self.document_id:
            raise ValidationError({"document": _gettext("Choose the file of the leaflet.")})

    @property
    def pictogram(self) -> str:
        return RESOURCE_PICTOGRAMS.get(self.kind, "book")

    @property
    def host(self) -> str:
        """The site that the address leads to: “caf.fr”; empty without one."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    @property
    def languages_labels(self) -> list[tuple[str, object]]:
        names = dict(Language.choices)
        return [(code, names.get(code, code)) for code in self.languages]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..sheets import resource_sheet

        return {**super().get_context(request, *args, **kwargs), **resource_sheet(self, request)}
