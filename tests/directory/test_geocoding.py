"""Where an address is: what is believed of a geocoder's answer, and what its failures cost a reader."""

import json
import threading
import time

import pytest
from django.core.cache import cache

from directory import geocoding
from directory.address_base import GeocoderUnavailable, in_france
from directory.geocoding import ask_patiently, locate, named_town, outage
from portal.core import versions
from portal.core.models import Municipality
from portal.core.moments import collecting
from tests.geocoders import OddGeocoder, feature, say

ORAN = feature("12 Rue d'Oran 59100 Roubaix", 50.69, 3.18)


@pytest.fixture
def geocoder(settings, db, monkeypatch):
    """A geocoder of our own, which knows nothing yet; short pauses."""
    cache.clear()
    versions.forget_memory()
    monkeypatch.setattr(geocoding, "READER_TIMEOUT", 0.25)
    monkeypatch.setattr(geocoding, "TASK_TIMEOUT", 0.6)
    monkeypatch.setattr(geocoding, "_pace", geocoding._Pace(10_000))
    odd = OddGeocoder()
    with odd.served() as url:
        settings.GEOCODER_URL = url
        yield odd
        for thread in threading.enumerate():
            if thread.name == "geocoder":  # its outcome would count in the next test
                thread.join(5)
    cache.clear()


@pytest.fixture
def towns(db):
    rows = [
        ("59512", "Roubaix", "59100", 50.69, 3.17),
        ("59350", "Lille", "59000 59800 59160", 50.63, 3.06),
        ("59599", "Tourcoing", "59200", 50.72, 3.16),
        ("59527", "Saint-André-lez-Lille", "59350", 50.66, 3.04),
    ]
    for insee, name, postcodes, latitude, longitude in rows:
        Municipality.objects.create(insee=insee, name=name, postcodes=postcodes, latitude=latitude, longitude=longitude)


def by_hand(body, status=200, **headers):
    return lambda question: lambda handler: say(handler, body, status, **headers)


# --- What is believed ------------------------------------------------------------------------------------------------


def test_an_address_is_found_and_kept(geocoder, towns):
    geocoder.answer = lambda question: [ORAN]
    found = locate("  12 rue d'Oran,   ROUBAIX ")
    assert (found.latitude, found.longitude, found.label) == (50.69, 3.18, "12 Rue d'Oran 59100 Roubaix")
    assert (found.kind, found.citycode, found.score) == ("housenumber", "59512", 0.9)
    assert locate("12 Rue d’Oran Roubaix") == found  # the same words: kept
    assert geocoder.asked == ["12 rue d'Oran, ROUBAIX"]


def test_nothing_is_kept_too(geocoder, towns):
    assert locate("rue qui n'existe pas") is None
    assert locate("rue qui n'existe pas") is None
    assert len(geocoder.asked) == 1


@pytest.mark.parametrize(
    ("words", "answer", "fits"),
    [
        ("rue d'oran roubaix", ORAN, True),
        ("rue d'oran", ORAN, True),
        ("rue d'oran 59100", ORAN, True),
        ("rue doran roubaix", ORAN, True),
        ("rue d'oran 59000", ORAN, False),
        ("rue d'oran 59059 Roubaix Cedex 1", ORAN, True),
        ("rue d'oran 75018 Roubaix", ORAN, False),
        ("rue d'oran lille", ORAN, False),
        ("zone industrielle roubaix", ORAN, False),
        ("rue de lille roubaix", feature("Rue de Lille 59100 Roubaix", 50.69, 3.18, kind="street"), True),
        ("rue de roubaix tourcoing", feature("Rue de Tourcoing 59100 Roubaix", 50.69, 3.18, kind="street"), False),
        ("rue d'oran", feature("Rue d'Oran 75018 Paris", 48.88, 2.35, citycode="75118", city="Paris"), False),
        ("rue d'oran paris", feature("Rue d'Oran 75018 Paris", 48.88, 2.35, citycode="75118", city="Paris"), True),
        ("rue d'oran", feature("Rue d'Oran 59780 Willems", 50.63, 3.24, citycode="59660", city="Willems"), True),
        ("grand rue saint andre lez lille",
         feature("Grand Rue 59000 Lille", 50.63, 3.05, citycode="59350", city="Lille"), False),
        ("place du marais lomme",
         feature("Place du Marais 59160 Lille", 50.64, 2.99, citycode="59350", city="Lille", oldcity="Lomme"), True),
        ("rue d'oran roubaix", feature("12 Rue d'Oran 59100 Roubaix", 50.69, 3.18, score=0.2), False),
    ],
)  # fmt: skip
def test_what_suits_a_readers_words(geocoder, towns, words, answer, fits):
    geocoder.answer = lambda question: [answer]
    assert (locate(words) is not None) == fits


def test_the_portals_own_towns_come_first(geocoder, towns):
    far = feature("Rue d'Oran 59780 Willems", 50.63, 3.24, citycode="59660", city="Willems", score=0.95)
    geocoder.answer = lambda question: [far, ORAN]
    assert locate("rue d'oran").citycode == "59512"


@pytest.mark.parametrize("words", ["", "a", "12", "1234", "???"])
def test_what_is_no_address_is_not_asked(geocoder, towns, words):
    assert locate(words) is None
    assert geocoder.asked == []


def test_long_words_are_cut(geocoder, towns):
    locate("rue " * 500)
    assert len(geocoder.asked[0]) <= 200


def test_a_town_is_named_without_asking(geocoder, towns):
    assert named_town("rue inconnue, Saint André lez Lille").citycode == "59527"
    assert named_town("place st-andré 59200").citycode == "59599"
    assert named_town("rue de Lille Roubaix").label == "Roubaix"
    assert named_town("Marseille") is None
    assert geocoder.asked == []


# --- Answers that are none -------------------------------------------------------------------------------------------

NONSENSE = [
    "<!doctype html><html><title>Maintenance</title></html>",
    "",
    "null",
    "[]",
    "42",
    '{"features": null}',
    '{"features": {"0": {}}}',
    '{"error": "no"}',
    b"\xff\xfe\x00",
    "[" * 100_000,
    json.dumps({"features": [{}]}),
    json.dumps({"features": [None, 3, "x"]}),
    json.dumps({"features": [{**ORAN, "geometry": None}]}),
    json.dumps({"features": [{**ORAN, "geometry": {"coordinates": [3.18]}}]}),
    json.dumps({"features": [{**ORAN, "geometry": {"coordinates": ["x", "y"]}}]}),
    json.dumps({"features": [{**ORAN, "geometry": {"coordinates": [float("nan"), 50]}}]}),
    json.dumps({"features": [feature("Rue d'Oran", 50.69, 318)]}),
    json.dumps({"features": [feature("Rue d'Oran", 3.18, 50.69)]}),  # swapped
    json.dumps({"features": [feature("Rue d'Oran", 0, 0)]}),
    json.dumps({"features": [feature("Rue d'Oran", 40.7, -74)]}),
    json.dumps({"features": [feature("Rue d'Oran", 50.69, 3.18, score=42)]}),
    json.dumps({"features": [feature("Rue d'Oran", 50.69, 3.18, score=None)]}),
]


@pytest.mark.parametrize("body", NONSENSE)
def test_an_answer_that_makes_no_sense_is_not_believed(geocoder, towns, body):
    geocoder.answer = by_hand(body)
    with pytest.raises(GeocoderUnavailable) as raised:
        locate("rue d'oran roubaix")
    assert raised.value.reason == "nonsense"
    geocoder.answer = lambda question: [ORAN]
    outage.over()
    assert locate("rue d'oran roubaix")  # nothing of it was kept


def test_good_answers_beside_bad_ones_are_read(geocoder, towns):
    geocoder.answer = lambda question: [{}, feature("Rue d'Oran", 0, 0), ORAN]
    assert locate("rue d'oran roubaix").latitude == 50.69


def test_a_huge_answer_is_not_read_to_its_end(geocoder, towns):
    geocoder.answer = by_hand('{"features": [' + " " * 3_000_000 + "]}")
    with pytest.raises(GeocoderUnavailable, match="nonsense"):
        locate("rue d'oran roubaix")


def test_boxes_of_france():
    assert in_france(50.6, 3.0)
    assert in_france(-21.1, 55.5)
    assert not in_france(51.5, -0.1)
    assert not in_france(float("nan"), 3.0)


# --- Outages ---------------------------------------------------------------------------------------------------------


def dribble(handler):
    handler.send_response(200)
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def hang(handler):
    time.sleep(1.5)


@pytest.mark.parametrize("slow", [hang, dribble])
def test_a_slow_server_costs_one_wait(geocoder, towns, slow):
    geocoder.answer = lambda question: slow
    started = time.monotonic()
    with pytest.raises(GeocoderUnavailable, match="slow"), collecting() as moments:
        locate("rue d'oran roubaix")
    assert time.monotonic() - started < 0.5
    assert moments.earliest is not None  # what is shown now is not kept for long
    started = time.monotonic()
    for words in ("rue d'oran roubaix", "rue de lille"):
        with pytest.raises(GeocoderUnavailable):
            locate(words)
    assert time.monotonic() - started < 0.1
    assert len(geocoder.asked) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (by_hand("no", 500), "down"),
        (by_hand("no", 403), "down"),
        (by_hand("no", 502), "down"),
        (by_hand("no", 429, Retry_After="120"), "busy"),
        (lambda question: lambda handler: handler.connection.close(), "down"),
    ],
)
def test_failures_are_told_apart(geocoder, towns, answer, reason):
    geocoder.answer = answer
    with pytest.raises(GeocoderUnavailable) as raised:
        locate("rue d'oran roubaix")
    assert raised.value.reason == reason
    assert raised.value.retry_after == (120 if reason == "busy" else None)
    assert outage.seconds_left() > (110 if reason == "busy" else 20)


def test_nobody_listens(settings, db):
    settings.GEOCODER_URL = "http://127.0.0.1:9"
    cache.clear()
    with pytest.raises(GeocoderUnavailable, match="down"):
        locate("rue d'oran roubaix")
    settings.GEOCODER_URL = ""
    with pytest.raises(GeocoderUnavailable, match="off"):
        locate("rue d'oran roubaix")
    cache.clear()


def test_words_that_the_engine_refuses_are_nothing(geocoder, towns):
    geocoder.answer = by_hand('{"detail": "q too short"}', 400)
    assert locate("rue d'oran") is None
    assert outage.seconds_left() == 0


def test_after_the_pause_one_question_is_tried_and_nobody_waits(geocoder, towns, monkeypatch):
    monkeypatch.setattr(outage, "FIRST", 0.05)
    geocoder.answer = lambda question: hang
    with pytest.raises(GeocoderUnavailable):
        locate("rue d'oran roubaix")
    time.sleep(0.06)
    answered = threading.Event()

    def late(handler):
        time.sleep(0.15)
        say(handler, json.dumps({"features": [ORAN]}))
        answered.set()

    geocoder.answer = lambda question: late
    started = time.monotonic()
    with pytest.raises(GeocoderUnavailable):
        locate("rue d'oran roubaix")
    assert time.monotonic() - started < 0.1
    assert answered.wait(3)
    deadline = time.monotonic() + 2
    while outage.seconds_left() != 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert locate("rue d'oran roubaix")
    assert len(geocoder.asked) == 2


def test_a_late_answer_is_kept_for_the_next_reader(geocoder, towns):
    def late(handler):
        time.sleep(0.35)
        say(handler, json.dumps({"features": [ORAN]}))

    geocoder.answer = lambda question: late
    with pytest.raises(GeocoderUnavailable, match="slow"):
        locate("rue d'oran roubaix")
    deadline = time.monotonic() + 3
    while outage.seconds_left() != 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert locate("rue d'oran roubaix").latitude == 50.69


def test_a_crowd_does_not_queue(geocoder, towns, monkeypatch):
    monkeypatch.setattr(geocoding, "_under_way", threading.BoundedSemaphore(1))
    geocoder.answer = lambda question: hang
    with pytest.raises(GeocoderUnavailable, match="slow"):
        locate("rue d'oran roubaix")
    outage.over()
    started = time.monotonic()
    with pytest.raises(GeocoderUnavailable, match="busy"):
        locate("rue d'oran lille")
    assert time.monotonic() - started < 0.1


# --- Patience --------------------------------------------------------------------------------------------------------


def test_the_pause_that_the_service_asks_for_is_kept(geocoder, db):
    answers = [by_hand("wait", 429, Retry_After="1")(""), [ORAN]]
    geocoder.answer = lambda question: answers.pop(0)
    started = time.monotonic()
    assert ask_patiently("12 rue d'Oran 59100 Roubaix", patience=5)[0].latitude == 50.69
    assert 1 <= time.monotonic() - started < 2


def test_a_pause_too_long_is_told(geocoder, db):
    geocoder.answer = by_hand("wait", 429, Retry_After="600")
    with pytest.raises(GeocoderUnavailable) as raised:
        ask_patiently("12 rue d'Oran 59100 Roubaix", patience=5)
    assert raised.value.retry_after == 600
    with pytest.raises(GeocoderUnavailable):  # and the next one knows without asking
        ask_patiently("13 rue d'Oran 59100 Roubaix", patience=5)
    assert len(geocoder.asked) == 1


def test_a_failure_is_tried_again_after_growing_pauses(geocoder, db, monkeypatch):
    slept = []
    monkeypatch.setattr(geocoding.time, "sleep", slept.append)
    geocoder.answer = by_hand("no", 500)
    with pytest.raises(GeocoderUnavailable, match="down"):
        ask_patiently("12 rue d'Oran 59100 Roubaix", patience=60)
    assert len(geocoder.asked) == 3
    assert [pause for pause in slept if pause >= 1] == [1, 2]


def test_questions_keep_their_pace(geocoder, db, monkeypatch):
    monkeypatch.setattr(geocoding, "_pace", geocoding._Pace(20))
    started = time.monotonic()
    for number in range(6):
        ask_patiently(f"{number} rue d'Oran 59100 Roubaix", patience=5)
    assert time.monotonic() - started >= 0.25
