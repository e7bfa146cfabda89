"""An event on paper: a poster (A4) and a leaflet (A5), each on one page whatever is written.

Versions are laid out from the most to the least generous, and the first that fits is kept: first the description is
cut after a sentence, then dates and notes are fewer. The collage takes the room that is left. Nothing that one must
know before coming (state, next dates, place, cost) is ever left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest
from django.template.loader import render_to_string

from portal.core import pdf
from portal.core.contacts import Contact
from portal.core.context_processors import Frame
from portal.core.entries import Entry
from portal.core.languages import localize_path
from portal.core.leaflets import cut_paragraphs
from portal.core.papers import ROOM, Sheets, look, way_to

from .models import EventPage

TEMPLATE = "events/poster.html"


@dataclass(frozen=True)
class Fit:
    """How much a version says. ``characters`` of the description, ``note`` of each note and name."""

    characters: int
    dates: int = 4
    note: int = 300
    has_summary: bool = True
    has_access: bool = True
    #: Steps by which the title is smaller than its length asks for.
    smaller: int = 0

    @property
    def slice(self) -> str:
        return f":{self.dates}"


WHOLE = 5_000
FITS = (
    Fit(WHOLE),
    Fit(700, dates=3),
    Fit(350, dates=3),
    Fit(200, dates=2, smaller=1),
    Fit(0, dates=2, note=140, smaller=1),
    Fit(0, dates=2, note=60, has_summary=False, has_access=False, smaller=3),
)
#: Characters up to which a title has the size of this class.
TITLE_SIZES = ((34, "large"), (70, "middle"), (130, "small"))
SIZES = ("large", "middle", "small", "smallest")


def title_size(title: str, smaller: int) -> str:
    """The class of a title of this length, some steps smaller."""
    rank = next((rank for rank, (most, _name) in enumerate(TITLE_SIZES) if len(title) <= most), len(SIZES) - 1)
    return SIZES[min(rank + smaller, len(SIZES) - 1)]


def on_paper(page: EventPage, request: HttpRequest, paper: Sheets) -> bytes:
    """The sheet of an event as PDF, in the language of the request. Raises as :func:`portal.core.pdf.pdf_of`."""
    return pdf.one_page_of(versions(page, request, paper), mark=ROOM, kept=paper.foot)


def versions(page: EventPage, request: HttpRequest, paper: Sheets) -> Iterator[pdf.Version]:
    """The sheet in HTML, from the most generous version to the one that always fits."""
    frame = Frame(request)
    target = request.build_absolute_uri(localize_path(f"/agenda/{page.facts.slug}/", frame.language))
    context = {**page.get_context(request), **way_to(target), "kind": "poster"}
    context["contact"] = contact_of(context["organizer"], context["place"])
    texts = [part.strip() for part in page.description.splitlines() if part.strip()]

    def made(fit: Fit, free: float) -> str:
        said = {
            "look": look(
                paper,
                frame.portal.palette,
                number=page.facts.pk,
                is_mirrored=frame.direction == "rtl",
                free=free,
            ),
            "paragraphs": cut_paragraphs(texts, fit.characters),
            "fit": fit,
            "title_size": title_size(page.title, fit.smaller),
        }
        return render_to_string(TEMPLATE, context | said, request)

    for fit in FITS:
        yield partial(made, fit)


def contact_of(*places: Entry | None) -> Contact | None:
    """The first place that has a telephone, as somebody to talk to; ``None`` for none."""
    for entry in places:
        if entry and entry.facts.phone:
            return Contact(entry.title, entry.facts.phone, entry.facts.address_line, "")
    return None
