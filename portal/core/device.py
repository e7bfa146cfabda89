"""What the reader's device may keep: the manifest for its home screen, the worker of kept pages, the list of them."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Site

from .languages import SOURCE_LANGUAGE, direction
from .models import PortalSettings

PAPER = "#fffdf8"  # --paper of tokens.css
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))


@require_safe
@cache_control(no_cache=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C): what the home screen of a phone needs. One for all languages."""
    site = Site.find_for_request(request)
    portal = PortalSettings.for_site(site) if site else PortalSettings()
    content = {
        "id": "/",
        "name": " – ".join(part for part in (portal.portal_name, portal.area) if part),
        "short_name": portal.portal_name,
        "lang": SOURCE_LANGUAGE,
        "dir": direction(SOURCE_LANGUAGE),
        "start_url": "/",
        "scope": "/",
        # With the browser's own “back”: this is a site, not an application.
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": portal.ink_green,
        "icons": [
            {"src": static(f"img/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in ICONS
        ],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/manifest+json; charset=utf-8")


@cache
def worker_source(name: str) -> bytes:
    """The text of a worker of ``static/js``, which is served from another address; ``FileNotFoundError`` without it."""
    path = finders.find(f"js/{name}")
    if not isinstance(path, str):
        raise FileNotFoundError(f"static/js/{name}")
    return Path(path).read_bytes()


def worker_answer(name: str) -> HttpResponse:
    """A worker as it is served: it rules the addresses below its own."""
    if settings.DEBUG:
        worker_source.cache_clear()
    return HttpResponse(worker_source(name), content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The worker of kept pages. A worker only rules the addresses below its own: hence the root, not ``/static/``."""
    return worker_answer("keep-worker.js")


@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    """What is kept on the reader's device: the device itself fills the list. Shown too where the network is missing."""
    return render(request, "kept.html", {"path": reverse("kept")})
