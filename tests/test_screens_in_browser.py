"""The television of a hall and the tablet of a reception, for as long as they stand there."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from portal.core.moments import PARIS
from tests import factories
from tests.browser import axe

pytestmark = pytest.mark.browser

ELEMENTS = "document.querySelectorAll('*').length"
#: The page, and the files without which it would not turn.
STORED = """caches.open("hall").then((store) => store.keys()).then((kept) =>
  ["/ecran/echo/", ".js", ".css", ".woff2"].every((end) => kept.some(({ url }) => url.split("?")[0].endsWith(end))))"""


@pytest.fixture
def house(served):
    """A centre with dates today, tomorrow, in two days, and a word; at noon of an ordinary day."""
    served.noon = timezone.now().astimezone(PARIS).replace(hour=12, minute=0, second=0, microsecond=0)
    centre = factories.CentreFactory(title="Maison Echo", slug="echo")
    for title, days in (("Couture", 1), ("Chorale", 2)):
        start = served.noon + timedelta(days=days, hours=2)
        factories.EventFactory(
            title=title, structure=centre.structure, starts_at=start, ends_at=start + timedelta(hours=1)
        )
    factories.TermFactory(title="Nuage", slug="nuage", definition="C’est un ordinateur loin d’ici.")
    factories.NewsFactory(title="Le vestiaire rouvre", centres=[centre])
    return served


def test_the_television_turns_ten_times_with_the_network_cut_twice(house, open_page):
    page, watch = open_page("/accueil/echo/")  # a page of the same host, to put the clock first
    page.clock.install(time=house.noon)
    page.goto("/ecran/echo/")
    expect(page.locator("[data-clock]")).to_have_text("12:00")
    page.wait_for_function("navigator.serviceWorker.controller")
    page.clock.run_for(2_000)
    page.wait_for_function(STORED)
    offline, shown = page.locator("[data-offline]"), page.locator("[data-scene]:not([hidden])")
    first = page.evaluate(ELEMENTS)
    seen = []
    for step in range(90):
        if step in (20, 60):
            page.context.set_offline(True)
        if step in (40, 80):
            page.context.set_offline(False)
        page.clock.run_for(16_000)
        assert shown.count() == 1
        seen.append(shown.get_attribute("data-scene"))
        if step in (30, 70):
            expect(offline).to_contain_text("hors ligne depuis 12:")
        if step == 39:
            # Started again without network: a power cut.
            page.reload()
            expect(page.locator("h1")).to_have_text("Maison Echo")
            page.clock.run_for(2_000)
    for _ in range(10):
        # The answer takes its own time, which the clock of the page does not know.
        page.clock.run_for(31_000)
        page.wait_for_timeout(200)
        if offline.is_hidden():
            break
    expect(offline).to_be_hidden()
    assert seen.count("today") >= 10
    assert set(seen) == {"today", "later", "news-1", "word-1", "house"}
    assert page.evaluate(ELEMENTS) <= first + 5
    assert page.context.cookies() == []

    # It stands still at will, and is of use to whoever can't see it.
    page.keyboard.press("Space")
    still = shown.get_attribute("data-scene")
    page.clock.run_for(60_000)
    assert shown.get_attribute("data-scene") == still
    assert axe(page) == []
    page.keyboard.press("Space")

    # Midnight without network: what was tomorrow is today.
    page.context.set_offline(True)
    page.clock.fast_forward(timedelta(hours=16).seconds * 1000)
    page.clock.run_for(2_000)
    today = page.locator("[data-rows=today] > li")
    expect(today).to_have_count(1)
    expect(today.locator("h3")).to_have_text("Couture")
    expect(page.locator("[data-rows=later] > li h3")).to_have_text("Chorale")
    page.context.set_offline(False)
    assert watch.foreign == []


def test_the_tablet_forgets(house, open_page):
    page, watch = open_page("/accueil/echo/", viewport={"width": 1280, "height": 800})
    page.clock.install(time=house.noon)
    page.goto("/ar/accueil/echo/")
    assert axe(page) == []
    page.locator("[data-door*=glossaire]").click()
    inside = page.frame_locator("[data-place] iframe")
    expect(inside.locator("h1")).to_be_visible()
    expect(inside.locator("footer")).to_be_hidden()
    inside.locator("main a[href$='/glossaire/nuage/']").first.click()
    expect(inside.locator("h1")).to_have_text("Nuage")
    # A step back, and forth again: by the bar, which is always there.
    page.locator("[data-back]").click()
    inside.locator("main a[href$='/glossaire/nuage/']").first.click()
    expect(inside.locator("h1")).to_have_text("Nuage")
    page.evaluate("sessionStorage.setItem('someone', 'was here')")
    # What leads out is said.
    inside.locator("main").evaluate(
        "(main) => { main.innerHTML += '<a id=out href=https://exemple.org/aide>Ailleurs</a>'; }"
    )
    inside.locator("#out").click()
    expect(page.locator("[data-notice-text]")).to_contain_text("exemple.org/aide")
    # Somebody reads on: the count-down stops.
    leaving = page.locator("[data-leaving]")
    page.clock.run_for(38_000)
    expect(leaving).to_be_hidden()
    page.clock.run_for(4_000)
    expect(leaving).to_be_visible()
    expect(page.locator("[data-stay]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(leaving).to_be_hidden()
    page.clock.run_for(50_000)
    expect(page.locator("[data-count]")).to_have_text("10")
    page.clock.run_for(11_000)
    page.wait_for_url("**/accueil/echo/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.locator("[data-doors] h1")).to_be_visible()
    assert page.evaluate("[sessionStorage.length, localStorage.length, location.hash]") == [0, 0, ""]
    assert page.context.cookies() == []
    assert not page.context.service_workers
    assert watch.foreign == []
