"""The agenda: events, with the terms of schema.org and RFC 5545."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable, PageManager
from wagtail.search import index

from portal.core.models import AudienceMixin, BasePage, CostMixin, PositionMixin, WelcomeMixin
from portal.core.models.base import title_panel
from portal.core.models.mixins import age_constraint, position_constraint
from portal.core.validation import check_slug_unique, require

from .enums import EventStatus, ExceptionKind, Registration
from .querysets import EventQuerySet, OccurrenceQuerySet
from .recurrence import parse_rule


class AgendaPage(BasePage):
    """The events of the branch that it stands in: the whole portal's below the home page, a centre's below a centre."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage", "home.CentrePage"]
    subpage_types = ["events.EventPage"]
    template = "events/agenda_page.html"

    class Meta:
        verbose_name = _("agenda")
        verbose_name_plural = _("agendas")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from .listing import event_listing

        return {**super().get_context(request, *args, **kwargs), **event_listing(request, agenda=self)}


class EventTag(TaggedItemBase):
    content_object = ParentalKey("events.EventPage", on_delete=models.CASCADE, related_name="tagged_items")


class EventPage(PositionMixin, AudienceMixin, CostMixin, WelcomeMixin, BasePage):
    """An event, once or in a series. Its facts are kept on the French page; its dates as ``Occurrence`` rows."""

    FACTS = (
        *BasePage.FACTS,
        *PositionMixin.POSITION_FACTS,
        *AudienceMixin.AUDIENCE_FACTS,
        *CostMixin.COST_FACTS,
        *WelcomeMixin.WELCOME_FACTS,
        "starts_at",
        "ends_at",
        "rrule",
        "structure",
        "place_name",
        "online_url",
        "organizer",
        "organizer_name",
        "registration",
        "capacity",
        "status",
        "is_full",
    )
    FACT_ROWS = ("tagged_items", "exceptions")
    RESERVED_SLUGS = frozenset({"agenda", "proposer", "carte"})
    public_type = "event"

    parent_page_types = ["events.AgendaPage"]
    subpage_types: list[str] = []
    template = "events/event_page.html"
    leaflet_template = "events/event_leaflet.html"

    description = models.TextField(
        _("description"), blank=True, max_length=5000, help_text=_("Plain text. A blank line starts a paragraph.")
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
    rrule = models.CharField(
        _("repetition"),
        max_length=200,
        blank=True,
        help_text=_("Empty for a single date. “FREQ=WEEKLY” for every week, “FREQ=WEEKLY;COUNT=10” for ten times."),
    )
    structure = models.ForeignKey(
        "directory.StructurePage",
        verbose_name=_("takes place at"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        help_text=_("The place in the directory: its address, its telephone and the way there are shown."),
    )
    place_name = models.CharField(
        _("or name of the place"),
        max_length=150,
        blank=True,
        help_text=_("When it is in no structure of the directory."),
    )
    room = models.CharField(
        _("room"),
        max_length=120,
        blank=True,
        help_text=_("Where in the building, such as “Salle des fêtes, 1er étage”."),
    )
    online_url = models.URLField(
        _("or address of the online meeting"),
        blank=True,
        max_length=500,
        help_text=_("For a meeting by video, begins with https://. Everybody can see this link."),
    )
    organizer = models.ForeignKey(
        "directory.StructurePage",
        verbose_name=_("organised by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organized_events",
        help_text=_("Who prepares it. Readers see a link to its sheet."),
    )
    organizer_name = models.CharField(
        _("or name of the organiser"),
        max_length=150,
        blank=True,
        help_text=_("When the organiser has no sheet in the directory. A team or an association, not a person."),
    )
    registration = models.CharField(
        _("registration"),
        max_length=10,
        choices=Registration.choices,
        blank=True,
        help_text=_("Whether one must register before coming. Shown beside the date."),
    )
    registration_note = models.CharField(
        _("how to register"),
        max_length=300,
        blank=True,
        help_text=_("Whom to ask, and how, such as “À l’accueil, ou par téléphone”."),
    )
    capacity = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        help_text=_("How many people can come. Leave it empty when there is room for all."),
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=EventStatus.choices,
        blank=True,
        help_text=_("Cancelled or postponed: the event stays in the agenda, and readers see it first."),
    )
    is_full = models.BooleanField(
        _("full"), default=False, help_text=_("Tick it when no place is left, so that nobody comes for nothing.")
    )
    status_note = models.CharField(
        _("word to readers"), max_length=300, blank=True, help_text=_("Why it is cancelled, when it will be…")
    )
    tags = ClusterTaggableManager(
        through=EventTag,
        blank=True,
        verbose_name=_("tags"),
        help_text=_("Free words, separated by commas, for the search. Themes count more."),
    )

    objects = PageManager.from_queryset(EventQuerySet)()

    content_panels = [
        title_panel(
            _("What one comes to do, such as “Atelier cuisine en famille”. No date here: it has its own field.")
        ),
        *BasePage.content_panels[1:],
        FieldPanel("description"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]), FieldPanel("rrule")], heading=_("When")
        ),
        InlinePanel("exceptions", heading=_("Dates that are different"), label=_("date")),
        MultiFieldPanel(
            [
                FieldPanel("structure"),
                FieldPanel("room"),
                FieldPanel("place_name"),
                *PositionMixin.position_panels,
                FieldPanel("online_url"),
            ],
            heading=_("Where"),
        ),
        MultiFieldPanel([FieldPanel("organizer"), FieldPanel("organizer_name")], heading=_("Who organises it")),
        *AudienceMixin.audience_panels,
        MultiFieldPanel([*CostMixin.cost_panels, *WelcomeMixin.welcome_panels], heading=_("The welcome")),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("registration"), FieldPanel("capacity")]), FieldPanel("registration_note")],
            heading=_("Registration"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("status"), FieldPanel("is_full")]), FieldPanel("status_note")],
            heading=_("Status"),
        ),
        FieldPanel("tags"),
        FieldPanel("checked_on"),
    ]

    search_fields = [
        *BasePage.search_fields,
        index.SearchField("description"),
        index.SearchField("room"),
        index.SearchField("searchable_place"),
        index.RelatedFields("tags", [index.SearchField("name")]),
    ]

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="events_event_times",
            ),
            age_constraint("events", "event"),
            position_constraint("events", "event"),
        ]

    def clean_facts(self) -> None:
        super().clean_facts()
        self.status = self.status or EventStatus.SCHEDULED
        self.registration = self.registration or Registration.NONE
        check_slug_unique(self)
        require(self, "starts_at", "ends_at")
        self.clean_times()
        self.structure = self.structure.facts if self.structure else None
        self.organizer = self.organizer.facts if self.organizer else None
        if not (self.structure or self.address or self.place_name or self.online_url):
            raise ValidationError(
                {"structure": _gettext("Say where it takes place: a structure, an address or online.")}
            )
        self.clean_ages()
        self.clean_position()

    def clean_times(self) -> None:
        if self.starts_at is None or self.ends_at is None:
            return
        if self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _gettext("The end must come after the beginning.")})
        if self.rrule:
            try:
                parse_rule(self.rrule, self.starts_at)
            except ValidationError as error:
                raise ValidationError({"rrule": error.messages}) from error

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        if self.is_source and not kwargs.get("update_fields"):
            from .services import keep_occurrences

            keep_occurrences(self)

    def source_url_parts(self, request: HttpRequest | None = None) -> Any:
        """Every event answers at ``/agenda/<slug>/``, wherever it lives in the tree."""
        parts = super().source_url_parts(request)
        return parts and (parts[0], parts[1], f"/agenda/{self.slug}/")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        address = self.get_url(request)
        if address and not getattr(request, "is_preview", False) and not address.endswith(request.path):
            return HttpResponsePermanentRedirect(address)
        return super().serve(request, *args, **kwargs)

    @property
    def own_place(self) -> str:
        """The place typed on the event itself, on one line; empty when it takes place in a structure."""
        return "" if self.structure_id else ", ".join(part for part in (self.place_name, self.address_line) if part)

    @property
    def searchable_place(self) -> str:
        """Place and organiser, for the index. A structure that readers may not see lends no word."""
        from directory.places import place_name, visible_places

        facts = self.facts
        places = visible_places([facts.structure_id, facts.organizer_id])
        return " ".join([*(place_name(place) for place in places.values()), facts.own_place, facts.organizer_name])

    @property
    def is_online(self) -> bool:
        return bool(self.online_url) and not (self.structure_id or self.address or self.place_name)

    @property
    def is_cancelled(self) -> bool:
        return self.status == EventStatus.CANCELLED

    @property
    def has_state(self) -> bool:
        """Something that readers must know before they come."""
        return self.is_full or self.status not in ("", EventStatus.SCHEDULED)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from .sheets import event_sheet

        return {**super().get_context(request, *args, **kwargs), **event_sheet(self, request)}


class EventException(Orderable):
    """A date of a series that is not like the others (RFC 5545: ``EXDATE``, or an override)."""

    page = ParentalKey(EventPage, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField(_("date"), help_text=_("The day of the series that is different, such as a bank holiday."))
    kind = models.CharField(
        _("what happens"),
        max_length=20,
        choices=ExceptionKind.choices,
        default=ExceptionKind.REMOVED,
        help_text=_("Prefer “cancelled”: who planned to come then knows it."),
    )

    panels = [FieldPanel("date"), FieldPanel("kind")]

    class Meta(Orderable.Meta):
        verbose_name = _("date that is different")
        verbose_name_plural = _("dates that are different")
        constraints = [models.UniqueConstraint(fields=["page", "date"], name="events_exception_date_unique")]

    def __str__(self) -> str:
        return str(self.date)


class Occurrence(models.Model):
    """One date of an event, kept from its rule: never edited by hand."""

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="occurrences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_cancelled = models.BooleanField(default=False)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["event", "starts_at"], name="events_occurrence_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="events_occurrence_times"),
        ]
        indexes = [models.Index(fields=["starts_at", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.event_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def ends_the_same_day(self) -> bool:
        """Within one day in Paris, midnight included: the end is then told by its hour alone."""
        last = timezone.localtime(self.ends_at) - timedelta(microseconds=1)
        return timezone.localdate(self.starts_at) == last.date()
