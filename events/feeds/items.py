"""What feeds tell of events: read at once for many, in the reader's language where there is a text in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone

from directory.models import StructurePage
from directory.places import place_name, visible_places
from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.languages import active_language, localize_path
from portal.core.models import Theme
from portal.core.moments import PARIS
from portal.core.sourced import SourcedPage
from portal.core.vocabulary import words

from ..listing import filtered_events
from ..models import EventException, EventPage, Occurrence
from ..periods import midnight, within_calendar
from ..querysets import EventQuerySet

#: Subscribers keep what took place for this long; then it leaves their calendar.
KEPT = timedelta(days=90)
#: Columns that a feed tells. Instances without the others cost half.
COLUMNS = (
    "title", "slug", "path", "locale", "translation_key", "first_published_at", "last_published_at", "live",
    "summary", "description", "structure", "organizer", "organizer_name", "place_name", "room", "online_url",
    "starts_at", "ends_at", "is_all_day", "rrule", "skip_public_holidays", "school_holidays", "school_zone",
    "status", "postponed_to", "is_full", "status_note", "uid", "sequence", "last_modified",
    "address", "address_complement", "postcode", "municipality", "latitude", "longitude", "position_precision",
    "age_min_months", "age_max_months", "cost", "cost_note", "registration", "registration_note", "capacity",
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """An event with all that feeds say of it. Places are those that readers may see."""

    entry: Entry
    place: StructurePage | None
    organizer: StructurePage | None
    rows: list[EventException]
    theme_ids: frozenset[int]

    @property
    def facts(self) -> EventPage:
        return cast(EventPage, self.entry.facts)

    @property
    def text(self) -> EventPage:
        return cast(EventPage, self.entry.text)

    @property
    def uid(self) -> str:
        """As it was made with the event: the same whatever the address of the portal has become."""
        return self.facts.uid or f"{self.facts.translation_key}@{settings.DATA_SOURCE}"

    @cached_property
    def changed_at(self) -> datetime:
        """When what is told changed last."""
        facts = self.facts
        known = facts.last_modified or facts.last_published_at or facts.first_published_at or facts.starts_at
        return known or datetime(2000, 1, 1, tzinfo=PARIS)

    @property
    def path(self) -> str:
        """Every event answers there, wherever it lives in the tree."""
        return localize_path(f"/agenda/{self.facts.slug}/", self.entry.frame)

    @property
    def themes(self) -> list[str]:
        return [word.name for pk, word in words(Theme, self.entry.frame).items() if pk in self.theme_ids]

    @property
    def place_line(self) -> str:
        """Where it is, on one line."""
        facts = self.facts
        if self.place:
            return ", ".join(part for part in (place_name_of(self.place), self.text.room) if part)
        if facts.structure_id:
            return ""
        if facts.is_online:
            return facts.online_url
        return ", ".join(part for part in (facts.own_place, self.text.room) if part)

    @property
    def organizer_line(self) -> str:
        """Who organises it, and the telephone that readers are given."""
        name = self.organizer.title if self.organizer else self.facts.organizer_name
        phone = next((place.phone for place in (self.organizer, self.place) if place and place.phone), "")
        return ", ".join(part for part in (name or (self.place.title if self.place else ""), phone) if part)


def place_name_of(place: StructurePage) -> str:
    return ", ".join(part for part in (place.title, place.address_line) if part) or place_name(place)


def items_of(events: EventQuerySet) -> list[Item]:
    """Events with their texts and places, in their order: six queries, seven in another language, whatever their
    number."""
    rows = events.select_related("municipality").only(*COLUMNS, "municipality__name", "municipality__insee")
    entries = make_entries(rows)
    facts: list[Any] = [entry.facts for entry in entries]
    places = visible_places(pk for row in facts for pk in (row.structure_id, row.organizer_id))
    # Not ``prefetch_related``: modelcluster makes a queryset of each event's rows.
    keys = [row.pk for row in facts]
    exceptions: dict[int, list[EventException]] = {}
    for exception in EventException.objects.filter(page__in=keys):
        exceptions.setdefault(exception.page_id, []).append(exception)
    themes: dict[int, list[int]] = {}
    for event_id, theme_id in EventPage.themes.through.objects.filter(eventpage__in=keys).values_list(
        "eventpage_id", "theme_id"
    ):
        themes.setdefault(event_id, []).append(theme_id)
    return [
        Item(
            entry,
            places.get(row.structure_id),
            places.get(row.organizer_id),
            exceptions.get(row.pk, []),
            frozenset(themes.get(row.pk, ())),
        )
        for entry, row in zip(entries, facts, strict=True)
    ]


def told_events(form: FilterForm, events: EventQuerySet) -> EventQuerySet:
    """The events that match the filters and have a date that is not long over, or one within ``from`` and ``to``."""
    values = form.values
    dates = Occurrence.objects.filter(event=OuterRef("pk"))
    if first := values.get("from"):
        dates = dates.filter(ends_at__gt=midnight(within_calendar(first)))
    else:
        today = datetime.combine(timezone.localdate(), time(), PARIS)
        dates = dates.filter(ends_at__gt=today - KEPT)
    if last := values.get("to"):
        dates = dates.filter(starts_at__lt=midnight(within_calendar(last) + timedelta(days=1)))
    return filtered_events(form, events).filter(Exists(dates))


def readable(source: SourcedPage | None) -> SourcedPage:
    """A visible page in the reader's language; 404 where an anonymous reader may not open it."""
    if source is None:
        raise Http404
    page: SourcedPage = source.in_language(active_language())
    if page.pk != source.pk and page.get_view_restrictions().exists():
        raise Http404
    return page


def newest(items: Iterable[Item]) -> datetime | None:
    return max((item.changed_at for item in items), default=None)
