"""What the agenda registers with the admin."""

from django.urls import URLPattern, path
from wagtail import hooks

from .desk.dates import EventDatesView, EventDateView


@hooks.register("register_admin_urls")
def urls_of_the_agenda() -> list[URLPattern]:
    return [
        path("agenda/<int:page_id>/dates/", EventDatesView.as_view(), name="event_dates"),
        path("agenda/<int:page_id>/dates/en-plus/", EventDateView.as_view(), name="event_extra_date"),
        path("agenda/<int:page_id>/dates/<str:key>/", EventDateView.as_view(), name="event_date"),
    ]
