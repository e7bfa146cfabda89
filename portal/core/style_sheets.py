"""Style sheets of a portal that has colours of its own: the common one, in its colours."""

import hashlib
import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from . import colours
from .colours import HOUSE, Palette, hls

TOKENS = "css/tokens.css"
RELATIVE_URL = re.compile(r"""url\(\s*(["']?)(?!data:|/|https?:)([^"')]+)\1\s*\)""")


def tokens() -> str:
    """The common style sheet of the values, with addresses that hold wherever it is served from."""
    found = finders.find(TOKENS)
    if not isinstance(found, str):
        raise FileNotFoundError(TOKENS)
    return _read(found, Path(found).stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: str, modified_at: int) -> str:
    folder = posixpath.dirname(TOKENS)

    def absolute(match: re.Match[str]) -> str:
        return f'url("{static(posixpath.normpath(posixpath.join(folder, match[2])))}")'

    return RELATIVE_URL.sub(absolute, Path(path).read_text(encoding="utf-8"))


def in_colours(palette: Palette) -> str:
    """The common style sheet with each colour of the house replaced by the portal's own."""
    own = {
        HOUSE.green: palette.green,
        HOUSE.yellow: palette.yellow,
        HOUSE.pink: palette.pink,
        HOUSE.orange: palette.orange,
        colours.HOUSE_NIGHT: palette.night,
        colours.HOUSE_GROUND: palette.ground,
        colours.HOUSE_NIGHT_LINK: palette.night_link,
        colours.HOUSE_NIGHT_LEAF: palette.night_leaf,
    }
    return re.sub("|".join(own), lambda match: own[match[0].lower()], tokens(), flags=re.IGNORECASE)


def of_admin(palette: Palette) -> str:
    """Wagtail's custom properties: menus in the colour of the text, buttons and links in the first ink.

    Wagtail writes its colours as hue, saturation and lightness, and makes the lighter and darker ones of them.
    """
    rules = [*_triple("primary", palette.night), *_triple("secondary", palette.green)]
    dark = [
        f"--w-color-{name}:{palette.night_link}"
        for name in (
            "text-link-default",
            "text-button-outline-default",
            "text-button-outline-hover",
            "border-button-outline-default",
            "border-button-outline-hover",
        )
    ]
    inks = [f"--portal-{name}:{getattr(palette, name)}" for name in ("green", "yellow", "pink", "orange", "night")]
    return (
        f":root,:host{{{';'.join([*rules, *inks])}}}"
        f".w-theme-dark{{{';'.join(dark)}}}"
        f"@media (prefers-color-scheme:dark){{.w-theme-system{{{';'.join(dark)}}}}}"
    )


def _triple(name: str, colour: str) -> list[str]:
    hue, lightness, saturation = hls(colour)
    return [
        f"--w-color-{name}-hue:{hue * 360:.1f}",
        f"--w-color-{name}-saturation:{saturation:.1%}",
        f"--w-color-{name}-lightness:{lightness:.1%}",
    ]


def version(style_sheet: str) -> str:
    """Short and different for each content: an address that holds it can be cached for ever."""
    return hashlib.sha256(style_sheet.encode()).hexdigest()[:10]
