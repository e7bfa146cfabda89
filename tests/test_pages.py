"""Every page type renders in every language, in its frame; what is not public leaks nowhere."""

import json
import re
from datetime import timedelta

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
