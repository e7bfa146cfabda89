"""What every request and every answer goes through.

Order in ``settings.MIDDLEWARE``: django-csp's middleware, then ``SecurityHeaders``, which changes the policy that the
former writes, then ``RefuseNullBytes``, whose own page thus carries all headers.
"""

import logging
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from .near import COORDINATES
from .page_cache import PASSED_BY
from .sites import remember_site
from .tiles import tiles_origin

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponseBase]

ADMIN_PREFIX = "/admin/"

REFUSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
HEADERS = {
    "Permissions-Policy": ", ".join(
        ["geolocation=(self)", "fullscreen=(self)", *(f"{feature}=()" for feature in REFUSED_FEATURES)]
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Wagtail's admin: its date pickers and one style are inline; images are shown before they are uploaded; previews are
# framed. Only signed-in editors see these pages.
ADMIN_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "media-src": ["'self'", "blob:"],
    "font-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    "frame-src": ["'self'"],
    "object-src": ["'none'"],
}
#: Where pages are edited: a sheet is placed on a map, with streets once an editor asks for them.
EDITOR_PREFIX = f"{ADMIN_PREFIX}pages/"


def admin_policy(path: str) -> dict[str, list[str]]:
    """The policy of an address of the admin."""
    origin = tiles_origin(settings.MAP_TILES_URL) if path.startswith(EDITOR_PREFIX) else ""
    return ADMIN_POLICY | {"img-src": [*ADMIN_POLICY["img-src"], origin]} if origin else ADMIN_POLICY


# Shown when even the portal's own page cannot be rendered.
BARE_PAGE = '<!DOCTYPE html><html lang="{language}"><meta charset="utf-8"><title>400</title><h1>{title}</h1></html>'


class SecurityHeaders:
    """Headers common to all answers, and the policy that Wagtail's admin needs, under its addresses only.

    A view that sets one of these headers, or a policy of its own, keeps it.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.path_info.startswith(ADMIN_PREFIX) and not hasattr(response, "_csp_replace"):
            setattr(response, "_csp_replace", admin_policy(request.path_info))  # noqa: B010 - an attribute of django-csp, unknown to types
        return response


class ForgetPosition:
    """What is near a reader's own position is for them alone: no cache may keep the position, here or on the way."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "near=" in request.META.get("QUERY_STRING", "") and any(
            COORDINATES.match(given) for given in request.GET.getlist("near")
        ):
            response.headers["Cache-Control"] = "private, no-store"
        return response


class SiteOfRequest:
    """Tells Wagtail which site a reader asks for, without a query."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PASSED_BY):
            remember_site(request)
        return self.get_response(request)


class RefuseNullBytes:
    """Answers 400, in the portal's look, to a path, query or cookie that holds a null byte or is not UTF-8.

    Neither is ever typed by a person, and PostgreSQL fails on a null byte wherever it reaches a query.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_malformed(request):
            return bad_request(request)
        return self.get_response(request)


def is_malformed(request: HttpRequest) -> bool:
    """Whether path, query string or cookies hold a null byte, or bytes that are no UTF-8. A lone ``%`` is just that."""
    try:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1"))
        query.decode()
    except UnicodeError:
        return True
    if b"\0" in query or "\0" in request.path_info:
        return True
    # Bytes that are no UTF-8 stay percent-encoded in a path (RFC 3987, 3.2): such an address exists nowhere, hence 404.
    return any("\0" in value for value in request.COOKIES.values())


def bad_request(request: HttpRequest) -> HttpResponse:
    """The page ``400.html``, in the language of the address."""
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with translation.override(language):
        setattr(request, "LANGUAGE_CODE", translation.get_language())  # noqa: B010 - what LocaleMiddleware would have set
        try:
            content = str(render_to_string("400.html", request=request))
        except Exception:
            # Whatever the page draws from the request may be what is malformed.
            logger.exception("The page 400.html cannot be rendered")
            content = BARE_PAGE.format(language=language, title=gettext("This address cannot be read."))
        response = HttpResponseBadRequest(content)
    response.headers["Content-Language"] = language
    return response
