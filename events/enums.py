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


class OccurrenceStatus(TextChoices):
    """State of one date."""

    SCHEDULED = "scheduled", _("Scheduled")
    FULL = "full", _("Full")
    CANCELLED = "cancelled", _("Cancelled")
    POSTPONED = "postponed", _("Postponed")


class ExceptionKind(TextChoices):
    """What happens on a date of a series that is not like the others."""

    CHANGED = "changed", _("Takes place, with another hour, day or place, or a note")
    FULL = "full", _("Full, shown as such")
    CANCELLED = "cancelled", _("Cancelled, shown as such")
    POSTPONED = "postponed", _("Postponed, to the new date if it is known")
    REMOVED = "removed", _("Does not take place, not shown")

    @property
    def status(self) -> OccurrenceStatus:
        """The state that readers see on the date."""
        return OccurrenceStatus(self.value) if self.value in OccurrenceStatus.values else OccurrenceStatus.SCHEDULED


class SchoolHolidays(TextChoices):
    """What the school holidays change to a series."""

    __empty__ = _("As usual")

    EXCEPT = "except", _("Except in the school holidays")
    ONLY = "only", _("Only in the school holidays")


class View(TextChoices):
    """Ways to look at an agenda: values of the public parameter ``vue``."""

    LIST = "liste", _("List")
    DAY = "jour", _("Day")
    WEEK = "semaine", _("Week")
    MONTH = "mois", _("Month")
