"""Facts shared by several page types. Each mixin owns its fields, their panels, their checks and their display."""

from typing import ClassVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

from ..enums import (
    ACCESS_PICTOGRAMS,
    OF_THE_BUILDING,
    OWN_NAMES,
    Access,
    Cost,
    Language,
    PositionPrecision,
    PositionSource,
)
from ..fields import AgeField, CodesField
from ..languages import SOURCE_LANGUAGE
from .vocabularies import LATITUDE, LONGITUDE, Audience, Municipality, Theme


def age_label(months: int) -> str:
    """An age in words: “18 months”, “3 years”."""
    if months and months % 12 == 0:
        return ngettext("%(count)d year", "%(count)d years", months // 12) % {"count": months // 12}
    return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}


def age_range_label(low: int | None, high: int | None) -> str:
    """An age range in words; empty when nothing is known."""
    if low is None and high is None:
        return ""
    if low is None or low == 0:
        return _("Up to %(age)s") % {"age": age_label(high)} if high is not None else ""
    if high is None:
        return _("From %(age)s") % {"age": age_label(low)}
    if low % 12 == 0 and high % 12 == 0:
        return _("From %(low)d to %(high)d years") % {"low": low // 12, "high": high // 12}
    return _("From %(low)s to %(high)s") % {"low": age_label(low), "high": age_label(high)}


class AudienceMixin(models.Model):
    """What it is about and whom it is for."""

    AUDIENCE_FACTS: ClassVar[tuple[str, ...]] = ("themes", "audiences", "age_min_months", "age_max_months")

    themes = ParentalManyToManyField(
        Theme,
        verbose_name=gettext_lazy("themes"),
        blank=True,
        limit_choices_to={"locale__language_code": SOURCE_LANGUAGE},
        help_text=gettext_lazy("What it is about. Readers filter lists by these: choose one to three."),
    )
    audiences = ParentalManyToManyField(
        Audience,
        verbose_name=gettext_lazy("audiences"),
        blank=True,
        limit_choices_to={"locale__language_code": SOURCE_LANGUAGE},
        help_text=gettext_lazy("Whom it is for. Readers filter lists by these. None means everybody."),
    )
    age_min_months = AgeField(gettext_lazy("from the age of"))
    age_max_months = AgeField(gettext_lazy("up to the age of"))

    audience_panels = [
        MultiFieldPanel(
            [
                FieldPanel("themes"),
                FieldPanel("audiences"),
                FieldRowPanel([FieldPanel("age_min_months"), FieldPanel("age_max_months")]),
            ],
            heading=gettext_lazy("What is it about? For whom?"),
        )
    ]

    class Meta:
        abstract = True

    def clean_ages(self) -> None:
        low, high = self.age_min_months, self.age_max_months
        if low is not None and high is not None and low > high:
            raise ValidationError({"age_max_months": _("The highest age is below the lowest one.")})

    @property
    def age_range(self) -> str:
        return age_range_label(self.age_min_months, self.age_max_months)


def age_constraint(app: str, model: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(age_min_months__isnull=True)
        | models.Q(age_max_months__isnull=True)
        | models.Q(age_min_months__lte=models.F("age_max_months")),
        name=f"{app}_{model}_ages",
    )


class CostMixin(models.Model):
    COST_FACTS: ClassVar[tuple[str, ...]] = ("cost",)

    cost = models.CharField(
        gettext_lazy("cost"),
        max_length=20,
        choices=Cost.choices,
        blank=True,
        help_text=gettext_lazy("Readers can ask for what is free. Leave it empty if you do not know."),
    )
    cost_note = models.CharField(
        gettext_lazy("about the cost"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy("For example “2 € a family”."),
    )

    cost_panels = [FieldRowPanel([FieldPanel("cost"), FieldPanel("cost_note")])]

    class Meta:
        abstract = True


class WelcomeMixin(models.Model):
    """In which languages one is received, and what makes coming easy."""

    WELCOME_FACTS: ClassVar[tuple[str, ...]] = ("languages", "access")

    languages = CodesField(
        gettext_lazy("languages spoken"),
        codes=Language.choices,
        help_text=gettext_lazy("Only the languages in which somebody can really welcome people."),
    )
    access = CodesField(
        gettext_lazy("accessibility"),
        codes=Access.choices,
        help_text=gettext_lazy("Only what is there for certain: people come because of it."),
    )

    welcome_panels = [FieldPanel("languages"), FieldPanel("access")]

    class Meta:
        abstract = True

    @property
    def languages_labels(self) -> list[tuple[str, object]]:
        """``(code, label)`` of each language."""
        names = dict(Language.choices)
        return [(code, names.get(code, code)) for code in self.languages]

    @property
    def tongues(self) -> list[tuple[str, str, object]]:
        """``(code, own name, label)`` of each language: a reader looks for the name that they know."""
        return [(code, OWN_NAMES.get(code, code), label) for code, label in self.languages_labels]  # type: ignore[call-overload]

    def access_marks(self, *, of_the_building: bool) -> list[tuple[str, object]]:
        """``(pictogram, label)`` of what the building has, or of how one is received."""
        names = dict(Access.choices)
        return [
            (ACCESS_PICTOGRAMS.get(code, "check"), names.get(code, code))
            for code in self.access
            if (code in OF_THE_BUILDING) is of_the_building
        ]

    @property
    def building_marks(self) -> list[tuple[str, object]]:
        return self.access_marks(of_the_building=True)

    @property
    def access_labels(self) -> list[object]:
        names = dict(Access.choices)
        return [names.get(code, code) for code in self.access]


class EasyToReadMixin(models.Model):
    """The same text in easy-to-read language, which readers may choose (``portal/core/easy.py``)."""

    easy_text = models.TextField(
        gettext_lazy("easy-to-read text"),
        blank=True,
        max_length=6000,
        help_text=gettext_lazy("The same thing in easy-to-read French: one idea a sentence, one sentence a line."),
    )

    easy_panels = [FieldPanel("easy_text")]
    easy_search_fields = [index.SearchField("easy_text")]

    class Meta:
        abstract = True

    @property
    def easy_lines(self) -> list[str]:
        return [line.strip() for line in self.easy_text.splitlines() if line.strip()]


class PositionMixin(models.Model):
    """A postal address and a point: latitude and longitude in degrees (WGS 84), with how exact it is and whence."""

    POSITION_FACTS: ClassVar[tuple[str, ...]] = (
        "address",
        "address_complement",
        "postcode",
        "municipality",
        "latitude",
        "longitude",
        "position_precision",
        "position_source",
        "position_score",
    )

    address = models.CharField(
        gettext_lazy("address"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy("Number and street, such as “45 rue Lazare Garreau”."),
    )
    address_complement = models.CharField(
        gettext_lazy("more about the address"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy("Building, floor, entrance, such as “bâtiment B, 2e étage”."),
    )
    postcode = models.CharField(
        gettext_lazy("postcode"), max_length=5, blank=True, help_text=gettext_lazy("Five digits, such as 59000.")
    )
    municipality = models.ForeignKey(
        Municipality,
        verbose_name=gettext_lazy("municipality"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=gettext_lazy("The town, chosen from the list. If it is missing, ask an administrator to add it."),
    )
    latitude = models.FloatField(
        gettext_lazy("latitude"),
        null=True,
        blank=True,
        validators=LATITUDE,
        help_text=gettext_lazy(
            "In degrees, such as 50.6292. Leave both empty if you do not know: the place will not be on the map."
        ),
    )
    longitude = models.FloatField(
        gettext_lazy("longitude"),
        null=True,
        blank=True,
        validators=LONGITUDE,
        help_text=gettext_lazy("In degrees, such as 3.0573."),
    )
    position_precision = models.CharField(
        gettext_lazy("precision"),
        max_length=20,
        choices=PositionPrecision.choices,
        blank=True,
        help_text=gettext_lazy("How exact the point is. The way there is offered only for an exact one."),
    )
    position_source = models.CharField(
        gettext_lazy("source of the position"),
        max_length=20,
        choices=PositionSource.choices,
        blank=True,
        help_text=gettext_lazy("Where the point comes from, for whoever corrects it later."),
    )
    position_score = models.FloatField(
        gettext_lazy("certainty of the position"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=gettext_lazy("Between 0 and 1, as the service that looked the address up says it."),
    )

    position_panels = [
        FieldPanel("address"),
        FieldPanel("address_complement"),
        FieldRowPanel([FieldPanel("postcode"), FieldPanel("municipality")]),
        FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
        FieldRowPanel([FieldPanel("position_precision"), FieldPanel("position_source")]),
    ]

    class Meta:
        abstract = True

    def clean_position(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise ValidationError({"longitude": _("A position needs both its latitude and its longitude.")})
        if self.postcode and not (self.postcode.isdigit() and len(self.postcode) == 5):
            raise ValidationError({"postcode": _("A postcode has five digits.")})

    @property
    def has_position(self) -> bool:
        return self.latitude is not None and self.longitude is not None

    @property
    def address_line(self) -> str:
        """The address on one line: “45 rue Lazare Garreau, 59000 Lille”."""
        town = " ".join(part for part in (self.postcode, str(self.municipality or "")) if part)
        return ", ".join(part for part in (self.address, town) if part)

    @property
    def directions_url(self) -> str:
        """A ``geo:`` address that opens the reader's own map application; empty without an exact position."""
        if not self.has_position or self.position_precision == PositionPrecision.MUNICIPALITY:
            return ""
        return f"geo:{self.latitude},{self.longitude}"

    @property
    def map_url(self) -> str:
        """A page of OpenStreetMap that shows the place, or looks for its address; empty when nothing is known."""
        if self.directions_url:
            point = f"{self.latitude}/{self.longitude}"
            return f"https://www.openstreetmap.org/?mlat={self.latitude}&mlon={self.longitude}#map=18/{point}"
        return f"https://www.openstreetmap.org/search?{urlencode({'query': self.address_line})}" if self.address else ""


def position_constraint(app: str, model: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(latitude__isnull=True, longitude__isnull=True)
        | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
        name=f"{app}_{model}_position",
    )
