"""Whole pages kept for readers who are nobody in particular, above everything else that a request goes through.

What may be kept is decided by the answer, not by a list of pages: 200, without cookie, without ``no-store``,
``no-cache`` or ``private``, without nonce, the same for everybody. Pages and templates know nothing of this module:
they note instants (:mod:`portal.core.moments`) and write to the database (:mod:`portal.core.versions`).
"""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import timezone

from . import page_store, versions
from .moments import collecting, next_midnight
from .page_store import Stored

View = Callable[[HttpRequest], HttpResponseBase]

#: No business of the portal's contents: files, and whether the server is alive.
WITHOUT_CONTENTS = ("/static/", "/media/", "/healthz")
#: Below these addresses nothing is kept: the admin, documents, passwords of private pages.
PASSED_BY = ("/admin/", "/documents/", "/_util/", *WITHOUT_CONTENTS)
#: Parameters that public pages understand (docs: the contract of the filters). An address with another parameter is
#: answered anew each time: never wrong, and nobody can fill the store by inventing parameters.
KNOWN_PARAMETERS = frozenset(
    """
    q theme kind audience age commune near radius cost langue access ouvert from to type sort page vue date choix fond
    lire feuille
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
NOT_MODIFIED_HEADERS = {"ETag", "Cache-Control", "Vary", KEEP_AND_ASK[0]}


@dataclass(frozen=True)
class Asked:
    """What a request asks for. ``key`` is ``None`` when the answer is for this request alone."""

    key: str | None
    encoding: str
    is_head: bool


class PageCache:
    """First of ``MIDDLEWARE``."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(WITHOUT_CONTENTS):
            return self.get_response(request)
        versions.settle_all()
        asked = ask(request) if settings.PAGE_CACHE else None
        try:
            with versions.request_version() as version:
                if asked is None:
                    return for_one(request, self.get_response(request))
                return self.answer(request, asked, version.version)
        finally:
            versions.settle_all()

    def answer(self, request: HttpRequest, asked: Asked, version: str | None) -> HttpResponseBase:
        if version is None or versions.is_changing():
            asked = Asked(None, asked.encoding, asked.is_head)
        if asked.key and version and (kept := page_store.load(asked.key, version)):
            return as_response(request, kept, asked)
        started_at = timezone.now()
        if asked.is_head:
            request.method = "GET"  # the same page; only its body is not sent
        with collecting() as moments:
            response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not is_for_everybody(request, response):
            return response
        stored = prepare(response, asked.encoding, version or "", expiry(started_at, moments.earliest))
        if asked.key and version:
            page_store.save(asked.key, stored)
        return as_response(request, stored, asked)


# --- The request -----------------------------------------------------------------------------------------------------


def ask(request: HttpRequest) -> Asked | None:
    """What is asked for, or ``None`` when the page cache has nothing to do with it. Takes trackers off the address."""
    meta = request.META
    if (
        request.method not in ("GET", "HEAD")
        or request.path_info.startswith(PASSED_BY)
        or "HTTP_AUTHORIZATION" in meta
        or getattr(request, "is_dummy", False)  # a preview of the admin
        or any(name in request.COOKIES for name in PERSONAL_COOKIES)
    ):
        return None
    encoding = encoding_for(meta.get("HTTP_ACCEPT_ENCODING", ""))
    query = meta.get("QUERY_STRING", "")
    if query:
        query, is_known = known_query(query)
        meta["QUERY_STRING"] = query
    else:
        is_known = True
    # As it was sent: a host that is refused has no kept page.
    host = meta.get("HTTP_HOST") or f"{meta['SERVER_NAME']}:{meta['SERVER_PORT']}"
    address = f"{request.scheme}://{host}{request.path}?{query}"
    is_keyed = is_known and len(address) <= MAX_ADDRESS
    return Asked(f"{encoding} {address}" if is_keyed else None, encoding, request.method == "HEAD")


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
    if any(name in request.COOKIES for name in PERSONAL_COOKIES) and not request.path_info.startswith(PASSED_BY):
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


def as_response(request: HttpRequest, stored: Stored, asked: Asked) -> HttpResponse:
    """The kept answer, or 304 when the reader has it already."""
    if (known := request.META.get("HTTP_IF_NONE_MATCH")) and matches(known, stored):
        answer: HttpResponse = HttpResponseNotModified()
        for name, value in stored.headers:
            if name in NOT_MODIFIED_HEADERS:
                answer.headers[name] = value
    else:
        answer = HttpResponse(b"" if asked.is_head else stored.body)
        # What Django's mapping of headers holds, as it was checked when the page was made: a third of the whole answer.
        answer.headers._store = dict(stored.sent)
    return answer


def matches(known: str, stored: Stored) -> bool:
    """``If-None-Match``, compared weakly (RFC 9110, 13.1.2): a proxy that compresses makes the ETag weak."""
    etag = stored.sent["etag"][1]
    return known.strip() == "*" or any(part.strip().removeprefix("W/") == etag for part in known.split(","))
