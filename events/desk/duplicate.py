"""Screens that copy events: one, or the season of an agenda. No script is needed; a second click changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.core.opening_rules import is_public_holiday

from ..models import EventPage
from ..recurrence import wall
from .agendas import AgendaScreen, OwnAgenda, agendas_of
from .calendar import midnight
from .copies import Schedule, as_edited, copy_event, moved_row, moved_schedule, publish_copy
from .dates import EventScreen

#: Events of a season that are copied at once.
MOST = 200
#: Seconds of work before an answer says how far it is.
PATIENCE = 8.0
A_YEAR = 52 * 7
_DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class DuplicateForm(forms.Form):
    title = forms.CharField(
        max_length=255, label=gettext_lazy("Title"), help_text=gettext_lazy("Leave it as it is, or give it another.")
    )
    day = forms.DateField(
        label=gettext_lazy("First day"),
        widget=_DAY,
        help_text=gettext_lazy("The hours stay the same. A series moves whole, its last day too."),
    )
    with_rows = forms.BooleanField(
        required=False,
        label=gettext_lazy("Copy the dates that are different"),
        help_text=gettext_lazy("Cancelled, moved or additional dates, moved by as many days."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class DuplicateView(EventScreen):
    """One event at another day, as a draft."""

    template_name = "events/admin/duplicate.html"
    page_title = gettext_lazy("Duplicate this event")

    @cached_property
    def agenda(self) -> OwnAgenda:
        agenda = agendas_of(self.request.user).of(self.live)
        if agenda is None or not agenda.may_add:
            raise PermissionDenied
        return agenda

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        start = self.event.starts_at
        day = timezone.localdate(start) + timedelta(days=7) if start else None
        kwargs.setdefault("form", DuplicateForm(initial={"title": self.event.title, "day": day}))
        return {**super().get_context_data(**kwargs), "event": self.event, "agenda": self.agenda.label}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = DuplicateForm(request.POST)
        if not form.is_valid() or self.event.starts_at is None:
            return self.render_to_response(self.get_context_data(form=form))
        asked = form.cleaned_data
        days = (asked["day"] - timezone.localdate(self.event.starts_at)).days
        key = uuid5(asked["token"], str(self.live.translation_key))
        made = EventPage.objects.sources().filter(translation_key=key).first()
        if made is None:
            try:
                rows = [moved_row(row, days) for row in self.event.exceptions.all()] if asked["with_rows"] else []
                made = copy_event(
                    self.event,
                    schedule=moved_schedule(self.event, days),
                    user=request.user,
                    to=self.agenda.page,
                    rows=rows,
                    title=asked["title"],
                    translation_key=key,
                )
            except (ValidationError, OverflowError) as error:
                form.add_error("day", getattr(error, "messages", None) or _("This day is too far away."))
                return self.render_to_response(self.get_context_data(form=form))
        messages.success(request, _("Here is the copy, as a draft. Look at it, then publish it."))
        return redirect("wagtailadmin_pages:edit", made.pk)


# --- A season --------------------------------------------------------------------------------------------------------
class SeasonForm(forms.Form):
    """Which events, and when the new season begins."""

    agenda = forms.ChoiceField(label=gettext_lazy("Agenda"))
    first = forms.DateField(label=gettext_lazy("From"), widget=_DAY)
    last = forms.DateField(label=gettext_lazy("Until"), widget=_DAY)
    start = forms.DateField(
        required=False,
        label=gettext_lazy("The new season begins on"),
        widget=_DAY,
        help_text=gettext_lazy("Empty: a year later. The days of the week stay the same."),
    )

    def __init__(self, agendas: list[OwnAgenda], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agenda"].choices = [  # type: ignore[attr-defined]
            (str(agenda.page.pk), agenda.label) for agenda in agendas
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and not first <= last <= first + timedelta(days=400):
            self.add_error("last", _("The last day comes after the first one, within a year."))
        if first and (first.year < 1971 or first.year > 2090):
            self.add_error("first", _("This day is too far away: look at the year."))
        return values

    @property
    def shift(self) -> int:
        """Whole weeks, in days, from the old season to the new one."""
        start: date | None = self.cleaned_data["start"]
        return round((start - self.cleaned_data["first"]).days / 7) * 7 if start else A_YEAR


@dataclass(frozen=True)
class Row:
    """An event of a season with its copy to be. ``schedule`` is ``None`` when it can't be copied; ``notes`` say why."""

    event: EventPage
    schedule: Schedule | None
    notes: list[str]
    is_ticked: bool


def rows_of_season(agenda: OwnAgenda, first: date, last: date, shift: int) -> tuple[list[Row], bool]:
    """The events of an agenda that begin within a period, and whether there are more than can be copied at once."""
    events = EventPage.objects.sources().filter(path__startswith=agenda.page.path)
    period = events.filter(starts_at__gte=midnight(first), starts_at__lt=midnight(last + timedelta(days=1)))
    found = list(period.order_by("starts_at", "pk")[: MOST + 1])
    known = set(events.values_list("title", "starts_at"))
    return [row_of(event, shift, known) for event in found[:MOST]], len(found) > MOST


def row_of(event: EventPage, shift: int, known: set[tuple[str, Any]]) -> Row:
    try:
        schedule = moved_schedule(event, shift)
    except (ValidationError, OverflowError) as error:
        return Row(event, None, list(getattr(error, "messages", [_("This day is too far away.")])), False)
    notes = []
    if event.source:
        notes.append(_("It comes from a partner's calendar, which will say when it takes place."))
    if event.is_cancelled:
        notes.append(_("It was cancelled."))
    if (event.title, schedule.starts_at) in known:
        notes.append(_("It is there already."))
    is_ticked = not notes
    if not event.rrule and is_public_holiday(wall(schedule.starts_at).date()):
        notes.append(_("On a public holiday."))
    return Row(event, schedule, notes, is_ticked)


def ticked(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 10][:MOST]


class SeasonView(AgendaScreen):
    """Three steps at one address: the period, the list to tick, the drafts that were made and their publication."""

    template_name = "events/admin/season.html"
    page_title = gettext_lazy("Duplicate a season")
    header_icon = "copy"

    def may_enter(self) -> bool:
        return bool(self.own.addable)

    def form(self) -> SeasonForm:
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        today = timezone.localdate()
        initial = {"agenda": data.get("agenda"), "first": today.replace(day=1) - timedelta(days=365), "last": today}
        return SeasonForm(self.own.addable, data if "first" in data else None, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.form()
        context = {**super().get_context_data(**kwargs), "form": form}
        if form.is_bound and form.is_valid() and "made" not in context:
            agenda = self.own.numbered(form.cleaned_data["agenda"])
            if agenda:
                asked = form.cleaned_data
                rows, has_more = rows_of_season(agenda, asked["first"], asked["last"], form.shift)
                context |= {"agenda": agenda, "rows": rows, "has_more": has_more, "token": uuid4()}
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form()
        try:
            token = UUID(request.POST.get("token", ""))
        except ValueError:
            token = None
        agenda = self.own.numbered(form.cleaned_data["agenda"]) if form.is_bound and form.is_valid() else None
        if token is None or agenda is None or not agenda.may_add:
            return self.render_to_response(self.get_context_data(form=form))
        season = Season(agenda, token, form.shift, ticked(request.POST.getlist("event")), request.user)
        faults = season.make()
        if "publish" in request.POST and agenda.may_publish and not season.missing:
            faults += season.publish()
        if not season.missing and "publish" not in request.POST:
            count = len(season.made)
            text = ngettext("%(count)d draft is made.", "%(count)d drafts are made.", count)
            messages.success(request, text % {"count": count})
        return self.render_to_response(
            self.get_context_data(form=form, agenda=agenda, made=season.made, season=season, token=token, faults=faults)
        )


class Season:
    """The copies of some events of an agenda. Each is known by a key made of the token and of its source: what is made
    is never made again, so that a second click, or a work that was cut, goes on where it stood."""

    def __init__(self, agenda: OwnAgenda, token: UUID, shift: int, chosen: list[int], user: Any) -> None:
        events = EventPage.objects.sources().filter(path__startswith=agenda.page.path, pk__in=chosen)
        self.keys = {uuid5(token, str(event.translation_key)): event for event in events.order_by("starts_at", "pk")}
        self.agenda, self.shift, self.user = agenda, shift, user
        self.until = monotonic() + PATIENCE
        self.failed: set[UUID] = set()

    @property
    def made(self) -> list[EventPage]:
        return list(EventPage.objects.sources().filter(translation_key__in=list(self.keys)).order_by("starts_at", "pk"))

    @property
    def missing(self) -> list[UUID]:
        known = {event.translation_key for event in self.made} | self.failed
        return [key for key in self.keys if key not in known]

    @property
    def drafts(self) -> list[EventPage]:
        return [event for event in self.made if not event.live]

    @property
    def percent(self) -> int:
        return 100 - 100 * len(self.missing) // max(1, len(self.keys))

    def make(self) -> list[str]:
        """Makes what is missing, as long as the reader may be kept waiting. Gives the faults, in words."""
        faults = []
        for key in self.missing:
            if monotonic() > self.until:
                break
            event = self.keys[key]
            try:
                source = as_edited(event)
                schedule = moved_schedule(source, self.shift)
                copy_event(source, schedule=schedule, user=self.user, to=self.agenda.page, translation_key=key)
            except ValidationError as error:
                self.failed.add(key)
                faults.append(f"{event.title} – {' '.join(error.messages)}")
        return faults

    def publish(self) -> list[str]:
        faults = []
        for event in self.drafts:
            if monotonic() > self.until:
                break
            try:
                publish_copy(event, self.user)
            except ValidationError as error:
                faults.append(f"{event.title} – {' '.join(error.messages)}")
        return faults
