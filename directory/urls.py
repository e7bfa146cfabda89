"""Addresses of the directory beside its pages."""

from django.urls import path

from . import api, embed_views, print_views, views
from .professionals import professionals

urlpatterns = [
    path("annuaire/carte/", views.directory_map, name="directory_map"),
    path("annuaire/lieux.geojson", views.places_geojson, name="places_geojson"),
    path("annuaire/lieux.csv", views.places_csv, name="places_csv"),
    path("annuaire/lieux.xlsx", views.places_xlsx, name="places_xlsx"),
    path("annuaire/annuaire.pdf", print_views.directory_pdf, name="directory_pdf"),
    path("annuaire/a-imprimer/", print_views.directory_print, name="directory_print"),
    path("annuaire/integrer/", embed_views.embed_page, name="embed_page"),
    path("annuaire/integre/carte/", embed_views.embedded_map, name="embedded_map"),
    path("annuaire/integre/liste/", embed_views.embedded_list, name="embedded_list"),
    path("annuaire/<slug:slug>/autour/", views.structure_surroundings, name="structure_surroundings"),
    path("annuaire/<slug:slug>/lieu.geojson", views.place_geojson, name="place_geojson"),
    path("annuaire/professionnels/", professionals, name="professionals"),
    path("annuaire/<slug:slug>/carte/", views.structure_map, name="structure_map"),
]

#: Machine addresses, without the prefix of a language.
root_urlpatterns = [
    path("api/data-inclusion/v1/structures", api.inclusion_structures, name="inclusion_structures"),
    path("api/data-inclusion/v1/services", api.inclusion_services, name="inclusion_services"),
    path("oembed", embed_views.oembed, name="oembed"),
]
