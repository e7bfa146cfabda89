"""Values as sources write them become values as the portal keeps them; nothing is invented, nothing raises."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.imports import hours, mending, places
from directory.imports.mappings import MappingError, parse, shipped_names, shipped_rules
from portal.core.fields import parse_phone
from portal.core.validation import check_opening_hours


class Notes(list):
    def __call__(self, name, sentence):
        self.append((name, sentence))


@pytest.fixture
def notes():
    return Notes()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("+33 3 28 59 28 18", "03 28 59 28 18"),
        ("0556349410", "05 56 34 94 10"),
        ("05.56.34.94.10", "05 56 34 94 10"),
        ("05-56-34-94-10", "05 56 34 94 10"),
        ("556349410", "05 56 34 94 10"),
        (556349410, "05 56 34 94 10"),
        (556349410.0, "05 56 34 94 10"),
        ("33556349410", "05 56 34 94 10"),
        ("0033 5 56 34 94 10", "05 56 34 94 10"),
        ("+33 (0)5 56 34 94 10", "05 56 34 94 10"),
        ("Tél : 05 56 34 94 10", "05 56 34 94 10"),
        ("05 56 34 94 10 / 05 56 34 94 11", "05 56 34 94 10"),
        ("ET 05.56.34.94.10", "05 56 34 94 10"),
        (3949, "3949"),
        ("39 49", "3949"),
        ("(SMS)", ""),
        ("0", ""),
        ("12", ""),
        ({"a": 1}, ""),
    ],
)
def test_telephones(said, kept, notes):
    assert mending.phone(said, "phone", notes) == kept


def test_telephones_of_the_islands(notes):
    assert mending.phone("+262 2 62 69 22 01", "phone", notes, postcode="97490") == "+262 262 69 22 01"
    assert mending.phone("0262 69 22 01", "phone", notes, postcode="97490") == "+262 262 69 22 01"
    assert not notes


def test_only_the_first_of_several_is_kept_and_said(notes):
    assert mending.email("mailto:a@example.org; b@example.org", "email", notes) == "a@example.org"
    assert mending.url("www.a.fr | http://b.fr", "website", notes) == "https://www.a.fr"
    assert mending.phone("05 56 34 94 10 ou 05 56 34 94 11", "phone", notes)
    assert [sentence for _name, sentence in notes if "b@" in sentence or "b.fr" in sentence or "11" in sentence] == [
        sentence for _name, sentence in notes
    ]


@pytest.mark.parametrize(
    "said", ["mailto:", "Via le site de la CAF", "http://www.contact.urssaf.fr", "@", "", None, []]
)
def test_what_is_no_mail_address_is_left_out(said, notes):
    assert mending.email(said, "email", notes) == ""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("abracodabra.fr", "https://abracodabra.fr"),
        ("http://a.fr/x?y=é", "http://a.fr/x?y=é"),
        (["http://a.fr"], "http://a.fr"),
        ("http:/a.fr", "http://a.fr"),
        ("@", ""),
        ("facebook : la source", ""),
        ("javascript:alert(1)", ""),
        ("http://", ""),
    ],
)
def test_addresses_of_sites(said, kept, notes):
    assert mending.url(said, "website", notes) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2024-01-31", date(2024, 1, 31)),
        ("31/01/2024", date(2024, 1, 31)),
        ("2022-09-26 19:00:45", date(2022, 9, 26)),
        ("20240131", date(2024, 1, 31)),
        (20240131, date(2024, 1, 31)),
        ("1er janvier 2024", date(2024, 1, 1)),
        (datetime(2024, 1, 31, 10, tzinfo=UTC), date(2024, 1, 31)),
        ("31/02/2024", None),
        ("hier", None),
    ],
)
def test_days(said, kept, notes):
    assert mending.day(said, "source_updated_on", notes) == kept


@pytest.mark.parametrize(
    ("said", "kept"), [(1000, "01000"), ("59000.0", ""), ("59 000", "59000"), ("F-59000", "59000"), (1000.0, "01000")]
)
def test_postcodes(said, kept, notes):
    assert mending.postcode(said, "postcode", notes) == kept


def test_texts_are_plain(notes):
    said = "<p>Crèche &amp; halte<br>garderie</p><script>alert(1)</script>\x00\u202e"
    assert mending.text(said, "description", notes, limit=100, lines=True) == "Crèche & halte\ngarderie"
    assert mending.text("CrÃ¨che lâ€™Ã‰toile", "title", notes, limit=100) == "Crèche l’Étoile"
    assert mending.text("3 < 4 et 5 > 2", "description", notes, limit=100) == "3 < 4 et 5 > 2"
    assert mending.text("\ud800a", "title", notes, limit=100) == "a"
    cut = mending.text("mot " * 100, "title", notes, limit=50)
    assert len(cut) <= 50
    assert cut.endswith("mot…")


def test_positions(notes):
    assert places.point("50,63", "3,05", "59000", notes) == places.Point(50.63, 3.05)
    assert places.point("3.05", "50.63", "59000", notes) == places.Point(50.63, 3.05)  # turned round
    assert places.point(55.5, -20.9, "97490", notes) == places.Point(-20.9, 55.5)
    assert places.point(0, 0, "59000", notes) == places.Point()
    assert places.point("", "50.", "59000", notes).doubt
    assert places.point(50.61, 50.61, "59000", notes).doubt
    assert places.point(-20.9, 55.5, "59000", notes).doubt
    assert places.point("1e999", float("nan"), "", notes) == places.Point()


@pytest.mark.parametrize(
    ("said", "street", "postcode", "town"),
    [
        ("8 rue de la Boétie - 33000 Bordeaux", "8 rue de la Boétie", "33000", "Bordeaux"),
        ("21 rue Thiers 33500 Libourne", "21 rue Thiers", "33500", "Libourne"),
        ("25 rue du 19 mars 1962 - 33400 TALENCE", "25 rue du 19 mars 1962", "33400", "TALENCE"),
        ("2 place X, 59 000 Lille Cedex 9", "2 place X", "59000", "Lille"),
        ("Rue Robert Schuman", "Rue Robert Schuman", "", ""),
    ],
)
def test_addresses_in_one_cell(said, street, postcode, town):
    assert places.split_address(said) == (street, postcode, town)


def test_lines_of_an_address():
    lines = ["Maison des aidants", "CS 90255", "291 boulevard Victor-Hugo"]
    assert places.street_of(lines) == ("291 boulevard Victor-Hugo", "Maison des aidants, CS 90255")
    assert places.street_of(["BP 60049", "Avenue Henri-Barbusse"]) == ("Avenue Henri-Barbusse", "BP 60049")
    assert places.street_of(["", " "]) == ("", "")


def test_hours(notes):
    assert hours.hours("Mo-Fr 08:30-12:30,13:30-17:00", "opening_hours", notes) == ("Mo-Fr 08:30-12:30,13:30-17:00", "")
    assert hours.hours("Lundi et jeudi : 14h à 18h", "opening_hours", notes) == ("", "Lundi et jeudi : 14h à 18h")
    assert hours.hours("2024", "opening_hours", notes) == ("", "2024")
    week = [["08:30", "12:00", "13:30", "17:00"]] * 4 + [["9h", "12h", "", ""], ["", "", "", ""], ["10:00", "", "", ""]]
    assert hours.hours_of_days(week, "opening_hours", notes)[0] == "Mo-Th 08:30-12:00,13:30-17:00; Fr 09:00-12:00"
    assert len(notes) == 1  # of Sunday


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(ANYTHING)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_cell_holds(value):
    notes = Notes()
    if number := mending.phone(value, "phone", notes):
        parse_phone(number)
    if address := mending.email(value, "email", notes):
        validate_email(address)
    if url := mending.url(value, "website", notes):
        URLValidator(schemes=["http", "https"])(url)
    assert mending.postcode(value, "postcode", notes).isdigit() or not mending.postcode(value, "postcode", notes)
    opening_hours, words = hours.hours(value, "opening_hours", notes)
    assert not (opening_hours and words)
    if opening_hours:
        check_opening_hours(opening_hours)
    text = mending.text(value, "title", notes, limit=30)
    assert len(text) <= 30
    text.encode()
    assert "\x00" not in text
    found = places.point(value, value, "", notes)
    assert (found.latitude is None) == (found.longitude is None)
    mending.day(value, "source_updated_on", notes)
    mending.insee(value, "municipality", notes)
    mending.siret(value, "siret", notes)
    mending.parts(value)
    with pytest.raises(ValidationError):
        validate_email("")


def test_shipped_mappings_are_right():
    assert {"annuaire-dila", "aix-en-provence", "angers", "gironde", "ultra-num"} <= set(shipped_names())
    for name in shipped_names():
        mapping = parse(shipped_rules(name))
        assert mapping.source == name
        assert mapping.licence


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"name": "a"},
        {"name": "a", "field": [{"to": "nowhere", "from": ["x"]}]},
        {"name": "a", "field": [{"to": "title", "from": []}]},
        {"name": "a", "field": ["title"]},
        {
            "name": "a",
            "field": [{"to": "title", "from": ["x"]}, {"to": "kind", "from": ["y"], "values": {"z": "château"}}],
        },
        {"name": "!!!", "field": [{"to": "title", "from": ["x"]}]},
        {"name": "a", "field": [{"to": "title", "from": ["x"]}], "constants": {"nowhere": 1}},
    ],
)
def test_wrong_mappings_are_refused(rules):
    with pytest.raises(MappingError):
        parse(rules)
