"""Every page type renders in every language, in its frame; what is not public leaks nowhere."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from tests import factories

LANGUAGES = ("fr", "en", "ar")


def path_in(language, path):
    return path if language == "fr" else f"/{language}{path}"


@pytest.fixture
def site(tree):
    """One page of each type, each with something to show."""
    theme = factories.ThemeFactory(slug="sante", name="Santé", names={"ar": "الصحة", "en": "Health"})
    structure = factories.StructureFactory(
        title="PMI de Roubaix",
        slug="pmi-roubaix",
        phone="03 20 26 04 11",
        opening_hours="Mo-Fr 09:00-12:00,14:00-17:00; PH off",
        themes=[theme],
    )
    centre = factories.CentreFactory(title="Echo", slug="echo")
    event = factories.EventFactory(title="Café des parents", slug="cafe", structure=structure)
    term = factories.TermFactory(title="Nuage", slug="nuage")
    resource = factories.ResourceFactory(title="Le sommeil", slug="sommeil")
    news = factories.NewsFactory(title="Portes ouvertes", slug="portes-ouvertes", centres=[centre])
    activity = factories.ActivityFactory(title="Couture", slug="couture", parent=centre)
    standard = factories.StandardPageFactory(title="À propos", slug="a-propos")
    return [structure, centre, event, term, resource, news, activity, standard]


#: Views that are no page, and lists in several states.
FIXED_PATHS = ("/recherche/", "/recherche/?q=pmi", "/annuaire/?age=2", "/agenda/?vue=semaine", "/plan-du-site/")
INDEX_PATHS = ("/", "/annuaire/", "/ressources/", "/glossaire/", "/agenda/", "/centres/", "/actualites/", "/contact/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_type_in_every_language(client, site, language):
    paths = [*INDEX_PATHS, *(page.get_url_parts()[2] for page in site), "/centres/echo/agenda/"]
    for path in paths:
        response = client.get(path_in(language, path))
        assert response.status_code == 200, path
        html = response.content.decode()
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
        assert "<h1" in html
        assert not response.cookies or path == "/contact/", path


def test_french_text_is_marked_in_another_frame(client, site):
    html = client.get("/ar/annuaire/pmi-roubaix/").content.decode()
    assert re.search(r'<h1 lang="fr" dir="ltr">\s*PMI de Roubaix', html)
    assert "الصحة" in html
    assert 'href="/ar/annuaire/?theme=sante"' in html


class UnmarkedWords(HTMLParser):
    """Texts in Latin letters only, in an Arabic page, that no ``lang`` says to be in another language.

    An Arabic text may name a French thing in brackets.
    """

    #: The same in every language.
    NAMES = {"FR", "EN", "CSV", "XLSX", "GeoJSON", "JSON", "Atom", "ICS", "PDF", "SMS", "WhatsApp", "OpenStreetMap"}
    NAMES |= {"Leaflet"}
    #: ``q`` holds what the reader typed.
    UNREAD = {"script", "style", "title", "q"}
    VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
    SAID = {"aria-label", "alt", "title", "placeholder"}

    def __init__(self):
        super().__init__()
        self.open = []
        self.found = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        language = given.get("lang") or (self.open[-1][1] if self.open else None)
        for name in self.SAID & given.keys():
            self.read(given[name], language)
        if tag not in self.VOID:
            self.open.append((tag, language))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.open and not any(tag in self.UNREAD for tag, _language in self.open):
            self.read(data, self.open[-1][1])

    def read(self, text, language):
        words = set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", text or "")) - self.NAMES
        if words and language == "ar" and not re.search(r"[\u0600-\u06ff]", text):
            self.found.append(text.strip())


def test_no_unmarked_french_in_the_arabic_frame(client, site):
    for path in [*INDEX_PATHS, *FIXED_PATHS, *(page.get_url_parts()[2] for page in site), "/centres/echo/agenda/"]:
        parser = UnmarkedWords()
        parser.feed(client.get(f"/ar{path}").content.decode())
        # What is left over is an address, which has no language.
        assert [text for text in parser.found if "@" not in text and "www." not in text] == [], path


@pytest.mark.parametrize("view", ["jour", "semaine", "mois", "liste"])
def test_views_of_the_agenda(client, site, view):
    day = timezone.localdate() + timedelta(days=1)
    response = client.get("/agenda/", {"vue": view, "date": day.isoformat()})
    assert response.status_code == 200


def test_json_ld_is_valid(client, site):
    for page in site:
        html = client.get(page.get_url_parts()[2]).content.decode()
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL):
            assert json.loads(block)["@context"] == "https://schema.org"
