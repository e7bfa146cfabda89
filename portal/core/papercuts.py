"""Pictures cut from paper: pictograms, shapes and collages of the sprite ``static/img/sprite.svg``.

Everything here is decoration or stands beside words that say the same: it is hidden from screen readers. The markup is
made once per process; a page pays a look-up.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

SPRITE = "img/sprite.svg"
ICON = "img/icon.svg"

#: Shapes of the sprite, with their size in its own units: width, height.
SHAPES = {
    "alga": (122, 200),
    "alga-tall": (200, 192),
    "fern": (78, 200),
    "leaf": (130, 200),
    "sun": (189, 200),
    "hand": (154, 200),
    "bird": (200, 161),
    "flower": (200, 180),
    "dance": (107, 200),
    "child": (110, 200),
}
#: Pictograms that point somewhere: they turn with the direction of the writing.
TURNING = frozenset({"go", "next", "back", "listen", "external"})


@dataclass(frozen=True)
class Sheet:
    """A coloured paper of a collage: ink, outline, whether it prints over what lies below."""

    ink: str
    outline: str
    is_over: bool = False


@dataclass(frozen=True)
class Cut:
    """A shape laid on the papers: name, ink, place and turn and size, whether it lightens at night."""

    shape: str
    ink: str
    transform: str
    lifts: bool = False


@dataclass(frozen=True)
class Collage:
    view_box: str
    fit: str
    sheets: tuple[Sheet, ...]
    cuts: tuple[Cut, ...]


def _corner(first: str, second: str, *cuts: tuple[str, str]) -> Collage:
    """The collage in the upper corner of an inner page: two papers, three shapes."""
    places = (
        "translate(232 10) rotate(-8) scale(.86)",
        "translate(322 118) rotate(10) scale(.6)",
        "translate(128 72) rotate(-14) scale(.52)",
    )
    return Collage(
        "0 0 420 240",
        "xMaxYMin meet",
        (Sheet(first, "M190 0 420 0 420 168 204 180z"), Sheet(second, "M300 132 420 126 420 240 308 240z")),
        tuple(
            Cut(shape, ink, place, lifts=ink == "night")
            for (shape, ink), place in zip(cuts, places, strict=True)
        ),
    )  # fmt: skip


COLLAGES = {
    "home": Collage(
        "0 0 640 560",
        "xMaxYMin meet",
        (
            Sheet("green", "M176 0 640 0 640 284 190 300z"),
            Sheet("pink", "M132 214 384 202 398 548 118 556z"),
            Sheet("yellow", "M352 262 640 250 640 540 366 552z"),
            Sheet("orange", "M18 402 214 392 224 552 8 560z", is_over=True),
        ),
        (
            Cut("sun", "yellow", "translate(470 34) scale(.72)"),
            Cut("alga-tall", "white", "translate(214 10) rotate(-6) scale(.98)"),
            Cut("fern", "pink", "translate(420 104) rotate(14) scale(.95)"),
            Cut("dance", "green", "translate(392 292) rotate(4) scale(1.17)"),
            Cut("child", "night", "translate(232 334) rotate(-4) scale(1.02)"),
            Cut("flower", "orange", "translate(552 416) rotate(10) scale(.42)"),
            Cut("alga", "white", "translate(50 410) rotate(-8) scale(.66)"),
            Cut("leaf", "orange", "translate(556 172) rotate(26) scale(.72)"),
            Cut("bird", "night", "translate(126 162) rotate(-12) scale(.78)", lifts=True),
        ),
    ),
    "home-strip": Collage(
        "0 0 640 190",
        "xMidYMid slice",
        (
            Sheet("green", "M0 0 206 0 214 182 0 188z"),
            Sheet("pink", "M178 8 400 0 412 180 168 184z"),
            Sheet("yellow", "M384 0 640 0 640 184 396 190z"),
        ),
        (
            Cut("alga-tall", "white", "translate(16 4) rotate(-6) scale(.86)"),
            Cut("child", "night", "translate(214 8) rotate(-4) scale(.82)"),
            Cut("dance", "green", "translate(460 2) rotate(4) scale(.86)"),
            Cut("sun", "orange", "translate(336 -36) scale(.52)"),
            Cut("bird", "yellow", "translate(100 52) rotate(-10) scale(.5)"),
            Cut("flower", "orange", "translate(568 100) rotate(8) scale(.4)"),
        ),
    ),
    "human": Collage(
        "0 0 460 520",
        "xMaxYMid slice",
        (Sheet("pink", "M120 0 460 0 460 300 140 318z"), Sheet("yellow", "M210 262 460 250 460 520 196 520z")),
        (
            Cut("hand", "white", "translate(200 40) rotate(6) scale(1.55)"),
            Cut("flower", "orange", "translate(330 360) scale(.7)"),
            Cut("alga", "night", "translate(72 300) rotate(-14) scale(1.08)"),
            Cut("bird", "green", "translate(312 250) rotate(-8) scale(.6)"),
        ),
    ),
    "places": _corner("green", "pink", ("leaf", "yellow"), ("alga", "night"), ("bird", "orange")),
    "place": _corner("green", "yellow", ("alga-tall", "white"), ("fern", "night"), ("sun", "orange")),
    "dates": _corner("yellow", "pink", ("sun", "orange"), ("fern", "green"), ("bird", "night")),
    "resources": _corner("pink", "yellow", ("hand", "white"), ("alga", "green"), ("flower", "orange")),
    "words": _corner("orange", "green", ("bird", "yellow"), ("leaf", "white"), ("child", "night")),
    "centres": _corner("green", "yellow", ("dance", "pink"), ("child", "night"), ("sun", "orange")),
    "pages": _corner("pink", "green", ("flower", "yellow"), ("fern", "white"), ("bird", "night")),
}

#: Larger ones, for the head of a sheet of paper: the upper corner is theirs, the other is left to the portal's name.
POSTERS = (
    Collage(
        "0 0 420 240",
        "xMaxYMin meet",
        (
            Sheet("yellow", "M186 0 420 0 420 150 196 160z"),
            Sheet("pink", "M112 70 288 62 296 232 104 240z"),
            Sheet("orange", "M190.500 66.500 288.200 62 292.600 155.700 196 160z"),
            Sheet("green", "M322 128 420 122 420 240 330 234z"),
        ),
        (
            Cut("sun", "orange", "translate(300 -14) scale(.72)"),
            Cut("child", "night", "translate(206 56) rotate(-4) scale(.9)"),
            Cut("fern", "green", "translate(124 96) rotate(-8) scale(.68)"),
            Cut("leaf", "white", "translate(352 136) rotate(12) scale(.5)"),
            Cut("bird", "night", "translate(150 8) rotate(-10) scale(.4)"),
        ),
    ),
    Collage(
        "0 0 420 240",
        "xMaxYMin meet",
        (
            Sheet("green", "M206 0 420 0 420 146 216 158z"),
            Sheet("yellow", "M118 84 262 76 268 232 110 240z"),
            Sheet("pink", "M288 112 420 104 420 240 298 236z"),
        ),
        (
            Cut("alga-tall", "white", "translate(212 -6) rotate(-6) scale(.76)"),
            Cut("dance", "green", "translate(146 78) rotate(4) scale(.78)"),
            Cut("sun", "yellow", "translate(336 14) scale(.4)"),
            Cut("flower", "orange", "translate(326 140) rotate(8) scale(.44)"),
            Cut("bird", "night", "translate(224 118) rotate(-12) scale(.46)"),
        ),
    ),
    Collage(
        "0 0 420 240",
        "xMaxYMin meet",
        (
            Sheet("pink", "M180 0 420 0 420 132 192 142z"),
            Sheet("yellow", "M268 92 420 86 420 240 276 236z"),
            Sheet("orange", "M268.700 92 420 86 420 132 270.600 138.600z"),
            Sheet("green", "M116 116 246 108 252 232 108 240z"),
        ),
        (
            Cut("hand", "white", "translate(206 -4) rotate(8) scale(.62)"),
            Cut("dance", "night", "translate(318 84) rotate(4) scale(.76)"),
            Cut("leaf", "yellow", "translate(144 120) rotate(-10) scale(.52)"),
            Cut("sun", "orange", "translate(352 -10) scale(.46)"),
            Cut("bird", "green", "translate(216 160) rotate(-12) scale(.34)"),
        ),
    ),
)


@cache
def pictograms() -> list[str]:
    """Names of all the pictograms of the sprite."""
    path = finders.find(SPRITE)
    if not isinstance(path, str):
        return []
    names = re.findall(r'<symbol id="([\w-]+)" viewBox="0 [01] 24 ', Path(path).read_text(encoding="utf-8"))
    return [name for name in names if name not in SHAPES]


@cache
def shape_marks() -> dict[str, str]:
    """What each shape of the sprite is drawn with, for a picture that stands alone."""
    path = finders.find(SPRITE)
    if not isinstance(path, str):
        raise FileNotFoundError(SPRITE)
    symbols = re.findall(
        r'<symbol id="([\w-]+)"[^>]*>(.*?)</symbol>', Path(path).read_text(encoding="utf-8"), re.DOTALL
    )
    return {name: marks for name, marks in symbols if name in SHAPES}


def standing_alone(made: Collage, inks: Mapping[str, str], *, is_mirrored: bool = False) -> str:
    """A collage as a whole SVG, in colours given by the name of the ink: for documents that no style sheet reaches."""
    parts = [f'<path fill="{inks[sheet.ink]}" d="{sheet.outline}"/>' for sheet in made.sheets]
    parts += [
        f'<g fill="{inks[cut.ink]}" transform="{cut.transform}">{shape_marks()[cut.shape]}</g>' for cut in made.cuts
    ]
    width, height = made.view_box.split()[2:]
    start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{made.view_box}" width="{width}" height="{height}"'
    mirror = f' transform="translate({width} 0) scale(-1 1)"' if is_mirrored else ""
    return f"{start}><g{mirror}>{''.join(parts)}</g></svg>"


@cache
def sprite_url() -> str:
    return static(SPRITE)


@cache
def icon_uri() -> SafeString:
    """The icon of the browser's tab as a ``data:`` address: two hundred bytes are not worth a request of each page."""
    path = finders.find(ICON)
    if not isinstance(path, str):
        raise FileNotFoundError(ICON)
    return mark_safe("data:image/svg+xml," + quote(Path(path).read_text(encoding="utf-8").strip(), safe="=:/"))  # noqa: S308 - our own file, quoted


@cache
def picto(name: str) -> SafeString:
    """A pictogram the size of the text beside it; words must stand beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        "i turns" if name in TURNING else "i",
        sprite_url(),
        name,
    )


@cache
def shape(name: str, ink: str) -> SafeString:
    """A shape in an ink, sized by the style sheet."""
    width, height = SHAPES[name]
    return format_html(
        '<svg class="shape k-{}" viewBox="0 0 {} {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        *(ink, width, height, sprite_url(), name),
    )


@cache
def collage(name: str) -> SafeString:
    """Papers and shapes for an edge of a page; the block around it gives its place."""
    made = COLLAGES[name]
    sheets = format_html_join(
        "",
        '<path class="k-{}{}" d="{}"/>',
        ((sheet.ink, " over" if sheet.is_over else "", sheet.outline) for sheet in made.sheets),
    )
    cuts = format_html_join(
        "",
        '<use class="k-{}{}" href="{}#{}" width="{}" height="{}" transform="{}"/>',
        (
            (cut.ink, " lifts" if cut.lifts else "", sprite_url(), cut.shape, *SHAPES[cut.shape], cut.transform)
            for cut in made.cuts
        ),
    )
    return format_html(
        '<div class="collage" aria-hidden="true"><svg viewBox="{}" preserveAspectRatio="{}">{}{}</svg></div>',
        *(made.view_box, made.fit, sheets, cuts),
    )
