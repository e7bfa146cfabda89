"""The weekly grid: a text goes through it and comes back with the same meaning, or is kept as it is written."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours, State

from portal.core.validation import check_opening_hours
from portal.core.weekly_grid import CLOSED, OWN, USUAL, Grid, read, tidy_time, write
from portal.core.widgets import WeekInput
from tests.tree import reads_files_only

pytestmark = reads_files_only

PLACES = Path(__file__).parents[2].parent / "shared" / "data" / "places"
needs_places = pytest.mark.skipif(
    not PLACES.exists(), reason="only on a machine with the open data of ../shared/data/places"
)
#: A year with public holidays, a 29 February and both changes of the clock.
YEAR = datetime.fromisoformat("2028-01-01"), datetime.fromisoformat("2029-01-01")


def open_intervals(text):
    hours = OpeningHours(text, country="FR")
    found = []
    for start, end, state, _comment in hours.intervals(*YEAR):
        if state == State.OPEN:
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found


def posted(text, name="hours"):
    """What the browser sends of the grid of a text, untouched."""
    widget = WeekInput().get_context(name, text, {"id": "id_hours"})["widget"]
    data = {name: widget["by_hand"], f"{name}-was": widget["was"], f"{name}-ph": widget["holidays"]["choice"]}
    for row in [*widget["days"], widget["holidays"]]:
        for period in row["periods"]:
            data[period["start_name"]] = period["start"]
            data[period["end_name"]] = period["end"]
    return data


def strings_in(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("horaires", "opening_hours", "horaires_accueil") and isinstance(inner, str):
                yield inner
            else:
                yield from strings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner)


def real_strings():
    found = set()
    for path in [*PLACES.glob("*.json"), *(PLACES / "messy").glob("*.json")]:
        found.update(strings_in(json.loads(path.read_text(encoding="utf-8"))))
    return sorted(text for text in found if text.strip())


@needs_places
def test_every_string_of_the_real_data_round_trips_or_is_kept_word_for_word():
    texts = real_strings()
    assert len(texts) > 500
    in_grid = 0
    for text in texts:
        assert WeekInput().value_from_datadict(posted(text), {}, "hours") == text.strip(), text
        grid = read(text)
        if grid is not None:
            in_grid += 1
            assert open_intervals(write(grid)) == open_intervals(text), text
            assert read(write(grid)) == grid
    assert in_grid > 500


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr 09:00-12:00,14:00-18:00; PH off", "Mo-Fr 09:00-12:00,14:00-18:00; PH off"),
        ("Mo-Fr 08:30-12:00,13:30-17:00; Th off", "Mo-We,Fr 08:30-12:00,13:30-17:00"),
        ("Sa,Mo 9:00-12:00", "Mo,Sa 09:00-12:00"),
        ("Fr-Mo 10:00-12:00", "Mo,Fr-Su 10:00-12:00"),
        ("Fr 20:00-26:00", "Fr 20:00-02:00"),
        ("24/7", "Mo-Su 00:00-24:00"),
        ("09:00-12:00", "Mo-Su 09:00-12:00"),
        ("Mo-Fr,PH 09:00-12:00", "Mo-Fr 09:00-12:00; PH 09:00-12:00"),
        ("Mo 09:00-12:00; PH 10:00-11:00", "Mo 09:00-12:00; PH 10:00-11:00"),
    ],
)
def test_what_a_week_can_say(text, expected):
    grid = read(text)
    assert write(grid) == expected
    assert open_intervals(expected) == open_intervals(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mo[1] 09:00-12:00",
        "week 1-53/2 Sa 09:00-12:00",
        "Mo-Fr 09:00-12:00; SH off",
        "Jul-Aug Mo-Fr 09:00-12:00",
        'Mo-Fr 09:00-12:00 "sur rendez-vous"',
        "Mo-Fr 09:00-12:00, Sa 10:00-12:00",
        "Mo-Fr 09:00+",
        "PH off; Mo-Fr 09:00-12:00",
        "Mo-Fr sunrise-sunset",
        "Dec 25 off",
        "off",
        "un samedi sur deux",
    ],
)
def test_what_it_cannot_say_is_kept_word_for_word(text):
    assert read(text) is None
    data = posted(text)
    assert data["hours"] == text
    assert WeekInput().value_from_datadict(data, {}, "hours") == text


TIMES = st.tuples(st.integers(0, 23), st.sampled_from([0, 15, 30, 45])).map(lambda pair: f"{pair[0]:02d}:{pair[1]:02d}")


@st.composite
def days(draw):
    """The periods of a day: in order, apart from each other."""
    times = sorted(set(draw(st.lists(TIMES, max_size=6))))
    return list(zip(times[::2], times[1::2], strict=False))


@st.composite
def grids(draw):
    choice = draw(st.sampled_from([USUAL, CLOSED, OWN]))
    own = draw(days()) if choice == OWN else []
    if choice == OWN and not own:
        choice = CLOSED
    return Grid([draw(days()) for _day in range(7)], choice, own)


@settings(max_examples=60, deadline=None)
@given(grids())
def test_every_week_is_read_as_it_was_written(grid):
    text = write(grid)
    if grid.is_empty:
        assert text == ""
        return
    assert read(text) == grid
    assert OpeningHours(text)


def test_a_day_as_the_day_above():
    data = {"hours": "", "hours-was": "", "hours-mon-0-start": "09:00", "hours-mon-0-end": "12:00"}
    data |= {"hours-tue-same": "on", "hours-wed-same": "on", "hours-ph": "closed"}
    assert WeekInput().value_from_datadict(data, {}, "hours") == "Mo-We 09:00-12:00; PH off"


def test_midnight_and_more_periods():
    data = {"hours-was": "", "hours-sun-0-start": "20:00", "hours-sun-0-end": "00:00"}
    data |= {"hours-sun-4-start": "9h", "hours-sun-4-end": "9h30"}
    assert WeekInput().value_from_datadict(data, {}, "hours") == "Su 20:00-24:00,09:00-09:30"


def test_half_a_period_is_refused_and_shown_again():
    text = WeekInput().value_from_datadict({"hours-was": "", "hours-mon-0-start": "09:00"}, {}, "hours")
    with pytest.raises(ValidationError, match=r"beginning and its end|début et de sa fin"):
        check_opening_hours(text)
    shown = posted(text)
    assert (shown["hours"], shown["hours-mon-0-start"], shown["hours-mon-0-end"]) == ("", "09:00", "")


def test_the_text_alone_is_enough():
    """Whoever sends the field without a grid (a script, an older page) is understood."""
    assert WeekInput().value_from_datadict({"hours": "Mo 09:00-12:00"}, {}, "hours") == "Mo 09:00-12:00"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9", "09:00"),
        ("9h", "09:00"),
        ("9h30", "09:30"),
        ("09:30:00", "09:30"),
        ("24:00", "24:00"),
        ("25", "?"),
        ("x", "?"),
    ],
)
def test_times_as_people_type_them(typed, expected):
    assert tidy_time(typed) == expected
