"""Reading aloud, sharing, leaflets and pages kept on the device, in a real browser."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from portal.core.models import PortalSettings
from tests import factories
from tests.browser import axe, open_context

pytestmark = pytest.mark.browser

LIST = "/sur-cet-appareil/"

# Chromium without a screen has no voices. This one speaks until the test says that it has finished.
VOICES = """
const spoken = [];
let voices = %s;
const synthesis = Object.assign(new EventTarget(), {
  getVoices: () => voices,
  speak(utterance) {
    if (!utterance.text) return;
    spoken.push({ text: utterance.text, lang: utterance.lang, voice: utterance.voice?.name });
    synthesis.current = utterance;
  },
  cancel() { synthesis.current = null; },
});
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
window.device = {
  spoken,
  arrive(found) { voices = found; synthesis.dispatchEvent(new Event("voiceschanged")); },
  finish() { synthesis.current.onend(); },
  isSpeaking: () => Boolean(synthesis.current),
  heard: () => [...(CSS.highlights.get("listen") ?? [])].map((range) => range.toString().trim())[0] ?? null,
};
"""
FRENCH = '{ name: "Voix", lang: "fr_FR", localService: true }'
ARABIC = '{ name: "صوت", lang: "ar", localService: true }'
REMOTE = '{ name: "Voix du réseau", lang: "fr-FR", localService: false }'


@pytest.fixture
def pages(served):
    """A sheet and a word, with a contact."""
    PortalSettings.objects.update_or_create(
        site=served.site, defaults={"contact_name": "Fédération", "contact_phone": "03 20 79 98 70"}
    )
    factories.StructureFactory(
        title="PMI Moulins", slug="pmi", description="Premier lieu. Appelez le 03 20 26 04 11 avant.", opening_hours=""
    )
    factories.TermFactory(title="Nuage", slug="nuage", summary="Un ordinateur loin d’ici.")
    return served


@pytest.fixture
def listening(browser, pages):
    """Opens a page on a device that has these voices."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def open_page(path, *voices):
            context, _watch = stack.enter_context(open_context(browser, pages.url))
            context.add_init_script(VOICES % f"[{', '.join(voices)}]")
            page = context.new_page()
            page.goto(path)
            return SimpleNamespace(
                page=page,
                button=page.locator(".listen button").first,
                stop=page.locator("[data-listen-stop]"),
                tell=lambda call: page.evaluate(f"device.{call}"),
            )

        yield open_page


def wait_for_voice(device):
    """The page speaks a moment after the click."""
    for _ in range(200):
        if device.tell("isSpeaking()"):
            return
        device.page.wait_for_timeout(20)
    raise AssertionError("nothing is said")


# --- Listen ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("voices", [(), (ARABIC,), (REMOTE,)])
def test_no_button_without_a_voice_of_the_device(listening, voices):
    device = listening("/annuaire/pmi/", *voices)
    expect(device.page.locator("details.share button").first).to_be_hidden()
    expect(device.button).to_be_hidden()
    # Voices may come late.
    device.tell(f"arrive([{FRENCH}])")
    expect(device.button).to_be_visible()


def test_a_page_is_read_and_followed(listening):
    device = listening("/annuaire/pmi/", REMOTE, FRENCH)
    device.button.click()
    expect(device.stop).to_be_visible()
    expect(device.button).to_have_text("Pause")
    wait_for_voice(device)
    assert device.tell("spoken[0]") == {"text": "PMI Moulins", "lang": "fr-FR", "voice": "Voix"}
    assert device.tell("heard()") == "PMI Moulins"
    heard = []
    while device.tell("isSpeaking()"):
        heard.append(device.tell("heard()"))
        device.tell("finish()")
    texts = device.tell("spoken.map((one) => one.text)")
    assert "Premier lieu." in texts
    # A number is heard by pairs of digits, and seen as it is written.
    assert "Appelez le 03, 20, 26, 04, 11 avant." in texts
    assert "Appelez le 03\u00a020\u00a026\u00a004\u00a011 avant." in heard
    assert device.tell("heard()") is None
    expect(device.stop).to_be_hidden()
    expect(device.button).to_have_text("Écouter cette page")
    # Buttons of the page are no text.
    assert not {"Pause", "Arrêter"} & set(texts)


def test_pause_goes_on_from_the_same_sentence(listening):
    device = listening("/annuaire/pmi/", FRENCH)
    device.button.click()
    wait_for_voice(device)
    device.tell("finish()")
    sentence = device.tell("heard()")
    device.button.click()
    expect(device.button).to_have_text("Continuer")
    assert not device.tell("isSpeaking()")
    device.button.click()
    wait_for_voice(device)
    assert device.tell("heard()") == sentence
    assert device.tell("spoken.at(-1).text") == device.tell("spoken.at(-2).text")


@pytest.mark.parametrize("way", ["button", "escape", "leave"])
def test_it_stops_at_will(listening, way):
    device = listening("/annuaire/pmi/", FRENCH)
    device.button.click()
    wait_for_voice(device)
    if way == "button":
        device.stop.click()
        expect(device.button).to_be_focused()
    elif way == "escape":
        device.page.keyboard.press("Escape")
    else:
        device.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert not device.tell("isSpeaking()")
    assert device.tell("heard()") is None
    expect(device.stop).to_be_hidden()


def test_french_text_in_the_arabic_frame(listening):
    device = listening("/ar/glossaire/nuage/", FRENCH, ARABIC)
    device.button.click()
    wait_for_voice(device)
    while device.tell("isSpeaking()"):
        device.tell("finish()")
    languages = dict(device.tell("spoken.map((one) => [one.text, one.lang])"))
    assert languages["Un ordinateur loin d’ici."] == "fr-FR"

    # On a sheet the labels are Arabic: read by the Arabic voice, or left out without one.
    for voices, expected in (((FRENCH, ARABIC), {"fr-FR", "ar"}), ((FRENCH,), {"fr-FR"})):
        device = listening("/ar/annuaire/pmi/", *voices)
        device.button.click()
        wait_for_voice(device)
        while device.tell("isSpeaking()"):
            device.tell("finish()")
        assert set(device.tell("spoken.map((one) => one.lang)")) == expected


# --- What a page loads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/ar/annuaire/pmi/", "/annuaire/pmi/?feuille=a5", LIST])
def test_a_page_loads_seven_files_at_most(pages, browser, path):
    """All that the browser asks for by itself, its own tab's icon and the manifest included."""
    with open_context(browser, pages.url) as (context, _watch):
        page = context.new_page()
        asked = []
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        asked = [url for url in asked if not url.startswith("data:")]
        assert len(asked) <= 7, asked


# --- Share -----------------------------------------------------------------------------------------------------------


def test_sharing_with_and_without_javascript(pages, open_page):
    page, _watch = open_page("/ar/annuaire/pmi/", java_script_enabled=False)
    page.locator("details.share summary").click()
    expect(page.locator("details.share a[href^='sms:']")).to_be_visible()
    assert page.locator("details.share button:visible").count() == 0

    page, watch = open_page("/annuaire/pmi/", permissions=["clipboard-read", "clipboard-write"])
    fold = page.locator("details.share")
    fold.locator("summary").click()
    assert axe(page) == []
    fold.get_by_role("button", name="Copier le lien").click()
    expect(fold.get_by_role("status")).to_have_text("Le lien est copié.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{pages.url}/annuaire/pmi/"
    page.evaluate("window.print = () => { window.printed = true; }")
    fold.get_by_role("button", name="Imprimer cette page").click()
    assert page.evaluate("window.printed")
    assert watch.foreign == []


# --- Leaflets --------------------------------------------------------------------------------------------------------


def sheets_of(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_leaflet_is_one_sheet(served, open_page):
    long = "Une phrase assez longue, comme on en écrit souvent dans une fiche. " * 60
    hours = "Mo 09:00-12:00; Tu 09:00-12:00,14:00-17:00; We 10:00-12:00; Th 14:00-17:00; Fr 09:00-11:00"
    structure = factories.StructureFactory(
        slug="long", title="Un centre social et culturel au nom vraiment très long", summary=long[:300],
        description=long, opening_hours=hours, age_min_months=0, age_max_months=36, cost="gratuit", is_to_check=True,
        languages=["fr", "ar", "en", "tr"],
    )  # fmt: skip
    body = [{"type": "paragraph", "value": {"html": f"<p>{long}</p><p>{long}</p>"}}]
    factories.ResourceFactory(slug="long", summary=long[:300], body=body)
    factories.TermFactory(slug="long", summary=long[:300], definition=long[:1900])
    factories.EventFactory(slug="long", summary=long[:300], description=long, structure=structure, rrule="FREQ=WEEKLY")
    page, _watch = open_page("/annuaire/long/?feuille=a5", viewport={"width": 360, "height": 740})
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_role("button", name="Imprimer")).to_be_visible()
    for path in ("annuaire", "ressources", "glossaire", "agenda"):
        for prefix in ("", "/ar"):
            for paper, box in (("a5", b"0 0 420 595"), ("a4", b"0 0 595 842")):
                page.goto(f"{prefix}/{path}/long/?feuille={paper}")
                pdf = page.pdf(prefer_css_page_size=True, print_background=True)
                assert sheets_of(pdf) == 1, (prefix, path, paper)
                media = re.search(rb"/MediaBox\s*\[([^]]+)\]", pdf)[1]
                assert b" ".join(b"%d" % round(float(side)) for side in media.split()) == box


# --- Keep on this device ---------------------------------------------------------------------------------------------

STORED = """async () => ({
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  storage: localStorage.length + sessionStorage.length,
  databases: (await indexedDB.databases()).length,
})"""
NOTHING = {"caches": [], "workers": 0, "storage": 0, "databases": 0}


def keep(page):
    fold = page.locator("details.share")
    fold.locator("summary").click()
    fold.get_by_role("button", name=re.compile("Garder|الحفظ")).click()
    expect(fold.get_by_role("status")).not_to_be_empty()


def test_a_page_kept_by_a_click_opens_without_network(pages, open_page):
    page, watch = open_page("/annuaire/pmi/")
    for path in ("/", "/glossaire/nuage/", LIST, "/annuaire/pmi/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(STORED) == NOTHING, path
    keep(page)
    expect(page.locator("details.share").get_by_role("status")).to_have_text(re.compile("est gardée"))
    page.goto("/ar/glossaire/nuage/")
    keep(page)
    stored = page.evaluate(STORED)
    assert (stored["workers"], stored["storage"], stored["databases"]) == (1, 0, 0)
    # Only what was clicked, and the list of it.
    kept = page.evaluate(
        "async () => (await (await caches.open('kept-pages')).keys()).map((one) => new URL(one.url).pathname).sort()"
    )
    assert kept == ["/annuaire/pmi/", "/ar/glossaire/nuage/", f"/ar{LIST}", LIST]

    # With a network the facts are fresh.
    page.goto("/annuaire/pmi/")
    expect(page.get_by_text("Voici la copie gardée")).to_have_count(0)

    page.context.set_offline(True)
    page.goto("/annuaire/pmi/?x=1")
    expect(page.locator("h1")).to_have_text("PMI Moulins")
    expect(page.locator("main > .note").first).to_have_text(re.compile(r"gardée sur cet appareil le \d+ \w+ 20\d\d"))
    assert page.evaluate("[...document.styleSheets].every((sheet) => sheet.cssRules.length)")
    expect(page.locator("details.share summary")).to_be_visible()
    page.goto("/ar/glossaire/nuage/")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    page.goto("/agenda/")
    expect(page.locator("h1")).to_have_text("Gardé sur cet appareil")
    expect(page.locator("[data-not-kept]")).to_be_visible()
    expect(page.locator("[data-kept-list] li a")).to_have_text(["Nuage", "PMI Moulins"])
    assert axe(page) == []
    page.get_by_role("link", name="PMI Moulins").click()
    expect(page.locator("h1")).to_have_text("PMI Moulins")
    # Files that are not kept (a map, a picture) fail, and say so to the console only.
    watch.faults.clear()


def test_one_page_then_everything_is_erased(pages, open_page):
    page, _watch = open_page("/annuaire/pmi/")
    keep(page)
    page.goto("/glossaire/nuage/")
    keep(page)
    page.goto(LIST)
    rows = page.locator("[data-kept-list] li")
    expect(rows).to_have_count(2)
    expect(page.locator("[data-not-kept]")).to_be_hidden()
    page.get_by_role("button", name="Effacer – PMI Moulins").click()
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    expect(rows.get_by_role("link")).to_have_text("Nuage")
    page.get_by_role("button", name="Tout effacer").click()
    expect(page.locator("[data-kept-list]").get_by_role("status")).to_have_text(re.compile("Plus rien"))
    assert page.evaluate(STORED) == NOTHING


def test_erasing_the_last_page_erases_everything(pages, open_page):
    page, _watch = open_page("/annuaire/pmi/")
    keep(page)
    page.goto(LIST)
    page.get_by_role("button", name="Effacer – PMI Moulins").click()
    expect(page.locator("[data-kept-list]").get_by_role("status")).to_have_text(re.compile("Plus rien"))
    assert page.evaluate(STORED) == NOTHING


def test_the_worker_leaves_shared_devices_alone(pages, open_page):
    page, watch = open_page("/annuaire/pmi/")
    keep(page)
    page.goto(LIST)
    page.context.set_offline(True)
    for path in ("/accueil/pmi/", "/admin/", "/ar/atelier/", "/espace/", "/ecran/pmi/"):
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            page.goto(path)
    watch.faults.clear()


def test_a_private_page_is_not_kept(pages, open_page):
    """Whoever may read it now may not be who holds the device later."""
    from wagtail.models import Page, PageViewRestriction

    page, watch = open_page("/annuaire/pmi/")
    private = Page.objects.get(slug="pmi")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    keep(page)
    expect(page.locator("details.share").get_by_role("status")).to_have_text("La page n’a pas pu être gardée.")
    assert page.evaluate(STORED) == NOTHING
    watch.faults.clear()


def test_without_javascript_nothing_speaks_of_keeping(pages, open_page):
    page, _watch = open_page("/annuaire/pmi/", java_script_enabled=False)
    page.locator("details.share summary").click()
    assert "Garder" not in page.locator("details.share").inner_text().replace("Partager, imprimer, garder", "")
