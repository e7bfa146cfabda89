"""Colours of a portal of its own: overprints, contrast of every pair, the style sheet that replaces the common one."""

import itertools
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.utils.translation import override

from portal.core import colours, style_sheets
from portal.core.colours import HOUSE, PAIRS, Palette, contrast, faults
from portal.core.models import PortalSettings
from portal.core.models.site import DEFAULT_INKS

BLUE = Palette(green="#123f8c", yellow="#ffd75e", pink="#ffb08f")
INKS = {"green": "ink_green", "yellow": "ink_yellow", "pink": "ink_pink"}


def settings_with(palette, site=None):
    """The settings that a site has, or new ones without a site."""
    portal = PortalSettings.for_site(site) if site else PortalSettings()
    for ink, field in INKS.items():
        setattr(portal, field, getattr(palette, ink))
    return portal


# --- Overprints and pairs --------------------------------------------------------------------------------------------


def test_overprints_of_the_house():
    assert HOUSE.orange == "#ff712a"
    drawn = zip(colours.channels(HOUSE.night), colours.channels(colours.HOUSE_NIGHT), strict=True)
    assert max(abs(one - other) for one, other in drawn) <= 1
    assert contrast(HOUSE.night_link, HOUSE.night_paper) >= colours.COMFORT


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair.label))
def test_the_house_can_be_read(pair):
    assert pair.passes(HOUSE)
    assert pair.passes(BLUE)


@pytest.mark.parametrize(
    ("ink", "colour"),
    [
        ("green", "#57c4a8"),  # white text on it is lost
        ("green", "#807000"),  # passes under white, not as a link on a grey box
        ("yellow", "#7a5c00"),  # dark text on it is lost
        ("pink", "#b0305c"),
        ("pink", "#e05080"),  # alone it would do, but not over yellow
    ],
)
def test_what_cannot_be_read_comes_with_a_way_out(ink, colour):
    palette = replace(HOUSE, **{ink: colour})
    found = faults(palette)
    assert set(found) == {ink}
    assert found[ink].found < found[ink].pair.needed
    assert faults(replace(palette, **{ink: found[ink].suggestion})) == {}


def drawn_palettes(count):
    draw = random.Random(3)
    return [Palette(*(f"#{draw.randrange(1 << 24):06x}" for _ink in range(3))) for _ in range(count)]


def test_following_the_suggestions_gives_a_readable_portal():
    extremes = [Palette(*inks) for inks in itertools.product(["#000000", "#ffffff", "#ff0000"], repeat=3)]
    for palette in drawn_palettes(100) + extremes:
        mended = palette
        for ink, fault in faults(palette).items():
            assert fault.found < fault.pair.needed
            mended = replace(mended, **{ink: fault.suggestion})
        assert faults(mended) == {}, palette


def test_dark_text_and_links_on_the_dark_page_can_always_be_read():
    assert contrast(Palette.lightest_night, Palette.paper) <= colours.NIGHT_CONTRAST
    for palette in drawn_palettes(20):
        assert contrast(palette.night, palette.paper) >= colours.NIGHT_CONTRAST
        assert contrast(palette.night, palette.sand) >= 7
        assert contrast(palette.white, palette.ground) >= 7
        for ground in (palette.night_paper, palette.night_sand):
            assert contrast(palette.night_link, ground) >= colours.COMFORT
            assert contrast(palette.night_leaf, ground) >= colours.SHAPE


# --- What the editor is told -----------------------------------------------------------------------------------------


def test_the_message_names_the_pair_and_the_nearest_colour():
    with override("fr"), pytest.raises(ValidationError) as error:
        settings_with(replace(HOUSE, green="#57c4a8")).full_clean(exclude=["site"])
    (message,) = error.value.message_dict["ink_green"]
    assert "Liens de la première couleur sur un encadré gris" in message
    assert "4,5" in message
    suggested = re.search(r"#[0-9a-f]{6}", message)[0]
    settings_with(replace(HOUSE, green=suggested)).full_clean(exclude=["site"])


def test_colours_may_be_written_in_capitals():
    portal = PortalSettings(**{name: colour.upper() for name, colour in DEFAULT_INKS.items()})
    portal.full_clean(exclude=["site"])
    assert not portal.has_own_colours


# --- The style sheet -------------------------------------------------------------------------------------------------

CONSTANTS = [
    *(*DEFAULT_INKS.values(), HOUSE.orange),
    *(colours.HOUSE_NIGHT, colours.HOUSE_GROUND, colours.HOUSE_NIGHT_LINK, colours.HOUSE_NIGHT_LEAF),
]
PAPERS = [HOUSE.paper, HOUSE.sand, HOUSE.night_paper, HOUSE.night_sand]


@pytest.mark.parametrize("colour", [*CONSTANTS, *PAPERS])
def test_tokens_are_written_with_the_colours_that_are_checked(colour):
    assert colour in style_sheets.tokens()


def test_all_inks_are_replaced_and_nothing_else():
    own = settings_with(BLUE).colours
    assert not [colour for colour in CONSTANTS if colour in own]
    for colour in (BLUE.green, BLUE.yellow, BLUE.pink, BLUE.orange, BLUE.night, BLUE.night_link, *PAPERS):
        assert colour in own
    without = re.compile(r"#[0-9a-f]{6}")
    assert without.sub("", own) == without.sub("", style_sheets.tokens())


@pytest.mark.parametrize("name", ["base", "components"])
def test_other_style_sheets_name_no_ink(name):
    """They would keep the colours of the house in a portal that has its own."""
    lines = Path(finders.find(f"css/{name}.css")).read_text(encoding="utf-8").lower().splitlines()
    # Custom properties do not reach a highlight in every browser; the pair of the house is readable everywhere.
    text = "\n".join(line for line in lines if not line.startswith("::highlight"))
    assert [colour for colour in CONSTANTS if colour in text] == []


def test_addresses_in_the_style_sheet_hold_elsewhere():
    style_sheets._read.cache_clear()
    for address in re.findall(r"url\(([^)]*)\)", style_sheets.tokens()):
        assert address.startswith(('"/', '"data:')), address


def test_version_follows_colours_and_tokens(monkeypatch):
    before = settings_with(BLUE).colours_version
    assert settings_with(replace(BLUE, pink="#ffb090")).colours_version != before
    common = style_sheets.tokens()
    monkeypatch.setattr(style_sheets, "tokens", lambda: common + "\n:root { --new: 1px }")
    assert settings_with(BLUE).colours_version != before


@pytest.fixture
def blue_portal(tree):
    portal = settings_with(BLUE, site=tree.site)
    portal.save()
    return portal


def linked(client, path):
    return [link["href"] for link in BeautifulSoup(client.get(path).content, "html.parser")("link", rel="stylesheet")]


@pytest.mark.django_db
def test_own_colours_take_the_place_of_the_tokens(client, tree):
    common = linked(client, "/")
    settings_with(BLUE, site=tree.site).save()
    own = linked(client, "/")
    assert len(own) == len(common)
    assert own[0].startswith("/couleurs-")
    assert own[1:] == common[1:]
    assert common[0].endswith("tokens.css")


@pytest.mark.django_db
def test_the_style_sheet_is_kept_for_ever_at_its_own_address_only(client, blue_portal):
    response = client.get(f"/couleurs-{blue_portal.colours_version}.css")
    assert response["Content-Type"].startswith("text/css")
    assert "immutable" in response["Cache-Control"]
    assert response.content.decode() == blue_portal.colours
    assert client.get("/couleurs-0123456789.css")["Cache-Control"] == "no-cache"


# --- The admin -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_admin_has_colours_of_the_portal(client, blue_portal):
    (address,) = [link for link in linked(client, "/admin/login/") if "couleurs-admin" in link]
    response = client.get(address)
    assert "immutable" in response["Cache-Control"]
    assert BLUE.night_link in response.content.decode()


@pytest.mark.parametrize("palette", [HOUSE, BLUE], ids=["house", "blue"])
def test_the_admin_can_be_read(palette):
    """Menus, links and buttons, light and dark, on Wagtail's own grounds."""
    assert contrast(palette.white, palette.night) >= 7
    assert contrast(palette.white, palette.green) >= 4.5
    assert contrast(palette.night_link, "#262626") >= 4.5
