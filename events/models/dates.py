"""The dates of an event: those that are not like the others, and all of them as kept."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable

from ..enums import ExceptionKind, OccurrenceStatus
from ..querysets import OccurrenceQuerySet
from .event import EventPage


class EventException(Orderable):
    """A date that is not like the others (RFC 5545: ``EXDATE``, ``RDATE``, or an override with ``RECURRENCE-ID``).

    ``date`` and ``time`` say which date of the series it is, whatever happens to it; without ``time``, at the hour of
    the series. ``is_extra`` adds a date that the rule does not give.
    """

    page = ParentalKey(EventPage, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField(_("date"), help_text=_("The day of the series that is different, such as a bank holiday."))
    time = models.TimeField(
        _("hour"),
        null=True,
        blank=True,
        help_text=_("Only when there are several on that day: which one. Otherwise leave it empty."),
    )
    is_extra = models.BooleanField(
        _("additional date"),
        default=False,
        help_text=_("Tick it to add a day that the repetition does not give."),
    )
    kind = models.CharField(
        _("what happens"),
        max_length=20,
        choices=ExceptionKind.choices,
        default=ExceptionKind.CANCELLED,
        help_text=_("Prefer “cancelled” to “not shown”: who planned to come then knows it."),
    )
    new_start = models.DateTimeField(
        _("new beginning"),
        null=True,
        blank=True,
        help_text=_("When it is moved: the new day and hour. Otherwise leave it empty."),
    )
    new_end = models.DateTimeField(
        _("new end"),
        null=True,
        blank=True,
        help_text=_("When it ends at another hour. Empty: it lasts as long as the others."),
    )
    place_note = models.CharField(
        _("another place"),
        max_length=200,
        blank=True,
        help_text=_("When it is elsewhere that day, such as “À la médiathèque, salle 2”."),
    )
    note = models.CharField(
        _("word to readers"),
        max_length=300,
        blank=True,
        help_text=_("Shown beside that date, such as “Apportez un tablier” or why it is cancelled."),
    )
    capacity = models.PositiveIntegerField(
        _("places that day"),
        null=True,
        blank=True,
        help_text=_("Only when it is not the same number as on the other dates."),
    )

    panels = [
        FieldRowPanel([FieldPanel("date"), FieldPanel("kind")]),
        FieldRowPanel([FieldPanel("new_start"), FieldPanel("new_end")]),
        FieldRowPanel([FieldPanel("place_note"), FieldPanel("note")]),
        FieldRowPanel([FieldPanel("is_extra"), FieldPanel("time"), FieldPanel("capacity")]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("date that is different")
        verbose_name_plural = _("dates that are different")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "date"], condition=Q(time__isnull=True), name="events_exception_date_unique"
            ),
            models.UniqueConstraint(fields=["page", "date", "time"], name="events_exception_time_unique"),
            models.CheckConstraint(
                condition=Q(new_start__isnull=True) | Q(new_end__isnull=True) | Q(new_end__gt=F("new_start")),
                name="events_exception_times",
            ),
        ]

    def __str__(self) -> str:
        return str(self.date)

    def clean(self) -> None:
        super().clean()
        if self.new_start and self.new_end and self.new_end <= self.new_start:
            raise ValidationError({"new_end": _gettext("The end must come after the beginning.")})


class Occurrence(models.Model):
    """One date of an event, kept from its rule: never edited by hand.

    ``recurrence_id`` is the beginning that the rule gives (RFC 5545): moved or not, the row stays the same one, and
    what hangs on it survives.
    """

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="occurrences")
    recurrence_id = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=OccurrenceStatus.choices, default=OccurrenceStatus.SCHEDULED)
    place_note = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    #: Places on this date; empty for those of the event.
    capacity = models.PositiveIntegerField(null=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["event", "recurrence_id"], name="events_occurrence_identity"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="events_occurrence_times"),
        ]
        indexes = [models.Index(fields=["starts_at", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.event_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_cancelled(self) -> bool:
        return self.status == OccurrenceStatus.CANCELLED

    @property
    def is_full(self) -> bool:
        return self.status == OccurrenceStatus.FULL

    @property
    def is_postponed(self) -> bool:
        return self.status == OccurrenceStatus.POSTPONED

    @property
    def is_moved(self) -> bool:
        """Takes place at another time than the rule says."""
        return self.starts_at != self.recurrence_id

    @property
    def is_off(self) -> bool:
        """Does not take place at the time that it shows: cancelled, or postponed to a date not known yet."""
        return self.is_cancelled or (self.is_postponed and not self.is_moved)

    @property
    def ends_the_same_day(self) -> bool:
        """Within one day in Paris, midnight included: the end is then told by its hour alone."""
        return timezone.localdate(self.starts_at) == self.last_day

    @property
    def last_day(self) -> date:
        """The day in Paris that it ends on; midnight ends the day before."""
        return (timezone.localtime(self.ends_at) - timedelta(microseconds=1)).date()

    @property
    def is_another_day(self) -> bool:
        """Moved to another day than the rule says."""
        return timezone.localdate(self.starts_at) != timezone.localdate(self.recurrence_id)
