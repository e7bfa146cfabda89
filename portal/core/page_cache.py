"""Whole pages kept for readers who are nobody in particular, above everything else that a request goes through.

What may be kept is decided by the answer, not by a list of pages: 200, without cookie, without ``no-store``,
``no-cache`` or ``private``, without nonce, the same for everybody. Pages and templates know nothing of this module:
they note instants (:mod:`portal.core.moments`) and write to the database (:mod:`portal.core.versions`).

Two doors, one set of rules: :class:`Border` gives what is kept before Django makes a request of it, :class:`PageCache`
makes and keeps the rest. Both ask :func:`ask` what is wanted, :func:`find` whether it is there, :func:`give` what to
send. A kept answer holds all its headers, those for safety too, as the whole stack of middleware wrote them.
"""

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

import brotli
from django.conf import settings
from django.core.handlers.wsgi import get_path_info, get_str_from_wsgi
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, parse_cookie
from django.http.response import HttpResponseBase
from django.utils import timezone

from . import page_store, versions
from .moments import collecting, next_midnight
from .page_store import Stored

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

View = Callable[[HttpRequest], HttpResponseBase]
Environ = dict[str, Any]

#: No business of the portal's contents: files, and whether the server is alive.
WITHOUT_CONTENTS = ("/static/", "/media/", "/healthz")
#: Below these addresses nothing is kept: the admin, documents, passwords of private pages.
PASSED_BY = ("/admin/", "/documents/", "/_util/", *WITHOUT_CONTENTS)
#: Parameters that public pages understand (docs: the contract of the filters). An address with another parameter is
#: answered anew each time: never wrong, and nobody can fill the store by inventing parameters.
KNOWN_PARAMETERS = frozenset(
    """
    q theme kind audience age commune near radius cost langue access ouvert from to type sort page vue date choix fond
    lire feuille size forme hauteur territoire
    inscription lieu mois
    """.split()
)
#: Added to links by mailings and networks, for their own use: taken off before any page sees them.
TRACKERS = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|mtm_\w+|pk_\w+|igshid|_hs\w+)(?:=|$)")
MAX_ADDRESS = 1_000
#: Someone in particular: never given nor kept an answer for all.
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")
KEPT_TYPES = (
    "text/html",
    "application/geo+json",
    "application/json",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/xml",
    "text/csv",
    "application/atom+xml",
    "text/calendar",
)
#: Below this many bytes compression saves no packet.
MIN_COMPRESSED = 500
#: Told to nginx alone, which takes it off: keep this, stale since 1970, so ask each time. See docs/operations.md.
KEEP_AND_ASK = ("X-Accel-Expires", "@1")
#: Headers of a 304 (RFC 9110, 15.4.5), and what nginx needs to keep what it has.
NOT_MODIFIED_HEADERS = ("etag", "cache-control", "vary", KEEP_AND_ASK[0].lower())
STATUS_LINES = {200: "200 OK", 304: "304 Not Modified"}


@dataclass(frozen=True)
class Asked:
    """What a request asks for. ``key`` is ``None`` when the answer is for this request alone."""

    key: str | None
    encoding: str
    is_head: bool
    known: str  # ``If-None-Match``


@dataclass(frozen=True)
class Given:
    """What goes out: 200 or 304; headers by their name in lower case."""

    status: int
    headers: dict[str, tuple[str, str]]
    body: bytes


class Border:
    """The WSGI application around Django's: a kept answer is given here, whatever is not kept is Django's to answer."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        given = self.kept(environ) if settings.PAGE_CACHE else None
        if given is None:
            return self.application(environ, start_response)
        start_response(STATUS_LINES[given.status], [*given.headers.values()])
        return [given.body]

    def kept(self, environ: Environ) -> Given | None:
        if environ.get("SCRIPT_NAME"):
            return None  # below a prefix, whose rules are Django's
        asked = ask(environ, get_path_info(environ) or "/")
        # The version first, then what is kept under it: a change that is over before this line is never overlooked.
        return find(asked, versions.current()) if asked and asked.key else None


class PageCache:
    """First of ``MIDDLEWARE``."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(WITHOUT_CONTENTS):
            return self.get_response(request)
        versions.settle_all()
        # A preview of the admin makes a request of its own, which is answered like one of somebody.
        is_asked = settings.PAGE_CACHE and not getattr(request, "is_dummy", False)
        asked = ask(request.META, request.path_info) if is_asked else None
        try:
            with versions.request_version() as version:
                if asked is None:
                    return for_one(request, self.get_response(request))
                return self.answer(request, asked, version.version)
        finally:
            versions.settle_all()

    def answer(self, request: HttpRequest, asked: Asked, version: str | None) -> HttpResponseBase:
        # Kept meanwhile by another thread, or not asked for at the border: a test client, a command.
        if given := find(asked, version):
            return as_response(given)
        keeps = version if asked.key and not versions.is_changing() else None
        started_at = timezone.now()
        if asked.is_head:
            request.method = "GET"  # the same page; only its body is not sent
        with collecting() as moments:
            response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not is_for_everybody(request, response):
            return response
        stored = prepare(response, asked.encoding, version or "", expiry(started_at, moments.earliest))
        if asked.key and keeps:
            page_store.save(asked.key, stored)
        return as_response(give(stored, asked))


# --- The request -----------------------------------------------------------------------------------------------------


class _Address(HttpRequest):
    """As little of a request as Django's own rule for the scheme looks at: ``SECURE_PROXY_SSL_HEADER``."""

    def __init__(self, environ: Environ) -> None:
        self.META = environ

    def _get_scheme(self) -> str:
        return cast(str, self.META["wsgi.url_scheme"])


def ask(environ: Environ, path: str) -> Asked | None:
    """What is asked for, or ``None`` when the page cache has nothing to do with it. Takes trackers off the address.

    ``path`` is decoded: what ``environ`` holds is so in Django's requests, and not yet at the border.
    """
    if (
        environ["REQUEST_METHOD"] not in ("GET", "HEAD")
        or path.startswith(PASSED_BY)
        or "HTTP_AUTHORIZATION" in environ
        or is_somebody(environ)
    ):
        return None
    encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
    query = environ.get("QUERY_STRING", "")
    if query:
        query, is_known = known_query(query)
        environ["QUERY_STRING"] = query
    else:
        is_known = True
    # As it was sent: a host that is refused has no kept page.
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    address = f"{_Address(environ).scheme}://{host}{environ.get('SCRIPT_NAME', '')}{path}?{query}"
    is_keyed = is_known and len(address) <= MAX_ADDRESS
    return Asked(
        f"{encoding} {address}" if is_keyed else None,
        encoding,
        environ["REQUEST_METHOD"] == "HEAD",
        environ.get("HTTP_IF_NONE_MATCH", ""),
    )


def is_somebody(environ: Environ) -> bool:
    """Whether a request carries a cookie of somebody in particular, read exactly as Django's requests read them."""
    if "HTTP_COOKIE" not in environ:
        return False
    cookies = parse_cookie(get_str_from_wsgi(environ, "HTTP_COOKIE", ""))
    return any(name in cookies for name in PERSONAL_COOKIES)


def find(asked: Asked, version: str | None) -> Given | None:
    """The answer that is kept for what is asked, under a version that was read before."""
    if asked.key is None or version is None or versions.is_changing():
        return None
    stored = page_store.load(asked.key, version)
    return give(stored, asked) if stored else None


@lru_cache(maxsize=1024)
def known_query(query: str) -> tuple[str, bool]:
    """A query string without trackers, and whether the rest holds known parameters only.

    Words found by a search engine of its own are as fresh as that engine: such pages are answered anew.
    """
    pairs = [pair for pair in query.split("&") if pair and not TRACKERS.match(pair)]
    names = {pair.partition("=")[0] for pair in pairs}
    is_known = names <= KNOWN_PARAMETERS and not (settings.USES_SEARCH_ENGINE and "q" in names)
    return "&".join(pairs), is_known


@lru_cache(maxsize=256)
def encoding_for(accepted: str) -> str:
    """The best of ``br``, ``gzip`` and ``identity`` that a reader accepts (RFC 9110, 12.5.3)."""
    qualities = {}
    for part in accepted.lower().split(","):
        name, _, quality = part.strip().partition(";")
        number = re.match(r"\s*q=([\d.]+)", quality)
        try:
            qualities[name.strip()] = float(number[1]) if number else 1.0
        except ValueError:
            continue
    return next((name for name in ("br", "gzip") if qualities.get(name, 0) > 0), "identity")


# --- The answer ------------------------------------------------------------------------------------------------------


def for_one(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A public page as somebody signed in sees it: no shared cache on the way may keep it."""
    if is_somebody(request.META) and not request.path_info.startswith(PASSED_BY):
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def is_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether any reader may be given this answer."""
    if (
        response.status_code != 200
        or response.cookies
        or getattr(request, "is_preview", False)
        or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
        or response.has_header("Content-Encoding")
        or response.has_header("Cache-Control")
        or not response.headers.get("Content-Type", "").startswith(KEPT_TYPES)
        or "'nonce-" in response.headers.get("Content-Security-Policy", "")
    ):
        return False
    # No page changes with the reader's preferred language: its address says which one it speaks.
    varies = {name.strip().lower() for name in response.headers.get("Vary", "").split(",")}
    return varies - {""} <= {"accept-language", "accept-encoding"}


def expiry(started_at: datetime, noted: datetime | None) -> float:
    """Unix time at which an answer begun at an instant is over: midnight in Paris, or the first instant noted."""
    midnight = next_midnight(started_at)
    return min(midnight, noted or midnight).timestamp()


def prepare(response: HttpResponse, encoding: str, version: str, expires: float) -> Stored:
    """An answer as it is kept and sent: compressed, with a strong ETag of its own for each encoding."""
    body = response.content
    digest = blake2b(body, digest_size=12).hexdigest()
    used = encoding if len(body) >= MIN_COMPRESSED else "identity"
    headers = [(name, value) for name, value in response.headers.items() if name not in ("Vary", "Content-Length")]
    headers += [("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding"), KEEP_AND_ASK]
    if used == "identity":
        headers.append(("ETag", f'"{digest}"'))
    else:
        headers += [("ETag", f'"{digest}-{used}"'), ("Content-Encoding", used)]
    return Stored(version, expires, headers, compress(body, used))


def compress(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=5))
    if encoding == "gzip":
        return gzip.compress(body, compresslevel=6, mtime=0)
    return body


def give(stored: Stored, asked: Asked) -> Given:
    """What is sent of a kept answer: all of it, its headers only, or 304 when the reader has it already."""
    if asked.known and matches(asked.known, stored):
        return Given(304, {name: stored.sent[name] for name in NOT_MODIFIED_HEADERS if name in stored.sent}, b"")
    return Given(200, stored.sent, b"" if asked.is_head else stored.body)


def as_response(given: Given) -> HttpResponse:
    answer: HttpResponse = HttpResponseNotModified() if given.status == 304 else HttpResponse(given.body)
    # What Django's mapping of headers holds, as it was checked when the page was made: a third of the whole answer.
    answer.headers._store = dict(given.headers)
    return answer


def matches(known: str, stored: Stored) -> bool:
    """``If-None-Match``, compared weakly (RFC 9110, 13.1.2): a proxy that compresses makes the ETag weak."""
    etag = stored.sent["etag"][1]
    return known.strip() == "*" or any(part.strip().removeprefix("W/") == etag for part in known.split(","))
