"""``make guide-shots``: the pictures of the editor's guide, taken from the running portal into ``docs/img/guide/``.

Each picture is a function that puts a screen of the admin in the wanted state; its name is the name of the file. The
guide and this module name the same pictures: a test says so. ``make guide-shots WORDS=bureau`` takes only those whose
name holds the word.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser import run_browser
from tests.shots.served_demo import ROOT, ServedDemo, served_demo

FOLDER = ROOT / "docs" / "img" / "guide"
VIEWPORT = {"width": 1100, "height": 740}
#: Of a screen of flat colours, all that one sees.
COLOURS = 96

# Pages that wait, that were sent back, that are being translated: what an editor meets on an ordinary day.
STATE = """
from django.contrib.auth import get_user_model
from wagtail.models import Locale
from wagtail_localize.operations import translate_object
from home.models import NewsIndexPage, NewsPage

users = get_user_model().objects
author, editor = users.get(username="contributeur"), users.get(username="editeur")
index = NewsIndexPage.objects.sources().get()


def propose(title, summary):
    page = index.add_child(instance=NewsPage(title=title, summary=summary, owner=author, live=False))
    page.save_revision(user=author)
    page.get_workflow().start(page, author)
    return page


propose("Un goûter pour les nouveaux voisins", "Venez faire connaissance mercredi à 16 h.")
back = propose("Le vestiaire change de salle", "Il ouvre maintenant au premier étage.")
back.current_workflow_task_state.reject(user=editor, comment="Il manque le jour d’ouverture. Merci !")
arabic = Locale.objects.get(language_code="ar")
known = NewsPage.objects.filter(locale=arabic).values("translation_key")
untranslated = NewsPage.objects.sources().live().exclude(translation_key__in=known)
translate_object(untranslated.order_by("title").first(), [arabic])
"""


# Sheets of paper: the documents that PDF is made from, as the browser shows them.
PAPERS = """
import json
from django.test import RequestFactory
from django.utils import timezone
from events import papers
from events.models import EventPage
from home import programme
from home.models import CentrePage
from portal.core.papers import A4

request = RequestFactory().get("/", SERVER_NAME="boussole.example")
event = EventPage.objects.visible().get(slug="cafe-des-parents-arbrisseau")
centre = CentrePage.objects.visible().get(slug="arbrisseau")
month = programme.next_month(timezone.localdate().replace(day=1))
sheets = {
    "affiche": list(papers.versions(event, request, A4))[2](20),
    "programme": next(programme.versions(centre, request, month))(0),
}
print(json.dumps(sheets))
"""
A4_PIXELS = {"width": 794, "height": 1123}
#: By the name of their picture, filled before the first is taken.
sheets: dict[str, str] = {}


@dataclass(frozen=True)
class Shot:
    """``take`` opens the screen, and gives the part to show; ``None`` shows what the window holds."""

    user: str
    take: Callable[[Page], Locator | None]


SHOTS: dict[str, Shot] = {}


def shot(user: str) -> Callable[[Callable[[Page], Locator | None]], Callable[[Page], Locator | None]]:
    def register(take: Callable[[Page], Locator | None]) -> Callable[[Page], Locator | None]:
        SHOTS[take.__name__.replace("_", "-")] = Shot(user, take)
        return take

    return register


# --- The pictures ----------------------------------------------------------------------------------------------------


@shot("")
def connexion(page: Page) -> None:
    page.goto("/admin/login/")
    page.locator("#id_username").fill("centre")


@shot("centre")
def bureau(page: Page) -> None:
    page.goto("/admin/")


@shot("centre")
def horaires(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Corriger les horaires").click()
    page.wait_for_load_state("load")
    page.wait_for_timeout(1_500)  # the script of the grid brings it into view
    show(page, "#id_opening_hours")


@shot("centre")
def evenement(page: Page) -> None:
    new_event(page)
    show(page, "#id_starts_at")


@shot("centre")
def date_annulee(page: Page) -> None:
    new_event(page)
    page.locator("#id_rrule-often").select_option("weekly")
    page.locator("[name=rrule-ends][value=count]").check()
    page.locator("[name=rrule-count]").fill("10")
    page.locator("#id_exceptions-ADD").click()
    page.locator("#id_exceptions-0-date").fill("2027-01-06")
    page.locator("#id_exceptions-0-kind").select_option("cancelled")
    page.wait_for_timeout(800)
    show(page, "#id_exceptions-0-date")


@shot("contributeur")
def actualite(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Une actualité").click()
    page.locator("#id_title").fill("Le centre ferme du 24 décembre au 2 janvier")
    page.locator("#id_summary").fill("L’accueil rouvre le lundi 4 janvier à 9 h.")


@shot("centre")
def blocs(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Écrire une actualité").click()
    adder = page.locator("[data-streamfield-stream-container] button[title], .c-sf-add-button").first
    adder.scroll_into_view_if_needed()
    adder.click()
    page.wait_for_timeout(600)
    show(page, ".c-sf-add-button")


@shot("editeur")
def image(page: Page) -> None:
    page.goto("/admin/images/")
    page.locator("main a:has(img)").first.click()
    page.locator("#id_credit").wait_for()
    show(page, "#id_credit")


@shot("centre")
def apercu(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Modifier la page du centre").click()
    toggle = page.locator('[data-side-panel-toggle="preview"]')
    if toggle.get_attribute("aria-expanded") != "true":
        toggle.click()
    page.frame_locator("iframe[title]").first.locator("h1").wait_for()
    page.wait_for_timeout(1_000)


@shot("centre")
def publier(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Modifier la page du centre").click()
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    page.locator("[name=action-publish]").first.wait_for()


@shot("contributeur")
def a_reprendre(page: Page) -> Locator:
    page.goto("/admin/")
    return page.locator("#sent-back-section")


@shot("editeur")
def a_lire(page: Page) -> None:
    page.goto("/admin/")
    page.locator("#awaiting-review-section .desk-pieces a").first.click()
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    page.wait_for_timeout(500)


@shot("editeur")
def traduire(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="à terminer").click()
    page.get_by_role("link", name="(Arabe)").first.click()
    page.wait_for_timeout(1_500)


@shot("editeur")
def fiches_a_verifier(page: Page) -> None:
    page.goto("/admin/a-verifier/")


@shot("")
def ecran(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto("/ecran/lazare-garreau/")
    page.keyboard.press("ArrowRight")


@shot("")
def tablette(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/accueil/lazare-garreau/")


@shot("admin")
def couleurs(page: Page) -> None:
    page.goto("/admin/settings/core/portalsettings/")
    page.locator("#id_ink_green").fill("#57c4a8")
    page.locator("#id_ink_green").dispatch_event("input")
    page.get_by_role("button", name="Enregistrer").first.click()
    page.locator(".error-message").first.wait_for()
    show(page, "#id_ink_green")


@shot("")
def affiche(page: Page) -> None:
    show_sheet(page, "affiche")


@shot("")
def programme(page: Page) -> None:
    show_sheet(page, "programme")


def show_sheet(page: Page, name: str) -> None:
    page.goto("/healthz")  # an address of the portal, which style sheet and fonts are below
    page.set_viewport_size(A4_PIXELS)
    page.set_content(sheets[name])
    page.evaluate("document.fonts.ready")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({**A4_PIXELS, "height": height})


def new_event(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Ajouter un événement").click()
    page.locator("#id_title").fill("Atelier cuisine en famille")
    page.locator("#id_starts_at").fill("2026-12-16 14:00")
    page.locator("#id_ends_at").fill("2026-12-16 16:00")
    page.wait_for_timeout(800)


def show(page: Page, selector: str) -> None:
    """Scroll until the field stands in the upper third of the window."""
    page.locator(selector).first.evaluate(
        """(one) => {
          document.activeElement.blur();
          one.style.scrollMarginTop = "230px";
          one.scrollIntoView({block: "start", inline: "nearest"});
          for (let above = one; above; above = above.parentElement) above.scrollLeft = 0;
          for (const picker of document.querySelectorAll(".xdsoft_datetimepicker")) picker.style.display = "none";
        }"""
    )


# --- Taking them -----------------------------------------------------------------------------------------------------


def take_all(demo: ServedDemo, browser: Browser, words: list[str]) -> list[Path]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    taken = []
    for name, one in SHOTS.items():
        if words and not any(word in name for word in words):
            continue
        context = browser.new_context(
            base_url=demo.url, viewport=VIEWPORT, locale="fr-FR", color_scheme="light", bypass_csp=name in sheets
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        # Wagtail watches forms and asks before one leaves them: nothing to keep here.
        page.on("dialog", lambda dialog: dialog.accept())
        if one.user:
            sign_in(page, one.user, demo.logins[one.user])
        part = one.take(page)
        page.wait_for_timeout(500)
        path = FOLDER / f"{name}.png"
        (part or page).screenshot(path=path, animations="disabled")
        context.close()
        reduce(path)
        say(f"{name}: {path.stat().st_size // 1024} KB")
        taken.append(path)
    return taken


def sign_in(page: Page, user: str, password: str) -> None:
    page.goto("/admin/login/")
    page.locator("#id_username").fill(user)
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="S'identifier").click()
    page.wait_for_url("**/admin/")


def reduce(path: Path) -> None:
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")  # the browser stands beside a database
    words = sys.argv[1:]
    with served_demo() as demo, run_browser() as browser:
        demo.manage("shell", "-c", STATE)
        sheets.update(json.loads(demo.manage("shell", "--no-imports", "-c", PAPERS).splitlines()[-1]))
        taken = take_all(demo, browser, words)
    if not words:
        for stale in set(FOLDER.glob("*.png")) - set(taken):
            stale.unlink()
    say(f"{len(taken)} pictures, {sum(path.stat().st_size for path in taken) // 1024} KB")


if __name__ == "__main__":
    main()
