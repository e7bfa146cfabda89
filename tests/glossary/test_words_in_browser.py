"""The meaning of a word: by keyboard, by a tap, without JavaScript, at 320 px, from right to left, on paper."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import axe

pytestmark = pytest.mark.browser

SIZES = [(320, 640), (1280, 800)]


@pytest.fixture
def sheet(served):
    factories.TermFactory(title="CAF", slug="caf", summary="Elle aide les familles à payer la garde. " * 4)
    return factories.StructureFactory(
        slug="pmi", description="Un lieu pour les familles du quartier.\n\nPour payer, allez voir la CAF."
    )


def is_within(page, note):
    """Whether the meaning stands whole in the window, and nothing scrolls sideways."""
    box, window = note.bounding_box(), page.viewport_size
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= window["width"]
        and box["y"] + box["height"] <= window["height"]
        and not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    )


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("prefix", ["", "/ar"])
def test_by_keyboard(sheet, open_page, size, prefix):
    page, _watch = open_page(f"{prefix}/annuaire/pmi/", viewport={"width": size[0], "height": size[1]})
    word, note = page.locator(".word-met"), page.locator(".word-note")
    expect(note).to_be_hidden()
    word.hover()
    expect(note).to_be_hidden()
    word.focus()
    expect(note).to_be_visible()
    assert is_within(page, note)
    # The word itself stays in sight (WCAG 2.4.11), and its meaning is its description.
    met, told = word.bounding_box(), note.bounding_box()
    assert met["y"] + met["height"] <= told["y"] + 1 or told["y"] + told["height"] <= met["y"] + 1
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "word-met"
    # Tab goes on through the text: the meaning leaves with the focus.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "word-met"
    page.keyboard.press("Tab")
    expect(note).to_be_hidden()
    assert not page.evaluate("document.activeElement.closest('.word')")
    # Enter opens it, with its links.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(note).to_be_visible()
    assert is_within(page, note)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.pathname") == f"{prefix}/glossaire/caf/"
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "word-met"


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_by_a_tap_without_javascript(sheet, open_page, size):
    viewport = {"width": size[0], "height": size[1]}
    page, _watch = open_page("/annuaire/pmi/", java_script_enabled=False, has_touch=True, viewport=viewport)
    word, note = page.locator(".word-met"), page.locator(".word-note")
    word.tap()
    expect(note).to_be_visible()
    note.get_by_text("Fermer").tap()
    expect(note).to_be_hidden()
    expect(word).to_be_in_viewport()
    word.tap()
    note.get_by_role("link", name="En savoir plus").tap()
    page.wait_for_url("**/glossaire/caf/")


def test_on_paper(sheet, open_page):
    page, _watch = open_page("/annuaire/pmi/#mot-caf")
    expect(page.locator(".word-note")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".word-note")).to_be_hidden()
