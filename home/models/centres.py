"""The centres' own sites."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import PageManager
from wagtail.search import index

from portal.core.models import AudienceMixin, BasePage, CostMixin
from portal.core.models.mixins import age_constraint
from portal.core.validation import check_slug_unique, require

from ..querysets import ActivityQuerySet
from .pages import BodyPage


class CentreIndexPage(BasePage):
    """The list of the centres."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.CentrePage"]
    template = "home/centre_index_page.html"

    class Meta:
        verbose_name = _("list of centres")
        verbose_name_plural = _("lists of centres")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..gathering import all_centres

        return {**super().get_context(request, *args, **kwargs), "centres": all_centres()}


class CentrePage(BodyPage):
    """A centre's site. Its address, position, hours and telephone live once, on its structure."""

    FACTS = (*BasePage.FACTS, "structure")
    RESERVED_SLUGS = frozenset({"agenda.ics"})
    public_type = "centre"

    parent_page_types = ["home.CentreIndexPage"]
    subpage_types = ["home.ActivityPage", "home.StandardPage", "events.AgendaPage"]
    template = "home/centre_page.html"
    leaflet_template = "home/centre_leaflet.html"

    structure = models.OneToOneField(
        "directory.StructurePage",
        verbose_name=_("structure"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="centre",
        help_text=_("The sheet of this centre in the directory: address, telephone and hours are kept there."),
    )

    #: One structure, one centre: a copy chooses its own.
    exclude_fields_in_copy = [*BasePage.exclude_fields_in_copy, "structure"]

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("structure"),
        FieldPanel("body"),
        InlinePanel(
            "photos",
            heading=_("Photos"),
            label=_("photo"),
            help_text=_("Only pictures whose right to use is recorded. Who made them is written below each."),
        ),
    ]

    class Meta:
        verbose_name = _("centre")
        verbose_name_plural = _("centres")

    def clean_facts(self) -> None:
        super().clean_facts()
        check_slug_unique(self)
        self.structure = self.structure.facts if self.structure else None
        require(self, "structure")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..gathering import centre_contents

        contents = centre_contents(self, timezone.now(), is_preview=getattr(request, "is_preview", False))
        return {**super().get_context(request, *args, **kwargs), **contents}


class ActivityPage(AudienceMixin, CostMixin, BodyPage):
    """What a centre offers all year round."""

    FACTS = (*BasePage.FACTS, *AudienceMixin.AUDIENCE_FACTS, *CostMixin.COST_FACTS)
    public_type = "page"

    parent_page_types = ["home.CentrePage"]
    subpage_types: list[str] = []
    template = "home/activity_page.html"
    leaflet_template = "home/activity_leaflet.html"

    schedule = models.CharField(
        _("when"),
        max_length=300,
        blank=True,
        help_text=_("Days and hours in words, such as “Le mercredi de 14 h à 16 h, hors vacances”."),
    )
    registration_note = models.CharField(
        _("how to register"),
        max_length=300,
        blank=True,
        help_text=_("Whom to ask, and how, such as “À l’accueil, ou par téléphone”."),
    )

    objects = PageManager.from_queryset(ActivityQuerySet)()

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("schedule"),
        FieldPanel("body"),
        *AudienceMixin.audience_panels,
        MultiFieldPanel([*CostMixin.cost_panels, FieldPanel("registration_note")], heading=_("To take part")),
    ]
    search_fields = [
        *BodyPage.search_fields,
        index.SearchField("schedule"),
        index.SearchField("registration_note"),
    ]

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [age_constraint("home", "activity")]

    def clean_facts(self) -> None:
        super().clean_facts()
        if self.slug == "agenda":
            raise ValidationError({"slug": _gettext("This address is used by the portal itself. Choose another one.")})
        self.clean_ages()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..gathering import activity_contents

        return {**super().get_context(request, *args, **kwargs), **activity_contents(self)}
