"""Sheets of paper in the look of the house: posters, leaflets, programmes.

A sheet has a head (the portal's name beside a collage), a text, and a foot of green paper: the QR code that leads to
the portal, and somebody to talk to. Template ``paper.html``, style ``static/css/paper.css``; made by
:mod:`portal.core.pdf`. Its colours are those of the portal, so they are written into the document.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString, mark_safe
from django_ratelimit.core import is_ratelimited

from . import colours, pdf
from .client import rate_key
from .colours import HOUSE, Palette
from .papercuts import POSTERS, icon_uri, standing_alone

RATE_GROUP = "papers"
#: Documents that one reader may have made; those that are kept already do not count.
RATE = "60/h"

#: Outlines of coloured papers, cut by hand, in a square that takes the size of what lies on it.
OUTLINES = {
    "card": "M0 1.600 99.400 0 100 98 .8 100z",
    "foot": "M0 4 62 0 100 5.500 100 100 0 100z",
}


#: The element that the foot stands in.
ROOM = "room"


@dataclass(frozen=True)
class Sheets:
    """A format of paper, the size of its text in points, the height of its foot in millimetres."""

    name: str
    points: float
    foot: int
    #: Of the head, in millimetres: as low as can be, and as tall as it looks well.
    lowest: float
    tallest: float
    #: Above and below the text of a document of several pages, in millimetres.
    edge: float = 0


A4 = Sheets("A4", points=12, foot=52, lowest=30, tallest=122)
A5 = Sheets("A5", points=9, foot=39, lowest=22, tallest=86)
#: A sheet that is read in the hand: smaller text than on a wall.
PROGRAMME = Sheets("A4", points=10, foot=52, lowest=42, tallest=70, edge=9)


def look(paper: Sheets, palette: Palette, *, number: int = 0, is_mirrored: bool = False, free: float = 0) -> SafeString:
    """The part of the style that depends on the format and on the portal, as an element of the document.

    No browser is sent it: a page of the portal could not hold it, its content security policy refuses inline style.

    ``number`` chooses the collage, which takes the ``free`` millimetres that the text leaves.
    """
    inks = inks_of(palette)
    collage = standing_alone(POSTERS[number % len(POSTERS)], inks, is_mirrored=is_mirrored)
    rules = [
        f"@page{{size:{paper.name};margin:{paper.edge}mm 0}}",
        "@page:first{margin-top:0}",
        f"html{{font-size:{paper.points}pt}}",
        f".room{{height:{paper.foot - paper.edge}mm}}",
        f".foot{{bottom:-{paper.edge}mm;height:{paper.foot}mm;background-image:{sheet('foot', inks['green'])}}}",
        f".head{{height:{min(paper.lowest + free, paper.tallest):.1f}mm}}",
        f".head{{background-image:{address(collage)}}}",
        f'.mark.house{{background-image:url("{icon_uri()}")}}',
        f".card,.days h2{{background-image:{sheet('card', inks['yellow'])}}}",
        ":root{" + "".join(f"--{name}:{colour};" for name, colour in inks.items()) + "}",
    ]
    return mark_safe(f"<style>{''.join(rules)}</style>")  # noqa: S308 - numbers, checked colours, our own drawings in quoted addresses


def smaller(paper: Sheets) -> Sheets:
    """The same paper with smaller text and a lower head: for what would hardly need a second page."""
    return replace(paper, points=paper.points * 0.9, lowest=paper.lowest * 0.8)


def inks_of(palette: Palette) -> dict[str, str]:
    """Colours by the names that collages and style sheets use."""
    night = colours.HOUSE_NIGHT if palette == HOUSE else palette.night
    inks = {name: getattr(palette, name) for name in ("green", "yellow", "pink", "orange")}
    return {**inks, "night": night, "white": palette.paper}


def sheet(name: str, colour: str) -> str:
    """A coloured paper that stretches behind a block, as a value of ``background-image``."""
    start = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none">'
    return address(f'{start}<path fill="{colour}" d="{OUTLINES[name]}"/></svg>')


def address(svg: str) -> str:
    return f'url("data:image/svg+xml,{quote(svg, safe="=:/ ")}")'


def way_to(target: str) -> dict[str, str]:
    """Context of the way back to the portal: the address, how it is shown, its QR code as an image's address."""
    return {
        "target_url": target,
        "shown_url": target.partition("://")[2].rstrip("/"),
        "qr": segno.make(target, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff"),
    }


def paper_response(request: HttpRequest, make: Callable[[], bytes], *, name: str, page_url: str) -> HttpResponse:
    """A document as PDF; or else the way to the page that says the same and can be printed.

    That page serves where PDF is not available, while another document is being made, and for whoever asks for too
    many. ``name`` of the file, without its ending.
    """
    if not pdf.is_available():
        return HttpResponseRedirect(page_url)
    if is_ratelimited(request, group=RATE_GROUP, key=rate_key, rate=RATE, increment=True):
        return HttpResponseRedirect(page_url)
    try:
        content = make()
    except pdf.BusyError:
        return HttpResponseRedirect(page_url)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
