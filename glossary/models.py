"""The glossary: words, each with one or more definitions."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.models import PageManager
from wagtail.search import index

from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import BasePage, Theme
from portal.core.models.base import title_panel
from portal.core.sourced import SourcedRow
from portal.core.validation import check_slug_unique, require

from .enums import Collection, Origin, TermKind
from .querysets import TermQuerySet


class GlossaryIndexPage(BasePage):
    """All the words, in two collections."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["glossary.TermPage"]
    template = "glossary/glossary_index_page.html"

    class Meta:
        verbose_name = _("glossary")
        verbose_name_plural = _("glossaries")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from .listing import term_listing

        return {**super().get_context(request, *args, **kwargs), **term_listing(request)}


class TermTag(TaggedItemBase):
    content_object = ParentalKey("glossary.TermPage", on_delete=models.CASCADE, related_name="tagged_items")


class TermPage(BasePage):
    """A word or a how-to."""

    FACTS = (*BasePage.FACTS, "collection", "kind", "themes", "see_also", "typed", "is_ambiguous")
    FACT_ROWS = ("tagged_items",)
    RESERVED_SLUGS = frozenset({"demander"})
    public_type = "term"

    parent_page_types = ["glossary.GlossaryIndexPage"]
    subpage_types: list[str] = []
    template = "glossary/term_page.html"
    leaflet_template = "glossary/term_leaflet.html"

    collection = models.CharField(
        _("glossary"),
        max_length=20,
        choices=Collection.choices,
        blank=True,
        help_text=_("The list in which the word stands. Readers can look at one of them only."),
    )
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=TermKind.choices,
        blank=True,
        help_text=_("A word that one explains, or a how-to that one follows step by step."),
    )
    spellings = models.CharField(
        _("other spellings"),
        max_length=500,
        blank=True,
        help_text=_(
            "Other names of the word and abbreviations, separated by commas. Readers see them, and texts that use them "
            "are explained too."
        ),
    )
    typed = models.CharField(
        _("what people type"),
        max_length=500,
        blank=True,
        help_text=_("Frequent mistakes and related words, separated by commas. Only the search uses them."),
    )
    is_ambiguous = models.BooleanField(
        _("has another everyday meaning"),
        default=False,
        help_text=_(
            "Such as “lien” or “souris”. Where a text uses a word of the glossary, a dotted line shows its meaning; "
            "not for this one."
        ),
    )
    themes = ParentalManyToManyField(
        Theme,
        verbose_name=_("themes"),
        blank=True,
        limit_choices_to={"locale__language_code": SOURCE_LANGUAGE},
        help_text=_("What it is about. Readers filter lists by these: choose one to three."),
    )
    see_also = ParentalManyToManyField(
        "self",
        verbose_name=_("see also"),
        blank=True,
        symmetrical=False,
        help_text=_("Words that help to understand this one: links to them are shown below."),
    )
    tags = ClusterTaggableManager(
        through=TermTag,
        blank=True,
        verbose_name=_("tags"),
        help_text=_("Free words, separated by commas, for the search. Themes count more."),
    )

    objects = PageManager.from_queryset(TermQuerySet)()

    content_panels = [
        title_panel(_("The word as people say it, such as “Crèche”.")),
        *BasePage.content_panels[1:],
        FieldRowPanel([FieldPanel("collection"), FieldPanel("kind")]),
        FieldPanel("spellings"),
        FieldPanel("typed"),
        FieldPanel("is_ambiguous"),
        InlinePanel("definitions", heading=_("Definitions"), label=_("definition"), min_num=1),
        FieldPanel("themes"),
        FieldPanel("see_also"),
        FieldPanel("tags"),
        FieldPanel("checked_on"),
    ]

    search_fields = [
        *BasePage.search_fields,
        index.SearchField("spellings"),
        index.AutocompleteField("spellings"),
        index.SearchField("typed"),
        index.AutocompleteField("typed"),
        index.RelatedFields("tags", [index.SearchField("name")]),
        index.RelatedFields("definitions", [index.SearchField("text"), index.SearchField("example")]),
    ]

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")

    def clean_facts(self) -> None:
        super().clean_facts()
        check_slug_unique(self)
        require(self, "collection", "kind")

    @property
    def spelling_list(self) -> list[str]:
        return [part.strip() for part in self.spellings.split(",") if part.strip()]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from .sheets import term_sheet

        return {**super().get_context(request, *args, **kwargs), **term_sheet(self, request)}


class Definition(SourcedRow):
    """One way to explain a word, by a group of children or by the editors."""

    FACTS = ("origin", "group", "drawing")

    page = ParentalKey(TermPage, on_delete=models.CASCADE, related_name="definitions")
    text = models.TextField(
        _("definition"),
        max_length=2000,
        help_text=_("One idea a sentence, no other hard word. Children's sentences keep their grammar."),
    )
    example = models.TextField(
        _("example"), blank=True, max_length=1000, help_text=_("A sentence of everyday life in which the word is used.")
    )
    origin = models.CharField(
        _("written by"),
        max_length=20,
        choices=Origin.choices,
        blank=True,
        help_text=_("Shown with the definition: readers know who speaks."),
    )
    group = models.CharField(
        _("group"),
        max_length=150,
        blank=True,
        help_text=_("For example “Wednesday workshop, 8 to 10 years”. Never the name of a child or of a class."),
    )
    drawing = models.ForeignKey(
        "images.PortalImage",
        verbose_name=_("drawing"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("A drawing that shows the word. No child's face, no first name on it."),
    )

    panels = [FieldPanel(name) for name in ("text", "example", "origin", "group", "drawing")]

    class Meta(SourcedRow.Meta):
        verbose_name = _("definition")
        verbose_name_plural = _("definitions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(origin__in=["", *Origin.values]), name="glossary_definition_origin"
            ),
        ]

    def clean_facts(self) -> None:
        super().clean_facts()
        if not self.origin:
            self.origin = Origin.EDITORS

    def __str__(self) -> str:
        return self.text[:60]
