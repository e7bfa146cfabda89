"""WSGI entry point; the settings module comes from ``DJANGO_SETTINGS_MODULE``.

Kept pages are given at the border, without Django's request, middleware and handler: see
``docs/decisions/0009-page-cache.md``.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

from portal.core.page_cache import Border  # after the line above: it reads the settings

application = Border(get_wsgi_application())
