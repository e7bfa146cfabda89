"""The sitemap for machines and the plan for people: every visible page in every language, and no other."""

import re
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from home.plan import MAX_PAGES
from portal.core.versions import forget_memory
from tests import factories

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
BASE = "http://testserver"


def addresses(client):
    """Of each address: its last change, and its alternates by language."""
    response = client.get("/sitemap.xml")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(response.content)
    assert root.tag == f"{SITEMAP}urlset"
    return {
        url.findtext(f"{SITEMAP}loc").removeprefix(BASE): (
            url.findtext(f"{SITEMAP}lastmod"),
            {link.get("hreflang"): link.get("href").removeprefix(BASE) for link in url.findall(f"{XHTML}link")},
        )
        for url in root
    }


def make_private(page):
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


@pytest.fixture
def hidden(tree):
    """Pages that nobody may see listed, all called “Secret”."""
    factories.TermFactory(title="Secret brouillon", slug="secret-brouillon", live=False)
    unpublished = factories.StructureFactory(title="Secret retiré", slug="secret-retire")
    factories.translate(unpublished, "ar", title="سر", slug="secret-retire")
    unpublished.unpublish()
    private = factories.StandardPageFactory(title="Secret privé", slug="secret-prive")
    make_private(private)
    factories.StandardPageFactory(title="Secret dessous", slug="secret-dessous", parent=private)
    centre = factories.CentreFactory(title="Secret centre", slug="secret-centre", structure__title="Maison")
    factories.EventFactory(title="Secret fête", slug="secret-fete", parent=centre.agenda, structure=centre.structure)
    make_private(centre)


# --- sitemap.xml -----------------------------------------------------------------------------------------------------


def test_every_type_in_every_language(client, tree):
    centre = factories.CentreFactory(slug="echo")
    pages = [
        centre,
        factories.StructureFactory(),
        factories.ResourceFactory(),
        factories.EventFactory(slug="fete", parent=centre.agenda),
        factories.TermFactory(),
        factories.NewsFactory(),
        factories.ActivityFactory(parent=centre),
        factories.StandardPageFactory(),
    ]
    found = addresses(client)
    paths = [page.get_url_parts()[2] for page in pages]
    assert "/agenda/fete/" in paths
    for path in [*paths, "/", "/annuaire/", "/contact/", "/centres/echo/agenda/"]:
        alternates = {"fr": path, "en": f"/en{path}", "ar": f"/ar{path}", "x-default": path}
        for code in ("fr", "en", "ar"):
            assert found[alternates[code]][1] == alternates
            assert client.get(alternates[code]).status_code == 200
    assert len(found) == 3 * Page.objects.filter(depth__gt=1, locale__language_code="fr").count()
    assert not [path for path in found if "recherche" in path]
    assert client.post("/sitemap.xml").status_code == 405
    assert client.get("/ar/sitemap.xml", follow=True).status_code == 404


def test_last_changes(client, tree):
    page = factories.TermFactory(slug="nuage")
    row = factories.translate(page, "ar", title="سحابة")
    early, late = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 4, 2, 9, 30, tzinfo=UTC)
    for source, translation, arabic in ((early, late, late), (late, early, late), (early, None, early)):
        Page.objects.filter(pk=page.pk).update(last_published_at=source)
        Page.objects.filter(pk=row.pk).update(last_published_at=translation)
        found = addresses(client)
        assert found["/glossaire/nuage/"][0] == source.isoformat()
        assert found["/ar/glossaire/nuage/"][0] == arabic.isoformat()
        assert found["/en/glossaire/nuage/"][0] == source.isoformat()


def test_nothing_hidden_in_the_sitemap(client, hidden):
    assert not [path for path in addresses(client) if "secret" in path]


def queries_of(client, path):
    """Of a warm process; but the plan is made from nothing: what processes remember of it would hide what grows."""
    client.get(path)
    if "plan" in path:
        forget_memory()
    with CaptureQueriesContext(connection) as context:
        assert client.get(path).status_code == 200
    return len(context)


def grow(count):
    for name in ("Structure", "Term", "News", "Resource"):
        pages = factories.create_many(getattr(factories, f"{name}Factory"), count)
        factories.translate(pages[0], "ar", title="عنوان")
    factories.create_many(factories.EventFactory, count, structure=None, place_name="Au parc")


@pytest.mark.slow
def test_queries_do_not_grow(client, tree):
    paths = ("/sitemap.xml", "/plan-du-site/", "/ar/plan-du-site/")
    grow(2)
    few = [queries_of(client, path) for path in paths]
    grow(40)
    assert [queries_of(client, path) for path in paths] == few
    assert few[0] <= 6
    assert few[1] <= 12
    assert few[2] <= 14


# --- The plan of the site --------------------------------------------------------------------------------------------


def main_of(response):
    assert response.status_code == 200
    return unescape(response.content.decode()).split("<main")[1].split("</main>")[0]


def test_the_plan_in_the_language_of_the_reader(client, tree):
    factories.translate(tree.directory, "ar", title="الدليل")
    page = factories.StructureFactory(title="PMI de Roubaix", slug="pmi")
    factories.translate(page, "ar", title="مركز حماية الأم والطفل")
    factories.TermFactory(title="Nuage", slug="nuage")
    factories.EventFactory(title="Fête", slug="fete")
    html = main_of(client.get("/ar/plan-du-site/"))
    section = re.search(r'<a href="/ar/annuaire/">الدليل</a></h2>\s*<p>(.*?)</p>', html, re.DOTALL)[1]
    assert '<a href="/ar/annuaire/pmi/">مركز حماية الأم والطفل</a>' in section
    assert '<a href="/ar/glossaire/nuage/" lang="fr" dir="ltr">Nuage</a>' in html
    assert '<a href="/ar/agenda/fete/" lang="fr" dir="ltr">Fête</a>' in html
    html = main_of(client.get("/plan-du-site/"))
    assert '<a href="/annuaire/pmi/">PMI de Roubaix</a>' in html
    assert 'href="/"' in html


def test_a_long_section_is_cut(client, tree):
    factories.create_many(factories.TermFactory, 70)
    html = main_of(client.get("/plan-du-site/"))
    assert html.count('href="/glossaire/mot-') == MAX_PAGES < 70
    assert re.search(r'<a href="/glossaire/">[^<]*70[^<]*<', html)


def test_nothing_hidden_in_the_plan(client, hidden):
    for prefix in ("", "/en", "/ar"):
        html = main_of(client.get(f"{prefix}/plan-du-site/"))
        assert "ecret" not in html
        assert "سر" not in html
