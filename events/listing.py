"""What an agenda shows: the dates of a period, day by day."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from directory.places import place_name, visible_places
from portal.core.days import long_day
from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.paging import page_of
from portal.core.templatetags.portal_tags import times
from portal.core.versions import remembered

from .enums import EventStatus, OccurrenceStatus, Registration, View
from .finder import Dates, Found, dates_ahead, dates_between, dates_over, find_dates, matching_events, no_dates
from .forms import EventFilterForm
from .models import AgendaPage, EventPage, Occurrence
from .periods import LAST_DAY, ONE_DAY, midnight, neighbours, period_of, quick_periods, within_calendar
from .querysets import EventQuerySet, OccurrenceQuerySet

#: A short page for a phone.
LIST_PER_PAGE = 8
#: Dates on the sheet of a structure.
SOON = 3
#: Dates that a week or a month shows before it shows only the first of each day, or their number: light pages.
WEEK_LIMIT = 18
MONTH_LIMIT = 40
#: The common agenda stands right below the home page, those of the centres deeper in the tree.
COMMON_DEPTH = 3


@dataclass(frozen=True)
class Dated:
    """An occurrence with its event as the reader sees it."""

    occurrence: Occurrence
    entry: Entry
    place: str
    #: From the point that the reader named.
    metres: int | None = None
    #: What has the address and the position: a structure, or the event itself.
    located: Any = None

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
        needs = facts.registration == Registration.REQUIRED
        return self.state or (str(facts.get_registration_display()) if needs else "")

    @property
    def state(self) -> str:
        """What is not as it was planned, in a word; empty when all is."""
        facts = self.entry.facts
        if self.is_cancelled:
            return str(EventStatus.CANCELLED.label)
        if facts.status not in ("", EventStatus.SCHEDULED):
            return str(facts.get_status_display())
        if self.occurrence.is_postponed and not self.occurrence.is_moved:
            return str(OccurrenceStatus.POSTPONED.label)
        if facts.is_full or self.occurrence.is_full:
            return str(OccurrenceStatus.FULL.label)
        if self.occurrence.is_moved:
            another_day = self.occurrence.is_another_day
            return str(EventStatus.RESCHEDULED.label) if another_day else gettext("New time")
        return ""


@dataclass(frozen=True)
class Day:
    day: date
    items: list[Dated]
    is_today: bool
    is_other_month: bool = False
    total: int = 0
    #: Where all of them are.
    url: str = ""

    @property
    def others(self) -> int:
        """How many dates are not shown."""
        return max(self.total - len(self.items), 0)


def events_of(agenda: AgendaPage) -> EventQuerySet:
    """The visible events of the branch that an agenda stands in."""
    parent = agenda.facts.get_parent()
    events: EventQuerySet = EventPage.objects.visible().descendant_of(parent)
    return events


def dated(occurrences: Iterable[Occurrence], metres: Mapping[int, int] | None = None) -> list[Dated]:
    """Occurrences with their events and the names of their places: three queries, four in another language.

    ``metres`` says how far events are, by primary key.
    """
    rows = list(occurrences)
    events = EventPage.objects.filter(pk__in={row.event_id for row in rows}).select_related("municipality")
    entries = {entry.facts.pk: entry for entry in make_entries(events)}
    places = visible_places(entry.facts.structure_id for entry in entries.values())
    found = []
    for row in rows:
        if entry := entries.get(row.event_id):
            structure = places.get(entry.facts.structure_id)
            name = place_name(structure) if structure else entry.facts.own_place
            found.append(Dated(row, entry, name, (metres or {}).get(row.event_id), structure or entry.facts))
    return found


def by_day(items: list[Dated]) -> list[Day]:
    today = timezone.localdate()
    days: dict[date, list[Dated]] = {}
    for item in items:
        days.setdefault(timezone.localdate(item.occurrence.starts_at), []).append(item)
    return [Day(day, found, day == today) for day, found in days.items()]


# --- An agenda -------------------------------------------------------------------------------------------------------


def filtered_events(form: FilterForm, events: EventQuerySet) -> EventQuerySet:
    """Some visible events, those that match the filters: calendars and feeds give what the list shows."""
    found: EventQuerySet = events if form.asks_nothing else events.filter(pk__in=matching_events(form))
    return found


def period_in(form: EventFilterForm) -> Dates:
    """The dates among which an agenda looks: those of its view, in a list those that are not over."""
    values, view = form.values, form.view
    if view != View.LIST:
        return dates_between(*period_of(view, within_calendar(values["date"])))
    start, end = values["date"] or values["from"], values["to"]
    if not start and not end:
        return dates_ahead()
    first, last = within_calendar(start), within_calendar(end) if end else LAST_DAY
    return dates_between(first, last, with_days=False) if first <= last else no_dates()


def is_archive(form: EventFilterForm) -> bool:
    """A list of what is over: up to a day that is past, the last ones first."""
    values = form.values
    is_open = form.view == View.LIST and not values["from"] and not values["date"]
    return bool(is_open and values["to"] and values["to"] < timezone.localdate())


def event_listing(request: HttpRequest, *, agenda: AgendaPage) -> dict[str, Any]:
    """Context of an agenda; without filters, it is read once per version and day."""
    form = EventFilterForm(request.GET, request.path)
    if not form.is_plain:
        return _listing(form, agenda)
    key = ("agenda", agenda.facts.pk, form.path, form.view, timezone.localdate())
    return remembered(key, lambda: _listing(form, agenda))


def _listing(form: EventFilterForm, agenda: AgendaPage) -> dict[str, Any]:
    view, day = form.view, within_calendar(form.values["date"])
    context: dict[str, Any] = {
        "form": form,
        "view": view,
        "day": day,
        "views": [(code, label, form.url_of_view(code)) for code, label in View.choices],
        "periods": quick_periods(form),
        "heading": heading(view, day),
        "archives_url": form.url_for(to=f"{timezone.localdate() - ONE_DAY:%Y-%m-%d}"),
        "ahead_url": form.url_for(),
        "is_common": agenda.facts.depth == COMMON_DEPTH,
    }
    if is_archive(form):
        return context | archives(form, agenda)
    found = find_dates(form, period_in(form), agenda)
    form.count_with(found.selection.counts)
    context["total"] = found.total
    if view in (View.LIST, View.DAY):
        context |= page_of_dates(form, found)
    else:
        context |= calendar(form, found, day)
    if view != View.LIST:
        context["before"], context["after"] = neighbours(view, day)
    if not found.total:
        context["easings"] = form.easings(lambda other: number_of(cast(EventFilterForm, other), agenda))
    if view != View.MONTH:
        context["strip"] = week_strip(form, found, agenda)
    return context


def number_of(form: EventFilterForm, agenda: AgendaPage) -> int:
    """Number of dates that an agenda shows."""
    return find_dates(form, period_in(form), agenda).total


def page_of_dates(form: EventFilterForm, found: Found) -> dict[str, Any]:
    """One page of a list or of a day."""
    page = page_of(Sliced(found), form.values["page"], LIST_PER_PAGE)
    items = dated(in_order(page.object_list), found.metres)
    if form.view == View.DAY:
        # Whatever began before goes on that day: it stands under the day that was asked for.
        day = within_calendar(form.values["date"])
        return {"results": page, "days": [Day(day, items, day == timezone.localdate())] if items else []}
    return {"results": page, "days": by_day(items)}


class Sliced(Sequence[int]):
    """Dates as a sequence for pages, of which only the asked part is looked for."""

    def __init__(self, found: Found) -> None:
        self.found = found

    def __len__(self) -> int:
        return self.found.total

    def __getitem__(self, place: Any) -> Any:
        return list(islice(self.found.pks(), place.start, place.stop))


def in_order(pks: Iterable[int]) -> list[Occurrence]:
    wanted = list(pks)
    rows = Occurrence.objects.in_bulk(wanted)
    return [rows[pk] for pk in wanted if pk in rows]


def calendar(form: EventFilterForm, found: Found, day: date) -> dict[str, Any]:
    """Every day of a week or a month. A week that is full shows the first dates of each day, a month only numbers."""
    view = form.view
    first, last = period_of(view, day)
    by_date: dict[date, list[int]] = {}
    for pk, begins in found.pks_by_day():
        # What began before the period shows on its first day.
        by_date.setdefault(max(begins, first), []).append(pk)
    shown = WEEK_LIMIT if view == View.WEEK else MONTH_LIMIT
    each = len(by_date) and max(shown // len(by_date), 1)
    if found.total <= shown:
        each = found.total
    elif view == View.MONTH:
        each = 0
    items = {item.occurrence.pk: item for item in dated(in_order(pk for pks in by_date.values() for pk in pks[:each]))}
    today = timezone.localdate()
    days = []
    for offset in range((last - first).days + 1):
        one = first + timedelta(days=offset)
        pks = by_date.get(one, [])
        held = [items[pk] for pk in pks[:each] if pk in items]
        is_other = view == View.MONTH and one.month != day.month
        days.append(Day(one, held, one == today, is_other, len(pks), form.url_of_day(one)))
    return {
        "days": days,
        "first": first,
        "last": last,
        "is_now": first <= today <= last,
        "is_full": found.total > shown,
    }


def archives(form: EventFilterForm, agenda: AgendaPage) -> dict[str, Any]:
    """What is over, the last first: counted in memory, read from the database."""
    last = last_archived(form)
    found = find_dates(form, dates_over(last), agenda)
    form.count_with(found.selection.counts)
    events = events_of(agenda)
    if found.selection.chosen:
        events = events.filter(pk__in=found.event_pks)
    rows = Occurrence.objects.of(events).filter(ends_at__lte=midnight(last + ONE_DAY)).order_by("-starts_at", "-pk")
    page = page_of(Counted(rows, found.total), form.values["page"], LIST_PER_PAGE)
    return {
        "is_archive": True,
        "results": page,
        "days": by_day(dated(page.object_list)),
        "total": found.total,
        "easings": [] if found.total else form.easings(lambda other: find_dates(other, dates_over(last), agenda).total),
    }


def last_archived(form: EventFilterForm) -> date:
    return min(within_calendar(form.values["to"]), timezone.localdate() - ONE_DAY)


class Counted(Sequence[Occurrence]):
    """Rows whose number is known: pages need not count them."""

    def __init__(self, rows: OccurrenceQuerySet, total: int) -> None:
        self.rows = rows
        self.total = total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, place: Any) -> Any:
        return list(self.rows[place])


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


def week_strip(form: EventFilterForm, found: Found, agenda: AgendaPage) -> list[StripDay]:
    """Seven days: the week of the day that is shown; from today on, above a list."""
    view, today = form.view, timezone.localdate()
    chosen = within_calendar(form.values["date"] or form.values["from"])
    first = chosen if view == View.LIST else chosen - timedelta(days=chosen.weekday())
    last = first + timedelta(days=6)
    if view != View.WEEK:
        found = find_dates(form, dates_between(first, last), agenda)
    totals = Counter(max(day, first) if view == View.WEEK else day for _pk, day in found.pks_by_day())
    days = []
    for day in (first + timedelta(days=offset) for offset in range(7)):
        # In a week the days are on the same page.
        url = f"#{day:j%Y%m%d}" if view == View.WEEK else form.url_of_day(day)
        is_shown = view == View.DAY and day == chosen
        days.append(StripDay(day, totals[day], url, day == today, is_shown))
    return days


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
