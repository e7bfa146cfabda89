"""The agenda: periods, views, filters, the address of an event."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from events.enums import EventStatus
from events.periods import midnight, period_of
from tests import factories

pytestmark = pytest.mark.django_db


def titles(response):
    return [item.entry.title for day in response.context["days"] for item in day.items]


@pytest.mark.parametrize(
    ("view", "day", "first", "last"),
    [
        ("jour", date(2026, 11, 25), date(2026, 11, 25), date(2026, 11, 25)),
        ("semaine", date(2026, 11, 25), date(2026, 11, 23), date(2026, 11, 29)),
        ("mois", date(2026, 11, 25), date(2026, 10, 26), date(2026, 12, 6)),
        ("mois", date(2026, 2, 28), date(2026, 1, 26), date(2026, 3, 1)),
    ],
)
def test_periods(view, day, first, last):
    assert period_of(view, day) == (first, last)


def test_midnight_is_in_paris():
    assert midnight(date(2026, 7, 1)).isoformat() == "2026-07-01T00:00:00+02:00"


class TestViews:
    @pytest.fixture(autouse=True)
    def events(self, tree):
        with time_machine.travel("2026-11-25T10:00:00+01:00", tick=False):
            self.make()
            yield

    def make(self):
        base = timezone.now()
        for title, days in (("Hier", -1), ("Aujourd’hui", 0), ("Demain", 1), ("Dans dix jours", 10)):
            factories.EventFactory(
                title=title,
                slug=f"jour{days}",
                starts_at=base + timedelta(days=days, hours=4),
                ends_at=base + timedelta(days=days, hours=6),
            )

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, ["Aujourd’hui", "Demain", "Dans dix jours"]),
            ({"vue": "jour"}, ["Aujourd’hui"]),
            ({"vue": "jour", "date": "2026-11-26"}, ["Demain"]),
            ({"vue": "semaine"}, ["Hier", "Aujourd’hui", "Demain"]),
            ({"vue": "mois"}, ["Hier", "Aujourd’hui", "Demain", "Dans dix jours"]),
            ({"from": "2026-11-26"}, ["Demain", "Dans dix jours"]),
            ({"from": "2026-11-24", "to": "2026-11-25"}, ["Hier", "Aujourd’hui"]),
            ({"vue": "liste", "date": "2026-11-26"}, ["Demain", "Dans dix jours"]),
        ],
    )
    def test_what_each_view_shows(self, client, query, found):
        assert titles(client.get("/agenda/", query)) == found
        assert titles(client.get("/ar/agenda/", query)) == found

    @pytest.mark.parametrize("query", [{"date": "0001-01-01"}, {"vue": "mois", "date": "9999-12-31"}, {"date": "x"}])
    def test_days_that_cannot_be_shown(self, client, query):
        assert client.get("/agenda/", query).status_code == 200


def test_a_centre_shows_its_own_branch(client, tree):
    centre = factories.CentreFactory(slug="echo")
    factories.EventFactory(title="Ici", parent=centre.agenda, slug="ici")
    factories.EventFactory(title="Ailleurs", slug="ailleurs")
    assert titles(client.get("/centres/echo/agenda/")) == ["Ici"]
    assert set(titles(client.get("/agenda/"))) == {"Ici", "Ailleurs"}


def test_an_event_answers_at_one_address(client, tree):
    centre = factories.CentreFactory(slug="echo")
    factories.EventFactory(parent=centre.agenda, slug="ici")
    assert client.get("/agenda/ici/").status_code == 200
    response = client.get("/centres/echo/agenda/ici/")
    assert response.status_code == 301
    assert response["Location"].endswith("/agenda/ici/")
    assert client.get("/ar/centres/echo/agenda/ici/")["Location"].endswith("/ar/agenda/ici/")


def test_states_are_said_in_words(client, tree):
    factories.EventFactory(slug="annule", status=EventStatus.CANCELLED, status_note="L’animatrice est malade.")
    factories.EventFactory(slug="complet", is_full=True)
    html = client.get("/agenda/annule/").content.decode()
    assert "Annulé" in html
    assert "L’animatrice est malade." in html
    assert "https://schema.org/EventCancelled" in html
    assert "Complet" in client.get("/agenda/complet/").content.decode()
    assert "https://schema.org/SoldOut" in client.get("/agenda/complet/").content.decode()


def test_filters(client, tree):
    theme = factories.ThemeFactory(slug="sante", name="Santé")
    factories.EventFactory(title="Bébés", slug="bebes", themes=[theme], age_max_months=36, cost="gratuit")
    factories.EventFactory(title="Ados", slug="ados", age_min_months=144, languages=["ar"])
    for query, found in (
        ({"theme": "sante"}, ["Bébés"]),
        ({"age": "2"}, ["Bébés"]),
        ({"age": "13,5"}, ["Ados"]),
        ({"cost": "gratuit"}, ["Bébés"]),
        ({"langue": "ar"}, ["Ados"]),
        ({"q": "ados"}, ["Ados"]),
        ({"commune": "59512"}, ["Bébés", "Ados"]),
    ):
        assert sorted(titles(client.get("/agenda/", query))) == sorted(found), query


class TestDaysInWords:
    """Headings and the strip of seven days, in the reader's words."""

    @pytest.fixture(autouse=True)
    def events(self, tree):
        with time_machine.travel("2026-11-25T10:00:00+01:00", tick=False):
            base = timezone.now()
            for slug, days in (("a", 0), ("b", 1), ("c", 1), ("d", 6)):
                start = base + timedelta(days=days, hours=4)
                factories.EventFactory(slug=slug, title=slug, starts_at=start, ends_at=start + timedelta(hours=2))
            yield

    @pytest.mark.parametrize(
        ("query", "heading"),
        [
            ({"vue": "jour"}, "Que faire aujourd’hui, mercredi 25 novembre ?"),
            ({"vue": "jour", "date": "2026-12-01"}, "Que faire le mardi 1er décembre ?"),
            ({"vue": "jour", "date": "2027-01-02"}, "Que faire le samedi 2 janvier 2027 ?"),
            ({"vue": "semaine"}, "Que faire cette semaine ?"),
            (
                {"vue": "semaine", "date": "2026-12-02"},
                "Que faire du lundi 30 novembre au dimanche 6 décembre ?",
            ),
            ({"vue": "mois"}, "Que faire en novembre 2026 ?"),
        ],
    )
    def test_the_title_is_the_question(self, client, query, heading):
        assert f"<h1>{heading}</h1>" in client.get("/agenda/", query).content.decode()

    def test_days_are_headings(self, client):
        html = client.get("/agenda/").content.decode()
        for heading in ("Aujourd’hui, mercredi 25 novembre", "Jeudi 26 novembre", "Mardi 1er décembre"):
            assert f">{heading}</h2>" in html

    @pytest.mark.parametrize("prefix", ["", "/en", "/ar"])
    def test_the_strip_leads_to_its_days(self, client, prefix):
        week = client.get(f"{prefix}/agenda/", {"vue": "semaine"})
        assert [day.total for day in week.context["strip"]] == [0, 0, 1, 2, 0, 0, 0]
        html = week.content.decode()
        for day in week.context["strip"]:
            assert (f'href="{day.url}"' in html) == bool(day.total)
            assert (f'id="{day.url[1:]}"' in html) == bool(day.total)
        ahead = client.get(f"{prefix}/agenda/", {"theme": "inconnu"}).context["strip"]
        assert [day.total for day in ahead] == [1, 2, 0, 0, 0, 0, 1]
        assert ahead[0].is_today
        assert len(titles(client.get(ahead[1].url))) == ahead[1].total

    def test_each_day_of_a_month_has_its_events(self, client):
        html = client.get("/agenda/", {"vue": "mois"}).content.decode()
        assert '<ol class="month">' in html
        assert "Mardi 1er décembre</h2>" in html
        assert 'href="/agenda/d/">14\u00a0h d</a>' in html

    def test_nothing_says_what_comes_next(self, client):
        html = client.get("/agenda/", {"vue": "jour", "date": "2026-11-28"}).content.decode()
        assert 'href="/agenda/?vue=liste&amp;date=2026-11-28"' in html
        none = client.get("/agenda/", {"q": "zzzz", "cost": "gratuit"})
        assert none.context["total"] == 0
        found = client.get("/agenda/", {"audience": "", "age": "3", "q": "zzzz"})
        assert {easing.url: easing.total for easing in found.context["easings"]} == {"/agenda/?age=3": 4}


def test_an_event_says_how_to_come(client, tree):
    place = factories.StructureFactory(title="Maison", phone="03 20 11 22 33", latitude=50.6, longitude=3.1)
    event = factories.EventFactory(slug="atelier", structure=place, registration="required")
    html = client.get("/agenda/atelier/").content.decode()
    assert 'href="tel:+33-3-20-11-22-33"' in html
    assert "S’inscrire : appeler le" in html
    assert 'href="geo:50.6,3.1"' in html
    assert "/contact/?message=Il+y+a+une+erreur" in html
    event.status = EventStatus.CANCELLED
    event.save()
    html = client.get("/agenda/atelier/").content.decode()
    assert '<li class="off">' in html


def test_an_event_that_ends_another_day_says_so(client, tree):
    with time_machine.travel("2026-11-25T10:00:00+01:00", tick=False):
        start = timezone.now() + timedelta(hours=8)
        event = factories.EventFactory(slug="nuit", starts_at=start, ends_at=start + timedelta(hours=6))
        assert event.occurrences.get().ends_the_same_day
        event.ends_at = start + timedelta(hours=9)
        event.save()
        assert not event.occurrences.get().ends_the_same_day
        assert "jeudi 26 novembre" in client.get("/agenda/nuit/").content.decode()
