"""Screens of the admin: partners' calendars, for who publishes in the agenda that they go into."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from portal.core import fetching
from portal.core.fetching import FetchError, target_of

from ..imports.subscriptions import start_preview, start_refresh, web_address
from ..models import AgendaPage, EventFeed

#: Rows shown under each heading of a report.
SHOWN = 50


def agendas_of(user: Any) -> QuerySet[AgendaPage]:
    """The agendas that a user may publish in."""
    agendas = AgendaPage.objects.sources()
    ids = [agenda.pk for agenda in agendas if agenda.permissions_for_user(user).can_publish_subpage()]
    return agendas.filter(pk__in=ids)


def feeds_of(user: Any) -> QuerySet[EventFeed]:
    """The calendars that a user answers for."""
    return EventFeed.objects.filter(agenda__in=agendas_of(user)).select_related("agenda")


def failing_feeds(user: Any) -> int:
    """How many calendars of a user have failed for a day: for the first page of the admin."""
    if not EventFeed.objects.filter(is_active=True, failing_since__isnull=False).exists():
        return 0
    now = timezone.now()
    return sum(feed.fails_for_long(now) for feed in feeds_of(user).filter(failing_since__isnull=False))


def place_of(agenda: AgendaPage) -> str:
    """An agenda by its centre: all are called “Agenda”."""
    parent = agenda.get_parent()
    return _("Agenda of %(centre)s") % {"centre": parent.title} if parent.depth > 2 else _("Common agenda")


class AgendaField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return place_of(obj)


class FeedForm(forms.ModelForm):
    """A calendar: its address or its file, and where its events go."""

    agenda = AgendaField(
        AgendaPage.objects.none(),
        label=EventFeed._meta.get_field("agenda").verbose_name,
        help_text=EventFeed._meta.get_field("agenda").help_text,
    )

    class Meta:
        model = EventFeed
        fields = ("name", "url", "file", "agenda", "themes")
        widgets = {"file": forms.FileInput, "themes": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agenda"].queryset = agendas_of(user)  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        if url:
            try:
                target_of(web_address(url), fetching.LIMITS.ports)
            except FetchError as error:
                raise ValidationError(str(error)) from error
        return url

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data and file.size > fetching.LIMITS.size:
            raise ValidationError(_("This is larger than %(limit)d MB.") % {"limit": fetching.LIMITS.size >> 20})
        return file

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "url" in values and "file" in values and bool(values["url"]) == bool(values["file"]):
            self.add_error("url", _("Give an address or a file: one of both."))
        return values


class CalendarScreen(WagtailAdminTemplateMixin, TemplateView):
    """A screen for who publishes in some agenda."""

    header_icon = "date"
    page_title = gettext_lazy("Partners' calendars")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not agendas_of(request.user).exists():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def feed(self) -> EventFeed | None:
        """The calendar that the address names; ``None`` for a new one. Raises ``Http404``."""
        if "feed_id" not in self.kwargs:
            return None
        found = feeds_of(self.request.user).filter(pk=self.kwargs["feed_id"]).first()
        if found is None:
            raise Http404
        return found

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [*super().get_breadcrumbs_items(), {"url": reverse("partner_calendars"), "label": self.page_title}]
        return [*items, {"url": self.request.path, "label": self.feed.name}] if self.feed else items


class PartnerCalendarsView(CalendarScreen):
    """All of them, those that fail first."""

    template_name = "events/admin/partner_calendars.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        feeds = sorted(feeds_of(self.request.user), key=lambda feed: (feed.failing_since is None, feed.name))
        rows = [(feed, place_of(feed.agenda), feed.fails_for_long(now)) for feed in feeds]
        return {**super().get_context_data(**kwargs), "rows": rows}


class PartnerCalendarFormView(CalendarScreen):
    """A new calendar, or changes to one; it is then read for a preview."""

    template_name = "events/admin/partner_calendar_form.html"

    def form(self) -> FeedForm:
        is_post = self.request.method == "POST"
        given = {"data": self.request.POST, "files": self.request.FILES} if is_post else {}
        return FeedForm(instance=self.feed, user=self.request.user, **given)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.form()
        return {**super().get_context_data(**kwargs), "form": form, "feed": self.feed}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        feed: EventFeed = form.save(commit=False)
        feed.user = request.user  # type: ignore[assignment] # the admin's are no strangers
        feed.etag = feed.last_modified = ""
        feed.save()
        form.save_m2m()
        if set(form.changed_data) & {"url", "file", "agenda", "themes"}:
            start_preview(feed)
        return redirect("partner_calendar", feed_id=feed.pk)


class PartnerCalendarView(CalendarScreen):
    """One calendar: what it gives or would give, its error, and what can be done with it."""

    template_name = "events/admin/partner_calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        feed = self.feed
        assert feed is not None  # noqa: S101 - for mypy: the address names one
        report = feed.report
        details = report.get("details", {})
        parts = [
            (_("new"), details.get("created", []), feed.counts.get("created", 0)),
            (_("changed"), details.get("changed", []), feed.counts.get("changed", 0)),
            (_("to look at"), details.get("flagged", []), feed.counts.get("flagged", 0)),
            (_("rejected"), report.get("rejected", []), feed.counts.get("rejected", 0)),
            (_("gone from the calendar"), report.get("gone_rows", []), feed.counts.get("gone", 0)),
        ]
        return {
            **super().get_context_data(**kwargs),
            "feed": feed,
            "place": place_of(feed.agenda),
            "is_working": feed.is_working(timezone.now()),
            "parts": [(label, rows[:SHOWN], count) for label, rows, count in parts if count],
            "unchanged": feed.counts.get("unchanged", 0),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        feed = self.feed
        assert feed is not None  # noqa: S101 - for mypy: the address names one
        if "remove" in request.POST:
            feed.file.delete(save=False)
            feed.delete()
            messages.success(request, _("“%(name)s” is not read any more. Its events stay.") % {"name": feed.name})
            return redirect("partner_calendars")
        if "stop" in request.POST:
            EventFeed.objects.filter(pk=feed.pk).update(is_active=False, next_at=None)
            messages.success(request, _("“%(name)s” is not read any more. Its events stay.") % {"name": feed.name})
        elif not (start_refresh(feed) if "publish" in request.POST else start_preview(feed)):
            messages.warning(request, _("It is being read just now: look again in a minute."))
        return redirect("partner_calendar", feed_id=feed.pk)


def waiting_label(count: int) -> str:
    return ngettext(
        "%(count)d partner's calendar has not been readable for a day",
        "%(count)d partners' calendars have not been readable for a day",
        count,
    ) % {"count": count}
