"""From one date of a series on, or for the whole series: other hours, another room, or its end. What readers and
subscribers will see is said before anything is written; see ``docs/decisions/0028-this-and-following.md``."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..enums import ExceptionKind
from ..models import AgendaPage, EventException, EventPage, Occurrence
from ..recurrence import HORIZON, instant, plan, rule_of, wall
from ..rooms import conflicts_of
from ..rules import split_rule
from ..services import keep_occurrences
from .agendas import agendas_of, clashes
from .copies import Schedule, copied_row, copy_event, publish_copy, written_until
from .dates import EventScreen

#: What changes of an event whose times or room are edited here; of an imported one, imports then leave them.
LOCKED = ("ends_at", "exceptions", "room", "rrule", "starts_at")


class FollowingForm(forms.Form):
    start = forms.TimeField(label=gettext_lazy("Begins at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    end = forms.TimeField(label=gettext_lazy("Ends at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    room = forms.CharField(required=False, max_length=120, label=gettext_lazy("Room"))
    stops = forms.BooleanField(
        required=False,
        label=gettext_lazy("It stops: neither this date, nor the following ones take place"),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("start") and values.get("end") and values["end"] <= values["start"]:
            self.add_error("end", _("The end must come after the beginning."))
        return values


@dataclass(frozen=True)
class Change:
    """What is asked: from ``moment`` (of the wall clock) on, these hours and this room; or nothing any more."""

    moment: datetime
    start: time
    end: time
    room: str
    stops: bool

    @property
    def schedule(self) -> tuple[datetime, datetime]:
        day = self.moment.date()
        return datetime.combine(day, self.start), datetime.combine(day, self.end)


def rows_after(event: EventPage, day: date) -> tuple[list[EventException], list[EventException]]:
    """The dates that are different, before a day and from it on."""
    rows = list(event.exceptions.all())
    return [row for row in rows if row.date < day], [row for row in rows if row.date >= day]


def ended_rule(event: EventPage, moment: datetime) -> str:
    """The rule of a series whose last day is the one before ``moment``."""
    parts = split_rule(event.rrule)
    parts.pop("COUNT", None)
    last = datetime.combine(moment.date() - timedelta(days=1), time(23, 59, 59))
    parts["UNTIL"] = written_until(last, is_day=event.is_all_day)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def rest_of_rule(event: EventPage, moment: datetime) -> str:
    """The rule of what follows: as it was, with as many times as are left. Raises ``ValidationError``."""
    parts, rule = split_rule(event.rrule), rule_of(event)
    if rule and rule.count:
        before = sum(1 for _moment in rule.between(rule.start, moment - timedelta(seconds=1)))
        parts["COUNT"] = str(rule.count - before)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def put_end(page: EventPage, moment: datetime) -> None:
    """Ends a series before ``moment``."""
    page.rrule = ended_rule(page, moment)
    page.exceptions = [copied_row(row) for row in rows_after(page, moment.date())[0]]  # type: ignore[misc]
    if page.source:
        page.locked_fields = sorted({*page.locked_fields, *LOCKED})


@transaction.atomic
def split(*, event: EventPage, change: Change, user: Any, publish: bool) -> EventPage | None:
    """Ends a series before a date; a new event, with a ``UID`` of its own, carries on. Gives it, ``None`` for an end.

    The dates that were changed by hand go with the new event as they are, and so does whatever hangs on its dates.
    Raises ``ValidationError``; then nothing is written.
    """
    live = EventPage.objects.select_for_update().get(pk=event.pk)
    current = live if publish else live.get_latest_revision_as_object()
    made = None
    if not change.stops:
        start, end = change.schedule
        rest = rest_of_rule(current, change.moment)
        made = copy_event(
            current,
            schedule=Schedule(instant(start), instant(end), rest),
            user=user,
            to=AgendaPage.objects.get(pk=live.get_parent().pk),
            rows=rows_after(current, change.moment.date())[1],
            room=change.room,
        )
        if publish:
            keep_what_hangs(live, made, change)
    put_end(current, change.moment)
    revision = current.save_revision(user=user, log_action=True)
    if publish:
        revision.publish(user=user)
        if made:
            publish_copy(made, user)
    return made


def keep_what_hangs(old: EventPage, made: EventPage, change: Change) -> None:
    """The rows of the following dates become those of the new event, at its hour."""
    made.occurrences.all().delete()
    following = Occurrence.objects.filter(event=old, recurrence_id__gte=instant(change.moment).astimezone(UTC))
    for row in following:
        row.event = made
        row.recurrence_id = instant(datetime.combine(wall(row.recurrence_id).date(), change.start)).astimezone(UTC)
    Occurrence.objects.bulk_update(following, ["event", "recurrence_id"], batch_size=100)
    keep_occurrences(EventPage.objects.get(pk=made.pk))


class FollowingView(EventScreen):
    """A form, then what it will change, then the change."""

    template_name = "events/admin/following.html"
    page_title = gettext_lazy("This date and the following ones")

    @cached_property
    def moment(self) -> datetime | None:
        """The date, when it is still one that the rule gives; ``None`` after a second click."""
        rule = rule_of(self.event)
        try:
            moment = datetime.strptime(self.kwargs["key"], "%Y-%m-%dT%H%M")  # noqa: DTZ007 - the wall clock's
        except ValueError:
            return None
        if rule is None or moment.date() <= rule.start.date():
            return None
        return moment if moment in rule.between(moment, moment) else None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        agenda = agendas_of(request.user).of(self.live) if request.user.is_authenticated else None
        if agenda is None or not agenda.may_add:
            raise PermissionDenied
        if self.live.live and self.live.has_unpublished_changes and self.publishes:
            messages.error(request, _("A draft of this event waits: publish it or throw it away first."))
        elif self.moment is None:
            messages.error(request, _("The series does not go on from this date: is it done already?"))
        else:
            return super().dispatch(request, *args, **kwargs)
        return redirect("event_dates", page_id=self.live.pk)

    def form(self) -> FollowingForm:
        event = self.event
        initial: dict[str, Any] = {"room": event.room}
        if event.starts_at and event.ends_at:
            initial |= {"start": wall(event.starts_at).time(), "end": wall(event.ends_at).time()}
        return FollowingForm(self.request.POST if self.request.method == "POST" else None, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.form())
        context = super().get_context_data(**kwargs)
        return {**context, "event": self.event, "moment": self.moment, "publishes": self.publishes}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form()
        if self.moment is None or not form.is_valid() or "back" in request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        change = Change(self.moment, **form.cleaned_data)
        if "confirm" not in request.POST:
            return self.render_to_response(self.get_context_data(form=form, **self.consequences(change)))
        try:
            made = split(event=self.live, change=change, user=request.user, publish=self.publishes)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.render_to_response(self.get_context_data(form=form))
        messages.success(request, _("It is done.") if self.publishes else _("It is done, as drafts."))
        return redirect("event_dates", page_id=(made or self.live).pk)

    def consequences(self, change: Change) -> dict[str, Any]:
        """What will be seen, in figures."""
        now = timezone.now()
        made = plan(self.event, until=now + HORIZON).dates
        following = [one for one in made if wall(one.recurrence_id) >= change.moment]
        kept = [row for row in rows_after(self.event, change.moment.date())[1] if row.kind != ExceptionKind.REMOVED]
        found = []
        if not change.stops:
            start, end = change.schedule
            new = EventPage(starts_at=instant(start), ends_at=instant(end), room=change.room, rrule=self.event.rrule)
            for name in ("structure", "place_name", "address", "postcode", "is_all_day"):
                setattr(new, name, getattr(self.event, name))
            new.pk = self.event.pk  # so that it does not stand in its own way
            new.rrule = rest_of_rule(self.event, change.moment)
            days = {wall(one.recurrence_id).date() for one in following}
            moments = [one for one in plan(new, until=now + HORIZON).dates if wall(one.recurrence_id).date() in days]
            found = clashes(new, conflicts_of(new, moments, now)[:8], agendas_of(self.request.user))
        return {"change": change, "count": len(following) - len(kept), "kept": len(kept), "clashes": found}
