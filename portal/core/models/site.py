"""Settings of one portal: its name, area, colours, and whom to talk to."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Orderable, Site

from ..colours import HOUSE, Palette, faults
from ..enums import SchoolZone
from ..fields import PhoneField
from ..style_sheets import in_colours, of_admin, version
from ..validation import check_opening_hours
from ..widgets import ColourInput, WeekInput

HEX_PATTERN = r"#[0-9a-fA-F]{6}"
HEX_COLOUR = RegexValidator(rf"^{HEX_PATTERN}\Z", gettext_lazy("Write a colour such as #0a6b57."))


def is_hex(colour: str) -> bool:
    return re.fullmatch(HEX_PATTERN, colour) is not None


DEFAULT_INKS = {"ink_green": HOUSE.green, "ink_yellow": HOUSE.yellow, "ink_pink": HOUSE.pink}


@register_setting(icon="site", order=1)
class PortalSettings(ClusterableModel, BaseSiteSetting):
    portal_name = models.CharField(
        gettext_lazy("name of the portal"),
        max_length=60,
        default="La Boussole",
        help_text=gettext_lazy("Shown at the top of every page and in the browser's tab."),
    )
    area = models.CharField(
        gettext_lazy("area"),
        max_length=120,
        blank=True,
        help_text=gettext_lazy("Where it is for, such as “Métropole de Lille”. Shown below the name."),
    )
    logo = models.ForeignKey(
        "images.PortalImage",
        verbose_name=gettext_lazy("logo"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=gettext_lazy("A simple picture on a plain ground, shown beside the name at 48 pixels."),
    )
    ink_green = models.CharField(
        gettext_lazy("first colour"),
        max_length=7,
        default=DEFAULT_INKS["ink_green"],
        validators=[HEX_COLOUR],
        help_text=gettext_lazy("For places, links and buttons. White text is written on it: choose it dark."),
    )
    ink_yellow = models.CharField(
        gettext_lazy("second colour"),
        max_length=7,
        default=DEFAULT_INKS["ink_yellow"],
        validators=[HEX_COLOUR],
        help_text=gettext_lazy("For dates and hours. Dark text is written on it: choose it light."),
    )
    ink_pink = models.CharField(
        gettext_lazy("third colour"),
        max_length=7,
        default=DEFAULT_INKS["ink_pink"],
        validators=[HEX_COLOUR],
        help_text=gettext_lazy("For what is shared. Over the second one it makes a fourth colour, that of words."),
    )
    contact_name = models.CharField(
        gettext_lazy("whom to talk to"),
        max_length=120,
        blank=True,
        help_text=gettext_lazy("A desk or an organisation, such as “Fédération des centres sociaux”."),
    )
    contact_phone = PhoneField(
        gettext_lazy("telephone"),
        help_text=gettext_lazy("The number at the foot of every page. A desk's, not somebody's own."),
    )
    contact_address = models.CharField(
        gettext_lazy("address"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy("Where one can come and talk, such as “199 rue Colbert, 59000 Lille”."),
    )
    contact_hours = models.CharField(
        gettext_lazy("opening hours"),
        max_length=255,
        blank=True,
        validators=[check_opening_hours],
        help_text=gettext_lazy(
            "From when to when, each day, such as 9:00 to 12:00. A day left empty is a day when it is closed."
        ),
    )
    school_zone = models.CharField(
        gettext_lazy("zone of the school holidays"),
        max_length=1,
        choices=SchoolZone.choices,
        default=SchoolZone.B,
        help_text=gettext_lazy("Decides on which days the hours “during school holidays” are shown."),
    )
    contact_email = models.EmailField(
        gettext_lazy("e-mail that receives the messages of the contact page"),
        blank=True,
        help_text=gettext_lazy(
            "An address that several people read. It is also given to who reports a weakness of the site."
        ),
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("portal_name"), FieldPanel("area"), FieldPanel("logo"), FieldPanel("school_zone")],
            heading=gettext_lazy("The portal"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel(name, widget=ColourInput) for name in DEFAULT_INKS])],
            heading=gettext_lazy("Colours"),
        ),
        MultiFieldPanel(
            [
                *(FieldPanel(name) for name in ("contact_name", "contact_phone", "contact_address")),
                FieldPanel("contact_hours", widget=WeekInput),
                FieldPanel("contact_email"),
            ],
            heading=gettext_lazy("A human being to talk to"),
        ),
        InlinePanel("funders", heading=gettext_lazy("Funders"), label=gettext_lazy("funder")),
    ]

    class Meta:
        verbose_name = gettext_lazy("portal")

    def clean(self) -> None:
        super().clean()
        if self.has_own_colours and all(is_hex(getattr(self, name)) for name in DEFAULT_INKS):
            found = faults(self.palette)
            if found:
                raise ValidationError({f"ink_{ink}": fault.message for ink, fault in found.items()})

    @property
    def palette(self) -> Palette:
        return Palette(self.ink_green.lower(), self.ink_yellow.lower(), self.ink_pink.lower())

    @property
    def has_own_colours(self) -> bool:
        return self.palette != HOUSE

    @property
    def colours(self) -> str:
        """The style sheet that stands in for the common one."""
        return in_colours(self.palette)

    @property
    def colours_version(self) -> str:
        """Changes with the colours and with the common style sheet: part of the address, which is cached for ever."""
        return version(self.colours)

    @classmethod
    def for_site(cls, site: Site | None) -> "PortalSettings":
        """The row of a site; where there is none, the defaults, unsaved: to show a page writes nothing.

        Each site has a row (:func:`portal.core.signals.give_settings`), unless somebody took it out by hand.
        """
        return cls.base_queryset().filter(site=site).first() or cls(site=site)

    @property
    def admin_colours(self) -> str:
        return of_admin(self.palette)

    @property
    def admin_colours_version(self) -> str:
        return version(self.admin_colours)


class Funder(Orderable):
    portal = ParentalKey(PortalSettings, on_delete=models.CASCADE, related_name="funders")
    name = models.CharField(
        gettext_lazy("name"),
        max_length=120,
        help_text=gettext_lazy(
            "As the funder writes it, such as “Union européenne, FEDER”. Shown at the foot of every page."
        ),
    )
    logo = models.ForeignKey(
        "images.PortalImage",
        verbose_name=gettext_lazy("logo"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=gettext_lazy("The picture that the funder asks to show, if any."),
    )
    url = models.URLField(
        gettext_lazy("site"), blank=True, help_text=gettext_lazy("Where the name leads. Begins with https://.")
    )

    panels = [FieldPanel("name"), FieldPanel("logo"), FieldPanel("url")]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("funder")
        verbose_name_plural = gettext_lazy("funders")

    def __str__(self) -> str:
        return self.name
