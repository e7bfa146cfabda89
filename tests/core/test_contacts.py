"""Whom to talk to: the nearest contact, and a day as one says it."""

from datetime import datetime

import pytest
import time_machine
from django.utils import translation

from portal.core import contacts
from portal.core.contacts import Contact, distance_km, nearest_contact
from portal.core.hours import PARIS
from portal.core.templatetags.portal_tags import day_near

LILLE = Contact("Lille", "", "", "", latitude=50.6366, longitude=3.0633)
ROUBAIX = Contact("Roubaix", "", "", "", latitude=50.6916, longitude=3.1746)
NOWHERE = Contact("Nulle part", "", "", "")


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(contacts, "_providers", [lambda: [LILLE, NOWHERE], lambda: [ROUBAIX]])


def test_distance():
    assert distance_km(LILLE, ROUBAIX) == pytest.approx(9.97, abs=0.05)  # as the crow flies, by geodesy
    assert distance_km(LILLE, LILLE) == 0
    assert distance_km(LILLE, NOWHERE) == float("inf")


def test_the_nearest_answers(known):
    assert nearest_contact(Contact("Croix", "", "", "", latitude=50.678, longitude=3.149)) == ROUBAIX
    assert nearest_contact(Contact("Loos", "", "", "", latitude=50.613, longitude=3.015)) == LILLE


def test_without_a_place_nobody_is_nearer(known, monkeypatch):
    assert nearest_contact(None) is None
    assert nearest_contact(NOWHERE) is None
    monkeypatch.setattr(contacts, "_providers", [lambda: [NOWHERE]])
    assert nearest_contact(LILLE) is None


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("2026-12-09 23:59", "aujourd’hui"),
        ("2026-12-10 00:00", "demain"),
        ("2026-12-15 09:00", "mardi"),
        ("2026-12-16 09:00", "mercredi 16 décembre"),
    ],
)
def test_a_day_as_one_says_it(then, said):
    moment = datetime.fromisoformat(then).replace(tzinfo=PARIS)
    with time_machine.travel(datetime(2026, 12, 9, 22, tzinfo=PARIS), tick=False), translation.override("fr"):
        assert day_near(moment) == said
