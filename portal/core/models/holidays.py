"""School holidays, as the ministry of education publishes them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from ..enums import SchoolZone


class SchoolHoliday(models.Model):
    """One holiday of one zone: the days from ``start`` to ``end``, both without school."""

    zone = models.CharField(
        gettext_lazy("zone"),
        max_length=1,
        choices=SchoolZone.choices,
        help_text=gettext_lazy("The zone whose schools are closed. The portal's own zone stands in its settings."),
    )
    name = models.CharField(
        gettext_lazy("name"), max_length=80, help_text=gettext_lazy("As it is called, such as “Vacances de Noël”.")
    )
    start = models.DateField(gettext_lazy("first day"), help_text=gettext_lazy("The first day without school."))
    end = models.DateField(gettext_lazy("last day"), help_text=gettext_lazy("The last day without school."))

    panels = [
        FieldPanel("name"),
        FieldPanel("zone"),
        FieldRowPanel([FieldPanel("start"), FieldPanel("end")]),
    ]

    class Meta:
        verbose_name = gettext_lazy("school holiday")
        verbose_name_plural = gettext_lazy("school holidays")
        ordering = ["start", "zone"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "start"], name="core_schoolholiday_unique"),
            models.CheckConstraint(condition=models.Q(start__lte=models.F("end")), name="core_schoolholiday_order"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.zone})"

    def clean(self) -> None:
        super().clean()
        if self.start and self.end and self.end < self.start:
            raise ValidationError({"end": _("The last day comes before the first one.")})
