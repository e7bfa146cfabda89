"""What a partner pastes, on a site of their own, in a real browser: only what is made for it shows in a frame there."""

import http.server
import re
import threading
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.factories import StructureFactory, ThemeFactory

pytestmark = pytest.mark.browser

PAGE = "/annuaire/integrer/"


@pytest.fixture
def partner(tmp_path):
    """The address of another site, and the folder of its pages."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path
    server.shutdown()
    server.server_close()


@pytest.fixture
def places(served):
    health = ThemeFactory(slug="sante", name="Santé", pictogram="heart", names={"ar": "الصحة"})
    StructureFactory(title="PMI Moulins", slug="pmi-moulins", themes=[health])
    StructureFactory(title="Mairie", slug="mairie")
    return served


def test_lines_are_written_copied_and_shown(places, open_page, partner, browser):
    page, _watch = open_page(f"{PAGE}?theme=sante", permissions=["clipboard-read", "clipboard-write"])
    assert axe(page) == []
    page.get_by_role("link", name="Voir ce que cela donne").press("Enter")
    expect(page.frame_locator(".map-frame").locator("[data-places='1']")).to_be_visible()
    page.get_by_role("button", name="Fermer l’aperçu").press("Enter")
    page.get_by_role("button", name="Copier les lignes").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Les lignes sont copiées.")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()")
    page.get_by_label("Une liste").check()
    page.get_by_role("button", name="Écrire les lignes").press("Enter")
    page.wait_for_url("**vue=liste**")
    listed = page.locator("#snippet").input_value()

    # On the partner's page: the two that are made for it, and the portal's own map, which is not.
    address, folder = partner
    refused = f'<iframe src="{places.url}/annuaire/carte/" title="refused"></iframe>'
    (folder / "index.html").write_text(f"<!DOCTYPE html><title>Ville</title>{lines}{listed}{refused}")
    context = browser.new_context()
    site = context.new_page()
    refusals = []
    site.on("console", lambda message: refusals.append(message.text) if message.type == "error" else None)
    site.goto(address)
    shown = site.frame_locator("iframe >> nth=0")
    expect(shown.locator("[data-places='1']")).to_be_visible()
    entries = site.frame_locator("iframe >> nth=1").get_by_role("link", name="PMI Moulins")
    expect(entries).to_be_visible()
    expect(site.frame_locator("iframe >> nth=2").locator(".map-document")).to_have_count(0)
    assert [text for text in refusals if "frame-ancestors" in text or "X-Frame-Options" in text]
    assert len([text for text in refusals if "favicon" not in text and "404" not in text]) == 1
    assert context.cookies() == []
    # A click leaves the frame.
    shown.locator(".pin").press("Enter")
    shown.get_by_role("dialog").get_by_role("link", name="PMI Moulins").click()
    site.wait_for_url(f"{places.url}/annuaire/pmi-moulins/")
    context.close()


def test_the_page_without_javascript_in_arabic(places, open_page):
    page, _watch = open_page(f"/ar{PAGE}", java_script_enabled=False, viewport={"width": 320, "height": 640})
    page.locator("#filter-theme").select_option("sante")
    page.get_by_role("button", name="كتابة الأسطر").click()
    expect(page.locator("#snippet")).to_have_value(re.compile(re.escape("/ar/annuaire/integre/carte/?theme=sante")))
    expect(page.get_by_role("button", name="نسخ الأسطر")).to_be_hidden()
