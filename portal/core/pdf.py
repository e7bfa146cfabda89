"""PDF made from the portal's own HTML, by WeasyPrint: tagged for screen readers (PDF/UA), in the reader's language.

WeasyPrint draws with Pango, a library of the system. Where it is missing the portal runs all the same: whoever offers a
PDF asks :func:`is_available` first, and offers the page to print instead. Style: ``static/css/pdf.css``; the fonts are
the portal's own, so that a document looks the same on every machine.
"""

import logging
import mimetypes
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.utils._os import safe_join

logger = logging.getLogger(__name__)

#: Addresses in a document are resolved against it; no host has this name (RFC 2606).
BASE_URL = "http://portal.invalid/"
#: PDF/UA: tags for screen readers.
ACCESSIBLE: dict[str, Any] = {"pdf_variant": "pdf/ua-1", "pdf_tags": True}
#: Seconds that a request waits for the document that is being made before it.
PATIENCE = 20
#: One document at a time in each process: it takes a core, and the memory of a whole book.
_turn = threading.Lock()


class BusyError(Exception):
    """Another document is being made; ask again in a moment."""


@cache
def engine() -> Any:
    """WeasyPrint, or ``None`` where it can't be loaded; importing it takes a second, so it is done when needed."""
    try:
        import weasyprint
    except (OSError, ImportError) as error:
        logger.info("No PDF on this machine: %s", error)
        return None
    # It reports each property of the style sheet that paper has no use for.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return weasyprint


def is_available() -> bool:
    """Whether this machine can make PDF."""
    return engine() is not None


def pdf_of(html: str) -> bytes:
    """The document as tagged PDF; ``<title>`` and ``lang`` of the HTML become its title and language.

    Raises ``BusyError`` after :data:`PATIENCE` seconds, ``RuntimeError`` where PDF is not available.
    """
    with _document_maker() as lay_out:
        content: bytes = lay_out(html).write_pdf(**ACCESSIBLE)
    return content


#: Millimetres that roundings may take.
SLACK = 1.0
#: A document that has some millimetres to give away, to whatever in it looks well when it is larger.
Version = Callable[[float], str]


def one_page_of(versions: Iterable[Version], *, mark: str, kept: float) -> bytes:
    """The first of several versions of a document that is one page, else the last, as tagged PDF.

    They come from the most to the least generous; a version that fits is then made again with the room that it leaves:
    from the element whose ``id`` is ``mark`` down, less the ``kept`` millimetres below it. Raises as :func:`pdf_of`,
    and ``ValueError`` without any version.
    """
    chosen = None
    with _document_maker() as lay_out:
        for version in versions:
            chosen = lay_out(version(0))
            if len(chosen.pages) > 1:
                continue
            free = _free_millimetres(chosen.pages[0], mark) - kept
            if free > SLACK:
                larger = lay_out(version(free - SLACK))
                chosen = larger if len(larger.pages) == 1 else chosen
            break
        if chosen is None:
            raise ValueError("A document needs at least one version.")
        content: bytes = chosen.write_pdf(**ACCESSIBLE)
    return content


def _free_millimetres(page: Any, mark: str) -> float:
    """From the top of a marked element to the bottom of its page; zero when the page has no such element."""
    if mark not in page.anchors:
        return 0
    return float(page.height - page.anchors[mark][1]) * 25.4 / 96  # CSS pixels


@contextmanager
def _document_maker() -> Iterator[Callable[[str], Any]]:
    """What lays out HTML, for one caller at a time. The fonts of a document serve for its other versions."""
    weasyprint = engine()
    if weasyprint is None:
        raise RuntimeError("WeasyPrint is not available: ask is_available() first.")
    if not _turn.acquire(timeout=PATIENCE):
        raise BusyError
    try:
        fonts = weasyprint.text.fonts.FontConfiguration()

        def lay_out(html: str) -> Any:
            source = weasyprint.HTML(string=html, base_url=BASE_URL, url_fetcher=own_files()())
            return source.render(font_config=fonts, **ACCESSIBLE)

        yield lay_out
    finally:
        _turn.release()


@cache
def own_files() -> Any:
    """The class of fetchers that give static files and media of the portal, and nothing else: no network, no disk."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url.startswith("data:image/"):
                return super().fetch(url, headers)  # a QR code: it is in the document already
            path = file_of(url)
            if path is None:
                raise ValueError(f"A document reads files of the portal only, not {url[:100]}")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFiles


def file_of(url: str) -> Path | None:
    """The file behind an address of this portal, below the static files or the media; ``None`` for anything else."""
    if not url.startswith(BASE_URL):
        return None
    address = unquote(urlsplit(url).path)
    if address.startswith(settings.STATIC_URL):
        return static_file(address.removeprefix(settings.STATIC_URL))
    if address.startswith(settings.MEDIA_URL):
        return existing(settings.MEDIA_ROOT, address.removeprefix(settings.MEDIA_URL))
    return None


def static_file(name: str) -> Path | None:
    """As collected, or from the sources where nothing was collected (development, tests)."""
    collected = existing(settings.STATIC_ROOT, name)
    if collected:
        return collected
    try:
        found = finders.find(name)
    except SuspiciousFileOperation:
        return None
    return Path(found) if isinstance(found, str) and Path(found).is_file() else None


def existing(folder: str | Path, name: str) -> Path | None:
    try:
        path = Path(safe_join(str(folder), name))
    except SuspiciousFileOperation:  # above the folder
        return None
    return path if path.is_file() else None
