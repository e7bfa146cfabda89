"""Closed lists of the agenda, after schema.org's *Event*."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EventStatus(TextChoices):
    """``eventStatus`` of schema.org."""

    SCHEDULED = "scheduled", _("Scheduled")
    CANCELLED = "cancelled", _("Cancelled")
    POSTPONED = "postponed", _("Postponed")
    RESCHEDULED = "rescheduled", _("New date")
    MOVED_ONLINE = "moved-online", _("Moved online")

    @property
    def schema_url(self) -> str:
        name = "".join(part.capitalize() for part in self.value.split("-"))
        return f"https://schema.org/Event{name}"


class Registration(TextChoices):
    NONE = "none", _("No registration")
    ADVISED = "advised", _("Registration advised")
    REQUIRED = "required", _("Registration required")


class ExceptionKind(TextChoices):
    """What happens on a date of a series that is not like the others."""

    REMOVED = "removed", _("Does not take place, not shown")
    CANCELLED = "cancelled", _("Cancelled, shown as such")


class View(TextChoices):
    """Ways to look at an agenda: values of the public parameter ``vue``."""

    LIST = "liste", _("List")
    DAY = "jour", _("Day")
    WEEK = "semaine", _("Week")
    MONTH = "mois", _("Month")
