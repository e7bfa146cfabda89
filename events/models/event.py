"""An event: what, where, for whom, at which conditions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import PageManager
from wagtail.search import index

from portal.core.models import AudienceMixin, BasePage, CostMixin, PositionMixin, WelcomeMixin
from portal.core.models.base import title_panel
from portal.core.models.mixins import age_constraint, position_constraint
from portal.core.validation import check_slug_unique, require

from ..desk.form import EventPageForm
from ..enums import EventStatus, Registration
from ..querysets import EventQuerySet
from .identity import IdentityMixin
from .schedule import ScheduleMixin


class EventTag(TaggedItemBase):
    content_object = ParentalKey("events.EventPage", on_delete=models.CASCADE, related_name="tagged_items")


class EventPage(ScheduleMixin, IdentityMixin, PositionMixin, AudienceMixin, CostMixin, WelcomeMixin, BasePage):
    """An event, once or in a series. Its facts are kept on the French page; its dates as ``Occurrence`` rows."""

    FACTS = (
        *BasePage.FACTS,
        *PositionMixin.POSITION_FACTS,
        *AudienceMixin.AUDIENCE_FACTS,
        *CostMixin.COST_FACTS,
        *WelcomeMixin.WELCOME_FACTS,
        *ScheduleMixin.SCHEDULE_FACTS,
        *IdentityMixin.IDENTITY_FACTS,
        "structure",
        "place_name",
        "online_url",
        "organizer",
        "organizer_name",
        "registration",
        "capacity",
        "status",
        "postponed_to",
        "is_full",
    )
    FACT_ROWS = ("tagged_items", "exceptions")
    RESERVED_SLUGS = frozenset({"agenda", "proposer", "carte"})
    public_type = "event"
    base_form_class = EventPageForm
    exclude_fields_in_copy = [*IdentityMixin.IDENTITY_FACTS]

    parent_page_types = ["events.AgendaPage"]
    subpage_types: list[str] = []
    template = "events/event_page.html"
    leaflet_template = "events/event_leaflet.html"
    leaflet_a5, leaflet_a4 = "feuillet.pdf", "affiche.pdf"

    description = models.TextField(
        _("description"), blank=True, max_length=5000, help_text=_("Plain text. A blank line starts a paragraph.")
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
    postponed_to = models.DateTimeField(
        _("postponed to"),
        null=True,
        blank=True,
        help_text=_("The new day and hour of an event that is postponed; leave it empty until they are known."),
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
        *ScheduleMixin.schedule_panels,
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
            [
                FieldRowPanel([FieldPanel("status"), FieldPanel("postponed_to")]),
                FieldPanel("is_full"),
                FieldPanel("status_note"),
            ],
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
        indexes = [models.Index(fields=["source", "source_uid"], name="events_event_source")]

    def clean_facts(self) -> None:
        super().clean_facts()
        self.status = self.status or EventStatus.SCHEDULED
        self.registration = self.registration or Registration.NONE
        check_slug_unique(self)
        require(self, "starts_at", "ends_at")
        self.clean_times()
        self.clean_postponement()
        self.structure = self.structure.facts if self.structure else None
        self.organizer = self.organizer.facts if self.organizer else None
        if not (self.structure or self.address or self.place_name or self.online_url):
            raise ValidationError(
                {"structure": _gettext("Say where it takes place: a structure, an address or online.")}
            )
        self.clean_ages()
        self.clean_position()

    def clean_postponement(self) -> None:
        if not self.postponed_to:
            return
        if self.status not in (EventStatus.POSTPONED, EventStatus.RESCHEDULED):
            raise ValidationError({"postponed_to": _gettext("Choose the status “postponed” too, or empty this date.")})
        if self.is_series:
            raise ValidationError(
                {"postponed_to": _gettext("It repeats itself: postpone each date below, or change its beginning.")}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        keeps_dates = self.is_source and not kwargs.get("update_fields")
        if keeps_dates:
            self.keep_identity()
        super().save(*args, **kwargs)
        if keeps_dates:
            from ..services import keep_dates

            keep_dates(self)

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        revision = super().save_revision(*args, **kwargs)
        if self.is_source and not self.live:
            from ..services import keep_draft

            keep_draft(self)
        return revision

    def with_content_json(self, content: Any) -> Any:
        """A draft, as any revision, does not bring back an older sequence."""
        page = super().with_content_json(content)
        page.take_kept(self)
        return page

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
        from ..sheets import event_sheet

        return {**super().get_context(request, *args, **kwargs), **event_sheet(self, request)}
