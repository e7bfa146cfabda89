"""Opening hours around midnight, daylight saving time and public holidays."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from portal.core.hours import PARIS, Span, is_open_on, open_state, week
from portal.core.validation import check_opening_hours

WEEKDAYS = "Mo-Fr 09:00-12:00,14:00-18:00; PH off"


def at(*parts):
    return datetime(*parts, tzinfo=PARIS)


def test_week_starts_on_monday_and_knows_today():
    days = week(WEEKDAYS, date(2026, 11, 25))
    assert days[0].day == date(2026, 11, 23)
    assert [day.is_today for day in days] == [False, False, True, False, False, False, False]
    assert days[0].spans == [Span(time(9), time(12)), Span(time(14), time(18))]
    assert days[6].spans == []


def test_public_holiday_is_closed():
    days = week(WEEKDAYS, date(2026, 7, 14))
    assert days[1].day == date(2026, 7, 14)
    assert days[1].spans == []
    assert not open_state(WEEKDAYS, at(2026, 7, 14, 10)).is_open


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(2026, 11, 25, 8, 59), False),
        (at(2026, 11, 25, 9, 0), True),
        (at(2026, 11, 25, 11, 59), True),
        (at(2026, 11, 25, 12, 0), False),
        (datetime(2026, 11, 25, 8, 0, tzinfo=ZoneInfo("UTC")), True),
    ],
)
def test_open_now(moment, is_open):
    assert open_state(WEEKDAYS, moment).is_open is is_open


def test_next_change_is_told_in_paris_time():
    state = open_state(WEEKDAYS, at(2026, 11, 27, 18, 30))
    assert state.changes_at == at(2026, 11, 30, 9)
    assert state.changes_at.utcoffset().total_seconds() == 3600


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_daylight_saving_nights(day):
    """Open from 8 to 20 on the clock on the wall, on the day when the clock changes too."""
    assert not open_state("08:00-20:00", at(*day, 7, 59)).is_open
    assert open_state("08:00-20:00", at(*day, 8, 0)).is_open
    assert not open_state("08:00-20:00", at(*day, 20, 0)).is_open


def test_hours_past_midnight_are_split_by_day():
    days = week("Fr 20:00-02:00", date(2026, 11, 27))
    assert days[4].spans == [Span(time(20), time(0))]
    assert days[5].spans == [Span(time(0), time(2))]
    assert open_state("Fr 20:00-02:00", at(2026, 11, 28, 1)).is_open


def test_always_open_never_changes():
    state = open_state("24/7", at(2026, 11, 27, 3))
    assert state.is_open
    assert state.changes_at is None


@pytest.mark.parametrize("value", ["", "n'importe quoi", "Mo-Zz 09:00", "25:61"])
def test_unreadable_hours_are_unknown(value):
    assert week(value, date(2026, 11, 27)) == []
    assert open_state(value, at(2026, 11, 27, 3)) is None
    assert not is_open_on(value, "mon", date(2026, 11, 27))
    if value:
        with pytest.raises(ValidationError):
            check_opening_hours(value)


def test_open_on_a_day():
    today = date(2026, 11, 27)
    assert is_open_on("Sa 09:00-12:00", "sat", today)
    assert not is_open_on("Sa 09:00-12:00", "sun", today)
    assert is_open_on("Fr 09:00-12:00", "fri", today)
