"""The calendar of the admin: a month or a week of the agendas that the user works on, as lists of days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views.pages.create import CreateView

from portal.core.moments import PARIS

from ..enums import EventStatus
from ..models import Occurrence
from ..rooms import bookings_between, conflicts_among, conflicts_between
from ..rules import FIRST_YEAR, LAST_YEAR
from .agendas import AgendaScreen, Clash, OwnAgenda, OwnAgendas, clashes
from .dates import key_of

MONTH, WEEK = "mois", "semaine"
VIEWS = {MONTH: gettext_lazy("Month"), WEEK: gettext_lazy("Week")}
#: Dates on one screen: a month of the whole portal.
MOST = 1_000
#: Hours at which a week offers to add an event: morning, afternoon, evening.
HOURS = (9, 14, 18)
#: What a new event lasts until its editor says otherwise.
USUAL = timedelta(hours=2)


@dataclass(frozen=True)
class Entry:
    """A date in the calendar. ``url`` leads where the user can change it, or to its page; empty for neither."""

    row: Occurrence
    label: str
    marks: list[str]
    url: str
    date_url: str
    clashes: list[Clash]

    @property
    def is_off(self) -> bool:
        return self.row.is_off or self.row.event.is_cancelled


@dataclass(frozen=True)
class CalendarDay:
    day: date
    entries: list[Entry]
    #: ``(label, address)`` of the ways to add an event on that day.
    adds: list[tuple[str, str]]
    is_outside: bool
    is_today: bool


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS)


def read_day(text: str) -> date:
    """A day of an address; today when it is none, or is centuries away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()
    return day if FIRST_YEAR < day.year < LAST_YEAR else timezone.localdate()


def period(view: str, day: date) -> tuple[date, date]:
    """First and last day of a view, whole weeks."""
    if view == WEEK:
        first = last = day
    else:
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def marks_of(row: Occurrence) -> list[str]:
    """What is not as usual on a date, in words."""
    event = row.event
    marks = []
    if not event.live:
        marks.append(_("Draft"))
    elif event.has_unpublished_changes:
        marks.append(_("Changes not published"))
    if row.is_cancelled or event.is_cancelled:
        marks.append(_("Cancelled"))
    elif row.is_postponed or event.status == EventStatus.POSTPONED:
        marks.append(_("Postponed"))
    elif row.is_moved:
        marks.append(_("Moved"))
    elif row.is_full or event.is_full:
        marks.append(_("Full"))
    return marks


def entries_between(own: OwnAgendas, start: datetime, end: datetime) -> tuple[list[Entry], bool]:
    """The dates that touch a period, in order, and whether there are more than are shown. Two queries."""
    rows = list(
        Occurrence.objects.filter(own.below("event__"), starts_at__lt=end, ends_at__gt=start)
        .select_related("event")
        .order_by("starts_at", "pk")[: MOST + 1]
    )
    # The event as each row knows it is one object, so that a conflict finds its event again.
    clashing: dict[tuple[int, datetime], list[Clash]] = {}
    for conflict in conflicts_among(bookings_between(start, end)):
        for booking in (conflict.one, conflict.other):
            found = clashes(booking.event, [conflict], own)
            clashing.setdefault((booking.event.pk, booking.starts_at), []).extend(found)
    entries = []
    for row in rows[:MOST]:
        agenda = own.of(row.event)
        if agenda is None or not own.may_see(row.event):
            continue
        found = clashing.get((row.event_id, row.starts_at), [])
        entries.append(entry_of(row, agenda, own, found))
    return entries, len(rows) > MOST


def entry_of(row: Occurrence, agenda: OwnAgenda, own: OwnAgendas, found: list[Clash]) -> Entry:
    event, date_url = row.event, ""
    if event.is_series and own.may_change(event):
        date_url = reverse("event_date", args=[event.pk, key_of(row.recurrence_id)])
    return Entry(row, agenda.label, marks_of(row), own.url_of(event), date_url, found)


def add_url(agenda: OwnAgenda, day: date, hour: int) -> str:
    moment = datetime.combine(day, time(hour))
    query = urlencode({"debut": f"{moment:%Y-%m-%dT%H:%M}"})
    return f"{reverse('event_add_here', args=[agenda.page.pk])}?{query}"


def adds_on(day: date, view: str, agenda: OwnAgenda | None) -> list[tuple[str, str]]:
    """In a week one way for each part of the day, in a month one for the day."""
    if agenda is None:
        return []
    if view == MONTH:
        return [(_("Add"), add_url(agenda, day, HOURS[1]))]
    return [(_("Add at %(hour)s") % {"hour": f"{hour}\u00a0h"}, add_url(agenda, day, hour)) for hour in HOURS]


class CalendarView(AgendaScreen):
    """A month or a week; ``?agenda=`` shows one agenda."""

    template_name = "events/admin/calendar.html"
    page_title = gettext_lazy("Calendar of events")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        view = WEEK if asked.get("vue") == WEEK else MONTH
        day = read_day(asked.get("date", ""))
        chosen = self.own.numbered(asked.get("agenda", ""))
        shown = OwnAgendas(self.own.user, [chosen]) if chosen else self.own
        first, last = period(view, day)
        entries, has_more = entries_between(shown, midnight(first), midnight(last + timedelta(days=1)))
        target = next(iter(shown.addable), None)
        before, after = neighbours(view, day)
        return {
            **super().get_context_data(**kwargs),
            "view": view,
            "views": [(name, label, self.url(vue=name, date=day)) for name, label in VIEWS.items()],
            "day": day,
            "heading": heading(view, day),
            "days": days_of(first, last, entries, view, target, day.month),
            "has_more": has_more,
            "own": self.own,
            "chosen": chosen,
            "target": target,
            "before": self.url(vue=view, date=before),
            "after": self.url(vue=view, date=after),
            "now": self.url(vue=view),
        }

    def url(self, **values: Any) -> str:
        """This screen with other values; the agenda stays the same."""
        kept = {"agenda": self.request.GET["agenda"]} if self.request.GET.get("agenda") else {}
        return "?" + urlencode({**values, **kept})


def days_of(
    first: date, last: date, entries: list[Entry], view: str, target: OwnAgenda | None, month: int
) -> list[CalendarDay]:
    """The days of a view, each with the dates that touch it."""
    by_day: dict[date, list[Entry]] = {}
    for entry in entries:
        day = max(timezone.localdate(entry.row.starts_at), first)
        while day <= min(entry.row.last_day, last):
            by_day.setdefault(day, []).append(entry)
            day += timedelta(days=1)
    today = timezone.localdate()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        CalendarDay(
            day, by_day.get(day, []), adds_on(day, view, target), view == MONTH and day.month != month, day == today
        )
        for day in days
    ]


def neighbours(view: str, day: date) -> tuple[date, date]:
    if view == WEEK:
        return day - timedelta(days=7), day + timedelta(days=7)
    first = day.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)


def heading(view: str, day: date) -> str:
    if view == MONTH:
        return date_format(day, "F Y").capitalize()
    first, last = period(view, day)
    words = {"first": date_format(first, "j F"), "last": date_format(last, "j F Y")}
    return _("Week from %(first)s to %(last)s") % words


class AddHereView(CreateView):
    """Wagtail's form of a new event, with the day and the hour that were clicked."""

    def dispatch(self, request: HttpRequest, parent_page_id: int) -> HttpResponse:
        response: HttpResponse = super().dispatch(request, "events", "eventpage", parent_page_id)
        return response

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            start = datetime.strptime(request.GET.get("debut", ""), "%Y-%m-%dT%H:%M").replace(tzinfo=PARIS)
        except ValueError:
            start = None
        if start and FIRST_YEAR < start.year < LAST_YEAR:
            self.page.starts_at, self.page.ends_at = start, start + USUAL
        response: HttpResponse = super().get(request)
        return response


class ConflictsView(AgendaScreen):
    """The rooms that two events take at the same time, in the year that comes."""

    template_name = "events/admin/conflicts.html"
    page_title = gettext_lazy("Rooms taken twice")
    header_icon = "warning"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        found = []
        for conflict in conflicts_between(now, now + timedelta(days=366)):
            one, other = conflict.one.event, conflict.other.event
            # Whoever may change neither can do nothing about it.
            if self.own.may_change(one) or self.own.may_change(other):
                found.append((conflict, [self.told(one), self.told(other)]))
        return {**super().get_context_data(**kwargs), "found": found}

    def told(self, event: Any) -> dict[str, Any]:
        url = reverse("wagtailadmin_pages:edit", args=[event.pk]) if self.own.may_change(event) else ""
        return {"title": event.title if self.own.may_see(event) else "", "url": url, "room": event.room}
