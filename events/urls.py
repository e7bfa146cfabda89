"""Addresses of the agenda beside its pages."""

from django.urls import path

from . import views

urlpatterns = [path("agenda/<slug:slug>/", views.event, name="event")]
