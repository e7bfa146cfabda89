"""The colours of a portal: what its three inks make when they overlap, and whether everything can still be read.

Contrast is measured after WCAG 2.2 (relative luminance; success criteria 1.4.3 for text, 1.4.11 for shapes).
"""

import colorsys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: The first and the third ink printed one over the other, darkened to this share of their light, give the colour of
#: the text; darkened further when the page would be hard to read for long.
NIGHT_SHARE, NIGHT_CONTRAST = 0.8, 13.0
GROUND_SHARE = 0.6
#: Links on the dark page are a lighter shade of the first ink, up to this contrast.
COMFORT = 7.0
TEXT, SHAPE = 4.5, 3.0


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of a colour written ``#rrggbb``."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def written(*values: float) -> str:
    return "#" + "".join(f"{min(255, max(0, round(value))):02x}" for value in values)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white), of a colour written ``#rrggbb``."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def overprint(one: str, other: str, share: float = 1.0) -> str:
    """One ink printed over another (multiplied), then darkened to a share of its light."""
    return written(*(a * b / 255 * share for a, b in zip(channels(one), channels(other), strict=True)))


def shades(colour: str) -> Iterator[str]:
    """The same hue lighter and darker, the nearest first."""
    hue, lightness, saturation = hls(colour)
    for step in range(1, 101):
        for target in (lightness + step / 100, lightness - step / 100):
            if 0 <= target <= 1:
                yield written(*(value * 255 for value in colorsys.hls_to_rgb(hue, target, saturation)))
    yield from ("#ffffff", "#000000")


def hls(colour: str) -> tuple[float, float, float]:
    """Hue, lightness and saturation, each 0 to 1."""
    return colorsys.rgb_to_hls(*(value / 255 for value in channels(colour)))


def first_shade(colour: str, passes: Callable[[str], bool]) -> str:
    """The colour itself if it passes, else the nearest shade of it that does; empty when none does."""
    return next((shade for shade in (colour, *shades(colour)) if passes(shade)), "")


@dataclass(frozen=True)
class Palette:
    """Three inks, and all that is made of them; the papers are the same for every portal."""

    green: str
    yellow: str
    pink: str

    white: ClassVar[str] = "#ffffff"
    paper: ClassVar[str] = "#fffdf8"
    sand: ClassVar[str] = "#efecdf"
    #: No portal's dark text is lighter than this: see ``NIGHT_CONTRAST``.
    lightest_night: ClassVar[str] = "#303030"
    night_paper: ClassVar[str] = "#072523"
    night_sand: ClassVar[str] = "#0f3431"

    @property
    def orange(self) -> str:
        return overprint(self.yellow, self.pink)

    @property
    def night(self) -> str:
        """The ink of the text."""
        darker = (overprint(self.green, self.pink, NIGHT_SHARE * step / 100) for step in range(100, -1, -1))
        return next(shade for shade in darker if contrast(shade, self.paper) >= NIGHT_CONTRAST)

    @property
    def ground(self) -> str:
        """What lies below the page: darker than its text."""
        return written(*(value * GROUND_SHARE for value in channels(self.night)))

    @property
    def night_link(self) -> str:
        """The colour of links on the dark page."""
        return self.on_night(COMFORT)

    @property
    def night_leaf(self) -> str:
        """The first ink where it draws a shape on the dark page."""
        return self.on_night(TEXT)

    def on_night(self, needed: float) -> str:
        """The shade of the first ink nearest to it that has this contrast on the dark page and its boxes."""
        grounds = (self.night_paper, self.night_sand)
        return first_shade(self.green, lambda shade: all(contrast(shade, ground) >= needed for ground in grounds))


#: What the tokens of the style sheet are written with.
HOUSE = Palette(green="#0a6b57", yellow="#ffc93c", pink="#ff8fb1")
INKS = ("green", "yellow", "pink")
#: Drawn by hand for the house, where a formula serves other portals.
HOUSE_NIGHT, HOUSE_GROUND, HOUSE_NIGHT_LINK, HOUSE_NIGHT_LEAF = "#08302f", "#041d1c", "#86e6c9", "#3fb795"


@dataclass(frozen=True)
class Pair:
    """Two colours of the palette that readers meet together; ``ink`` is the one to change when they are too close."""

    label: Any
    text: str
    ground: str
    ink: str
    needed: float = TEXT

    def contrast(self, palette: Palette) -> float:
        return contrast(getattr(palette, self.text), getattr(palette, self.ground))

    def passes(self, palette: Palette) -> bool:
        return self.contrast(palette) >= self.needed


#: Of the table in the design, the pairs that change with the inks. Dark text and links on the dark page are made so
#: that they can be read. Dark text is taken at its lightest, so that an ink is judged without the others.
PAIRS = (
    Pair(_("White text on the first colour"), "white", "green", "green"),
    Pair(_("Links of the first colour on the page"), "green", "paper", "green"),
    Pair(_("Links of the first colour on a grey box"), "green", "sand", "green"),
    Pair(_("Dark text on the second colour"), "lightest_night", "yellow", "yellow"),
    Pair(_("Buttons of the second colour on the dark page"), "yellow", "night_paper", "yellow", SHAPE),
    Pair(_("Dark text on the third colour"), "lightest_night", "pink", "pink"),
    Pair(_("Dark text where the second and the third colour overlap"), "lightest_night", "orange", "pink"),
)


@dataclass(frozen=True)
class Fault:
    """A pair that cannot be read, with the nearest shade of its ink that can: at worst white or black."""

    pair: Pair
    found: float
    suggestion: str

    @property
    def message(self) -> str:
        """Which text can't be read, how far it is from readable, and a way out."""
        return gettext(
            "%(pair)s could not be read: the contrast is %(found)s, it takes %(needed)s. The nearest colour that can "
            "be read is %(suggestion)s."
        ) % {
            "pair": self.pair.label,
            # Rounded down: 4.49 is not the 4.5 that is needed.
            "found": number_format(int(self.found * 10) / 10, 1),
            "needed": number_format(self.pair.needed, 1),
            "suggestion": self.suggestion,
        }


def faults(palette: Palette) -> dict[str, Fault]:
    """By ink (``green``, ``yellow``, ``pink``) the pair that is hardest to read; empty when all can be read.

    An ink is judged as if the suggestions for those before it were followed: one bad ink brings one fault, and
    following all suggestions gives a portal that can be read.
    """
    found: dict[str, Fault] = {}
    for ink in INKS:
        failing = [pair for pair in PAIRS if pair.ink == ink and not pair.passes(palette)]
        if failing:
            worst = min(failing, key=lambda pair: pair.contrast(palette) / pair.needed)
            found[ink] = Fault(worst, worst.contrast(palette), suggestion(palette, ink))
            palette = replace(palette, **{ink: found[ink].suggestion})
    return found


def suggestion(palette: Palette, ink: str) -> str:
    """The nearest shade of an ink with which its pairs pass; if possible, those too that it shares with a later ink."""
    own = [pair for pair in PAIRS if pair.ink == ink]
    shared = [pair for pair in PAIRS if ink == "yellow" and pair.ground == "orange"]

    def passes(shade: str, pairs: list[Pair]) -> bool:
        return all(pair.passes(replace(palette, **{ink: shade})) for pair in pairs)

    colour = getattr(palette, ink)
    return first_shade(colour, lambda shade: passes(shade, own + shared)) or first_shade(
        colour, lambda shade: passes(shade, own)
    )
