"""Opening hours around midnight, daylight saving time and public holidays."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from portal.core.hours import PARIS, Doubt, Hours, Reason, Span, open_state, week, weekdays_open
from portal.core.moments import collecting
from portal.core.opening_rules import DayKind, resolved
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
    assert "mon" not in weekdays_open(value, date(2026, 11, 27))
    if value:
        with pytest.raises(ValidationError):
            check_opening_hours(value)


def test_open_on_a_day():
    today = date(2026, 11, 27)
    assert "sat" in weekdays_open("Sa 09:00-12:00", today)
    assert "sun" not in weekdays_open("Sa 09:00-12:00", today)
    assert "fri" in weekdays_open("Fr 09:00-12:00", today)


# --- Nights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "Fr 20:00-02:00",
        "Fr 20:00-26:00",
        "Fr 20:00-02:00; Sa 09:00-12:00",
        "Mo-Fr 09:00-12:00,20:00-02:00; Sa 10:00-12:00; PH off",
        "Fr 20:00-02:00; Sa off",
    ],
)
def test_a_night_lasts_whatever_the_next_day_says(value):
    assert open_state(value, at(2026, 11, 27, 23, 59)).is_open
    assert open_state(value, at(2026, 11, 27, 23)).changes_at == at(2026, 11, 28, 2)
    assert open_state(value, at(2026, 11, 28, 0, 0)).is_open
    assert open_state(value, at(2026, 11, 28, 1, 59)).is_open
    assert not open_state(value, at(2026, 11, 28, 2, 0)).is_open
    assert "sat" in weekdays_open(value, date(2026, 11, 27))


def test_the_night_before_a_public_holiday():
    value = "Mo-Su 20:00-02:00; PH off"
    assert open_state(value, at(2026, 7, 14, 1)).is_open
    assert not open_state(value, at(2026, 7, 14, 21)).is_open
    assert not open_state(value, at(2026, 7, 15, 1)).is_open
    assert open_state(value, at(2026, 7, 15, 21)).is_open


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 28, 5), (10, 24, 7)])
def test_a_night_when_the_clock_changes(month, day, hours):
    """From 22:00 to 04:00 on the clock on the wall: an hour less in spring, an hour more in autumn."""
    value = "Sa 22:00-04:00; Su 09:00-10:00"
    begins = at(2026, month, day, 22)
    state = open_state(value, begins)
    assert state.is_open
    assert (state.changes_at.timestamp() - begins.timestamp()) / 3600 == hours
    assert not open_state(value, at(2026, month, day + 1, 4)).is_open


def test_two_nights_that_touch_are_one_period():
    assert open_state("Mo-Su 00:00-24:00; SH off || off", at(2026, 11, 27, 3)) is not None
    assert open_state(Hours("24/7", closed_from=date(2026, 12, 1)), at(2026, 11, 27, 3)).changes_at == at(2026, 12, 1)


# --- Public holidays -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "ten", "fifteen"),
    [
        ("Mo-Fr 09:00-18:00; PH off", False, False),
        ("Mo-Fr 09:00-18:00; PH 10:00-12:00", True, False),
        ("Mo-Fr,PH 09:00-18:00", True, True),
        ("Mo-Fr 09:00-18:00; PH Sa-Su off", True, True),
        ("Mo-Fr 09:00-18:00; PH Mo-Fr 10:00-12:00", True, False),
        ("Mo-Fr 09:00-18:00", True, True),
    ],
)
def test_the_fourteenth_of_july(value, ten, fifteen):
    """A Tuesday in 2026; the days around it are as usual."""
    assert open_state(value, at(2026, 7, 14, 10)).is_open is ten
    assert open_state(value, at(2026, 7, 14, 15)).is_open is fifteen
    assert open_state(value, at(2026, 7, 13, 15)).is_open
    assert open_state(value, at(2026, 7, 15, 15)).is_open
    assert week(value, date(2026, 7, 14))[1].reason == Reason.PUBLIC_HOLIDAY


def test_hours_silent_about_public_holidays_are_doubtful_then():
    assert open_state("Mo-Fr 09:00-18:00", at(2026, 7, 14, 10)).doubt == Doubt.PUBLIC_HOLIDAY
    assert open_state("Mo-Fr 09:00-18:00", at(2026, 7, 13, 10)).doubt == ""
    assert open_state("Mo-Fr 09:00-18:00; PH off", at(2026, 7, 14, 10)).doubt == ""


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Mo-Fr,PH 09:00-12:00", DayKind(), "Mo-Fr 09:00-12:00"),
        ("Mo-Fr,PH 09:00-12:00", DayKind(is_public_holiday=True), "Mo-Su 09:00-12:00"),
        ("PH,SH off", DayKind(is_school_holiday=True), "Mo-Su off"),
        ("PH,SH off", DayKind(), "SH off"),
        ("SH Mo-Fr 09:00-12:00", DayKind(is_school_holiday=True), "Mo-Fr 09:00-12:00"),
        ("SH Mo-Fr 09:00-12:00", DayKind(is_public_holiday=True), "SH 09:00-12:00"),
        ('Mo 09:00-12:00 "sauf PH"', DayKind(is_public_holiday=True), 'Mo 09:00-12:00 "sauf PH"'),
    ],
)
def test_what_a_text_says_of_one_kind_of_day(text, kind, expected):
    assert resolved(text, kind) == expected


# --- Closures --------------------------------------------------------------------------------------------------------

CLOSED = Hours(WEEKDAYS, closed_from=date(2026, 12, 21), closed_until=date(2027, 1, 3))


def test_a_closure_closes_and_says_when_it_opens_again():
    state = open_state(CLOSED, at(2026, 12, 22, 10))
    assert (state.is_open, state.closure, state.changes_at) == (False, True, at(2027, 1, 4, 9))
    assert not open_state(CLOSED, at(2026, 12, 18, 10)).closure
    assert open_state(CLOSED, at(2026, 12, 18, 19)).changes_at == at(2027, 1, 4, 9)
    assert [day.reason for day in week(CLOSED, date(2026, 12, 22))] == [Reason.CLOSURE] * 7
    assert "tue" not in weekdays_open(CLOSED, date(2026, 12, 21))


def test_a_closure_without_end_tells_no_day():
    endless = Hours(WEEKDAYS, closed_from=date(2026, 12, 21))
    state = open_state(endless, at(2026, 12, 22, 10))
    assert (state.is_open, state.closure, state.changes_at) == (False, True, None)


def test_a_closure_of_a_place_whose_hours_are_not_known():
    unknown = Hours(closed_from=date(2026, 12, 21), closed_until=date(2027, 1, 3))
    assert open_state(unknown, at(2026, 12, 22, 10)).closure
    assert week(unknown, date(2026, 12, 22)) == []


def test_a_closure_does_not_cut_the_night_before():
    club = Hours("Su 20:00-02:00", closed_from=date(2026, 12, 21), closed_until=date(2027, 1, 3))
    assert open_state(club, at(2026, 12, 21, 1)).is_open
    assert not open_state(club, at(2026, 12, 28, 1)).is_open


def test_whoever_shows_a_state_is_told_when_it_changes():
    with collecting() as moments:
        open_state(CLOSED, at(2026, 12, 22, 10))
    assert moments.earliest == at(2027, 1, 4, 9)
