"""Addresses of the agenda beside its pages."""

from django.urls import path

from . import map_views, views
from .feeds import views as feeds

urlpatterns = [
    path("agenda/agenda.ics", feeds.agenda_calendar, name="agenda_calendar"),
    path("agenda/atom.xml", feeds.agenda_atom, name="agenda_atom"),
    path("agenda/agenda.json", feeds.agenda_json, name="agenda_json"),
    path("agenda/carte/", map_views.agenda_map, name="agenda_map"),
    path("agenda/lieux.geojson", map_views.events_geojson, name="events_geojson"),
    path("agenda/<slug:slug>/", views.event, name="event"),
    path("agenda/<slug:slug>/lieu.geojson", map_views.event_geojson, name="event_geojson"),
    path("agenda/<slug:slug>/event.ics", feeds.event_calendar, name="event_calendar"),
    path("agenda/<slug:slug>/affiche.pdf", views.poster, name="event_poster"),
    path("agenda/<slug:slug>/feuillet.pdf", views.leaflet, name="event_leaflet"),
]
