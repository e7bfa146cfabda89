"""Everything that a sheet can say: welcome, closures, notices, the way there, services after data.inclusion."""

import json
import re
from datetime import date

import pytest
import time_machine
from bs4 import BeautifulSoup

from directory.models import Permanence, Service
from portal.core.models import SchoolHoliday
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tree):
    SchoolHoliday.objects.all().delete()
    SchoolHoliday.objects.create(zone="B", name="Noël", start=date(2026, 12, 19), end=date(2027, 1, 3))
    place = factories.StructureFactory(
        title="La Rotonde", slug="rotonde", opening_hours="Mo-Fr 09:00-12:00,14:00-18:00; PH off",
        holiday_hours="Mo-Fr 10:00-12:00; PH off", closed_from=date(2026, 12, 24), closed_until=date(2027, 1, 3),
        hours_text="Un samedi sur deux, de 10 h à 12 h.", address="2 place de la Gare",
        address_complement="Bâtiment B, 1er étage", way_there="Métro Gare.\nPorte bleue à gauche du café.",
        notice="L’ascenseur est en panne.", notice_until=date(2026, 12, 22), cost="gratuit", languages=["fr", "ar"],
        access=["fauteuil", "sans-francais", "peres", "garde-sur-place", "sans-rendez-vous", "interprete"],
        acceslibre_url="https://acceslibre.beta.gouv.fr/app/rotonde/",
    )  # fmt: skip
    place.services.add(
        Service(
            name="Aide aux papiers", kind="information", description="On lit vos lettres avec vous.",
            opening_hours="Tu,Th 14:00-16:30", hours_text="Sauf le premier mardi du mois.", cost="payant",
            cost_note="1 € la photocopie", audience_note="Habitants du quartier", conditions="Une pièce d’identité",
            booking="Prenez un ticket.", modes=["en-presentiel", "a-distance"], mobilisation=["telephoner"],
            referrers=["professionnels"], phone="03 20 11 22 33", email="papiers@example.org",
            url="https://example.org/rdv",
        )
    )  # fmt: skip
    place.permanences.add(
        Permanence(role="Juriste", opening_hours="We 14:00-16:00", hours_text="Le deuxième mercredi", booking="Au 3e")
    )
    place.save()
    return place


def text_of(client, path="/annuaire/rotonde/"):
    html = client.get(path).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[html.index("<main") :])).replace("\u00a0", " ")


@time_machine.travel("2026-11-24T10:00:00+01:00", tick=False)
def test_every_fact_is_on_the_sheet(client, place):
    text = text_of(client)
    for piece in (
        "L’ascenseur est en panne.", "Bâtiment B, 1er étage", "Métro Gare.", "Porte bleue à gauche du café.",
        "Ouvert maintenant, jusqu’à 12 h", "Un samedi sur deux", "Gratuit", "On peut venir sans parler français",
        "Les pères sont les bienvenus", "Garde d’enfants sur place", "Sans rendez-vous", "Acceslibre",
        "On lit vos lettres avec vous.", "Habitants du quartier", "Payant", "1 € la photocopie", "Une pièce d’identité",
        "Prenez un ticket.", "Par téléphone ou sur internet", "Appeler", "Un professionnel, pour vous",
        "03 20 11 22 33", "papiers@example.org", "Sauf le premier mardi du mois.", "Juriste", "Le deuxième mercredi",
        "Au 3e",
    ):  # fmt: skip
        assert piece in text, piece
    assert text.index("L’ascenseur est en panne.") < text.index("Ouvert maintenant")
    assert "Mardi 14 h – 16 h 30" in text


@time_machine.travel("2026-12-10T10:00:00+01:00", tick=False)
def test_a_closure_is_announced(client, place):
    assert "Fermé du jeudi 24 décembre au dimanche 3 janvier." in text_of(client)


@time_machine.travel("2026-12-28T10:00:00+01:00", tick=False)
def test_a_closed_place_says_when_it_opens_again(client, place):
    text = text_of(client)
    assert "Fermé pour le moment. Rouvre lundi 4 janvier à 9 h" in text
    assert "L’ascenseur est en panne." not in text
    assert "Fermé (fermeture temporaire)" in text
    assert "Pas cette semaine. (fermeture temporaire)" in text
    listed = re.sub(r"<[^>]+>", " ", client.get("/annuaire/").content.decode()).replace("\u00a0", " ")
    assert "Fermé pour le moment. Rouvre" in listed
    assert "La Rotonde" not in client.get("/annuaire/?ouvert=now").content.decode().partition("<main")[2]


@time_machine.travel("2026-12-21T10:30:00+01:00", tick=False)
def test_the_hours_of_the_holidays(client, place):
    text = text_of(client)
    assert "Ouvert maintenant, jusqu’à 12 h" in text
    assert "10 h – 12 h (vacances scolaires)" in text
    leaflet = re.sub(r"<[^>]+>", " ", client.get("/annuaire/rotonde/?feuille=a5").content.decode())
    assert "vacances scolaires" in leaflet
    assert "L’ascenseur est en panne." in leaflet


@time_machine.travel("2026-11-24T10:00:00+01:00", tick=False)
def test_machines_are_told_of_the_closure(client, place):
    html = client.get("/annuaire/rotonde/").content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.DOTALL)[1])
    closed = data["location"]["openingHoursSpecification"][0]
    assert closed == {
        "@type": "OpeningHoursSpecification", "validFrom": "2026-12-24", "validThrough": "2027-01-03",
        "opens": "00:00", "closes": "00:00",
    }  # fmt: skip


@time_machine.travel("2026-12-28T10:00:00+01:00", tick=False)
def test_in_arabic(client, place):
    html = client.get("/ar/annuaire/rotonde/").content.decode()
    text = text_of(client, "/ar/annuaire/rotonde/")
    for piece in ("مغلق حالياً. يفتح من جديد", "إغلاق مؤقت", "الآباء مرحب بهم", "بدون موعد", "مهني، نيابة عنكم"):
        assert piece in text, piece
    assert '<p lang="fr" dir="ltr">Métro Gare.' in html.replace(" data-listen", "")


def test_services_and_sessions_are_searched(client, place):
    for words in ("photocopie", "papiers", "identité", "ticket", "quartier", "juriste", "bleue"):
        assert "La Rotonde" in client.get("/annuaire/", {"q": words}).content.decode(), words


def test_the_elements_of_a_full_sheet(client, place):
    """As they are counted for the weight of a page: what a drawing is made of does not count."""
    soup = BeautifulSoup(client.get("/annuaire/rotonde/").content, "html.parser")
    assert len(soup.find_all(True)) - len(soup.select("svg *")) <= 260
