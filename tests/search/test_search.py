"""The search page: finds what is visible, in every language, whatever is typed."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from portal.core.models import PortalSettings
from tests import factories
from tests.odd_input import ODD

pytestmark = pytest.mark.django_db

LANGUAGES = ("fr", "en", "ar")
PREFIXES = {"fr": "", "en": "/en", "ar": "/ar"}


def html_of(response):
    """The page without its pictograms, which say nothing."""
    assert response.status_code == 200
    return re.sub(r"<svg.*?</svg>", "", unescape(response.content.decode()), flags=re.DOTALL)


def main_of(response):
    return html_of(response).split("<main")[1].split("</main>")[0]


def titles(client, words, language="fr", **filters):
    """Titles of the results, in order."""
    html = html_of(client.get(f"{PREFIXES[language]}/recherche/", {"q": words, **filters}))
    return [title.strip() for title in re.findall(r'<li class="item">\s*<h3><a [^>]*>(.*?)</a>', html, re.DOTALL)]


@pytest.fixture
def portal(tree):
    """One page of each type about the same word."""
    centre = factories.CentreFactory(title="Centre Echo", slug="echo", summary="Un lieu pour jouer au soleil.")
    factories.StructureFactory(title="Ludothèque du Soleil", slug="ludotheque", kind="ludotheque")
    factories.ResourceFactory(title="Jouer au soleil", slug="jouer")
    factories.EventFactory(title="Fête du soleil", slug="fete", parent=centre.agenda, structure=centre.structure)
    factories.TermFactory(title="Soleil", slug="soleil")
    factories.NewsFactory(title="Le soleil est là", slug="nouvelle")
    factories.ActivityFactory(title="Atelier soleil", slug="atelier", parent=centre)
    factories.StandardPageFactory(title="À propos du soleil", slug="a-propos")
    return centre


ALL_TITLES = {
    "Centre Echo", "Ludothèque du Soleil", "Jouer au soleil", "Fête du soleil", "Soleil", "Le soleil est là",
    "Atelier soleil", "À propos du soleil",
}  # fmt: skip


def test_everything_is_found_in_every_frame(client, portal):
    for language in LANGUAGES:
        assert set(titles(client, "soleil", language)) == ALL_TITLES
    assert titles(client, "soleil")[0] == "Soleil"


def test_a_result_says_what_it_is(client, portal):
    html = html_of(client.get("/recherche/", {"q": "soleil"}))
    assert 'href="/agenda/fete/"' in html
    assert 'href="/centres/echo/atelier/"' in html
    assert re.search(r'<p class="kind with-picto">[^<]+ · <span>Roubaix</span>', html)
    assert f'<time datetime="{factories.tomorrow_at(14).isoformat()}">' in html
    assert re.search(r'<div role="status"><h2 id="results-title">8 ', html)
    assert "noindex" in html


def test_results_by_type(client, portal):
    html = html_of(client.get("/recherche/", {"q": "soleil", "page": 1}))
    assert 'href="/recherche/?q=soleil&type=page"' in html
    counts = dict(re.findall(r'type=(\w+)"[^>]*>[^<(]* \((\d+)\)', html))
    one_each = dict.fromkeys(("structure", "resource", "event", "term", "news", "centre"), "1")
    assert counts == {**one_each, "page": "2"}
    for code, title in (("structure", "Ludothèque du Soleil"), ("event", "Fête du soleil"), ("term", "Soleil")):
        assert titles(client, "soleil", type=code) == [title]
    assert titles(client, "soleil", type="service") == ["Ludothèque du Soleil"]
    assert set(titles(client, "soleil", "ar", type=["term", "event"])) == {"Soleil", "Fête du soleil"}
    html = main_of(client.get("/recherche/", {"q": "soleil", "type": "term"}))
    assert html.count('aria-current="true"') == 1
    assert 'href="/recherche/?q=soleil">' in html


def test_a_type_without_result_leads_to_the_others(client, tree):
    factories.TermFactory(title="Nuage")
    html = html_of(client.get("/recherche/", {"q": "nuage", "type": "event"}))
    assert titles(client, "nuage", type="event") == []
    assert '<a href="/recherche/?q=nuage">' in html


# --- Languages -------------------------------------------------------------------------------------------------------


def test_arabic_words_find_the_arabic_text(client, tree):
    page = factories.StructureFactory(title="PMI de Roubaix", slug="pmi")
    factories.translate(page, "ar", title="مركز حماية الأم والطفل", summary="للأطفال الصغار")
    html = html_of(client.get("/ar/recherche/", {"q": "الطفل مركز"}))
    assert titles(client, "مركز", "ar") == ["مركز حماية الأم والطفل"]
    assert '<h3><a href="/ar/annuaire/pmi/">مركز حماية الأم والطفل</a></h3>' in html
    assert "<p>للأطفال الصغار</p>" in html
    assert titles(client, "مركز", "fr") == []
    assert titles(client, "pmi", "ar") == ["مركز حماية الأم والطفل"]


def test_french_words_find_untranslated_pages_from_an_arabic_frame(client, tree):
    factories.EventFactory(title="Café des parents", slug="cafe", summary="On parle.")
    html = html_of(client.get("/ar/recherche/", {"q": "cafe"}))
    assert '<a href="/ar/agenda/cafe/" lang="fr" dir="ltr">Café des parents</a>' in html
    assert '<p lang="fr" dir="ltr">On parle.</p>' in html


def test_an_unpublished_translation_shows_its_french_text(client, tree):
    page = factories.StructureFactory(title="Halte-garderie", summary="Une heure ou deux.")
    row = factories.translate(page, "en", title="Drop-in nursery", summary="An hour or two.")
    row.unpublish()
    assert titles(client, "nursery", "en") == []
    assert titles(client, "garderie", "en") == ["Halte-garderie"]


# --- Nothing leaks ---------------------------------------------------------------------------------------------------


def make_private(page):
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def test_nothing_leaks(client, tree):
    """Drafts, unpublished pages with a live translation, private pages and pages below them."""
    factories.StructureFactory(title="Secret brouillon", live=False)
    unpublished = factories.StructureFactory(title="Secret retiré")
    factories.translate(unpublished, "ar", title="سر قديم")
    unpublished.unpublish()
    private = factories.StandardPageFactory(title="Secret privé")
    factories.translate(private, "ar", title="سر خاص")
    make_private(private)
    below = factories.StandardPageFactory(title="Secret dessous", parent=private)
    factories.translate(below, "ar", title="سر تحت")
    section = factories.CentreFactory(title="Secret centre", structure__title="Maison")
    factories.EventFactory(title="Secret rendez-vous", parent=section.agenda)
    make_private(section)
    edited = factories.TermFactory(title="Mot public")
    edited.title = "Secret futur"
    edited.save_revision()
    factories.TermFactory(title="Public")
    for language in LANGUAGES:
        for words in ("secret", "سر", "secret OR public", "mot"):
            shown = titles(client, words, language)
            assert not [title for title in shown if "Secret" in title or "سر" in title], (language, words)
    assert titles(client, "secret") == []
    assert titles(client, "mot public")[0] == "Mot public"


def test_what_is_over_or_to_come_is_not_found(client, tree):
    yesterday = timezone.now() - timedelta(days=1)
    factories.EventFactory(title="Atelier passé", starts_at=yesterday)
    factories.EventFactory(title="Atelier de la semaine", starts_at=yesterday, rrule="FREQ=WEEKLY")
    factories.NewsFactory(title="Atelier annoncé demain", published_on=timezone.localdate() + timedelta(days=1))
    assert titles(client, "atelier") == ["Atelier de la semaine"]


# --- Whatever is typed -----------------------------------------------------------------------------------------------


def test_no_words_show_where_to_begin(client, tree):
    for query in ("", "?q=", "?q=%20%20", "?type=term", "?q=&page=3"):
        html = main_of(client.get(f"/recherche/{query}"))
        assert 'name="q"' in html
        assert html.count('href="/annuaire/"') == 1
        assert 'role="status"' not in html
    assert client.head("/recherche/").status_code == 200
    assert client.post("/recherche/", {"q": "x"}).status_code == 405


def test_nothing_found_helps(client, tree):
    main = main_of(client.get("/ar/recherche/", {"q": "xyzzy"}))
    assert 'href="/ar/contact/?message=' in main
    assert 'href="/ar/annuaire/"' in main
    response = client.get("/recherche/", {"q": "<script>alert(1)</script> & co"})
    assert "<script>alert" not in response.content.decode()
    assert re.search(r'/contact/\?message=[^"]*%3Cscript%3E[^"]*%26', main_of(response))


def test_nothing_found_asks_for_the_word(client, tree):
    PortalSettings.objects.update_or_create(site=tree.site, defaults={"contact_phone": "03 20 79 98 70"})
    main = main_of(client.get("/recherche/", {"q": "blockchain & co"}))
    assert re.search(r'<form action="/contact/" method="get">', main)
    assert '<input id="ask-word" name="mot" value="blockchain & co"' in main
    assert 'href="tel:' in main
    factories.TermFactory(title="Nuage")
    main = main_of(client.get("/recherche/", {"q": "nuage"}))
    assert 'id="ask-word"' not in main
    assert 'href="/contact/?message=' in main


def test_each_type_has_its_pictogram(client, portal):
    html = client.get("/recherche/", {"q": "soleil"}).content.decode()
    for name in ("pin", "calendar", "book", "bubble", "home", "article", "file"):
        assert len(re.findall(rf'<p class="kind with-picto"><svg [^>]*><use href="[^"]*#{name}"', html)) >= 1, name


def test_unreadable_filters_are_named(client, tree):
    html = html_of(client.get("/recherche/", {"q": "x" * 201, "type": "voiture", "page": "douze"}))
    assert html.count("<q>") >= 3
    assert "voiture" in html
    assert "douze" in html


def test_odd_input(client, tree):
    factories.TermFactory(title="Crèche")
    for text in ODD:
        typed = text.encode("utf-8", "replace").decode()
        response = client.get("/recherche/", {"q": typed, "page": typed[:5]})
        assert response.status_code == (400 if "\0" in text else 200), text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=250))
def test_any_text(client, tree, q):
    assert client.get("/ar/recherche/", {"q": q, "type": q, "page": q}).status_code == 200


# --- Pages and queries -----------------------------------------------------------------------------------------------


def grow(count):
    """As many pages of each type, all about the sun, some of them translated; indexed at once."""
    for factory in (
        factories.StructureFactory, factories.ResourceFactory, factories.EventFactory, factories.TermFactory,
        factories.NewsFactory, factories.StandardPageFactory, factories.ActivityFactory, factories.CentreFactory,
    ):  # fmt: skip
        values = {"summary": "Au soleil."}
        if factory is factories.EventFactory:
            values |= {"structure": None, "place_name": "Au parc"}
        if factory is factories.ActivityFactory:
            values["parent"] = factories.CentreFactory()
        pages = factories.create_many(factory, count, **values)
        for page in pages[:3]:
            factories.translate(page, "ar", title=f"شمس {page.title}")
    call_command("wagtail_update_index", verbosity=0)


def queries_of(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as context:
        client.get(path)
    return len(context)


@pytest.mark.slow
def test_the_number_of_queries_does_not_grow(client, tree):
    grow(1)
    few = queries_of(client, "/recherche/?q=soleil"), queries_of(client, "/ar/recherche/?q=شمس")
    grow(24)
    many = queries_of(client, "/recherche/?q=soleil"), queries_of(client, "/ar/recherche/?q=شمس")
    # Towns and dates are read only when a structure or an event is on the page.
    assert max(few[0], many[0]) <= 14
    assert max(few[1], many[1]) <= 16


def test_pages_of_results(client, tree):
    factories.create_many(factories.StandardPageFactory, 45, summary="Au soleil.")
    call_command("wagtail_update_index", verbosity=0)
    seen = [title for number in range(1, 6) for title in titles(client, "soleil", page=number)]
    assert len(seen) == len(set(seen)) == 45
    html = html_of(client.get("/recherche/", {"q": "soleil", "page": 2}))
    assert 'rel="next"' in html
    assert "q=soleil&page=3" in html
    assert titles(client, "soleil", page=99) == titles(client, "soleil", page=5)
