"""What stands on a structure's sheet: services, after data.inclusion's *service*, and drop-in sessions."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from portal.core.enums import Cost
from portal.core.fields import CodesField, PhoneField
from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import Audience, Theme
from portal.core.sourced import SourcedRow
from portal.core.widgets import WeekInput

from ..enums import Referrer, ServiceKind, WayIn, WelcomeMode
from .hours import HoursMixin


class Service(HoursMixin, SourcedRow):
    """What a structure offers, after data.inclusion's *service*."""

    FACTS = (
        *HoursMixin.HOURS_FACTS,
        "kind",
        "themes",
        "audiences",
        "cost",
        "modes",
        "mobilisation",
        "referrers",
        "phone",
        "email",
        "url",
        "source_id",
        "source_url",
        "source_updated_on",
        "extra",
    )

    page = ParentalKey("directory.StructurePage", on_delete=models.CASCADE, related_name="services")
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
        max_length=10_000,
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
    audience_note = models.TextField(
        _("about the audience"),
        blank=True,
        max_length=1000,
        help_text=_("For example “for parents of a child under three”."),
    )
    cost = models.CharField(
        _("cost"),
        max_length=20,
        choices=Cost.choices,
        blank=True,
        help_text=_("Leave it empty if you do not know, or if it is as for the place."),
    )
    cost_note = models.CharField(
        _("about the cost"), max_length=500, blank=True, help_text=_("For example “2 € a family”.")
    )
    schedule = models.CharField(
        _("when"),
        max_length=300,
        blank=True,
        help_text=_("Days and hours in words, such as “Le mercredi de 14 h à 16 h, hors vacances”."),
    )
    conditions = models.TextField(
        _("conditions"), blank=True, max_length=5000, help_text=_("Who can come: age, address, papers to bring.")
    )
    booking = models.CharField(
        _("how to come in"),
        max_length=1000,
        blank=True,
        help_text=_("With or without an appointment, and whom to call."),
    )
    modes = CodesField(
        _("where"), codes=WelcomeMode.choices, help_text=_("Whether one comes, or gets it at a distance.")
    )
    mobilisation = CodesField(
        _("first step"), codes=WayIn.choices, help_text=_("What one does to come in: call, write, or simply come.")
    )
    referrers = CodesField(
        _("who may ask"),
        codes=Referrer.choices,
        help_text=_("Say so when a social worker or a doctor has to ask for it."),
    )
    phone = PhoneField(_("telephone"), help_text=_("Only if it is not that of the place. Never somebody's own."))
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Only if it is not that of the place. Never somebody's own.")
    )
    url = models.URLField(
        _("address"),
        blank=True,
        max_length=2083,
        help_text=_("The page where one books or asks for it. Begins with https://."),
    )
    source_id = models.CharField(_("identifier in the source"), max_length=200, blank=True)
    source_url = models.URLField(_("address in the source"), blank=True, max_length=2083)
    source_updated_on = models.DateField(_("changed in the source on"), null=True, blank=True)
    #: What the source says beyond our fields, under the names of data.inclusion.
    extra = models.JSONField(_("other facts of the source"), default=dict, blank=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("kind"),
        FieldPanel("description"),
        MultiFieldPanel(
            [FieldPanel("themes"), FieldPanel("audiences"), FieldPanel("audience_note")], heading=_("For whom")
        ),
        FieldRowPanel([FieldPanel("cost"), FieldPanel("cost_note")]),
        MultiFieldPanel(
            [FieldPanel("schedule"), FieldPanel("opening_hours", widget=WeekInput), FieldPanel("hours_text")],
            heading=_("When"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("booking"),
                FieldPanel("conditions"),
                FieldRowPanel([FieldPanel("modes"), FieldPanel("mobilisation"), FieldPanel("referrers")]),
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
                FieldPanel("url"),
            ],
            heading=_("To come in"),
        ),
    ]

    class Meta(SourcedRow.Meta):
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name


class Permanence(HoursMixin, SourcedRow):
    """A drop-in session: a function that receives the public, never a named person."""

    FACTS = HoursMixin.HOURS_FACTS

    page = ParentalKey("directory.StructurePage", on_delete=models.CASCADE, related_name="permanences")
    role = models.CharField(
        _("function"), max_length=150, help_text=_("For example “social worker”. Never the name of a person.")
    )
    booking = models.CharField(
        _("how to book"), max_length=300, blank=True, help_text=_("With or without an appointment, and whom to call.")
    )

    panels = [
        FieldPanel("role"),
        FieldPanel("opening_hours", widget=WeekInput),
        FieldPanel("hours_text"),
        FieldPanel("booking"),
    ]

    class Meta(SourcedRow.Meta):
        verbose_name = _("drop-in session")
        verbose_name_plural = _("drop-in sessions")

    def __str__(self) -> str:
        return self.role
