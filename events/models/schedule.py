"""When an event takes place: its first date, and the rule of the others."""

from datetime import datetime, time, timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Site

from portal.core.enums import SchoolZone
from portal.core.models import PortalSettings
from portal.core.moments import PARIS

from ..desk.panels import DatesPanel
from ..enums import SchoolHolidays
from ..rules import FIRST_YEAR, LAST_YEAR, parse_rule

#: An event that lasts longer is no event: write when it opens instead.
LONGEST = timedelta(days=400)


def portal_zone() -> str:
    """The school zone of the portal."""
    site = Site.objects.filter(is_default_site=True).first()
    return PortalSettings.for_site(site).school_zone if site else SchoolZone.B


def whole_days(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """From the midnight before to the midnight after, in Paris; at least one day. An end at midnight is the end of the
    day before, unless both are the same."""
    first = timezone.localdate(start)
    last = max(first, timezone.localdate(end - timedelta(microseconds=1)))
    midnights = (datetime.combine(day, time(), PARIS) for day in (first, last + timedelta(days=1)))
    return next(midnights), next(midnights)


class ScheduleMixin(models.Model):
    """Beginning and end (``DTSTART``, ``DTEND``), ``RRULE``, and what holidays change to it."""

    SCHEDULE_FACTS: ClassVar[tuple[str, ...]] = (
        "starts_at",
        "ends_at",
        "is_all_day",
        "rrule",
        "skip_public_holidays",
        "school_holidays",
        "school_zone",
    )

    starts_at = models.DateTimeField(
        _("begins"),
        null=True,
        blank=True,
        help_text=_("Day and hour of the first date, Paris time. The dates of a series follow from it."),
    )
    ends_at = models.DateTimeField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("When it ends, as a rule on the same day. Families need it to plan theirs."),
    )
    is_all_day = models.BooleanField(
        _("all day"),
        default=False,
        help_text=_("For whole days: the hours above are not shown. It ends with the last day."),
    )
    rrule = models.CharField(
        _("repetition"),
        max_length=500,
        blank=True,
        help_text=_("Choose how often it comes back. Leave “once” for a single date."),
    )
    skip_public_holidays = models.BooleanField(
        _("except public holidays"),
        default=False,
        help_text=_("Tick it when it does not take place on public holidays, such as 1 May."),
    )
    school_holidays = models.CharField(
        _("in the school holidays"),
        max_length=10,
        choices=SchoolHolidays.choices,
        blank=True,
        help_text=_("Whether it stops in the school holidays, or takes place in them only."),
    )
    school_zone = models.CharField(
        _("zone"),
        max_length=1,
        choices=SchoolZone.choices,
        blank=True,
        help_text=_("Whose school holidays: Lille is in zone B."),
    )

    schedule_panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldPanel("is_all_day"),
                FieldPanel("rrule"),
                FieldPanel("skip_public_holidays"),
                FieldRowPanel([FieldPanel("school_holidays"), FieldPanel("school_zone")]),
            ],
            heading=_("When"),
        ),
        DatesPanel(heading=_("The dates that it gives")),
        InlinePanel("exceptions", heading=_("Dates that are different"), label=_("date")),
    ]

    class Meta:
        abstract = True

    def clean_times(self) -> None:
        """Checks of the times and of the rule; without a zone, that of the portal. Raises ``ValidationError``."""
        if self.school_holidays and not self.school_zone:
            self.school_zone = portal_zone()
        if self.starts_at is None or self.ends_at is None:
            return
        for name, moment in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if not FIRST_YEAR <= moment.year <= LAST_YEAR:
                raise ValidationError({name: _gettext("This day is too far away: look at the year.")})
        if self.is_all_day:
            self.starts_at, self.ends_at = whole_days(self.starts_at, self.ends_at)
        if self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _gettext("The end must come after the beginning.")})
        if self.ends_at - self.starts_at > LONGEST:
            raise ValidationError({"ends_at": _gettext("It lasts more than a year: look at the dates.")})
        if self.rrule:
            try:
                parse_rule(self.rrule, self.starts_at, is_all_day=self.is_all_day)
            except ValidationError as error:
                raise ValidationError({"rrule": error.messages}) from error

    @property
    def is_series(self) -> bool:
        return bool(self.rrule)
