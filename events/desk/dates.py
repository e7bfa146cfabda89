"""The dates of an event one by one: moved, cancelled, noted, taken away, added. No script is needed."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from ..enums import ExceptionKind
from ..holidays import school_calendar
from ..models import EventException, EventPage
from ..recurrence import HORIZON, Plan, PlannedDate, plan, wall
from ..sentences import rule_sentence
from ..services import change_date

SHOWN = 60


@dataclass(frozen=True)
class DateRow:
    """A date as editors see it."""

    key: str
    starts_at: datetime
    ends_at: datetime
    recurrence_id: datetime
    row: EventException | None

    @property
    def is_moved(self) -> bool:
        return self.starts_at != self.recurrence_id

    @property
    def kind(self) -> str:
        if self.row is None or (self.row.kind == ExceptionKind.CHANGED and not self.is_moved):
            return ""
        return _("Moved") if self.row.kind == ExceptionKind.CHANGED else str(ExceptionKind(self.row.kind).label)


def key_of(moment: datetime) -> str:
    """How a date is named in an address: its beginning by the rule, on the wall clock."""
    return f"{wall(moment):%Y-%m-%dT%H%M}"


def rows_of(event: EventPage, now: datetime, count: int) -> list[DateRow]:
    """The next dates of an event as they stand in the editor, those taken away by hand included."""
    found = plan_of(event, now)
    exceptions = {(row.date, row.time): row for row in event.exceptions.all()}
    shown = [(made.recurrence_id, made.times.starts_at, made.times.ends_at) for made in found.dates]
    removed = [row for row in exceptions.values() if row.kind == ExceptionKind.REMOVED]
    taken = {row.date for row in removed}
    shown += [(gone, gone, gone) for gone in found.skipped if wall(gone).date() in taken]
    rows = []
    for identity, start, end in sorted(shown):
        if max(start, end) < now and identity < now:
            continue
        local = wall(identity)
        row = exceptions.get((local.date(), local.time())) or exceptions.get((local.date(), None))
        rows.append(DateRow(key_of(identity), start, end, identity, row))
    return rows[:count]


def plan_of(event: EventPage, now: datetime) -> Plan:
    """Dates of an event that may be a draft with faults: then none."""
    try:
        return plan(event, until=now + HORIZON)
    except ValidationError:
        return Plan([])


def calendar_warning(event: EventPage, now: datetime) -> str:
    """What editors are told when the dates of a series depend on school holidays that are not known yet."""
    unknown = plan_of(event, now).unknown_from if event.rrule and event.school_holidays else None
    if unknown is None:
        return ""
    until = school_calendar(event.school_zone).until
    if until is None:
        return _("The school calendar is empty: this series has no dates. Ask an administrator to load it.")
    return _(
        "The school calendar ends on %(day)s: the dates after it come when it is loaded. Ask an administrator."
    ) % {"day": f"{until:%d/%m/%Y}"}


WIDGETS: dict[str, forms.Widget] = {
    "date": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    "new_start": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    "new_end": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
}


class DateForm(forms.ModelForm):
    """What happens on one date."""

    class Meta:
        model = EventException
        fields = ("kind", "new_start", "new_end", "place_note", "note", "capacity")
        widgets = WIDGETS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = ExceptionKind.choices  # type: ignore[attr-defined]


class NewDateForm(DateForm):
    """An additional date."""

    class Meta(DateForm.Meta):
        fields = ("date", *DateForm.Meta.fields)  # type: ignore[assignment]


class EventScreen(WagtailAdminTemplateMixin, TemplateView):
    """A screen about one event, for whoever may edit it."""

    header_icon = "date"

    @cached_property
    def live(self) -> EventPage:
        event = get_object_or_404(EventPage.objects.sources(), pk=self.kwargs["page_id"])
        if not event.permissions_for_user(self.request.user).can_edit():
            raise PermissionDenied
        return event

    @cached_property
    def event(self) -> EventPage:
        """As it stands in the editor: its draft, if there is one."""
        draft: EventPage = self.live.get_latest_revision_as_object()
        return draft

    @property
    def publishes(self) -> bool:
        return bool(self.live.live and self.live.permissions_for_user(self.request.user).can_publish())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        pages = reverse("wagtailadmin_pages:edit", args=[self.live.pk])
        here = {"url": self.request.path, "label": self.get_page_title()}
        return [*super().get_breadcrumbs_items(), {"url": pages, "label": str(self.event)}, here]


class EventDatesView(EventScreen):
    """All the coming dates of an event."""

    template_name = "events/admin/dates.html"
    page_title = gettext_lazy("Dates")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        rows = rows_of(self.event, now, SHOWN + 1)
        return {
            **super().get_context_data(**kwargs),
            "event": self.event,
            "sentence": rule_sentence(self.event),
            "rows": rows[:SHOWN],
            "has_more": len(rows) > SHOWN,
            "warning": calendar_warning(self.event, now),
            "publishes": self.publishes,
        }


class EventDateView(EventScreen):
    """One date: what happens on it; or an additional one, when the address names none."""

    template_name = "events/admin/date.html"
    page_title = gettext_lazy("One date")

    @cached_property
    def moment(self) -> datetime | None:
        """Beginning of the date by the rule, on the wall clock. ``None`` for a new date. Raises ``Http404``."""
        key = self.kwargs.get("key")
        if key is None:
            return None
        try:
            return datetime.strptime(key, "%Y-%m-%dT%H%M")  # noqa: DTZ007 - the wall clock's
        except ValueError as error:
            raise Http404 from error

    @cached_property
    def row(self) -> EventException:
        """The row about the date, new when there is none."""
        moment = self.moment
        if moment is None:
            return EventException(is_extra=True, kind=ExceptionKind.CHANGED)
        about = [row for row in self.event.exceptions.all() if row.date == moment.date()]
        for row in about:
            if row.time in (None, moment.time()):
                return row
        if self.planned is None:
            raise Http404
        same_day = [made for made in self.dates if wall(made.recurrence_id).date() == moment.date()]
        at = moment.time() if len(same_day) > 1 else None
        return EventException(date=moment.date(), time=at, kind=ExceptionKind.CANCELLED)

    @cached_property
    def dates(self) -> list[PlannedDate]:
        return plan_of(self.event, timezone.now()).dates

    @property
    def planned(self) -> PlannedDate | None:
        return next((made for made in self.dates if key_of(made.recurrence_id) == self.kwargs.get("key")), None)

    def form(self) -> DateForm:
        kind = NewDateForm if self.moment is None else DateForm
        return kind(self.request.POST if self.request.method == "POST" else None, instance=self.row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.form()
        return {
            **super().get_context_data(**kwargs),
            "event": self.event,
            "form": form,
            "moment": self.moment,
            "key": self.kwargs.get("key"),
            "is_changed": self.row in self.event.exceptions.all(),
            "publishes": self.publishes,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        named: tuple[date, time | None] | None = (self.row.date, self.row.time) if self.moment else None
        if "restore" in request.POST and named:
            return self.apply(None, named)
        form = self.form()
        if form.is_valid():
            row = form.save(commit=False)
            try:
                return self.apply(row, (row.date, row.time))
            except ValidationError as error:
                form.add_error(None, error.messages)
        return self.render_to_response(self.get_context_data(form=form))

    def apply(self, row: EventException | None, named: tuple[date, time | None]) -> HttpResponse:
        change_date(event=self.live, row=row, named=named, user=self.request.user, publish=self.publishes)
        told = _("The date is changed: readers see it.") if self.publishes else _("The date is changed in the draft.")
        messages.success(self.request, told)
        return redirect("event_dates", page_id=self.live.pk)
