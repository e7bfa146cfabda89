"""Places of the centres in cut paper, for their galleries: no photo of a real place, and nobody to recognise.

Each scene is drawn on a table of 800 by 600 with the four papers of a palette: behind, floor, thing, detail.
"""

from collections.abc import Callable
from typing import TypeAlias

from .drawings import DRAWING_SIZE, GREEN, NIGHT, ORANGE, PAPER, PINK, YELLOW, Table

#: Inks of what lies behind, of the floor, of the main thing, of its details.
Palette: TypeAlias = tuple[str, str, str, str]
Paint: TypeAlias = Callable[[Table, Palette], None]

PALETTES: tuple[Palette, ...] = (
    (YELLOW, GREEN, ORANGE, PAPER),
    (PINK, NIGHT, GREEN, YELLOW),
    (GREEN, YELLOW, PINK, NIGHT),
    (PAPER, PINK, NIGHT, YELLOW),
    (ORANGE, NIGHT, YELLOW, PAPER),
    (YELLOW, PINK, GREEN, PAPER),
    (PINK, GREEN, NIGHT, PAPER),
)


def _room(table: Table, palette: Palette) -> None:
    behind, floor, _thing, _detail = palette
    table.polygon([(0, 0), (800, 0), (800, 600), (0, 600)], behind)
    table.polygon([(0, 446), (800, 426), (800, 600), (0, 600)], floor)


def _leaves(palette: Palette) -> str:
    """An ink for a plant: one that neither the wall nor the floor swallows."""
    return next(ink for ink in (NIGHT, GREEN, ORANGE) if ink not in palette[:2])


def _front(table: Table, palette: Palette) -> None:
    """A house with a wide door and windows, a tree beside it."""
    behind, floor, thing, detail = palette
    _room(table, palette)
    table.polygon([(150, 214), (560, 204), (566, 470), (144, 474)], thing)
    table.polygon([(112, 226), (352, 92), (600, 214)], floor)
    table.polygon([(300, 316), (410, 312), (414, 470), (298, 472)], detail)
    for left in (184, 452):
        table.polygon([(left, 270), (left + 76, 266), (left + 78, 340), (left + 2, 344)], detail)
    table.shape("leaf", (598, 200, 280), _leaves(palette), behind)


def _hall(table: Table, palette: Palette) -> None:
    """A desk, two lamps above it, a plant."""
    behind, _floor, thing, detail = palette
    _room(table, palette)
    for x in (290, 470):
        table.polygon([(x - 3, 0), (x + 3, 0), (x + 3, 120), (x - 3, 120)], NIGHT)
        table.polygon([(x - 62, 190), (x - 26, 112), (x + 28, 110), (x + 64, 186)], thing)
    table.polygon([(190, 348), (600, 338), (596, 376), (186, 384)], detail)
    table.polygon([(214, 380), (572, 372), (566, 522), (220, 528)], thing)
    table.polygon([(640, 452), (744, 448), (728, 540), (656, 542)], detail)
    table.shape("leaf", (614, 190, 274), _leaves(palette), behind)


def _garden(table: Table, palette: Palette) -> None:
    """Two hills, a tree, flowers, the sun."""
    behind, floor, thing, detail = palette
    table.polygon([(0, 0), (800, 0), (800, 600), (0, 600)], behind)
    table.shape("sun", (560, 34, 190), thing, behind)
    table.polygon([(0, 420), (300, 330), (800, 450), (800, 600), (0, 600)], floor)
    table.shape("leaf", (120, 110, 330), _leaves(palette), behind)
    for x, y, height in ((380, 410, 110), (520, 452, 92), (650, 436, 120)):
        table.shape("flower", (x, y, height), detail if detail != floor else thing, floor)


def _kitchen(table: Table, palette: Palette) -> None:
    """A long table, a pot, bowls and fruit."""
    behind, _floor, thing, detail = palette
    _room(table, palette)
    table.polygon([(90, 360), (712, 346), (716, 390), (86, 402)], detail)
    table.polygon([(130, 400), (166, 398), (170, 552), (134, 554)], detail)
    table.polygon([(640, 390), (676, 388), (672, 546), (638, 548)], detail)
    table.polygon([(196, 226), (384, 220), (372, 354), (210, 358)], thing)
    table.polygon([(180, 206), (398, 198), (400, 224), (182, 232)], NIGHT)
    table.disc(290, 190, 20, NIGHT)
    table.polygon([(450, 286), (622, 280), (580, 352), (490, 354)], thing)
    for x, y in ((490, 268), (538, 256), (584, 264)):
        table.disc(x, y, 32, ORANGE if behind != ORANGE else GREEN)


def _screens(table: Table, palette: Palette) -> None:
    """Three screens in a row on a table."""
    _behind, _floor, thing, detail = palette
    _room(table, palette)
    table.polygon([(50, 384), (752, 370), (754, 412), (48, 424)], NIGHT)
    for left in (84, 318, 552):
        table.polygon([(left, 190), (left + 172, 184), (left + 174, 312), (left + 2, 316)], thing)
        table.polygon([(left + 18, 208), (left + 152, 203), (left + 154, 294), (left + 20, 298)], detail)
        table.polygon([(left + 70, 312), (left + 104, 311), (left + 120, 378), (left + 56, 380)], thing)
    table.polygon([(110, 420), (140, 419), (140, 560), (112, 562)], NIGHT)
    table.polygon([(664, 410), (694, 409), (690, 552), (662, 554)], NIGHT)


def _shelves(table: Table, palette: Palette) -> None:
    """Shelves full of books."""
    _behind, _floor, thing, detail = palette
    _room(table, palette)
    table.polygon([(120, 76), (684, 64), (690, 520), (114, 526)], NIGHT)
    spines = [ink for ink in (thing, detail, ORANGE, PINK, YELLOW) if ink != NIGHT]
    for row, top in enumerate((104, 248, 390)):
        left = 146.0
        for number in range(11):
            width = 34 + (number * 7 + row * 11) % 16
            rise = (number * 13 + row * 5) % 26
            table.polygon(
                [(left, top + rise), (left + width, top + rise - 3), (left + width + 1, top + 108), (left, top + 110)],
                spines[(number + row * 2) % len(spines)],
            )
            left += width + 4


def _playground(table: Table, palette: Palette) -> None:
    """A slide and its ladder, the sun."""
    behind, _floor, thing, detail = palette
    _room(table, palette)
    table.shape("sun", (60, 40, 150), detail if detail != behind else NIGHT, behind)
    table.polygon([(340, 196), (420, 190), (706, 474), (640, 506), (560, 476)], thing)
    for x in (300, 372):
        table.polygon([(x, 150), (x + 20, 150), (x + 6, 486), (x - 16, 488)], NIGHT)
    for y in (230, 300, 370, 440):
        table.polygon([(292, y), (388, y - 4), (388, y + 14), (290, y + 18)], NIGHT)


#: Code of a scene → how it is drawn, what one sees.
SCENES: dict[str, tuple[Paint, str]] = {
    "front": (_front, "Une maison avec une grande porte et deux fenêtres, un arbre à côté"),
    "hall": (_hall, "Un comptoir d’accueil sous deux lampes, une grande plante"),
    "garden": (_garden, "Un jardin avec un arbre, des fleurs et le soleil"),
    "kitchen": (_kitchen, "Une longue table avec une marmite et un bol de fruits"),
    "screens": (_screens, "Trois écrans d’ordinateur sur une table"),
    "shelves": (_shelves, "Une bibliothèque pleine de livres"),
    "playground": (_playground, "Un toboggan au soleil"),
}


def draw_scene(scene: str, number: int) -> bytes:
    """The picture of a place of the centre of this number, as WebP."""
    table = Table(DRAWING_SIZE)
    paint, _seen = SCENES[scene]
    paint(table, PALETTES[number % len(PALETTES)])
    return table.webp()
