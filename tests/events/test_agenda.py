"""The agenda: periods, views, filters, the address of an event."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from events.enums import EventStatus
from events.listing import midnight, period_of
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
