"""Addresses of the home application beside its pages."""

from django.conf import settings
from django.urls import path

from . import views
from .screens import views as screens

root_urlpatterns = [path("sitemap.xml", views.sitemap, name="sitemap")]
urlpatterns = [
    path("plan-du-site/", views.site_plan, name="site_plan"),
    path("centres/<slug:slug>/agenda.ics", views.centre_calendar, name="centre_calendar"),
    path("ecran/ecran.js", screens.hall_worker, name="hall_worker"),
    path("ecran/<slug:slug>/", screens.hall, name="hall"),
    path("accueil/<slug:slug>/", screens.reception, name="reception"),
    path("accueil/<slug:slug>/<slug:door>/", screens.reception_door, name="reception_door"),
    path("centres/<slug:slug>/programme.pdf", views.centre_programme, name="centre_programme"),
]

if settings.DEBUG:
    from .style import style_page

    urlpatterns.append(path("style/", style_page, name="style"))
