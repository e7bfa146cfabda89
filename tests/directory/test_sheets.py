"""The sheet of a structure: the answer first, then what one finds there."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from wagtail.models import PageViewRestriction

from directory.models import Permanence, Service
from portal.core.enums import OWN_NAMES, Language
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tree):
    return factories.StructureFactory(
        title="Les Lilas", slug="les-lilas", phone="03 20 11 22 33", address="1 rue du Port", postcode="59000",
        latitude=50.6, longitude=3.1, position_precision="housenumber", opening_hours="Mo-Fr 09:00-12:00",
        languages=["fr", "ar"], access=["fauteuil"],
    )  # fmt: skip


@time_machine.travel("2026-11-25T10:00:00+01:00", tick=False)
def test_the_answer_comes_first(client, place):
    html = client.get("/annuaire/les-lilas/").content.decode()
    main = html[html.index("<main") :]
    order = [
        "<h1", "Ouvert maintenant, jusqu’à 12\u00a0h", 'href="tel:+33-3-20-11-22-33"', 'href="geo:50.6,3.1"',
        'class="paper yellow"', "1 rue du Port", "https://www.openstreetmap.org/?mlat=50.6",
    ]  # fmt: skip
    places = [main.index(piece) for piece in order]
    assert places == sorted(places)


def test_a_place_whose_point_is_not_exact_is_looked_for_by_its_address(client, place):
    place.position_precision = "municipality"
    place.save()
    html = client.get("/annuaire/les-lilas/").content.decode()
    assert "geo:" not in html
    assert "https://www.openstreetmap.org/search?query=1+rue+du+Port%2C+59000" in html


def test_languages_are_said_in_their_own_name(client, place):
    assert set(OWN_NAMES) == set(Language)
    for prefix, label in (("", "Arabe"), ("/en", "Arabic")):
        html = client.get(f"{prefix}/annuaire/les-lilas/").content.decode()
        assert f'<b lang="ar" dir="rtl">العربية</b> {label}' in html
    assert "<b>العربية</b></li>" in client.get("/ar/annuaire/les-lilas/").content.decode()


def test_services_and_sessions(client, place):
    place.services.add(Service(name="Accueil", schedule="Le lundi", cost="gratuit", booking="Sans rendez-vous"))
    place.permanences.add(Permanence(role="Juriste", opening_hours="Tu 14:00-16:00"))
    place.save()
    html = client.get("/annuaire/les-lilas/").content.decode()
    for text in (
        "Accueil",
        "Le lundi",
        "Gratuit",
        "Sans rendez-vous",
        "Juriste",
        "<b>Mardi</b> 14\u00a0h\u00a0– 16\u00a0h",
    ):
        assert text in html, text


def test_what_takes_place_soon(client, place):
    soon = factories.EventFactory(title="Café", slug="cafe", structure=place)
    secret = factories.EventFactory(title="Réunion fermée", slug="reunion", structure=place)
    PageViewRestriction.objects.create(page=secret, restriction_type=PageViewRestriction.LOGIN)
    past = timezone.now() - timedelta(days=2)
    factories.EventFactory(
        title="Déjà passé", slug="passe", structure=place, starts_at=past, ends_at=past + timedelta(hours=1)
    )
    for prefix in ("", "/ar"):
        html = client.get(f"{prefix}/annuaire/les-lilas/").content.decode()
        assert f'href="{prefix}/agenda/{soon.slug}/"' in html
        assert "Réunion fermée" not in html
        assert "Déjà passé" not in html


def test_a_mistake_is_reported_on_the_contact_page(client, place):
    html = client.get("/ar/annuaire/les-lilas/").content.decode()
    start = html.index('href="/ar/contact/?message=') + len('href="')
    answer = client.get(html[start : html.index('"', start)].replace("&amp;", "&")).content.decode()
    assert "Les Lilas – /ar/annuaire/les-lilas/" in answer
