"""What an agenda shows: the occurrences of a period, day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from directory.places import place_name, visible_places
from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.languages import active_language
from portal.core.paging import page_of
from portal.core.textsearch import find_keys

from .enums import EventStatus, Registration, View
from .forms import EventFilterForm
from .models import AgendaPage, EventPage, Occurrence
from .querysets import EventQuerySet
from .recurrence import PARIS

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 12, 31)
LIST_PER_PAGE = 30
#: A month of a busy portal: beyond this a calendar says that it is cut.
CALENDAR_LIMIT = 400


@dataclass(frozen=True)
class Dated:
    """An occurrence with its event as the reader sees it."""

    occurrence: Occurrence
    entry: Entry
    place: str

    @property
    def is_cancelled(self) -> bool:
        return self.occurrence.is_cancelled or self.entry.facts.is_cancelled

    @property
    def says(self) -> str:
        """What readers must know before they come, in a word; empty when there is nothing to know."""
        facts = self.entry.facts
        if self.is_cancelled:
            return str(EventStatus.CANCELLED.label)
        if facts.status not in ("", EventStatus.SCHEDULED):
            return str(facts.get_status_display())
        if facts.is_full:
            return gettext("Full")
        return str(facts.get_registration_display()) if facts.registration == Registration.REQUIRED else ""


@dataclass(frozen=True)
class Day:
    day: date
    items: list[Dated]
    is_today: bool
    is_other_month: bool = False


def midnight(day: date) -> datetime:
    """The first instant of a day in Paris."""
    return datetime.combine(day, time(), PARIS)


def events_of(agenda: AgendaPage) -> EventQuerySet:
    """The visible events of the branch that an agenda stands in."""
    parent = agenda.facts.get_parent()
    events: EventQuerySet = EventPage.objects.visible().descendant_of(parent)
    return events


def filtered_events(form: FilterForm, events: EventQuerySet) -> EventQuerySet:
    found: EventQuerySet = form.narrow(events)
    if form.values["q"]:
        found = found.filter(translation_key__in=find_keys(form.values["q"], active_language()))
    return found


def dated(occurrences: Iterable[Occurrence]) -> list[Dated]:
    """Occurrences with their events and the names of their places: three queries, four in another language."""
    rows = list(occurrences)
    events = EventPage.objects.filter(pk__in={row.event_id for row in rows}).select_related("municipality")
    entries = {entry.facts.pk: entry for entry in make_entries(events)}
    places = visible_places(entry.facts.structure_id for entry in entries.values())
    found = []
    for row in rows:
        if entry := entries.get(row.event_id):
            structure = places.get(entry.facts.structure_id)
            found.append(Dated(row, entry, place_name(structure) if structure else entry.facts.own_place))
    return found


def by_day(items: list[Dated]) -> list[Day]:
    today = timezone.localdate()
    days: dict[date, list[Dated]] = {}
    for item in items:
        days.setdefault(timezone.localdate(item.occurrence.starts_at), []).append(item)
    return [Day(day, found, day == today) for day, found in days.items()]


def whole_days(items: list[Dated], first: date, last: date, month: int | None = None) -> list[Day]:
    """Every day of a period, empty ones included; an occurrence shows on the day when it begins."""
    known = {day.day: day.items for day in by_day(items)}
    today = timezone.localdate()
    count = (last - first).days + 1
    return [
        Day(day, known.get(day, []), day == today, month is not None and day.month != month)
        for day in (first + timedelta(days=offset) for offset in range(count))
    ]


def period_of(view: str, day: date) -> tuple[date, date]:
    """First and last day that a view shows around a day; a month is shown in whole weeks."""
    if view == View.DAY:
        return day, day
    if view == View.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def neighbours(view: str, day: date) -> tuple[date, date]:
    """The same view before and after."""
    if view == View.DAY:
        return day - timedelta(days=1), day + timedelta(days=1)
    if view == View.WEEK:
        return day - timedelta(days=7), day + timedelta(days=7)
    first = day.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)


def within_calendar(day: date | None) -> date:
    """A day that can be shown; today when none is asked, or when it is centuries away."""
    return day if day and FIRST_DAY <= day <= LAST_DAY else timezone.localdate()


def event_listing(request: HttpRequest, *, agenda: AgendaPage) -> dict[str, Any]:
    """Context of an agenda."""
    form = EventFilterForm.from_request(request)
    events = filtered_events(form, events_of(agenda))
    view = form.values["vue"] or View.LIST
    day = within_calendar(form.values["date"])
    context: dict[str, Any] = {"form": form, "view": str(view), "day": day, "views": View.choices}
    if view == View.LIST:
        start = form.values["from"] or form.values["date"]
        found = Occurrence.objects.of(events).filter(
            ends_at__gt=midnight(within_calendar(start)) if start else timezone.now()
        )
        if last := form.values["to"]:
            found = found.filter(starts_at__lt=midnight(within_calendar(last) + timedelta(days=1)))
        page = page_of(found.order_by("starts_at", "pk"), form.values["page"], LIST_PER_PAGE)
        days = by_day(dated(page.object_list))
        return {**context, "results": page, "total": page.paginator.count, "days": days}
    first, last = period_of(view, day)
    found = Occurrence.objects.of(events).between(midnight(first), midnight(last + timedelta(days=1)))
    items = dated(found.order_by("starts_at", "pk")[:CALENDAR_LIMIT])
    before, after = neighbours(view, day)
    month = day.month if view == View.MONTH else None
    return {
        **context,
        "total": len(items),
        "days": whole_days(items, first, last, month),
        "first": first,
        "last": last,
        "before": before,
        "after": after,
    }


def next_dates(events: EventQuerySet, now: datetime, count: int) -> list[Dated]:
    """The next occurrences of some events; for pages that show a few of them."""
    return dated(Occurrence.objects.of(events).upcoming(now).order_by("starts_at", "pk")[:count])
