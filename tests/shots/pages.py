"""``make shots``: a picture of every public page, at 360 and 1280 px, by day and by night, in French and in Arabic.

They go to ``var/shots/`` (ignored by git), named ``<page>-<language>-<width>-<scheme>.png``. What a machine can see is
printed, and makes the command fail: a page that answers something else than 200, scrolls sideways, or shows words cut
off. ``make shots WORDS=agenda`` takes only the pages whose name or path holds the word; ``python -m tests.shots.pages
--url http://…`` takes those of a portal that already runs.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from playwright.sync_api import Browser, Page

from tests.browser import run_browser
from tests.shots.served_demo import ROOT, served_demo

FOLDER = ROOT / "var" / "shots"
SIZES = {360: 740, 1280: 900}
SCHEMES = ("light", "dark")
LANGUAGES = ("fr", "ar")
#: Pages that the sitemap does not name, and lists in several states.
FIXED = {
    "annuaire-filtre": "/annuaire/?theme=scolarite&ouvert=wed",
    "annuaire-integrer": "/annuaire/integrer/?theme=sante",
    "annuaire-integre-liste": "/annuaire/integre/liste/?theme=sante",
    "annuaire-vide": "/annuaire/?q=zzzz&age=2",
    "agenda-jour": "/agenda/?vue=jour",
    "agenda-semaine": "/agenda/?vue=semaine",
    "agenda-mois": "/agenda/?vue=mois",
    "recherche": "/recherche/",
    "recherche-creche": "/recherche/?q=creche",
    "recherche-vide": "/recherche/?q=zzzz",
    "plan-du-site": "/plan-du-site/",
    "erreur-404": "/nulle-part/",
}
#: Sheets of the same kind look alike: how many of each family of addresses are taken.
OF_EACH_FAMILY = 3
#: Words that do not fit into their box, unless the box is made to scroll.
CUT = """() => [...document.querySelectorAll("h1, h2, h3, a, button, p, dd, td, th, li, label, summary")]
  .filter((one) => !one.closest(".sr, .collage, [hidden]") && !one.querySelector(".shape")
    && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "hidden" && one.clientWidth > 0)
  .map((one) => one.textContent.trim().replace(/\\s+/g, " ").slice(0, 60))"""


def paths_of(browser: Browser, url: str) -> dict[str, str]:
    """Paths of French pages by the name of their picture: all of the sitemap but the many sheets of one kind."""
    context = browser.new_context()
    body = context.request.get(f"{url}/sitemap.xml").text()
    context.close()
    found = dict(FIXED)
    seen: dict[str, int] = {}
    for location in ET.fromstring(body).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc"):
        path = urlsplit(location.text or "/").path
        if re.match(r"/(en|ar)/", path):
            continue
        family = path.strip("/").rpartition("/")[0]
        seen[family] = seen.get(family, 0) + 1
        if not family or seen[family] <= OF_EACH_FAMILY:
            found[path.strip("/").replace("/", "-") or "accueil"] = path
    return found


def faults_of(page: Page, status: int, name: str) -> Iterator[str]:
    if status != 200 and not name.startswith("erreur-"):
        yield f"answers {status}"
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "scrolls sideways"
    for words in page.evaluate(CUT):
        yield f"cut off: {words}"


def take(browser: Browser, url: str, words: list[str]) -> list[str]:
    """Take the pictures; gives what is wrong, one line each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    paths = {
        name: path
        for name, path in paths_of(browser, url).items()
        if not words or any(word in name or word in path for word in words)
    }
    combinations = [(language, width, scheme) for language in LANGUAGES for width in SIZES for scheme in SCHEMES]
    faults, total, started = [], len(paths) * len(combinations), time.monotonic()
    for number, (language, width, scheme) in enumerate(combinations):
        context = browser.new_context(viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        for index, (name, path) in enumerate(sorted(paths.items())):
            response = page.goto(f"{url}{'' if language == 'fr' else '/' + language}{quote(path, safe='/?=&%')}")
            picture = f"{name}-{language}-{width}-{scheme}.png"
            page.screenshot(path=FOLDER / picture, full_page=True)
            found = faults_of(page, response.status if response else 0, name)
            faults += [f"{picture}: {fault}" for fault in found]
            say(f"\r{number * len(paths) + index + 1}/{total}  {time.monotonic() - started:.0f} s  {picture:70.70}")
        context.close()
    say("\n")
    return faults


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")  # the browser stands beside a database
    with run_browser() as browser:
        if options.url:
            faults = take(browser, options.url.rstrip("/"), options.words)
        else:
            with served_demo() as demo:
                faults = take(browser, demo.url, options.words)
    say("".join(f"{fault}\n" for fault in faults))
    say(f"{len(list(Path(FOLDER).glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
