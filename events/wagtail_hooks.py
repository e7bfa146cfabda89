"""What the agenda registers with the admin."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.permissions import policy_registry

from .desk.calendar import AddHereView, CalendarView, ConflictsView
from .desk.dates import EventDatesView, EventDateView, plan_of
from .desk.duplicate import DuplicateView, SeasonView
from .desk.following import FollowingView
from .desk.partners import PartnerCalendarFormView, PartnerCalendarsView, PartnerCalendarView, agendas_of
from .models import EventPage
from .rooms import conflicts_of


@hooks.register("register_admin_urls")
def urls_of_the_agenda() -> list[URLPattern]:
    return [
        path("agenda/", CalendarView.as_view(), name="event_calendar"),
        path("agenda/salles/", ConflictsView.as_view(), name="event_conflicts"),
        path("agenda/ajouter/<int:parent_page_id>/", AddHereView.as_view(), name="event_add_here"),
        path("agenda/saison/", SeasonView.as_view(), name="event_season"),
        path("agenda/<int:page_id>/dupliquer/", DuplicateView.as_view(), name="event_duplicate"),
        path("agenda/<int:page_id>/dates/", EventDatesView.as_view(), name="event_dates"),
        path("agenda/<int:page_id>/dates/en-plus/", EventDateView.as_view(), name="event_extra_date"),
        path("agenda/<int:page_id>/dates/<str:key>/suite/", FollowingView.as_view(), name="event_following"),
        path("agenda/<int:page_id>/dates/<str:key>/", EventDateView.as_view(), name="event_date"),
    ]


class CalendarMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(policy_registry.get_by_type(Page).user_has_any_permission(request.user, {"add", "change"}))


@hooks.register("register_admin_menu_item")
def calendar_in_menu() -> MenuItem:
    return CalendarMenuItem(_("Calendar"), reverse_lazy("event_calendar"), icon_name="date", order=150)


@hooks.register("register_reports_menu_item")
def conflicts_in_reports() -> MenuItem:
    return MenuItem(_("Rooms taken twice"), reverse_lazy("event_conflicts"), icon_name="warning", order=330)


@hooks.register("after_publish_page")
def warn_of_rooms(request: HttpRequest, page: Page) -> None:
    """A room that is taken twice blocks nothing: whoever publishes is told, and may move one of both."""
    if not isinstance(page, EventPage) or not page.is_source:
        return
    now = timezone.now()
    if number := len(conflicts_of(page, plan_of(page, now).dates, now)):
        text = ngettext(
            "The room is taken twice on %(count)d date. The event is published all the same.",
            "The room is taken twice on %(count)d dates. The event is published all the same.",
            number,
        ) % {"count": number}
        look = messages.button(reverse("wagtailadmin_pages:edit", args=[page.pk]), _("Look at them"))
        messages.warning(request, text, buttons=[look])


# --- Calendars of partners -------------------------------------------------------------------------------------------
@hooks.register("register_admin_urls")
def urls_of_calendars() -> list[URLPattern]:
    return [
        path("calendriers/", PartnerCalendarsView.as_view(), name="partner_calendars"),
        path("calendriers/ajouter/", PartnerCalendarFormView.as_view(), name="partner_calendar_add"),
        path("calendriers/<int:feed_id>/", PartnerCalendarView.as_view(), name="partner_calendar"),
        path("calendriers/<int:feed_id>/modifier/", PartnerCalendarFormView.as_view(), name="partner_calendar_edit"),
    ]


class PartnerCalendarsMenuItem(MenuItem):
    """Shown to who publishes in some agenda."""

    def is_shown(self, request: HttpRequest) -> bool:
        return agendas_of(request.user).exists()


@hooks.register("register_reports_menu_item")
def calendars_in_reports() -> MenuItem:
    return PartnerCalendarsMenuItem(
        _("Partners' calendars"), reverse_lazy("partner_calendars"), icon_name="date", order=320
    )


@hooks.register("register_page_header_buttons")
def print_what_is_on(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """In the menu of an event's page: its poster and its leaflet, as readers get them."""
    event = page.specific
    if isinstance(event, EventPage) and event.facts.live:
        slug = event.facts.slug
        yield Button(_("Print the poster"), reverse("event_poster", args=[slug]), icon_name="download", priority=80)
        yield Button(_("Print the leaflet"), reverse("event_leaflet", args=[slug]), icon_name="download", priority=81)
