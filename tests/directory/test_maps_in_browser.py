"""The maps in a real browser: keyboard, hostile texts, third parties, accessibility."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.factories import StructureFactory, ThemeFactory, translate

pytestmark = pytest.mark.browser

MAP = "/annuaire/carte/"
TILES = "tile.openstreetmap.org"
READY = ".leaflet-container[data-places]"
HOSTILE = "${alert(1)}</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"
#: What ends a script, an attribute, a template; marks of direction, a sign beyond the first plane.
WORST = f"\"'`{HOSTILE}\u202e\u200f\u2028😀\\"


@pytest.fixture
def places(served):
    """A crowd at one place, two lonely places, and one whose position is that of its town."""
    crowd = [StructureFactory(title=f"Crèche {number}", latitude=50.63, longitude=3.06) for number in range(3)]
    translate(crowd[0], "ar", title="حضانة")
    StructureFactory(title="PMI Moulins", slug="pmi-moulins", latitude=50.70, longitude=3.20)
    health = ThemeFactory(slug="sante", name="Santé", pictogram="heart", names={"ar": "الصحة"})
    worst = ThemeFactory(slug="pire", name=WORST[:80])
    StructureFactory(
        title=HOSTILE, slug="hostile", address=(WORST * 9)[:200], latitude=50.66, longitude=3.20, themes=[worst],
        description=(WORST * 200)[:5000], phone="", postcode="59100",
    )  # fmt: skip
    crowd[0].themes.add(health)
    crowd[0].save()
    StructureFactory(title="Mairie", latitude=50.70, longitude=3.06, position_precision="municipality", phone="")
    StructureFactory(title="Sans adresse", latitude=None, longitude=None, position_precision="", position_source="")
    return served


def marker(page, title):
    return page.get_by_role("button", name=title, exact=True)


def test_places_with_the_keyboard_alone(places, open_page):
    page, watch = open_page(MAP)
    page.wait_for_selector(READY)
    assert page.locator(READY).get_attribute("data-places") == "6"
    pins = page.locator(".pin")
    expect(pins).to_have_count(3)

    # From the top of the page to a marker, by Tab only.
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "PMI Moulins":
            break
    expect(marker(page, "PMI Moulins")).to_be_focused()
    page.keyboard.press("Enter")
    popup = page.get_by_role("dialog", name="PMI Moulins")
    expect(popup).to_be_focused()
    expect(popup.get_by_role("link", name="PMI Moulins")).to_have_attribute("href", "/annuaire/pmi-moulins/")
    expect(popup.locator('a[href="tel:0320260411"]')).to_have_text("03 20 26 04 11")
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(marker(page, "PMI Moulins")).to_be_focused()

    # The space bar presses a button too; a popup without a phone has no link to one.
    marker(page, "Mairie").focus()
    page.keyboard.press("Space")
    popup = page.get_by_role("dialog", name="Mairie")
    expect(popup).to_be_visible()
    expect(popup.locator('a[href^="tel:"]')).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/annuaire/lieu-*/")
    assert watch.foreign == []


def test_a_crowd_opens_with_the_keyboard(places, open_page):
    page, _watch = open_page(MAP)
    page.wait_for_selector(READY)
    crowd = page.locator(".cluster")
    expect(crowd).to_have_count(1)
    expect(crowd).to_have_accessible_name(re.compile(r"\b3\b"))
    crowd.focus()
    page.keyboard.press("Enter")
    # Three places at the same point: they are spread around it.
    expect(marker(page, "Crèche 1")).to_be_visible()
    marker(page, "Crèche 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Crèche 1")).to_be_visible()


def test_the_legend_shows_a_theme_alone(places, open_page):
    page, _watch = open_page(f"/ar{MAP}", viewport={"width": 360, "height": 700})
    page.wait_for_selector(READY)
    legend = page.locator("#map-legend")
    assert legend.get_attribute("open") is None
    legend.locator("summary").press("Enter")
    health = legend.get_by_role("button", name="الصحة")
    expect(health.locator("use")).to_have_attribute("href", re.compile("#heart$"))
    health.press("Enter")
    expect(health).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#map-state")).to_contain_text("1")
    expect(marker(page, "حضانة")).to_be_visible()
    expect(page.locator(".map .pin")).to_have_count(1)
    assert axe(page) == []
    health.press("Enter")
    expect(page.locator("#map-state")).to_contain_text("6")


def test_when_a_popup_can_not_be_told(places, open_page):
    page, watch = open_page(MAP)
    page.route("**/lieu.geojson", lambda route: route.abort())
    page.wait_for_selector(READY)
    marker(page, "PMI Moulins").press("Enter")
    popup = page.get_by_role("dialog", name="PMI Moulins")
    expect(popup).to_contain_text("Les détails n’ont pas pu être chargés")
    expect(popup.get_by_role("link", name="PMI Moulins")).to_be_visible()
    assert all("lieu.geojson" in fault or "Failed to load resource" in fault for fault in watch.faults)
    watch.faults.clear()


def test_hostile_texts_are_shown_as_they_are(places, open_page):
    own = "/annuaire/hostile"
    for path in (MAP, f"{own}/carte/", f"{own}/autour/", f"{MAP}?q=%22%3E%3Cscript%3Ealert(3)%3C/script%3E"):
        page, _watch = open_page(path)
        page.wait_for_selector(READY)
        if page.locator(".pin").count() == 0:
            continue
        marker(page, HOSTILE).press("Enter")
        popup = page.get_by_role("dialog", name=HOSTILE)
        expect(popup.locator(".place-title")).to_have_text(HOSTILE)
        expect(popup).to_contain_text("onerror=alert(2)")
        expect(popup).to_contain_text("59100 Roubaix")
        assert page.locator("main img, main script").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_streets_come_only_when_they_are_asked_for(places, open_page):
    page, watch = open_page(MAP, allowed_hosts={TILES})
    page.wait_for_selector(READY)
    page.wait_for_load_state("networkidle")
    assert watch.foreign == []
    page.locator('a[href$="fond=osm"]').click()
    page.wait_for_url("**/?fond=osm")
    page.wait_for_selector(READY)
    expect(page.locator(".leaflet-control-attribution")).to_be_visible()
    expect(page.get_by_role("link", name="© OpenStreetMap")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert watch.foreign
    assert {url.split("/")[2] for url in watch.foreign} == {TILES}
    # Only what surrounds the places: not a view of the country first.
    assert len({url.split("/")[3] for url in watch.foreign}) == 1


def test_without_javascript_the_list_is_one_link_away(places, open_page):
    page, _watch = open_page(f"{MAP}?kind=centre-social", java_script_enabled=False)
    expect(page.locator("noscript p")).to_be_visible()
    skip, back = page.get_by_role("link").all()[:2]
    expect(skip).to_have_attribute("href", "#main")
    expect(back).to_have_attribute("href", "/annuaire/?kind=centre-social")


def test_when_the_points_do_not_come(places, open_page):
    page, watch = open_page("/annuaire/sans-carte/")
    page.route("**/lieux.geojson*", lambda route: route.abort())
    watch.faults.clear()
    page.goto(MAP)
    expect(page.locator("#map-state")).not_to_be_empty()
    assert all("lieux.geojson" in fault or "fetch" in fault for fault in watch.faults)
    watch.faults.clear()


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (MAP, {}),
        (f"/ar{MAP}?fond=osm", {"viewport": {"width": 320, "height": 640}}),
        ("/en/annuaire/pmi-moulins/carte/", {"color_scheme": "dark"}),
    ],
)
def test_maps_have_no_fault_of_accessibility(places, open_page, path, options):
    page, _watch = open_page(path, allowed_hosts={TILES}, **options)
    page.wait_for_selector(READY)
    assert axe(page) == []
    page.locator(".pin").first.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("path", ["/annuaire/?kind=centre-social", "/annuaire/pmi-moulins/"])
def test_a_map_opens_in_the_page(places, open_page, path):
    page, watch = open_page(path, allowed_hosts={TILES})
    link = page.locator("a[data-map-frame]")
    address = link.get_attribute("href")
    assert "fond" not in address
    assert watch.foreign == []
    link.press("Enter")
    frame = page.locator("iframe.map-frame")
    expect(frame).to_have_attribute("src", re.compile(re.escape(f"{places.url}{address}") + r"[?&]fond=osm$"))
    assert frame.get_attribute("title")
    expect(link).to_be_hidden()
    inside = page.frame_locator("iframe.map-frame")
    expect(inside.locator(READY)).to_be_visible()
    expect(inside.get_by_role("link", name="© OpenStreetMap")).to_be_visible()
    close = page.locator("div:has(> iframe.map-frame) > button")
    expect(close).to_be_focused()
    assert axe(page) == []
    close.press("Enter")
    expect(frame).to_have_count(0)
    expect(link).to_be_focused()


def test_a_place_on_the_framed_map_opens_in_the_whole_window(places, open_page):
    page, _watch = open_page("/annuaire/", allowed_hosts={TILES})
    page.locator("a[data-map-frame]").click()
    inside = page.frame_locator("iframe.map-frame")
    inside.get_by_role("button", name="PMI Moulins", exact=True).press("Enter")
    inside.get_by_role("dialog").get_by_role("link", name="PMI Moulins").click()
    page.wait_for_url("**/annuaire/pmi-moulins/")
