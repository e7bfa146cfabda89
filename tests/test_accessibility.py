"""Every public page type in a real browser: no A/AA fault, nothing from elsewhere, no cookie, nothing stored."""

import pytest

from directory.models import Permanence, Service
from portal.core.models import PortalSettings
from tests import factories
from tests.browser import axe

pytestmark = pytest.mark.browser

BODY = [
    {"type": "heading", "value": {"text": "Comment venir ?"}},
    {"type": "paragraph", "value": {"html": "<p>Poussez la <a href='/annuaire/'>porte</a>.</p><ul><li>Un</li></ul>"}},
    {"type": "callout", "value": {"title": "Bon à savoir", "text": "C’est gratuit."}},
    {"type": "steps", "value": {"items": ["Appeler", "Venir"]}},
    {"type": "questions", "value": {"items": [{"question": "Où ?", "answer": "Ici."}]}},
    {"type": "quote", "value": {"text": "On est bien.", "source": "Un groupe de parents"}},
    {"type": "link", "value": {"label": "L’annuaire", "page": None, "url": "/annuaire/"}},
]


@pytest.fixture
def paths(served):
    """One page of each type with everything it can show; gives their French paths."""
    theme = factories.ThemeFactory(slug="sante", name="Santé", names={"ar": "الصحة", "en": "Health"})
    audience = factories.AudienceFactory(slug="parents", name="Parents", names={"ar": "الآباء"})
    facts = {"themes": [theme], "audiences": [audience], "age_min_months": 0, "age_max_months": 36}
    PortalSettings.objects.update_or_create(
        site=served.site, defaults={"contact_name": "Fédération", "contact_phone": "03 20 79 98 70"}
    )
    structure = factories.StructureFactory(
        slug="pmi", **facts, languages=["fr", "ar"], access=["fauteuil"], cost="gratuit", email="pmi@example.org",
        website="https://example.org/", description="Un lieu.\n\nPour tous.", is_to_check=True,
    )  # fmt: skip
    structure.services.add(Service(name="Pesée", description="On pèse.", cost="gratuit", schedule="Le mardi"))
    structure.permanences.add(Permanence(role="Puéricultrice", opening_hours="We 14:00-16:00", booking="Sur place"))
    structure.save()
    centre = factories.CentreFactory(slug="echo", body=BODY)
    weekly = factories.EventFactory(slug="cafe", **facts, structure=structure, rrule="FREQ=WEEKLY", is_full=True)
    pages = [
        structure,
        centre,
        centre.agenda,
        weekly,
        factories.EventFactory(slug="annule", status="cancelled", status_note="L’animatrice est malade."),
        factories.TermFactory(slug="nuage", spellings="cloud, nuages", themes=[theme]),
        factories.ResourceFactory(slug="sommeil", **facts, body=BODY, easy_text="Dormir.\n\nC’est bien."),
        factories.ActivityFactory(slug="couture", parent=centre, body=BODY, **facts),
        factories.NewsFactory(slug="fete", body=BODY, centres=[centre]),
        factories.StandardPageFactory(slug="a-propos", body=BODY),
    ]
    own = [page.get_url_parts()[2] for page in pages]
    return [
        "/", "/annuaire/", "/annuaire/?kind=zzz&age=2", "/annuaire/integrer/", "/annuaire/integre/liste/",
        "/ressources/", "/glossaire/", "/agenda/",
        "/agenda/?vue=semaine", "/agenda/?vue=mois", "/centres/", "/actualites/", "/contact/", "/recherche/?q=pmi",
        "/recherche/?q=zzzz", "/plan-du-site/", *own,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "options"),
    [
        ("fr", {"viewport": {"width": 1280, "height": 800}}),
        ("ar", {"viewport": {"width": 320, "height": 640}}),
        ("en", {"viewport": {"width": 360, "height": 640}, "color_scheme": "dark"}),
    ],
)
def test_every_page_type(paths, served, open_page, language, options):
    prefix = "" if language == "fr" else f"/{language}"
    page, watch = open_page(prefix + "/", **options)
    faults = {}
    for path in paths:
        page.goto(prefix + path)
        found = axe(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append("scrolls sideways")
        if page.locator('style, script:not([src], [type="application/ld+json"]), [style]').count():
            found.append("inline code")
        if page.evaluate("localStorage.length + sessionStorage.length"):
            found.append("stores something")
        if path != "/contact/" and page.context.cookies():
            found.append(f"cookies: {page.context.cookies()}")
        page.context.clear_cookies()
        if found:
            faults[path] = found
    assert faults == {}
    assert watch.foreign == []


def test_the_page_that_does_not_exist(served, open_page):
    page, watch = open_page("/nowhere/")
    assert axe(page) == []
    page.get_by_label("Que cherchez").fill("pmi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche/?q=pmi")
    # The browser itself tells the console of the 404.
    watch.faults = [fault for fault in watch.faults if "404" not in fault]


def test_without_javascript(paths, open_page):
    page, _watch = open_page("/annuaire/", java_script_enabled=False)
    page.locator("#filter-q").fill("lieu")
    page.locator(".search-row button").click()
    page.locator(".list h3 a").first.click()
    assert page.locator("h1").inner_text().startswith("Lieu")


@pytest.mark.parametrize("path", ["/annuaire/", "/agenda/"])
def test_filters_fold_on_a_phone_and_lie_flat_on_a_wide_screen(served, open_page, path):
    page, _watch = open_page(path, java_script_enabled=False, viewport={"width": 1280, "height": 800})
    field = page.locator("details.fold select").first
    assert field.is_visible()
    assert not page.locator("details.fold > summary").is_visible()
    page.set_viewport_size({"width": 360, "height": 640})
    assert not field.is_visible()
    page.locator("details.fold > summary").press("Enter")
    assert field.is_visible()


def test_the_skip_link_comes_first(served, open_page):
    page, _watch = open_page("/annuaire/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
