"""Addresses of the agenda beside its pages."""

from django.urls import path

from . import views
from .feeds import views as feeds

urlpatterns = [
    path("agenda/agenda.ics", feeds.agenda_calendar, name="agenda_calendar"),
    path("agenda/atom.xml", feeds.agenda_atom, name="agenda_atom"),
    path("agenda/agenda.json", feeds.agenda_json, name="agenda_json"),
    path("agenda/<slug:slug>/", views.event, name="event"),
    path("agenda/<slug:slug>/event.ics", feeds.event_calendar, name="event_calendar"),
]
