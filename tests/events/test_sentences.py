"""A repetition in words, in three languages."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from events.models import EventPage
from events.sentences import rule_sentence
from portal.core.moments import PARIS

EXCEPT = {"skip_public_holidays": True, "school_holidays": "except", "school_zone": "B"}
CASES = [
    (
        "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270624T215959Z",
        EXCEPT,
        (
            "Tous les mercredis de 14 h à 16 h, du 6 janvier au 24 juin 2027, "
            "sauf vacances scolaires (zone B) et jours fériés"
        ),
        (
            "On Wednesdays from 14:00 to 16:00, from 6 January to 24 June 2027, "
            "except in the school holidays (zone B) and on public holidays"
        ),
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        {},
        "Toutes les 2 semaines, le lundi et jeudi de 14 h à 16 h, à partir du 6 janvier 2027",
        "Every 2 weeks, on Monday and Thursday from 14:00 to 16:00, from 6 January 2027 on",
    ),
    (
        "FREQ=MONTHLY;BYDAY=-1WE;COUNT=10",
        {},
        "Tous les mois, le dernier mercredi de 14 h à 16 h, 10 fois à partir du 6 janvier 2027",
        "Every month, the last Wednesday from 14:00 to 16:00, 10 times from 6 January 2027 on",
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        {"school_holidays": "only", "school_zone": "C"},
        (
            "Tous les mois, le 1er et 15 du mois de 14 h à 16 h, à partir du 6 janvier 2027, "
            "seulement pendant les vacances scolaires (zone C)"
        ),
        (
            "Every month, on day 1 and 15 of the month from 14:00 to 16:00, from 6 January 2027 on, "
            "only in the school holidays (zone C)"
        ),
    ),
    (
        "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU",
        {},
        "Tous les ans en avril, le premier dimanche de 14 h à 16 h, à partir du 6 janvier 2027",
        "Every year in April, the first Sunday from 14:00 to 16:00, from 6 January 2027 on",
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        {},
        "À plusieurs dates de 14 h à 16 h, à partir du 6 janvier 2027",
        "On several dates from 14:00 to 16:00, from 6 January 2027 on",
    ),
    ("", {}, "", ""),
]


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel("2026-11-25T10:00:00+01:00", tick=False):
        yield


@pytest.mark.parametrize(("rule", "facts", "french", "english"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_in_words(rule, facts, french, english):
    start = datetime(2027, 1, 6, 14, tzinfo=PARIS)
    event = EventPage(starts_at=start, ends_at=start + timedelta(hours=2), rrule=rule, **facts)
    for language, wanted in (("fr", french), ("en", english)):
        with translation.override(language):
            assert rule_sentence(event).replace("\u00a0", " ") == wanted
    with translation.override("ar"):
        said = rule_sentence(event)
    assert bool(said) == bool(rule)
    assert not any(letter.isascii() and letter.isalpha() for letter in said.replace("B", "").replace("C", ""))
