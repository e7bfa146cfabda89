"""The television of a hall and the tablet of a reception, as the server gives them."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.models import PageViewRestriction

from events.models import EventException
from glossary.enums import Origin
from glossary.models import Definition
from home.screens.reception import DOORS
from tests import factories

pytestmark = pytest.mark.django_db


def soup_of(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    assert not response.cookies
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def centre(tree):
    return factories.CentreFactory(title="Maison Echo", slug="echo")


def event_of(centre, **values):
    return factories.EventFactory(structure=centre.structure, **values)


@pytest.mark.parametrize("path", ["/ecran/echo/", "/ar/ecran/echo/", "/accueil/echo/", "/accueil/echo/maison/"])
def test_only_centres_that_readers_may_see(client, centre, path):
    page = soup_of(client, path)
    assert page.select_one("meta[name=robots]")["content"] == "noindex"
    assert "'unsafe-inline'" not in client.get(path).headers["Content-Security-Policy"]
    assert client.get(path.replace("echo", "nulle-part")).status_code == 404
    restriction = PageViewRestriction.objects.create(page=centre, restriction_type=PageViewRestriction.LOGIN)
    assert client.get(path).status_code == 404
    restriction.delete()
    centre.live = False
    centre.save()
    assert client.get(path).status_code == 404


def rows(page, name):
    return [" ".join(row.get_text(" ").split()) for row in page.select(f"[data-rows={name}] > li")]


def test_what_is_on_with_its_room_and_what_changes(client, centre, time_machine):
    time_machine.move_to("2026-11-25 08:00:00+01:00", tick=False)
    start = timezone.localtime().replace(hour=14)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=2)}
    event_of(centre, title="Cuisine", room="Salle 2", **times)
    event_of(centre, title="Couture", is_full=True, **times)
    event_of(centre, title="Chant", status="cancelled", **times)
    event_of(centre, title="Fini", starts_at=start.replace(hour=6), ends_at=start.replace(hour=7))
    factories.EventFactory(title="Ailleurs", **times)
    moved = event_of(centre, title="Danse", rrule="FREQ=WEEKLY;COUNT=2", **times)
    moved.exceptions.add(
        EventException(date=start.date(), kind="changed", new_start=start + timedelta(days=1, hours=4))
    )
    moved.save()
    page = soup_of(client, "/ecran/echo/")
    today = rows(page, "today")
    assert [row for row in today if "Cuisine" in row] == ["mer 25 14 h – 16 h Cuisine Salle 2"]
    assert any("Couture Complet" in row for row in today)
    assert any("Chant Annulé" in row for row in today)
    # Who comes on the day that was said reads where it went; and it stands on its new day.
    assert any("14 h Danse Déplacé au jeudi 26 novembre, 18 h" in row for row in today)
    assert any("18 h – 20 h Danse Nouvelle date" in row for row in rows(page, "later"))
    assert "Fini" not in page.get_text()
    assert "Ailleurs" not in page.get_text()
    assert {row.h3.get_text() for row in page.select(".off")} == {"Chant", "Danse"}


def test_what_lasts_for_days_is_on_each_of_them(client, centre, time_machine):
    time_machine.move_to("2026-11-25 08:00:00+01:00", tick=False)
    start = timezone.localtime().replace(hour=10) - timedelta(days=1)
    event_of(centre, title="Exposition", starts_at=start, ends_at=start + timedelta(days=2, hours=2))
    page = soup_of(client, "/ecran/echo/")
    assert rows(page, "today") == ["mer 25 Toute la journée Exposition"]
    assert rows(page, "later") == ["jeu 26 jusqu’à 12 h Exposition"]


def test_pictures_without_a_recorded_right_stay_out(client, centre):
    free = factories.image("libre")
    nobodys = factories.image("sans", licence="")
    for number, image in enumerate((free, nobodys)):
        factories.NewsFactory(
            title=f"Nouvelle {number}", centres=[centre], body=[{"type": "picture", "value": {"image": image.pk}}]
        )
        told = Definition(text="C’est rond.", origin=Origin.CHILDREN, drawing=image)
        factories.TermFactory(title=f"Mot {number}", definitions=[told])
    factories.TermFactory(title="Adulte", definitions=[Definition(text="Long.", origin=Origin.EDITORS)])
    page = soup_of(client, "/ecran/echo/")
    pictures = [image["src"] for image in page.select("main img")]
    assert len(pictures) == 2
    assert all("libre" in source for source in pictures)
    assert "Nouvelle 1" in page.get_text()
    assert "Adulte" not in page.get_text()


def test_hours_begin_with_today(client, centre, time_machine):
    time_machine.move_to("2026-11-27 08:00:00+01:00", tick=False)
    page = soup_of(client, "/ecran/echo/")
    days = [row["data-day"] for row in page.select("tr")]
    assert days == [f"2026-{day}" for day in ("11-27", "11-28", "11-29", "11-30", "12-01", "12-02", "12-03")]
    assert page.select_one("tr.today th").get_text() == "Vendredi"


def test_a_screen_costs_few_queries(client, centre, django_assert_max_num_queries):
    for number in range(6):
        event_of(centre, title=f"Atelier {number}")
        factories.TermFactory()
        factories.NewsFactory(centres=[centre])
    for path in ("/ecran/echo/", "/ar/ecran/echo/"):
        client.get(path)
        with django_assert_max_num_queries(24):
            client.get(path)


def test_the_worker_of_the_screens_rules_them_only(client, tree):
    for path in ("/ecran/ecran.js", "/ar/ecran/ecran.js"):
        response = client.get(path)
        assert response.headers["Content-Type"].startswith("text/javascript")
        assert "Service-Worker-Allowed" not in response.headers


@pytest.mark.parametrize("language", ["", "/ar"])
def test_every_door_of_the_tablet_opens(client, centre, language):
    page = soup_of(client, f"{language}/accueil/echo/")
    doors = page.select("a[data-door]")
    assert len(doors) == len(DOORS)
    for door in doors:
        assert client.get(door["data-door"]).status_code == 200, door["data-door"]
        opened = soup_of(client, door["href"])
        assert opened.iframe["src"] == door["data-door"]
        # Without JavaScript it goes home by itself, to the French page.
        refresh = opened.select_one("noscript meta[http-equiv=refresh]")["content"]
        assert refresh == "60; url=/accueil/echo/"
    assert client.get(f"{language}/accueil/echo/grenier/").status_code == 404
