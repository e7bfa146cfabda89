"""Views of the ground floor: pages, errors, machine addresses."""

from datetime import timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site
from wagtail.views import serve as wagtail_serve

from .models import PortalSettings
from .routing import find_page, remember_route


def serve(request: HttpRequest, path: str) -> HttpResponse:
    """Serves the page at a path, in the reader's language; Wagtail's hooks (private pages…) run as usual."""
    remember_route(request, find_page(request, path))
    return wagtail_serve(request, path)


def serve_page(request: HttpRequest, page: Page) -> HttpResponse:
    """Serves a page found otherwise than by its place in the tree."""
    remember_route(request, page)
    return wagtail_serve(request, "")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was left open too long, or sent from another site: what was typed is shown again by the browser."""
    return render(request, "403_csrf.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the database nor the frame: they may be what failed."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and the cache keeps what it is given; 503 else."""
    state = {"database": True, "cache": True}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        state["database"] = False
    try:
        cache.set("healthz", "ok", 10)
        state["cache"] = cache.get("healthz") == "ok"
    except Exception:  # noqa: BLE001 - any cache back end, any failure: the answer is the same
        state["cache"] = False
    ok = all(state.values())
    response = JsonResponse({"status": "ok" if ok else "failing", **state}, status=200 if ok else 503)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /*?*page=", "Allow: /"]
    lines += ["", f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a weakness."""
    email = portal_of(request).contact_email
    expires = (timezone.now() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    contact = f"mailto:{email}" if email else request.build_absolute_uri("/contact/")
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {request.build_absolute_uri('/.well-known/security.txt')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def site_colours(request: HttpRequest, version: str) -> HttpResponse:
    """The common style sheet in the colours of this portal, at an address that changes with its content."""
    portal = portal_of(request)
    return style_sheet(portal.colours, is_current=version == portal.colours_version)


@require_safe
def admin_colours(request: HttpRequest, version: str) -> HttpResponse:
    """The colours of the admin."""
    portal = portal_of(request)
    return style_sheet(portal.admin_colours, is_current=version == portal.admin_colours_version)


def portal_of(request: HttpRequest) -> PortalSettings:
    site = Site.find_for_request(request)
    return PortalSettings.for_site(site) if site else PortalSettings()


def style_sheet(content: str, *, is_current: bool) -> HttpResponse:
    """Cached for ever, unless the address is that of another content: an old page, or a process that lags behind."""
    response = HttpResponse(content, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return response
