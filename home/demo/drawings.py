"""Pictures in cut paper: coloured sheets and one shape, drawn by Pillow. The same names always give the same pictures.

The inks and the free-hand shapes (``shapes.json``, outlines as lists of points) are those of the portal's look.
"""

import json
import math
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = list[Point]

PAPER = "#fffdf8"
GREEN = "#0a6b57"
YELLOW = "#ffc93c"
PINK = "#ff8fb1"
ORANGE = "#ff712a"
NIGHT = "#08302f"

DRAWING_SIZE = (800, 600)
SHARE_SIZE = (1200, 630)
#: Drawn larger, then reduced: Pillow's polygons have no soft edge.
ENLARGED = 2

SHAPES_FILE = Path(__file__).with_name("shapes.json")


@cache
def _shapes() -> dict[str, tuple[Point, list[Ring]]]:
    data = json.loads(SHAPES_FILE.read_text(encoding="utf-8"))
    return {
        name: ((shape["size"][0], shape["size"][1]), [[(x, y) for x, y in ring] for ring in shape["rings"]])
        for name, shape in data.items()
    }


class Table:
    """The table on which papers are laid. Lengths are pixels of the picture, from its upper left corner."""

    def __init__(self, size: tuple[int, int], ground: str = PAPER) -> None:
        self.size = size
        self.image = Image.new("RGB", (size[0] * ENLARGED, size[1] * ENLARGED), ground)
        self.pen = ImageDraw.Draw(self.image)

    def polygon(self, points: Iterable[Point], ink: str) -> None:
        self.pen.polygon([(x * ENLARGED, y * ENLARGED) for x, y in points], fill=ink)

    def sheet(self, box: tuple[float, float, float, float], ink: str, slant: float = 14) -> None:
        """A sheet cut by hand, never quite square: left, top, right, bottom."""
        left, top, right, bottom = box
        corners = [(left + slant, top), (right, top + slant), (right - slant / 2, bottom), (left, bottom - slant)]
        self.polygon(corners, ink)

    def disc(self, x: float, y: float, radius: float, ink: str) -> None:
        # A circle cut with scissors has sides.
        turn = [math.tau * step / 22 + 0.1 for step in range(22)]
        self.polygon([(x + radius * math.cos(a), y + radius * math.sin(a) * 0.97) for a in turn], ink)

    def shape(self, name: str, box: tuple[float, float, float], ink: str, hole: str) -> None:
        """A shape of ``shapes.json`` (left, top, height); its inner outlines show the paper below."""
        left, top, height = box
        (_width, full_height), rings = _shapes()[name]
        scale = height / full_height
        for index, ring in enumerate(sorted(rings, key=_area, reverse=True)):
            self.polygon([(left + x * scale, top + y * scale) for x, y in ring], hole if index else ink)

    def webp(self) -> bytes:
        content = BytesIO()
        self.image.resize(self.size, Image.Resampling.LANCZOS).save(content, "WEBP", quality=80, method=4)
        return content.getvalue()


def _area(ring: Ring) -> float:
    following = [*ring[1:], ring[0]]
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in zip(ring, following, strict=True))) / 2


# --- Motifs: each draws one thing in the middle of a table of 800 by 600 ---------------------------------------------
def _cloud(table: Table, ink: str, ground: str) -> None:
    for x, y, radius in ((280, 340, 90), (390, 270, 120), (510, 330, 100)):
        table.disc(x, y, radius, ink)
    table.polygon([(210, 330), (590, 330), (560, 428), (262, 424)], ink)


def _key(table: Table, ink: str, ground: str) -> None:
    table.disc(270, 300, 105, ink)
    table.disc(262, 300, 44, ground)
    table.polygon([(350, 274), (622, 282), (618, 330), (350, 326)], ink)
    table.polygon([(520, 320), (560, 320), (556, 398), (522, 392)], ink)
    table.polygon([(588, 320), (618, 320), (616, 376), (588, 380)], ink)


def _envelope(table: Table, ink: str, ground: str) -> None:
    table.polygon([(196, 196), (608, 188), (616, 420), (188, 426)], ink)
    table.polygon([(196, 196), (608, 188), (404, 336)], ground)
    table.polygon([(222, 184), (584, 178), (404, 306)], ink)


def _mouse(table: Table, ink: str, ground: str) -> None:
    table.polygon([(400, 60), (414, 60), (420, 190), (398, 190)], ink)
    table.polygon(_rounded(400, 340, 120, 170), ink)
    table.polygon([(396, 172), (406, 172), (404, 300), (397, 300)], ground)
    table.polygon([(282, 298), (519, 304), (519, 312), (282, 308)], ground)


def _screen(table: Table, ink: str, ground: str) -> None:
    table.polygon([(190, 150), (618, 160), (610, 408), (184, 400)], ink)
    table.polygon([(222, 184), (584, 192), (578, 374), (218, 368)], ground)
    table.polygon([(368, 400), (440, 402), (460, 468), (348, 464)], ink)
    table.polygon([(300, 460), (512, 464), (516, 490), (296, 486)], ink)


def _phone(table: Table, ink: str, ground: str) -> None:
    table.polygon([(300, 96), (504, 104), (498, 508), (292, 500)], ink)
    table.polygon([(324, 146), (480, 152), (476, 432), (318, 428)], ground)
    table.disc(396, 466, 20, ground)


def _lock(table: Table, ink: str, ground: str) -> None:
    table.disc(400, 230, 112, ink)
    table.disc(400, 232, 66, ground)
    table.polygon([(262, 250), (540, 256), (532, 470), (256, 462)], ink)
    table.disc(398, 338, 30, ground)
    table.polygon([(384, 350), (412, 350), (420, 420), (376, 420)], ground)


def _tree(table: Table, ink: str, ground: str) -> None:
    table.polygon([(376, 330), (424, 334), (444, 520), (360, 514)], ink)
    table.shape("leaf", (266, 56, 400), ink, ground)


def _house(table: Table, ink: str, ground: str) -> None:
    table.polygon([(238, 288), (566, 280), (558, 486), (246, 490)], ink)
    table.polygon([(188, 300), (404, 116), (618, 292)], ink)
    table.polygon([(364, 366), (440, 362), (444, 490), (362, 490)], ground)
    table.polygon([(480, 330), (528, 328), (526, 378), (482, 380)], ground)


def _book(table: Table, ink: str, ground: str) -> None:
    table.polygon([(186, 194), (394, 226), (396, 462), (192, 424)], ink)
    table.polygon([(410, 226), (616, 188), (610, 420), (408, 462)], ink)
    for top in (270, 318, 366):
        table.polygon([(228, top - 4), (356, top + 16), (356, top + 28), (228, top + 8)], ground)
        table.polygon([(448, top + 16), (574, top - 6), (574, top + 6), (448, top + 28)], ground)


def _fish(table: Table, ink: str, ground: str) -> None:
    upper = [(210 + 330 * step / 12, 300 - 120 * math.sin(math.pi * step / 12)) for step in range(13)]
    lower = [(540 - 330 * step / 12, 300 + 116 * math.sin(math.pi * step / 12)) for step in range(13)]
    table.polygon(upper + lower, ink)
    table.polygon([(500, 300), (634, 190), (606, 300), (638, 412)], ink)
    table.disc(286, 274, 18, ground)


def _free_hand(name: str, height: float) -> Callable[[Table, str, str], None]:
    def draw(table: Table, ink: str, ground: str) -> None:
        (width, full_height), _rings = _shapes()[name]
        left = (DRAWING_SIZE[0] - width * height / full_height) / 2
        table.shape(name, (left, (DRAWING_SIZE[1] - height) / 2, height), ink, ground)

    return draw


def _rounded(x: float, y: float, half_width: float, half_height: float) -> Ring:
    """A body with a round top and bottom, cut in short straight lines."""
    turn = [math.tau * step / 28 for step in range(28)]

    def bulge(value: float) -> float:
        return math.copysign(abs(value) ** 0.7, value)

    return [(x + half_width * bulge(math.cos(a)), y + half_height * bulge(math.sin(a))) for a in turn]


#: Motif → how it is drawn, ink of the shape, ink of the sheet below it, ink of the sheet behind.
MOTIFS: dict[str, tuple[Callable[[Table, str, str], None], str, str, str]] = {
    "cloud": (_cloud, PAPER, GREEN, YELLOW),
    "key": (_key, NIGHT, YELLOW, PINK),
    "envelope": (_envelope, GREEN, PINK, YELLOW),
    "mouse": (_mouse, NIGHT, PINK, GREEN),
    "screen": (_screen, NIGHT, YELLOW, GREEN),
    "phone": (_phone, PAPER, GREEN, PINK),
    "lock": (_lock, NIGHT, ORANGE, YELLOW),
    "tree": (_tree, GREEN, YELLOW, PINK),
    "house": (_house, ORANGE, NIGHT, YELLOW),
    "bird": (_free_hand("bird", 350), NIGHT, ORANGE, PINK),
    "sun": (_free_hand("sun", 420), YELLOW, GREEN, ORANGE),
    "hand": (_free_hand("hand", 430), GREEN, PINK, ORANGE),
    "book": (_book, PAPER, NIGHT, PINK),
    "fish": (_fish, ORANGE, GREEN, YELLOW),
    "flower": (_free_hand("flower", 380), PINK, NIGHT, GREEN),
}


def draw(motif: str) -> bytes:
    """The picture of a motif, as WebP."""
    paint, ink, below, behind = MOTIFS[motif]
    table = Table(DRAWING_SIZE)
    table.sheet((470, -30, 830, 350), behind, slant=26)
    table.sheet((-20, 330, 190, 640), behind, slant=22)
    table.sheet((70, 48, 742, 556), below)
    paint(table, ink, below)
    return table.webp()


def draw_share_picture() -> bytes:
    """The picture shown when a page of the portal is shared, as WebP."""
    table = Table(SHARE_SIZE)
    table.sheet((-30, -30, 470, 670), GREEN, slant=30)
    table.sheet((420, -40, 860, 330), YELLOW, slant=24)
    table.sheet((760, 260, 1240, 680), PINK, slant=26)
    table.sheet((760, 260, 852, 326), ORANGE, slant=6)
    table.shape("leaf", (90, 70, 480), PAPER, GREEN)
    table.shape("sun", (560, 20, 270), NIGHT, YELLOW)
    table.shape("hand", (900, 300, 330), NIGHT, PINK)
    table.shape("bird", (470, 380, 210), ORANGE, PAPER)
    return table.webp()
