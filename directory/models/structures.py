"""Structures: the places that receive the public, after data.inclusion's *structure* and *service*."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import PageManager
from wagtail.search import index

from portal.core.fields import CodesField, PhoneField
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
from portal.core.validation import check_opening_hours, check_slug_unique, require
from portal.core.vocabulary import named
from portal.core.widgets import WeekInput

from ..enums import StructureKind
from ..networks import NETWORKS
from ..panels import PositionPanel
from ..querysets import StructureQuerySet
from ..structure_forms import StructureForm
from .hours import MAX_HOURS, HoursMixin

#: What a sheet owes to the directory that it was imported from.
SOURCE_FACTS = (
    "source",
    "source_id",
    "source_url",
    "source_updated_on",
    "licence",
    "gone_on",
    "locked_fields",
    "extra",
)
#: The texts of a service that the search reads.
SERVICE_WORDS = ("name", "description", "schedule", "conditions", "booking", "cost_note", "audience_note")


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


class StructurePage(EasyToReadMixin, HoursMixin, PositionMixin, AudienceMixin, CostMixin, WelcomeMixin, BasePage):
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
        *HoursMixin.HOURS_FACTS,
        "holiday_hours",
        "closed_from",
        "closed_until",
        "notice_until",
        "acceslibre_url",
        "siret",
        "networks",
        *SOURCE_FACTS,
        "checked_by",
        "is_to_check",
        "is_example",
    )
    FACT_ROWS = ("tagged_items",)
    RESERVED_SLUGS = frozenset({"a-imprimer", "carte", "integrer", "integre", "professionnels", "proposer"})
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
        _("description"), blank=True, max_length=10_000, help_text=_("Plain text. A blank line starts a paragraph.")
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
    siret = models.CharField(
        _("SIRET"),
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^\d{14}\Z", _("A SIRET has fourteen digits."))],
        help_text=_(
            "The fourteen digits of the establishment in the national register. For exchanges with other sites."
        ),
    )
    networks = CodesField(
        _("networks"),
        codes=NETWORKS,
        max_length=500,
        help_text=_("The national networks that it is part of. For exchanges with other sites."),
    )
    holiday_hours = models.CharField(
        _("opening hours during school holidays"),
        max_length=MAX_HOURS,
        blank=True,
        validators=[check_opening_hours],
        help_text=_("Only if they differ. Leave it empty when it is open as usual."),
    )
    closed_from = models.DateField(
        _("closed from"), null=True, blank=True, help_text=_("The first day of a closure: holidays, works, move.")
    )
    closed_until = models.DateField(
        _("closed until"),
        null=True,
        blank=True,
        help_text=_("The last day of the closure, included. Leave it empty if you do not know yet."),
    )
    notice = models.TextField(
        _("message of the moment"),
        max_length=300,
        blank=True,
        help_text=_("Shown on top of the sheet, such as “Entrée par la cour pendant les travaux”."),
    )
    notice_until = models.DateField(
        _("message shown until"),
        null=True,
        blank=True,
        help_text=_("The last day of the message, included. Leave it empty to take the message off yourself."),
    )
    access_conditions = models.TextField(
        _("how to come in"), blank=True, max_length=1000, help_text=_("How one comes, what to bring.")
    )
    way_there = models.TextField(
        _("the way there"),
        max_length=1000,
        blank=True,
        help_text=_("In words: stop of the bus or metro, which door, what one sees. One step a line."),
    )
    acceslibre_url = models.URLField(
        _("sheet on Acceslibre"),
        blank=True,
        max_length=500,
        help_text=_("The address of the place on acceslibre.beta.gouv.fr, which tells how one moves about there."),
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
    source_url = models.URLField(
        _("address in the source"),
        blank=True,
        max_length=2083,
        help_text=_("The page of that directory which shows this place."),
    )
    source_updated_on = models.DateField(
        _("changed in the source on"), null=True, blank=True, help_text=_("The day that the directory itself gives.")
    )
    gone_on = models.DateField(
        _("left the source on"),
        null=True,
        blank=True,
        help_text=_("The day when an import no longer found it there. Call, then keep the sheet or take it offline."),
    )
    checked_by = models.CharField(
        _("checked by"),
        max_length=100,
        blank=True,
        help_text=_("The team that checked, such as “accueil du centre Echo”. Never the name of a person."),
    )
    #: Names of the facts and texts that somebody edited by hand: imports leave them alone.
    locked_fields = models.JSONField(_("fields kept from imports"), default=list, blank=True)
    #: What the source says beyond our fields, under the names of data.inclusion: nothing is lost on the way out.
    extra = models.JSONField(_("other facts of the source"), default=dict, blank=True)
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
    base_form_class = StructureForm

    #: A copy is another place: it does not come from the source of the first one.
    exclude_fields_in_copy = [*BasePage.exclude_fields_in_copy, *SOURCE_FACTS]

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
        MultiFieldPanel(
            [
                FieldPanel("opening_hours", widget=WeekInput),
                FieldPanel("holiday_hours", widget=WeekInput),
                FieldPanel("hours_text"),
                FieldRowPanel([FieldPanel("closed_from"), FieldPanel("closed_until")]),
                FieldPanel("notice"),
                FieldPanel("notice_until"),
                FieldPanel("access_conditions"),
            ],
            heading=_("To come"),
        ),
        MultiFieldPanel(
            [*PositionMixin.position_panels, PositionPanel(), FieldPanel("way_there")], heading=_("Where it is")
        ),
        MultiFieldPanel(
            [*CostMixin.cost_panels, *WelcomeMixin.welcome_panels, FieldPanel("acceslibre_url")],
            heading=_("The welcome"),
        ),
        InlinePanel("services", heading=_("Services"), label=_("service")),
        InlinePanel("permanences", heading=_("Drop-in sessions"), label=_("drop-in session")),
        FieldPanel("tags"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("checked_on"), FieldPanel("checked_by")]),
                FieldRowPanel([FieldPanel("is_to_check"), FieldPanel("is_example")]),
                FieldRowPanel([FieldPanel("source"), FieldPanel("source_id")]),
                FieldPanel("source_url"),
                FieldRowPanel([FieldPanel("source_updated_on"), FieldPanel("gone_on")]),
                FieldPanel("locked_fields"),
                FieldPanel("licence"),
                FieldRowPanel([FieldPanel("siret"), FieldPanel("networks")]),
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
        index.SearchField("way_there"),
        index.RelatedFields("services", [index.SearchField(name) for name in SERVICE_WORDS]),
        index.RelatedFields("permanences", [index.SearchField("role"), index.SearchField("booking")]),
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
        self.clean_closure()

    def clean_closure(self) -> None:
        if self.closed_until and not self.closed_from:
            raise ValidationError({"closed_from": _gettext("Write the first day of the closure too.")})
        if self.closed_until and self.closed_from and self.closed_until < self.closed_from:
            raise ValidationError({"closed_until": _gettext("The last day comes before the first one.")})

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
