"""Closed lists that editors manage: themes, audiences, municipalities, territories."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import TranslatableMixin

from ..enums import Pictogram
from ..languages import SOURCE_LANGUAGE, code_of_locale
from ..sourced import clear_facts, untouched


class Vocabulary(TranslatableMixin, models.Model):
    """An ordered list of words. The code (``slug``) and the order are facts of the source row; the name is text."""

    FACTS: ClassVar[tuple[str, ...]] = ("slug", "order")

    name = models.CharField(
        _("name"), max_length=80, help_text=_("Short, in words that families use. Shown in filters and on sheets.")
    )
    slug = models.SlugField(
        _("code"), max_length=60, blank=True, help_text=_("Used in addresses. Do not change it once it is in use.")
    )
    order = models.PositiveSmallIntegerField(
        _("order"),
        default=100,
        help_text=_("The lowest number comes first; with the same number, the alphabet decides."),
    )

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("order")]

    class Meta(TranslatableMixin.Meta):
        abstract = True
        ordering = ["order", "name"]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.override_translatable_fields = untouched(*cls.FACTS)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if code_of_locale(self.locale_id) != SOURCE_LANGUAGE:
            clear_facts(self, self.FACTS)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if not self.slug and code_of_locale(self.locale_id) == SOURCE_LANGUAGE:
            self.slug = slugify(self.name)[:60]

    def copy_for_translation(self, locale: Any, exclude_fields: list[str] | None = None) -> Any:
        return super().copy_for_translation(locale, exclude_fields=[*(exclude_fields or []), *self.FACTS])


def unique_code(model: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["slug"], condition=~models.Q(slug=""), name=f"core_{model}_code_unique")


class Theme(Vocabulary):
    """What a page is about: child care, school, health…"""

    FACTS = (*Vocabulary.FACTS, "pictogram")

    pictogram = models.CharField(
        _("pictogram"),
        max_length=20,
        choices=Pictogram.choices,
        blank=True,
        help_text=_("A small drawing beside the name, for those who find it hard to read."),
    )

    panels = [*Vocabulary.panels, FieldPanel("pictogram")]

    class Meta(Vocabulary.Meta):
        abstract = False
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        constraints = [unique_code("theme")]


class Audience(Vocabulary):
    """Whom a page is for: parents, 0 to 3 years…"""

    class Meta(Vocabulary.Meta):
        abstract = False
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        constraints = [unique_code("audience")]


LATITUDE = [MinValueValidator(-90), MaxValueValidator(90)]
LONGITUDE = [MinValueValidator(-180), MaxValueValidator(180)]


class Municipality(models.Model):
    """A French municipality, known by its INSEE code. Proper names are not translated."""

    insee = models.CharField(
        _("INSEE code"),
        max_length=5,
        unique=True,
        validators=[RegexValidator(r"^(?:\d{2}|2[AB])\d{3}$", _("An INSEE code has five characters."))],
        help_text=_("Five characters, such as 59350 for Lille. It is not the postcode."),
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("As on road signs, such as “Faches-Thumesnil”."))
    postcodes = models.CharField(
        _("postcodes"),
        max_length=200,
        blank=True,
        help_text=_("Separated by spaces, such as “59000 59800”."),
        validators=[RegexValidator(r"^\d{5}(?: \d{5})*$", _("Postcodes have five digits, with spaces between them."))],
    )
    latitude = models.FloatField(
        _("latitude of the centre"),
        null=True,
        blank=True,
        validators=LATITUDE,
        help_text=_("In degrees, such as 50.6292: places without a point of their own are shown there."),
    )
    longitude = models.FloatField(
        _("longitude of the centre"),
        null=True,
        blank=True,
        validators=LONGITUDE,
        help_text=_("In degrees, such as 3.0573."),
    )

    panels = [FieldPanel(name) for name in ("name", "insee", "postcodes", "latitude", "longitude")]

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="core_municipality_centre",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Territory(models.Model):
    """An area that editors work with: some municipalities."""

    name = models.CharField(
        _("name"), max_length=80, help_text=_("What people call this area, such as “Roubaix et environs”.")
    )
    slug = models.SlugField(
        _("code"), max_length=60, unique=True, help_text=_("Used in addresses. Do not change it once it is in use.")
    )
    municipalities = models.ManyToManyField(
        Municipality,
        verbose_name=_("municipalities"),
        related_name="territories",
        blank=True,
        help_text=_("The towns that are part of it."),
    )

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("municipalities")]

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
