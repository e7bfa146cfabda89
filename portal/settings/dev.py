"""Development: debug pages, plain static files, a fixed key."""

from .base import *

DEBUG = True
SECRET_KEY = SECRET_KEY or "development-only"
ALLOWED_HOSTS = ["*"]
PAGE_CACHE = False  # a template that was just edited is seen at once
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
