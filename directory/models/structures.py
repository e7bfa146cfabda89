"""Structures: the places that receive the public, after data.inclusion's *structure* and *service*."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import PageManager
from wagtail.search import index

from portal.core.enums import Cost
from portal.core.fields import PhoneField
from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import (
    Audience,
    AudienceMixin,
    BasePage,
    CostMixin,
    EasyToReadMixin,
    PositionMixin,
    Theme,
    WelcomeMixin,
)
from portal.core.models.base import title_panel
from portal.core.models.mixins import age_constraint, position_constraint
from portal.core.sourced import SourcedRow
from portal.core.validation import check_opening_hours, check_slug_unique, require
from portal.core.vocabulary import named

from ..enums import ServiceKind, StructureKind
from ..querysets import StructureQuerySet


class DirectoryIndexPage(BasePage):
    """The list of the structures, with its filters and its map."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["directory.StructurePage"]
    template = "directory/directory_index_page.html"

    class Meta:
        verbose_name = _("directory")
        verbose_name_plural = _("directories")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..listing import structure_listing

        return {**super().get_context(request, *args, **kwargs), **structure_listing(request)}


class StructureTag(TaggedItemBase):
    content_object = ParentalKey("directory.StructurePage", on_delete=models.CASCADE, related_name="tagged_items")


class StructurePage(EasyToReadMixin, PositionMixin, AudienceMixin, CostMixin, WelcomeMixin, BasePage):
    """A place that receives the public. Its facts are kept on the French page."""

    FACTS = (
        *BasePage.FACTS,
        *PositionMixin.POSITION_FACTS,
        *AudienceMixin.AUDIENCE_FACTS,
        *CostMixin.COST_FACTS,
        *WelcomeMixin.WELCOME_FACTS,
        "kind",
        "phone",
        "email",
        "website",
        "opening_hours",
        "source",
        "source_id",
        "licence",
        "is_to_check",
        "is_example",
    )
    FACT_ROWS = ("tagged_items",)
    RESERVED_SLUGS = frozenset({"carte", "integrer", "integre", "proposer"})
    public_type = "structure"

    parent_page_types = ["directory.DirectoryIndexPage"]
    subpage_types: list[str] = []
    template = "directory/structure_page.html"
    leaflet_template = "directory/structure_leaflet.html"

    kind = models.CharField(
        _("kind"),
        max_length=30,
        choices=StructureKind.choices,
        blank=True,
        help_text=_("What the place is. Readers filter the directory by it."),
    )
    description = models.TextField(
        _("description"), blank=True, max_length=5000, help_text=_("Plain text. A blank line starts a paragraph.")
    )
    phone = PhoneField(
        _("telephone"),
        help_text=_("The number that a family should call, such as 03 20 16 84 30. Never somebody's own."),
    )
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("An address that a team reads. Never somebody's own.")
    )
    website = models.URLField(
        _("site"),
        blank=True,
        max_length=500,
        help_text=_("Begins with https://. Readers leave the portal when they follow it."),
    )
    opening_hours = models.CharField(
        _("opening hours"),
        max_length=500,
        blank=True,
        validators=[check_opening_hours],
        help_text=_("In the OpenStreetMap form, such as “Mo-Fr 09:00-12:00,14:00-18:00; PH off”."),
    )
    access_conditions = models.TextField(
        _("how to come in"), blank=True, max_length=1000, help_text=_("How one comes, what to bring.")
    )
    source = models.CharField(
        _("source"), max_length=60, blank=True, help_text=_("The directory that this sheet was imported from.")
    )
    source_id = models.CharField(
        _("identifier in the source"),
        max_length=200,
        blank=True,
        help_text=_("The number of this sheet in that directory. Do not change it: imports find the sheet by it."),
    )
    licence = models.CharField(
        _("licence of the source"),
        max_length=200,
        blank=True,
        help_text=_("Under which right that directory lends its data, such as “Licence Ouverte 2.0”."),
    )
    is_to_check = models.BooleanField(
        _("to check"), default=False, help_text=_("Shown to readers: “to check, call before you come”.")
    )
    is_example = models.BooleanField(_("example"), default=False, help_text=_("A made-up sheet, for demonstrations."))
    tags = ClusterTaggableManager(
        through=StructureTag,
        blank=True,
        verbose_name=_("tags"),
        help_text=_("Free words, separated by commas, for the search. Themes count more."),
    )

    objects = PageManager.from_queryset(StructureQuerySet)()

    #: A copy is another place: it does not come from the source of the first one.
    exclude_fields_in_copy = [*BasePage.exclude_fields_in_copy, "source", "source_id", "licence"]

    content_panels = [
        title_panel(_("The name on the door, such as “PMI des Moulins”.")),
        *BasePage.content_panels[1:],
        FieldPanel("kind"),
        FieldPanel("description"),
        *EasyToReadMixin.easy_panels,
        *AudienceMixin.audience_panels,
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]), FieldPanel("website")], heading=_("To reach it")
        ),
        MultiFieldPanel([FieldPanel("opening_hours"), FieldPanel("access_conditions")], heading=_("To come")),
        MultiFieldPanel(PositionMixin.position_panels, heading=_("Where it is")),
        MultiFieldPanel([*CostMixin.cost_panels, *WelcomeMixin.welcome_panels], heading=_("The welcome")),
        InlinePanel("services", heading=_("Services"), label=_("service")),
        InlinePanel("permanences", heading=_("Drop-in sessions"), label=_("drop-in session")),
        FieldPanel("tags"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("checked_on"), FieldPanel("is_to_check"), FieldPanel("is_example")]),
                FieldRowPanel([FieldPanel("source"), FieldPanel("source_id")]),
                FieldPanel("licence"),
            ],
            heading=_("Where these facts come from"),
        ),
    ]

    search_fields = [
        *BasePage.search_fields,
        index.SearchField("description"),
        *EasyToReadMixin.easy_search_fields,
        index.SearchField("access_conditions"),
        index.SearchField("searchable_facts"),
        index.RelatedFields(
            "services",
            [index.SearchField(name) for name in ("name", "description", "schedule", "conditions", "booking")],
        ),
        index.RelatedFields("permanences", [index.SearchField("role")]),
    ]

    class Meta:
        verbose_name = _("structure")
        verbose_name_plural = _("structures")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~models.Q(source=""), name="directory_structure_source_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(source="", source_id="") | (~models.Q(source="") & ~models.Q(source_id="")),
                name="directory_structure_source_whole",
            ),
            age_constraint("directory", "structure"),
            position_constraint("directory", "structure"),
        ]

    def clean_facts(self) -> None:
        super().clean_facts()
        check_slug_unique(self)
        require(self, "kind")
        self.clean_ages()
        self.clean_position()

    @property
    def municipality_name(self) -> str:
        return str(self.municipality or "")

    @property
    def kind_label(self) -> str:
        return str(self.get_kind_display())

    # --- Words for the index. A translation is found by the facts of its source, in its own language.
    @property
    def searchable_facts(self) -> str:
        """Kind, place, themes and audiences, in the language of the row."""
        facts = self.facts
        with translation.override(self.language):
            words = [
                str(facts.get_kind_display()),
                facts.address_line,
                *(word.name for word in named(Theme, facts.themes.all(), self.language)),
                *(word.name for word in named(Audience, facts.audiences.all(), self.language)),
                *(tag.name for tag in facts.tags.all()),
            ]
        return " ".join(words)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..sheets import structure_sheet

        return {**super().get_context(request, *args, **kwargs), **structure_sheet(self, request)}


class Service(SourcedRow):
    """What a structure offers, after data.inclusion's *service*."""

    FACTS = ("kind", "themes", "audiences", "cost")

    page = ParentalKey(StructurePage, on_delete=models.CASCADE, related_name="services")
    name = models.CharField(
        _("name"), max_length=150, help_text=_("What people call it there, such as “Écoute parents”.")
    )
    kind = models.CharField(
        _("type"),
        max_length=30,
        choices=ServiceKind.choices,
        blank=True,
        help_text=_("The kind of help. Shown beside the name."),
    )
    description = models.TextField(
        _("description"),
        blank=True,
        max_length=2000,
        help_text=_("What one gets there, in two or three short sentences."),
    )
    themes = ParentalManyToManyField(
        Theme,
        verbose_name=_("themes"),
        blank=True,
        limit_choices_to={"locale__language_code": SOURCE_LANGUAGE},
        help_text=_("When this service is about something more precise than the place."),
    )
    audiences = ParentalManyToManyField(
        Audience,
        verbose_name=_("audiences"),
        blank=True,
        limit_choices_to={"locale__language_code": SOURCE_LANGUAGE},
        help_text=_("When this service is not for the same people as the place."),
    )
    cost = models.CharField(
        _("cost"),
        max_length=20,
        choices=Cost.choices,
        blank=True,
        help_text=_("Leave it empty if you do not know, or if it is as for the place."),
    )
    schedule = models.CharField(
        _("when"),
        max_length=300,
        blank=True,
        help_text=_("Days and hours in words, such as “Le mercredi de 14 h à 16 h, hors vacances”."),
    )
    conditions = models.TextField(
        _("conditions"), blank=True, max_length=1000, help_text=_("Who can come: age, address, papers to bring.")
    )
    booking = models.CharField(
        _("how to come in"),
        max_length=300,
        blank=True,
        help_text=_("With or without an appointment, and whom to call."),
    )

    panels = [
        FieldPanel(name)
        for name in (
            "name",
            "kind",
            "description",
            "themes",
            "audiences",
            "cost",
            "schedule",
            "conditions",
            "booking",
        )
    ]

    class Meta(SourcedRow.Meta):
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name


class Permanence(SourcedRow):
    """A drop-in session: a function that receives the public, never a named person."""

    FACTS = ("opening_hours",)

    page = ParentalKey(StructurePage, on_delete=models.CASCADE, related_name="permanences")
    role = models.CharField(
        _("function"), max_length=150, help_text=_("For example “social worker”. Never the name of a person.")
    )
    opening_hours = models.CharField(
        _("opening hours"),
        max_length=500,
        blank=True,
        validators=[check_opening_hours],
        help_text=_("In the OpenStreetMap form, such as “Mo-Fr 09:00-12:00,14:00-18:00; PH off”."),
    )
    booking = models.CharField(
        _("how to book"), max_length=300, blank=True, help_text=_("With or without an appointment, and whom to call.")
    )

    panels = [FieldPanel("role"), FieldPanel("opening_hours"), FieldPanel("booking")]

    class Meta(SourcedRow.Meta):
        verbose_name = _("drop-in session")
        verbose_name_plural = _("drop-in sessions")

    def __str__(self) -> str:
        return self.role
