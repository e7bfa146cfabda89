"""Addresses of the home application beside its pages."""

from django.conf import settings
from django.urls import path

from . import views

root_urlpatterns = [path("sitemap.xml", views.sitemap, name="sitemap")]
urlpatterns = [
    path("plan-du-site/", views.site_plan, name="site_plan"),
    path("centres/<slug:slug>/agenda.ics", views.centre_calendar, name="centre_calendar"),
]

if settings.DEBUG:
    from .style import style_page

    urlpatterns.append(path("style/", style_page, name="style"))
