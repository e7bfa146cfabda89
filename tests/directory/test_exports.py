"""The places as data: GeoJSON, CSV and XLSX hold what the list holds, in the reader's language, and nothing more."""

import csv
import io
import json
from datetime import date

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.models import PageViewRestriction

from directory.exports import COLUMNS, harmless
from directory.models import Service
from portal.core.fields import phone_for_display
from tests.factories import (
    AudienceFactory,
    MunicipalityFactory,
    StructureFactory,
    ThemeFactory,
    create_many,
    translate,
)

pytestmark = pytest.mark.django_db

GEOJSON, CSV, XLSX = "/annuaire/lieux.geojson", "/annuaire/lieux.csv", "/annuaire/lieux.xlsx"
EXPORTS = (GEOJSON, CSV, XLSX)
LANGUAGES = ("", "/en", "/ar")


@pytest.fixture
def places(tree):
    """Five places of two kinds and two towns, the first translated into Arabic, the last without a position."""
    health = ThemeFactory(slug="sante", names={"ar": "الصحة"})
    parents = AudienceFactory(slug="parents")
    lille = MunicipalityFactory(insee="59350", name="Lille", postcodes="59000 59800", latitude=50.63, longitude=3.06)
    clinic = StructureFactory(
        title="PMI Moulins", slug="pmi-moulins", kind="pmi", address="12 rue d’Artois", postcode="59000",
        municipality=lille, latitude=50.62, longitude=3.07, phone="03 20 00 00 01", email="pmi@example.org",
        website="https://pmi.example.org/", themes=[health], audiences=[parents], cost="gratuit",
        languages=["fr", "ar"], access=["fauteuil"], source="annuaire", source_id="A-1", licence="Licence Ouverte 2.0",
        checked_on=date(2026, 11, 2), age_min_months=0, age_max_months=72,
    )  # fmt: skip
    clinic.services.add(Service(name="Pesée", sort_order=0), Service(name="Écoute", sort_order=1))
    clinic.save()
    translate(clinic, "ar", title="مركز حماية الأمومة")
    StructureFactory(title="Centre Écho", slug="centre-echo", cost="adhesion")
    StructureFactory(title="Centre Nord", slug="centre-nord", phone="+32 2 123 45 67")
    StructureFactory(title="Crèche À petits pas", slug="creche", kind="creche", age_max_months=36)
    StructureFactory(
        title="Sans adresse", slug="sans-adresse", latitude=None, longitude=None, position_precision="",
        position_source="", municipality=None, address="", postcode="",
    )  # fmt: skip
    return clinic


def features(client, query="", language=""):
    response = client.get(f"{language}{GEOJSON}{query}")
    assert response.status_code == 200
    return json.loads(response.content)["features"]


def titles(client, query="", language=""):
    return [feature["properties"]["title"] for feature in features(client, query, language)]


def rows(client, query="", language=""):
    response = client.get(f"{language}{CSV}{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


# --- GeoJSON ---------------------------------------------------------------------------------------------------------


def test_geojson_has_the_shape_of_rfc_7946(client, places):
    response = client.get(GEOJSON)
    assert response["Content-Type"] == "application/geo+json"
    assert "Set-Cookie" not in response
    collection = json.loads(response.content)
    assert collection["type"] == "FeatureCollection"
    found = {feature["properties"]["title"]: feature for feature in collection["features"]}
    assert found["PMI Moulins"] == {
        "type": "Feature",
        "id": str(places.translation_key),
        "geometry": {"type": "Point", "coordinates": [3.07, 50.62]},
        "properties": {
            "title": "PMI Moulins",
            "lang": "fr",
            "kind": "pmi",
            "kind_label": found["PMI Moulins"]["properties"]["kind_label"],
            "address": "12 rue d’Artois",
            "postcode": "59000",
            "municipality": "Lille",
            "phone": "03 20 00 00 01",
            "url": "http://testserver/annuaire/pmi-moulins/",
            "precision": "housenumber",
            "themes": ["sante"],
            "checked_on": "2026-11-02",
        },
    }
    # RFC 7946, 3.2: a feature without a known place has a null geometry.
    assert found["Sans adresse"]["geometry"] is None
    assert found["Sans adresse"]["properties"]["checked_on"] is None


def test_points_are_told_in_the_readers_language(client, places):
    found = {feature["id"]: feature["properties"] for feature in features(client, language="/ar")}
    clinic = found[str(places.translation_key)]
    assert (clinic["title"], clinic["lang"]) == ("مركز حماية الأمومة", "ar")
    assert clinic["url"] == "http://testserver/ar/annuaire/pmi-moulins/"
    # Facts come from the French page; what has no translation stays French, and says so.
    assert (clinic["phone"], clinic["municipality"], clinic["themes"]) == ("03 20 00 00 01", "Lille", ["sante"])
    assert {place["lang"] for place in found.values()} == {"ar", "fr"}
    assert {place["kind"] for place in found.values()} == {"pmi", "centre-social", "creche"}


FILTERS = (
    "", "?kind=pmi", "?kind=pmi&kind=creche", "?theme=sante", "?audience=parents", "?commune=59350", "?age=5",
    "?cost=gratuit", "?langue=ar", "?access=fauteuil", "?near=50.62,3.07&radius=2", "?q=centre",
    "?kind=nothing&age=old&page=7", "?theme=sante&kind=creche", "?page=2",
)  # fmt: skip


@pytest.mark.parametrize("language", ["", "/ar"])
def test_exports_hold_as_many_places_as_the_list(client, places, language):
    for query in FILTERS:
        total = client.get(f"{language}/annuaire/{query}").context["total"]
        assert len(features(client, query, language)) == total, query
        assert len(rows(client, query, language)) == total, query


def test_exports_hold_all_the_pages_of_the_list(client, tree):
    create_many(StructureFactory, 25)
    assert len(features(client)) == len(rows(client)) == 25


# --- CSV -------------------------------------------------------------------------------------------------------------


def test_csv_is_a_file_for_spreadsheets(client, places):
    response = client.get(CSV)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="lieux.csv"'
    assert response.content.startswith(b"\xef\xbb\xbfid,source,source_id,title,")
    assert response.content.endswith(b"\r\n")


def test_csv_tells_the_facts(client, places):
    found = {row["title"]: row for row in rows(client)}
    assert tuple(found["PMI Moulins"]) == COLUMNS
    assert found["PMI Moulins"] == {
        "id": str(places.translation_key),
        "source": "annuaire",
        "source_id": "A-1",
        "title": "PMI Moulins",
        "kind": "pmi",
        "address": "12 rue d’Artois",
        "address_complement": "",
        "postcode": "59000",
        "insee": "59350",
        "municipality": "Lille",
        "latitude": "50.62",
        "longitude": "3.07",
        "precision": "housenumber",
        "phone": "03 20 00 00 01",
        "email": "pmi@example.org",
        "website": "https://pmi.example.org/",
        "opening_hours": "Mo-Fr 09:00-12:00,14:00-18:00; PH off",
        "holiday_hours": "",
        "hours_text": "",
        "closed_from": "",
        "closed_until": "",
        "themes": "sante",
        "audiences": "parents",
        "age_min_months": "0",
        "age_max_months": "72",
        "cost": "gratuit",
        "languages": "fr|ar",
        "access": "fauteuil",
        "services": "Pesée|Écoute",
        "siret": "",
        "networks": "",
        "checked_on": "2026-11-02",
        "url": "http://testserver/annuaire/pmi-moulins/",
        "licence": "Licence Ouverte 2.0",
        "extracted_on": f"{timezone.localdate()}",
    }
    assert (found["Sans adresse"]["latitude"], found["Sans adresse"]["insee"]) == ("", "")
    assert [row["title"] for row in rows(client, "?kind=pmi", "/ar")] == ["مركز حماية الأمومة"]


def test_no_cell_is_a_formula(client, tree):
    for number, title in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", 'x","=1')):
        StructureFactory(title=title, slug=f"lieu-{number}", longitude=-1.5, phone="+32 2 123 45 67")
    for row in rows(client):
        assert not row["title"].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        assert row["title"].startswith(("'", "x"))
        # A number is no formula; an international phone would be read as one.
        assert row["longitude"] == "-1.5"
        assert row["phone"].startswith("'+32")


@given(st.text())
def test_a_harmless_cell_keeps_its_text(text):
    assert harmless(text) in (text, f"'{text}")
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("phone", ["03 20 26 04 11", "0320260411", "3018", "119"])
def test_french_phones_stay_as_they_are(phone):
    written = phone_for_display(phone)
    assert harmless(written) == written


# --- XLSX ------------------------------------------------------------------------------------------------------------


def book_of(client, query="", language=""):
    response = client.get(f"{language}{XLSX}{query}")
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content))


def test_xlsx_is_the_same_table(client, places):
    response = client.get(XLSX)
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Content-Disposition"] == 'attachment; filename="lieux.xlsx"'
    sheet, about = book_of(client)
    header, *table = sheet.iter_rows(values_only=True)
    assert header == COLUMNS
    found = {row[3]: dict(zip(header, row, strict=True)) for row in table}
    expected = {row["title"]: row for row in rows(client)}
    assert list(found) == list(expected)
    clinic = found["PMI Moulins"]
    assert {name: str(value if value is not None else "") for name, value in clinic.items()} == expected["PMI Moulins"]
    assert (clinic["latitude"], clinic["age_max_months"]) == (50.62, 72)
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert [row[1].value for row in about.iter_rows()][2:] == [5, "http://testserver/annuaire/"]


def test_xlsx_speaks_the_readers_language(client, places):
    sheet, about = book_of(client, "?kind=pmi", "/ar")
    assert (sheet.title, sheet["D2"].value) == ("الأماكن", "مركز حماية الأمومة")
    assert about["B4"].value == "http://testserver/ar/annuaire/?kind=pmi"
    assert len(list(sheet.iter_rows())) == 2


def test_no_cell_of_a_workbook_is_a_formula(client, tree):
    for number, title in enumerate(("=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+1", "x\x0b\x1f\ufffe", "é" * 255)):
        StructureFactory(title=title, slug=f"lieu-{number}", longitude=-1.5)
    sheet, _about = book_of(client)
    for row in sheet.iter_rows(min_row=2):
        assert {cell.data_type for cell in row} <= {"s", "inlineStr", "n"}
        assert not any(isinstance(cell.value, str) and cell.value.startswith(("=", "@", "+")) for cell in row)
    assert {row[3].value for row in sheet.iter_rows(min_row=2)} >= {"x", "'=1+1", "é" * 255}


def test_each_form_says_its_licence_and_its_date(client, places, settings):
    collection = json.loads(client.get(GEOJSON).content)
    today = f"{timezone.localdate()}"
    assert (collection["licence"], collection["licence_url"], collection["extracted_on"]) == (
        settings.DATA_LICENCE,
        settings.DATA_LICENCE_URL,
        today,
    )
    licences = {row["title"]: (row["licence"], row["extracted_on"]) for row in rows(client)}
    # What the portal wrote itself is under its own licence; what it was lent, under that of its source.
    assert licences["Centre Nord"] == (settings.DATA_LICENCE, today)
    _sheet, about = book_of(client)
    assert settings.DATA_LICENCE_URL in about["B1"].value
    assert f"{about['B2'].value:%Y-%m-%d}" == today
    for address in EXPORTS:
        assert client.get(address)["Link"] == f'<{settings.DATA_LICENCE_URL}>; rel="license"'


# --- What must not leave ---------------------------------------------------------------------------------------------


def private(page):
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def test_hidden_places_do_not_leak(client, places, tree):
    StructureFactory(title="Brouillon", slug="brouillon", live=False)
    private(StructureFactory(title="Privé", slug="prive"))
    StructureFactory(title="Dépublié", slug="depublie").unpublish()
    orphan = StructureFactory(title="Français dépublié", slug="francais-depublie")
    translate(orphan, "ar", title="ترجمة وحيدة")
    type(orphan).objects.get(pk=orphan.pk).unpublish()
    expected = ["Centre Nord", "Centre Écho", "Crèche À petits pas", "PMI Moulins", "Sans adresse"]
    assert sorted(titles(client)) == expected
    for language in LANGUAGES:
        text = client.get(f"{language}{GEOJSON}").content + client.get(f"{language}{CSV}").content
        text += repr(list(book_of(client, language=language).worksheets[0].iter_rows(values_only=True))).encode()
        for secret in ("Brouillon", "Privé", "publi", "ترجمة"):
            assert secret not in text.decode()


def statuses(client):
    """What each language answers for both exports."""
    return {language: {client.get(language + address).status_code for address in EXPORTS} for language in LANGUAGES}


def test_exports_are_hidden_with_the_directory(client, places, tree):
    everywhere = {language: {404} for language in LANGUAGES}
    private(tree.directory)
    assert statuses(client) == everywhere
    PageViewRestriction.objects.all().delete()
    private(tree.home)
    assert statuses(client) == everywhere
    PageViewRestriction.objects.all().delete()
    assert statuses(client) == {language: {200} for language in LANGUAGES}
    tree.directory.unpublish()
    assert statuses(client) == everywhere


def test_exports_are_hidden_with_the_directory_of_a_language(client, places, tree):
    private(translate(tree.directory, "ar"))
    assert statuses(client) == {"": {200}, "/en": {200}, "/ar": {404}}


# --- HTTP ------------------------------------------------------------------------------------------------------------


def test_exports_are_only_read(client, places):
    for address in EXPORTS:
        head = client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        for method in (client.post, client.put, client.delete):
            assert method(address).status_code == 405


ODD_FILTERS = (
    "near=%27&q=%22&age=%27",
    "age=1e999&radius=nan&near=inf,inf",
    "near=999,999&radius=-1&page=-5&sort=%3Cscript%3E",
    f"q={'x' * 10_000}",
    f"theme={'é' * 5_000}&kind=%F0%9F%A6%84",
    "q=%7B%7B7*7%7D%7D&commune=' OR 1=1 --",
    "ouvert=never&ouvert=now&langue=xx&access=%E2%80%8F",
    "theme[]=a&q[$ne]=1&fond=nowhere",
)


def test_odd_filters_are_left_out(client, places):
    for address in EXPORTS:
        for query in ODD_FILTERS:
            assert client.get(f"{address}?{query}").status_code == 200, query
        for query in ("q=%00", "theme=%00&kind=pmi", "%00=1", "q=%ff"):
            assert client.get(f"{address}?{query}").status_code == 400, query
