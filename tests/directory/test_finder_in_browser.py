"""A parent finds what is open on Saturday near an address: by keyboard, without JavaScript, in Arabic."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import axe

pytestmark = pytest.mark.browser

ADDRESS = "rue d'Oran Roubaix"


@contextmanager
def geocoder():
    """Answers as the Géoplateforme does, over HTTP: it knows one street."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            text = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
            asked.append(text)
            street = {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [3.1812, 50.6981]},
                "properties": {
                    "label": "Rue d'Oran 59100 Roubaix", "name": "Rue d'Oran", "street": "Rue d'Oran", "score": 0.93,
                    "postcode": "59100", "citycode": "59512", "city": "Roubaix", "type": "street", "id": "59512_6880",
                    "context": "59, Nord, Hauts-de-France", "importance": 0.6, "x": 1, "y": 1,
                },
            }  # fmt: skip
            features = [street] if "oran" in text.lower() else []
            body = json.dumps({"type": "FeatureCollection", "features": features, "query": text}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def places(served, settings):
    """Near the street: open on Saturday for the little ones; for the big ones; on weekdays only; far away."""
    town = factories.MunicipalityFactory(
        insee="59512", name="Roubaix", postcodes="59100", latitude=50.69, longitude=3.17
    )
    near = {"municipality": town, "latitude": 50.701, "longitude": 3.181}
    toys = factories.StructureFactory(
        title="Ludothèque du parc", opening_hours="Sa 10:00-12:00; PH off", age_max_months=72, **near
    )
    factories.translate(toys, "ar", title="مكتبة الألعاب")
    factories.StructureFactory(title="Club ados", opening_hours="Sa 10:00-12:00", age_min_months=132, **near)
    factories.StructureFactory(title="PMI", opening_hours="Mo-Fr 09:00-12:00", age_max_months=72, **near)
    factories.StructureFactory(
        title="Ludothèque lointaine", opening_hours="Sa 10:00-12:00", age_max_months=72, latitude=50.4, longitude=3.0
    )
    with geocoder() as (url, asked):
        settings.GEOCODER_URL = url
        served.asked = asked
        yield served


def go_to(page, name):
    """The control with this name in the address takes the focus, by Tab only."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")


def entries(page):
    return page.locator(".results .list h3 a")


# The time in Chromium does not matter: the server decides what is open on Saturday.
def test_by_keyboard_alone(places, open_page):
    page, _watch = open_page("/annuaire/", viewport={"width": 1280, "height": 800})
    loads, requests = [], []
    page.on("load", lambda _page: loads.append(1))
    page.on("request", lambda request: requests.append(urlsplit(request.url).path))
    heading = page.locator("#results-title")
    go_to(page, "near")
    page.keyboard.type(ADDRESS)
    go_to(page, "age")
    # Leaving the field was enough: the results are there, and the focus has gone on.
    expect(heading).to_have_text("3 lieux trouvés")
    page.keyboard.type("2")
    go_to(page, "ouvert")
    expect(heading).to_have_text("2 lieux trouvés")
    expect(page.locator("#filter-ouvert option[value=sat]")).to_have_text("Samedi (1)")
    page.keyboard.type("Samedi")
    expect(heading).to_have_text("1 lieu trouvé")
    expect(entries(page)).to_have_text(["Ludothèque du parc"])
    expect(page.locator(".results .list")).to_contain_text("À 300 m")
    assert page.evaluate("document.activeElement.name") == "ouvert"
    assert page.locator("#results-count").get_attribute("role") == "status"
    assert axe(page) == []
    # Nothing else was loaded than the lists and the module, and the address can be sent to somebody.
    assert loads == []
    assert {path for path in requests if not path.endswith(".js")} == {"/annuaire/"}
    assert parse_qs(urlsplit(page.url).query) == {"near": [ADDRESS], "age": ["2"], "ouvert": ["sat"]}
    assert page.locator("a[hreflang=ar]").get_attribute("href").startswith("/ar/annuaire/?near=rue")
    assert page.locator("a[data-map-frame]").get_attribute("href").endswith(urlsplit(page.url).query)

    # Enter sends the form: the focus goes to what was found, then on to the choices and the sheets.
    page.locator("#filter-age").focus()
    page.keyboard.press("Enter")
    expect(heading).to_be_focused()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").startswith("Samedi"):
            break
    page.keyboard.press("Enter")
    expect(heading).to_have_text("2 lieux trouvés")
    expect(heading).to_be_focused()
    assert page.locator("#filter-ouvert").input_value() == ""
    # Back and forth, as everywhere.
    page.go_back()
    expect(heading).to_have_text("1 lieu trouvé")
    assert page.locator("#filter-ouvert").input_value() == "sat"
    entries(page).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/annuaire/lieu-*/")
    page.go_back()
    expect(page.locator("#results-title")).to_have_text("1 lieu trouvé")
    assert any("Oran" in text for text in places.asked)


@pytest.mark.parametrize("prefix", ["", "/ar"])
def test_without_javascript(places, open_page, prefix):
    page, _watch = open_page(f"{prefix}/annuaire/", java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.locator(".finder summary").click()
    assert page.locator(".near button").is_hidden()
    page.locator("#filter-near").fill(ADDRESS)
    page.locator("#filter-age").fill("2")
    page.locator("#filter-ouvert").select_option("sat")
    page.locator(".picks button[type=submit]").click()
    expect(entries(page)).to_have_text(["مكتبة الألعاب" if prefix else "Ludothèque du parc"])
    # The filters are there again, and each can be taken away.
    page.locator(".finder summary").click()
    assert page.locator("#filter-near").input_value() == ADDRESS
    assert page.locator("#filter-ouvert").input_value() == "sat"
    page.locator(".chips a").last.click()
    expect(page.locator(".chips a")).to_have_count(0)


def test_in_arabic_by_keyboard(places, open_page):
    page, _watch = open_page("/ar/annuaire/", viewport={"width": 1280, "height": 800})
    go_to(page, "near")
    page.keyboard.type(ADDRESS)
    go_to(page, "age")
    page.keyboard.type("2")
    go_to(page, "ouvert")
    for _ in range(7):
        page.keyboard.press("ArrowDown")
    expect(entries(page)).to_have_text(["مكتبة الألعاب"])
    expect(page.locator(".results .list")).to_contain_text("300")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert axe(page) == []


def test_around_me(places, open_page):
    here = {"latitude": 50.69812345, "longitude": 3.18112345}
    page, _watch = open_page("/annuaire/", geolocation=here, permissions=["geolocation"])
    button = page.get_by_role("button", name="Autour de moi")
    button.click()
    expect(page.locator("#results-title")).to_have_text("3 lieux trouvés")
    expect(page.locator(".chips")).to_contain_text("Autour de vous")
    assert parse_qs(urlsplit(page.url).query)["near"] == ["50.698,3.181"]
    assert page.locator("#filter-near").input_value() == ""
    assert "50.698" not in page.locator("main").inner_text()
    # Another filter keeps the place; an address typed after takes its place.
    page.locator("#filter-ouvert").focus()
    page.locator("#filter-ouvert").select_option("sat")
    expect(page.locator("#results-title")).to_have_text("2 lieux trouvés")
    assert "near=50.698" in page.url
    page.locator("#filter-near").fill(ADDRESS)
    page.locator("#filter-near").press("Enter")
    page.wait_for_url("**near=rue**")
    expect(page.locator(".chips")).to_contain_text("Rue d'Oran 59100 Roubaix")


def test_whoever_refuses_is_told_what_to_do(places, open_page):
    page, _watch = open_page("/annuaire/")
    page.get_by_role("button", name="Autour de moi").click()
    expect(page.locator(".near [role=status]")).to_contain_text("Écrivez une adresse ou une ville.")
    assert urlsplit(page.url).query == ""


def test_a_list_that_cannot_be_fetched_is_opened(places, open_page):
    page, watch = open_page("/annuaire/")

    def fail(route):
        route.continue_() if route.request.is_navigation_request() else route.fulfill(status=503, body="")

    page.route("**/annuaire/?ouvert=sat", fail)
    page.locator("#filter-ouvert").focus()
    page.locator("#filter-ouvert").select_option("sat")
    page.wait_for_url("**/annuaire/?ouvert=sat")
    expect(page.locator("#results-title")).to_have_text("3 lieux trouvés")
    assert len(watch.faults) == 2
    assert all("503" in fault for fault in watch.faults)
    watch.faults.clear()
