"""Posters, leaflets and programmes: one page whatever is written, tagged, in the reader's language, public only."""

import re
import zlib
from datetime import datetime

import pytest
import time_machine
from django.core.cache import cache
from wagtail.models import PageViewRestriction

from portal.core import papers, pdf
from portal.core.moments import PARIS
from tests.factories import CentreFactory, EventFactory, StructureFactory, translate

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 10, tzinfo=PARIS)
POSTER, LEAFLET, MONTH = "/agenda/cuisine/affiche.pdf", "/agenda/cuisine/feuillet.pdf", "/centres/echo/programme.pdf"
HOSTILE = '"><script>x</script><img src="http://127.0.0.1:9/x.png"><link rel="attachment" href="file:///etc/passwd">'


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def event(tree):
    place = StructureFactory(title="Centre Écho", slug="echo-lieu", phone="03 20 00 00 07", address="4 rue du Port")
    centre = CentreFactory(title="Écho", slug="echo", structure=place)
    found = EventFactory(
        title="Cuisine", slug="cuisine", structure=place, summary="On prépare, on partage.", room="Salle 2",
        description="Venez. " * 10, starts_at=datetime(2026, 12, 2, 14, tzinfo=PARIS),
        ends_at=datetime(2026, 12, 2, 16, tzinfo=PARIS), cost="gratuit", registration="required", age_min_months=72,
    )  # fmt: skip
    translate(found, "ar", title="مطبخ العالم", summary="نطبخ معًا.")
    found.centre = centre
    return found


@pytest.fixture
def needs_pango():
    if not pdf.is_available():
        pytest.skip("Pango is not installed (Debian packages: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)")


@pytest.fixture
def drawn(monkeypatch):
    """The last document that was made: its HTML, without drawing it."""
    made = []

    def one_page(versions, **options):
        made.append(next(iter(versions))(0))
        return b"%PDF-"

    monkeypatch.setattr(pdf, "is_available", lambda: True)
    monkeypatch.setattr(pdf, "one_page_of", one_page)
    return made


def said_by(content):
    """All that a PDF says of itself, its compressed objects included."""
    found = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def is_title(text, said):
    """Text outside ASCII is written in UTF-16, in hexadecimal digits."""
    return text.encode("utf-16-be").hex().encode() in said.lower()


def pages_of(said):
    return len(re.findall(rb"/Type /Page\b(?!s)", said))


def test_a_poster_is_one_accessible_page(client, event, needs_pango):
    response = client.get(f"/ar{POSTER}")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == 'inline; filename="affiche-cuisine.pdf"'
    assert "Set-Cookie" not in response
    said = said_by(response.content)
    assert pages_of(said) == 1
    for mark in (b"/StructTreeRoot", b"/Marked true", b"pdfuaid", b"/Lang (ar)", b"/H1", b"/Alt ", b"/DisplayDocTitle"):
        assert mark in said, mark
    assert is_title("مطبخ العالم", said)
    fonts = set(re.findall(rb"/BaseFont /([\w+-]+)", said))
    assert any(b"Noto-Sans-Arabic" in font for font in fonts), fonts
    assert all(b"Lexend" in font or b"Noto-Sans-Arabic" in font for font in fonts), fonts
    # The collage and the papers are decoration: the only picture that is told is the QR code.
    assert said.count(b"/S /Figure") == 1


def test_long_and_hostile_texts_stay_on_one_page(client, event, needs_pango, monkeypatch):
    event.title = (HOSTILE + " mot" * 90)[:255]
    event.description = (HOSTILE + "\n" + "Une phrase assez longue pour un mur. " * 140)[:5000]
    event.summary = "Un chapeau. " * 25
    event.status, event.status_note = "cancelled", "Parce que. " * 27
    event.room, event.cost_note, event.registration_note = "Salle " * 20, "2 € " * 40, "Appelez. " * 33
    event.access = ["garde-sur-place", "sans-francais", "peres", "sans-rendez-vous"]
    event.save()
    read = []
    fetch = pdf.own_files().fetch
    monkeypatch.setattr(
        pdf.own_files(), "fetch", lambda self, url, headers=None: read.append(url) or fetch(self, url, headers)
    )
    said = said_by(client.get(LEAFLET).content)
    assert pages_of(said) == 1
    assert b"/JavaScript" not in said
    assert b"/EmbeddedFile" not in said
    assert read
    assert all(url.startswith((f"{pdf.BASE_URL}static/", "data:image/")) for url in read), read


def test_the_programme_of_a_month(client, event, needs_pango):
    response = client.get(MONTH, {"mois": "2026-12"})
    assert response["Content-Disposition"] == 'inline; filename="programme-echo-2026-12.pdf"'
    said = said_by(response.content)
    assert pages_of(said) == 1
    assert b"/Lang (fr)" in said
    assert is_title("Programme de décembre 2026, Écho", said)


def test_what_a_poster_says(client, event, drawn):
    client.get(POSTER)
    for words in ("Mercredi 2 décembre", "14\xa0h", "16\xa0h", "Salle 2", "4 rue du Port", "03 20 00 00 07", "Gratuit",
                  "Inscription obligatoire", "testserver/agenda/cuisine", "Venez."):  # fmt: skip
        assert words in drawn[-1], words
    event.status, event.status_note, event.is_full = "postponed", "La salle est prise.", True
    event.postponed_to = datetime(2026, 12, 9, 14, tzinfo=PARIS)
    event.save()
    client.get(LEAFLET)
    assert "Reporté" in drawn[-1]
    assert "9 décembre" in drawn[-1]
    assert "La salle est prise." in drawn[-1]


def test_a_series_says_its_rule_and_its_next_dates(client, event, drawn):
    event.rrule = "FREQ=WEEKLY;COUNT=6"
    event.save()
    client.get(POSTER)
    assert "mercredis" in drawn[-1]
    assert drawn[-1].count("<li") >= 3
    assert "Et d’autres dates ensuite." in drawn[-1]


def test_what_a_programme_says(client, event, drawn):
    assert client.get(MONTH, {"mois": "2026-12"}).status_code == 200
    for words in ("Décembre 2026", "Mercredi 2 décembre", "Cuisine", "Salle 2", "Gratuit", "Inscription obligatoire",
                  "À partir de 6 ans", "03 20 00 00 07"):  # fmt: skip
        assert words in drawn[-1], words
    assert "4 rue du Port" in drawn[-1]
    client.get(MONTH)
    assert "Novembre 2026" in drawn[-1]
    assert "Rien n’est encore prévu ce mois-ci." in drawn[-1]
    assert "03 20 00 00 07" in drawn[-1]


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "0000-01", "9999-12", "2026-1", "x", "٢٠٢٦-٠١", "2029-01"])
def test_other_months_are_not_there(client, event, drawn, month):
    assert client.get(MONTH, {"mois": month}).status_code == 404
    assert not drawn


def test_what_is_not_public_is_not_printed(client, event, drawn):
    PageViewRestriction.objects.create(page=event, restriction_type=PageViewRestriction.LOGIN)
    assert {client.get(address).status_code for address in (POSTER, LEAFLET, "/agenda/rien/affiche.pdf")} == {404}
    client.get(MONTH, {"mois": "2026-12"})
    assert "Cuisine" not in drawn[-1]
    event.centre.unpublish()
    assert client.get(MONTH).status_code == 404


def test_without_pdf_the_page_to_print_is_offered(client, event, drawn, monkeypatch, settings):
    ways = {
        f"/ar{POSTER}": "/ar/agenda/cuisine/?feuille=a4",
        LEAFLET: "/agenda/cuisine/?feuille=a5",
        MONTH: "/centres/echo/agenda/?vue=mois&date=2026-11-01",
    }

    def all_lead_on():
        for address, target in ways.items():
            response = client.get(address)
            assert (response.status_code, response["Location"]) == (302, target)
            assert client.get(target).status_code == 200

    monkeypatch.setattr(pdf, "is_available", lambda: False)
    all_lead_on()
    monkeypatch.setattr(pdf, "is_available", lambda: True)

    def busy(*arguments, **options):
        raise pdf.BusyError

    monkeypatch.setattr(pdf, "one_page_of", busy)
    all_lead_on()
    event.centre.agenda.unpublish()
    ways[MONTH] = "/centres/echo/"
    all_lead_on()
    settings.RATELIMIT_ENABLE = True
    cache.clear()
    monkeypatch.setattr(papers, "RATE", "1/h")
    monkeypatch.setattr(pdf, "one_page_of", lambda versions, **options: b"%PDF-")
    assert [client.get(MONTH).status_code for _ in range(2)] == [200, 302]
