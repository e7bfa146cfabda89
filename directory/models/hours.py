"""The opening hours of a structure, of a service, of a drop-in session."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.validation import check_opening_hours

#: Characters of an ``opening_hours`` text that the columns hold.
MAX_HOURS = 1000


class HoursMixin(models.Model):
    """Hours that a machine reads, and beside them those that only a human being can."""

    HOURS_FACTS: ClassVar[tuple[str, ...]] = ("opening_hours", "hours_text")

    opening_hours = models.CharField(
        _("opening hours"),
        max_length=MAX_HOURS,
        blank=True,
        validators=[check_opening_hours],
        help_text=_("From when to when, each day, such as 9:00 to 12:00. A day left empty is a day when it is closed."),
    )
    hours_text = models.CharField(
        _("opening hours in words"),
        max_length=500,
        blank=True,
        help_text=_("What a weekly grid can't say, such as “un samedi sur deux”. Shown as it is written."),
    )

    class Meta:
        abstract = True
