"""Tests: immediate tasks, a cache and files of their own, everything else as in production."""

import tempfile

from .base import *

SECRET_KEY = "tests-only"  # noqa: S105 - no secret: tests only
ALLOWED_HOSTS = ["*"]
SITE_URL = WAGTAILADMIN_BASE_URL = "http://testserver"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Off, so that tests see every render; those of the page cache turn it on.
PAGE_CACHE = False
PAGE_CACHE_FOLDER = tempfile.mkdtemp(prefix="portal-test-pages-")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
STATIC_ROOT = tempfile.mkdtemp(prefix="portal-test-static-")
MEDIA_ROOT = tempfile.mkdtemp(prefix="portal-test-media-")
IMPORTS_FOLDER = tempfile.mkdtemp(prefix="portal-test-imports-")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the threads of a live server would share one connection, and their transactions with it.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.mkdtemp(prefix='portal-test-database-')}/test.sqlite3"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SERVE_MEDIA = True
# No test asks a server that it did not start.
GEOCODER_URL = env.str("GEOCODER_URL", "").rstrip("/")
EMAIL_DELIVERY = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
POST_OFFICE = {**POST_OFFICE, "BACKENDS": {"default": EMAIL_DELIVERY["EMAIL_BACKEND"]}}
RATE_LIMITS = RATELIMIT_ENABLE = False
