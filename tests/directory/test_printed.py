"""The directory on paper: the places of the list by theme, as PDF or as a page to print."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from directory import print_views, printed
from directory.models import Service
from directory.printed import usual_monday
from portal.core import pdf
from tests.factories import MunicipalityFactory, StructureFactory, ThemeFactory, create_many, translate

pytestmark = pytest.mark.django_db

PDF, PAGE = "/annuaire/annuaire.pdf", "/annuaire/a-imprimer/"
ROUBAIX = {"commune": "59512"}


@pytest.fixture
def places(tree):
    roubaix = MunicipalityFactory(insee="59512", name="Roubaix", postcodes="59100", latitude=50.69, longitude=3.17)
    health = ThemeFactory(slug="sante", name="Santé", order=1, names={"ar": "الصحة"})
    leisure = ThemeFactory(slug="loisirs", name="Loisirs", order=2)
    first = StructureFactory(
        title="PMI Alma", slug="pmi-alma", kind="pmi", municipality=roubaix, address="1 rue d’Oran", postcode="59100",
        phone="03 20 00 00 01", themes=[leisure, health], opening_hours="Mo-Fr 09:00-12:00; PH off",
        holiday_hours="Mo 10:00-12:00", hours_text="un samedi sur deux", closed_from=date(2030, 1, 2),
        closed_until=date(2030, 1, 9), checked_on=date(2026, 11, 2), languages=["fr", "ar"], licence="ODbL",
    )  # fmt: skip
    first.services.add(Service(name="Pesée des bébés"))
    first.save()
    translate(first, "ar", title="مركز ألما")
    StructureFactory(title="Ludothèque", slug="ludotheque", kind="ludotheque", municipality=roubaix, themes=[leisure])
    StructureFactory(title="Sans thème", slug="sans-theme", municipality=roubaix)
    StructureFactory(title="Ailleurs", slug="ailleurs", municipality=MunicipalityFactory(insee="59350", name="Lille"))
    return first


def texts(html, tag):
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", html, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", text).strip() for text in found]


def test_a_town_is_printed_by_theme(client, places):
    html = client.get(PAGE, ROUBAIX).content.decode()
    assert texts(html, "h1") == ["Annuaire : Roubaix"]
    # A place stands once, under the first of its themes in the order of the vocabulary.
    assert texts(html, "h2") == ["Santé", "Loisirs", "Autres lieux"]
    assert texts(html, "h3") == ["PMI Alma", "Ludothèque", "Sans thème"]
    for said in (
        "1 rue d’Oran, 59100 Roubaix", "03 20 00 00 01", "Lundi – Vendredi · 9\xa0h", "un samedi sur deux",
        "Pendant les vacances scolaires", "Fermé à partir du 2 janvier 2030", "jusqu’au 9 janvier 2030",
        "Pesée des bébés", "Vérifié le 2 novembre 2026", "Licence Ouverte 2.0", "ODbL", "data:image/svg+xml",
        "http://testserver/annuaire/?commune=59512", "Arabe",
    ):  # fmt: skip
        assert said in html, said
    assert "Ailleurs" not in html


def test_it_speaks_the_readers_language(client, places):
    html = client.get(f"/ar{PAGE}", ROUBAIX).content.decode()
    assert '<html lang="ar" dir="rtl">' in html
    assert texts(html, "h1") == ["الدليل: Roubaix"]
    assert texts(html, "h2")[0] == "الصحة"
    assert texts(html, "h3") == ["مركز ألما", "Ludothèque", "Sans thème"]
    assert '<h3 lang="fr" dir="ltr">Ludothèque</h3>' in html
    assert "http://testserver/ar/annuaire/?commune=59512" in html


def test_the_pdf_is_a_file_that_says_its_licence(client, places):
    if not pdf.is_available():
        pytest.skip("Pango is not installed (Debian packages: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)")
    for language in ("", "/ar"):
        response = client.get(f"{language}{PDF}", ROUBAIX)
        assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
        assert response["Content-Disposition"] == 'inline; filename="annuaire.pdf"'
        assert 'rel="license"' in response["Link"]
        assert response.content.startswith(b"%PDF-")
        assert "Set-Cookie" not in response
    html = client.get(PAGE, ROUBAIX).content.decode()
    document = pdf.engine().HTML(string=html, base_url=pdf.BASE_URL, url_fetcher=pdf.own_files()()).render()
    themes = document.make_bookmark_tree()[0][2]
    outline = [(title, [below for below, *_rest in children]) for title, _target, children, _state in themes]
    assert outline == [("Santé", ["PMI Alma"]), ("Loisirs", ["Ludothèque"]), ("Autres lieux", ["Sans thème"])]


def test_without_pango_the_page_is_offered(client, places, monkeypatch):
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    response = client.get(f"/ar{PDF}", ROUBAIX)
    assert (response.status_code, response["Location"]) == (302, "/ar/annuaire/a-imprimer/?commune=59512")
    assert client.get(response["Location"]).status_code == 200


def test_what_is_too_long_is_cut_by_theme_then_by_kind(client, places, monkeypatch):
    for module in (print_views, printed):
        monkeypatch.setattr(module, "MOST", 1)
    monkeypatch.setattr(pdf, "is_available", lambda: True)
    monkeypatch.setattr(pdf, "pdf_of", lambda html: b"%PDF-")
    for address in (PDF, PAGE):
        answer = client.get(address, ROUBAIX)
        assert answer.status_code == 300
        assert [(choice.label, choice.total) for choice in answer.context["choices"]] == [("Santé", 1), ("Loisirs", 2)]
        by_kind = client.get(answer.context["choices"][1].url)
        assert {choice.label for choice in by_kind.context["choices"]} >= {"Ludothèque"}
        assert client.get(by_kind.context["choices"][0].url).status_code == 200


def test_an_empty_list_leads_back_to_it(client, places, monkeypatch):
    monkeypatch.setattr(pdf, "is_available", lambda: True)
    for address in (PDF, PAGE):
        answer = client.get(address, {"kind": "creche"})
        assert (answer.status_code, answer["Location"]) == (302, "/annuaire/?kind=creche")


def test_nobody_has_documents_made_without_end(client, places, monkeypatch, settings):
    settings.RATELIMIT_ENABLE = True
    monkeypatch.setattr(print_views, "RATE", "2/h")
    monkeypatch.setattr(pdf, "is_available", lambda: True)
    monkeypatch.setattr(pdf, "pdf_of", lambda html: b"%PDF-")
    cache.clear()
    assert [client.get(PDF, ROUBAIX).status_code for _ in range(3)] == [200, 200, 429]
    busy = client.get(PDF, ROUBAIX)
    assert PAGE in busy.content.decode()

    def too_busy(html):
        raise pdf.BusyError

    monkeypatch.setattr(pdf, "pdf_of", too_busy)
    cache.clear()
    assert client.get(PDF, ROUBAIX).status_code == 503


def test_what_is_not_public_is_not_printed(client, places, tree, monkeypatch):
    monkeypatch.setattr(pdf, "is_available", lambda: True)
    PageViewRestriction.objects.create(page=places, restriction_type=PageViewRestriction.LOGIN)
    assert "PMI Alma" not in client.get(PAGE, ROUBAIX).content.decode()
    PageViewRestriction.objects.create(page=tree.directory, restriction_type=PageViewRestriction.LOGIN)
    assert {client.get(address, ROUBAIX).status_code for address in (PDF, PAGE)} == {404}


def test_the_list_of_a_town_offers_its_printed_directory(client, places):
    link = f'href="{PDF}?commune=59512"'
    assert link in client.get("/annuaire/", ROUBAIX).content.decode()
    assert PDF not in client.get("/annuaire/").content.decode()


def test_paper_says_what_is_usual():
    assert usual_monday(date(2026, 11, 24)) == date(2026, 11, 23)
    # 14 July 2026 is a Tuesday; the week of 11 November likewise is not usual.
    assert usual_monday(date(2026, 7, 15)) == date(2026, 7, 20)
    assert usual_monday(date(2026, 11, 11)) == date(2026, 11, 16)


def test_queries_do_not_grow(client, places):
    counts = []
    for more in (0, 8):
        create_many(StructureFactory, more)
        client.get(f"/ar{PAGE}")  # menus and vocabularies are in memory then
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/ar{PAGE}")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
