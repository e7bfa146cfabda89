"""Addresses of the home application beside its pages."""

from django.urls import path

from . import views

root_urlpatterns = [path("sitemap.xml", views.sitemap, name="sitemap")]
urlpatterns = [path("plan-du-site/", views.site_plan, name="site_plan")]
