"""Rules against dateutil over ten years, where dateutil is right; and in bounded time, where it is not."""

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from events.recurrence import expand, lasting
from events.rules import WEEKDAYS, parse_rule
from portal.core.moments import PARIS

TEN_YEARS = timedelta(days=3653)


def wall(*parts):
    """A time of the clock on the wall."""
    return datetime(*parts)  # noqa: DTZ001 - rules know no zone


days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True)
months = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)
month_days = st.lists(st.integers(1, 28) | st.integers(-28, -1), min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw):
    """Rules that match at least once in some years, since dateutil looks for those that do not until the year 9999;
    without those that it reads otherwise than calendars do (decision 0021)."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.sampled_from([1, 2, 3, 5]))}"]
    if draw(st.booleans()):
        parts.append("BYMONTH=" + ",".join(map(str, draw(months))))
    by_day = draw(st.sampled_from(["", "plain", "numbered"]))
    if by_day:
        ordinal = draw(st.sampled_from(["1", "2", "-1", "-2"])) if by_day == "numbered" else ""
        ordinal = ordinal if freq in ("MONTHLY", "YEARLY") else ""
        parts.append("BYDAY=" + ",".join(ordinal + day for day in draw(days)))
    elif freq in ("DAILY", "MONTHLY") and draw(st.booleans()):
        parts.append("BYMONTHDAY=" + ",".join(map(str, draw(month_days))))
    if freq in ("MONTHLY", "YEARLY") and len(parts) > 2 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, -1]))}")
    if freq == "WEEKLY":
        parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    return ";".join(parts)


@settings(max_examples=80, deadline=None)
@given(rules(), st.datetimes(wall(2020, 1, 1), wall(2028, 12, 31)), st.none() | st.integers(1, 60))
def test_the_same_dates_as_dateutil_over_ten_years(rule, start, count):
    start = start.replace(microsecond=0)
    limit = start + TEN_YEARS
    rule += f";COUNT={count}" if count else f";UNTIL={limit:%Y%m%dT%H%M%S}"
    wanted = [moment for moment in rrulestr(rule, dtstart=start) if moment <= limit]
    parsed = parse_rule(rule, start)
    assert list(parsed.between(start, limit)) == wanted
    middle = start + TEN_YEARS / 2
    assert list(parsed.between(middle, limit)) == [moment for moment in wanted if moment >= middle]


@settings(max_examples=40, deadline=None)
@given(rules(), st.datetimes(wall(2020, 1, 1), wall(2028, 12, 31)), st.integers(1, 40))
def test_the_clock_on_the_wall_is_kept(rule, start, hours):
    start = start.replace(microsecond=0).replace(tzinfo=PARIS)
    end = (start.replace(tzinfo=None) + timedelta(hours=hours)).replace(tzinfo=PARIS)
    for times in expand(start=start, end=end, rule=rule, until=start + timedelta(days=500)):
        assert times.starts_at.time() == start.time()
        assert times.ends_at > times.starts_at
        # Beyond what the clock itself takes or gives.
        lasts = times.ends_at.replace(tzinfo=None) - times.starts_at.replace(tzinfo=None)
        assert abs(lasts - timedelta(hours=hours)) in (timedelta(0), timedelta(hours=1))


class TestTheClockIsChanged:
    """In 2027 on 28 March, when 2:00 becomes 3:00, and on 31 October, when 3:00 becomes 2:00 again."""

    def test_an_hour_that_does_not_exist(self):
        times = lasting(wall(2027, 3, 28, 2, 30), timedelta(minutes=30))
        assert times.starts_at.astimezone(ZoneInfo("UTC")).hour == 1
        assert (times.ends_at.astimezone(ZoneInfo("UTC")) - times.starts_at.astimezone(ZoneInfo("UTC"))) == timedelta(
            minutes=30
        )

    def test_an_hour_that_comes_twice_is_the_first(self):
        times = lasting(wall(2027, 10, 31, 2, 30), timedelta(hours=2))
        assert times.starts_at.utcoffset() == timedelta(hours=2)
        assert times.ends_at.utcoffset() == timedelta(hours=1)

    def test_the_last_wednesday_at_18_is_at_18_all_year(self):
        start = datetime(2027, 1, 27, 18, tzinfo=PARIS)
        found = expand(
            start=start,
            end=start + timedelta(hours=2),
            rule="FREQ=MONTHLY;BYDAY=-1WE;COUNT=12",
            until=start + TEN_YEARS,
        )
        assert [times.starts_at.day for times in found] == [27, 24, 31, 28, 26, 30, 28, 25, 29, 27, 24, 29]
        assert {(times.starts_at.hour, times.ends_at.hour) for times in found} == {(18, 20)}


def test_29_february():
    start = datetime(2024, 2, 29, 10, tzinfo=PARIS)
    found = expand(start=start, end=start + timedelta(hours=1), rule="FREQ=YEARLY", until=start + 3 * TEN_YEARS)
    assert [times.starts_at.year for times in found] == [2024, 2028, 2032, 2036, 2040, 2044, 2048, 2052]
    monthly = parse_rule("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", wall(2028, 1, 31, 10))
    assert [moment.date() for moment in monthly] == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=9",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO",
        "FREQ=YEARLY;INTERVAL=99999",
        "FREQ=MONTHLY;COUNT=99999;BYHOUR=1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=5,10;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    ],
)
def test_a_hostile_rule_costs_next_to_nothing(rule):
    start = wall(2026, 11, 23, 9)
    before = time.process_time()
    found = list(parse_rule(rule, start).between(start, start + timedelta(days=400)))
    assert len(found) < 10_000
    assert time.process_time() - before < 0.5
