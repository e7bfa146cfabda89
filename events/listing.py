"""What an agenda shows: the occurrences of a period, day by day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from directory.places import place_name, visible_places
from portal.core.days import long_day
from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.languages import active_language
from portal.core.moments import PARIS
from portal.core.paging import page_of
from portal.core.templatetags.portal_tags import times
from portal.core.textsearch import find_keys
from portal.core.versions import remembered

from .enums import EventStatus, OccurrenceStatus, Registration, View
from .forms import EventFilterForm
from .models import AgendaPage, EventPage, Occurrence
from .querysets import EventQuerySet, OccurrenceQuerySet

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 12, 31)
LIST_PER_PAGE = 10
#: Dates on the sheet of a structure.
SOON = 3
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
    def hours(self) -> str:
        """From when to when, in the reader's words."""
        return gettext("All day") if self.entry.facts.is_all_day else times(self.occurrence)

    @property
    def says(self) -> str:
        """What readers must know before they come, in a word; empty when there is nothing to know."""
        facts = self.entry.facts
        if self.is_cancelled:
            return str(EventStatus.CANCELLED.label)
        if facts.status not in ("", EventStatus.SCHEDULED):
            return str(facts.get_status_display())
        if self.occurrence.is_postponed:
            return str(OccurrenceStatus.POSTPONED.label)
        if facts.is_full or self.occurrence.is_full:
            return str(OccurrenceStatus.FULL.label)
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


def dates_of(form: FilterForm, events: EventQuerySet) -> OccurrenceQuerySet:
    """The dates that a view shows, in order: those of its period, in a list those that are not over."""
    values = form.values
    found = Occurrence.objects.of(filtered_events(form, events)).order_by("starts_at", "pk")
    if view_of(form) != View.LIST:
        first, last = period_of(view_of(form), within_calendar(values["date"]))
        return found.between(midnight(first), midnight(last + timedelta(days=1)))
    start = values["from"] or values["date"]
    found = found.filter(ends_at__gt=midnight(within_calendar(start))) if start else found.upcoming(timezone.now())
    if last_day := values["to"]:
        found = found.filter(starts_at__lt=midnight(within_calendar(last_day) + timedelta(days=1)))
    return found


def view_of(form: FilterForm) -> str:
    return str(form.values["vue"] or View.LIST)


def event_listing(request: HttpRequest, *, agenda: AgendaPage) -> dict[str, Any]:
    """Context of an agenda; without filters, it is read once per version and day."""
    form = EventFilterForm.from_request(request)
    if not form.is_plain:
        return _listing(form, agenda)
    key = ("agenda", agenda.facts.pk, form.path, view_of(form), timezone.localdate())
    return remembered(key, lambda: _listing(form, agenda))


def _listing(form: FilterForm, agenda: AgendaPage) -> dict[str, Any]:
    events = events_of(agenda)
    found = dates_of(form, events)
    view, day = view_of(form), within_calendar(form.values["date"])
    context: dict[str, Any] = {
        "form": form,
        "view": view,
        "day": day,
        "views": View.choices,
        "heading": heading(view, day),
    }
    if view == View.LIST:
        page = page_of(found, form.values["page"], LIST_PER_PAGE)
        context |= {"results": page, "total": page.paginator.count, "days": by_day(dated(page.object_list))}
    else:
        first, last = period_of(view, day)
        items = dated(found[:CALENDAR_LIMIT])
        before, after = neighbours(view, day)
        days = whole_days(items, first, last, day.month if view == View.MONTH else None)
        context |= {"total": len(items), "days": days, "first": first, "last": last, "before": before, "after": after}
        context["is_now"] = first <= timezone.localdate() <= last
    if not context["total"]:
        context["easings"] = form.easings(lambda other: dates_of(other, events).count())
    if view != View.MONTH:
        context["strip"] = week_strip(form, events, context["days"])
    return context


@dataclass(frozen=True)
class StripDay:
    """A day of the strip of a week: how many dates begin on it, and where they are shown."""

    day: date
    total: int
    url: str
    is_today: bool
    is_shown: bool

    @property
    def says(self) -> str:
        return ngettext("%(total)s date", "%(total)s dates", self.total) % {"total": self.total}


def week_strip(form: FilterForm, events: EventQuerySet, shown: list[Day]) -> list[StripDay]:
    """Seven days: the week of the day that is shown; from today on, above a list."""
    view, today = view_of(form), timezone.localdate()
    chosen = within_calendar(form.values["date"] or form.values.get("from"))
    first = chosen if view == View.LIST else chosen - timedelta(days=chosen.weekday())
    if view == View.WEEK:
        totals = Counter({day.day: len(day.items) for day in shown})
    else:
        period = Occurrence.objects.of(filtered_events(form, events)).filter(
            starts_at__gte=midnight(first), starts_at__lt=midnight(first + timedelta(days=7))
        )
        totals = Counter(timezone.localdate(moment) for moment in period.values_list("starts_at", flat=True))
    found = []
    for day in (first + timedelta(days=offset) for offset in range(7)):
        # In a week the days are on the same page.
        url = f"#{day:j%Y%m%d}" if view == View.WEEK else form.url_with("vue", View.DAY, date=f"{day:%Y-%m-%d}")
        is_shown = view == View.DAY and day == chosen
        found.append(StripDay(day, totals[day], url, day == today, is_shown))
    return found


def heading(view: str, day: date) -> str:
    """The question that a view answers, with its days in words; empty for a list."""
    today = timezone.localdate()
    if view == View.DAY:
        if day == today:
            return gettext("What to do today, %(day)s?") % {"day": long_day(day)}
        return gettext("What to do on %(day)s?") % {"day": long_day(day)}
    if view == View.WEEK:
        first, last = period_of(view, day)
        if first <= today <= last:
            return gettext("What to do this week?")
        return gettext("What to do from %(first)s to %(last)s?") % {"first": long_day(first), "last": long_day(last)}
    if view == View.MONTH:
        return gettext("What to do in %(month)s?") % {"month": date_format(day, "F Y")}
    return ""


def next_dates(events: EventQuerySet, now: datetime, count: int) -> list[Dated]:
    """The next occurrences of some events; for pages that show a few of them."""
    return dated(Occurrence.objects.of(events).upcoming(now).order_by("starts_at", "pk")[:count])


def soon_at_structure(structure_id: int) -> list[Dated]:
    """The next dates at a structure, for its sheet, which names the place: one query, two in another language."""
    events: EventQuerySet = EventPage.objects.visible().filter(structure_id=structure_id)
    rows = list(Occurrence.objects.of(events).upcoming(timezone.now()).select_related("event")[:SOON])
    entries = {entry.facts.pk: entry for entry in make_entries({row.event_id: row.event for row in rows}.values())}
    return [Dated(row, entries[row.event_id], "") for row in rows]
