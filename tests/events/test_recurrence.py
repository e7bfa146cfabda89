"""Rules against the open oracle of libical, and what an agenda needs of them."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from events.enums import ExceptionKind
from events.models import EventException, EventPage, Occurrence
from events.recurrence import expand
from events.rules import parse_rule
from events.services import extend_occurrences, keep_occurrences
from portal.core.moments import PARIS
from tests import factories

ORACLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "libical" / "icalrecur_test.txt"


def at(*parts):
    return datetime(*parts, tzinfo=PARIS)


def days(found):
    return [times.starts_at.date() for times in found]


def test_a_single_event():
    start, end = at(2026, 11, 25, 14), at(2026, 11, 25, 16)
    found = expand(start=start, end=end, rule="", until=at(2030, 1, 1))
    assert [(times.starts_at, times.ends_at) for times in found] == [(start, end)]


@pytest.mark.parametrize("month", [3, 10])
def test_the_hour_stays_the_same_across_daylight_saving(month):
    start = at(2026, month, 18, 18)
    found = expand(start=start, end=start + timedelta(hours=2), rule="FREQ=WEEKLY;COUNT=4", until=at(2027, 1, 1))
    assert [times.starts_at.hour for times in found] == [18] * 4
    assert [times.ends_at.hour for times in found] == [20] * 4
    assert len({times.starts_at.utcoffset() for times in found}) == 2


def test_removed_dates_and_until():
    start = at(2026, 11, 4, 14)
    rule = "FREQ=WEEKLY;UNTIL=20261125T235959Z"
    found = expand(
        start=start, end=start + timedelta(hours=1), rule=rule, removed=[date(2026, 11, 11)], until=at(2027, 1, 1)
    )
    assert days(found) == [date(2026, 11, 4), date(2026, 11, 18), date(2026, 11, 25)]


def test_february_29_comes_every_four_years():
    start = at(2024, 2, 29, 10)
    found = expand(start=start, end=start + timedelta(hours=1), rule="FREQ=YEARLY", until=at(2033, 1, 1))
    assert days(found) == [date(2024, 2, 29), date(2028, 2, 29), date(2032, 2, 29)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=HOURLY", "WEEKLY", "FREQ=", "FREQ=WEEKLY;COUNT=x", "'",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3,4,5,6,7,8,9",
        "FREQ=WEEKLY;UNTIL=demain", "FREQ=WEEKLY;BYDAY=XX", "\x00", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY\nDTSTART:1",
    ],
)  # fmt: skip
def test_rules_that_are_refused(rule):
    with pytest.raises(ValidationError):
        parse_rule(rule, at(2026, 11, 4, 14))


def oracle_cases():
    if not ORACLE.exists():
        return []
    cases = []
    for block in ORACLE.read_text(encoding="utf-8").split("\n\n"):
        lines = dict(
            line.split(":", 1) for line in block.splitlines() if ":" in line and not line.startswith(("#", " "))
        )
        rule = lines.get("RRULE", "")
        # Where it writes ***, the oracle itself refuses the rule.
        answered = {"DTSTART", "INSTANCES"} <= lines.keys() and not lines["INSTANCES"].strip().startswith("***")
        if re.search(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)", rule) and answered:
            cases.append(pytest.param({name: text.strip() for name, text in lines.items()}, id=rule))
    return cases


CASES = oracle_cases()


@pytest.mark.skipif(
    not CASES, reason="only on a machine with the open data of ../shared/data/events (libical's oracle)"
)
@pytest.mark.parametrize("lines", CASES)
def test_rules_give_the_instances_of_the_oracle(lines):
    """Every case of the frequencies offered, whatever its parts; nothing before, after or between."""
    is_all_day = "T" not in lines["DTSTART"]
    style = "%Y%m%d" if is_all_day else "%Y%m%dT%H%M%S"

    def moment(text):
        return datetime.strptime(text.rstrip("Z"), style)  # noqa: DTZ007 - the oracle speaks local time

    # The oracle's times in UTC are those of its own wall clock.
    rule = re.sub(r"(UNTIL=[0-9T]+)Z", r"\1", lines["RRULE"])
    wanted = [moment(part) for part in lines["INSTANCES"].split(",") if part]
    parsed = parse_rule(rule, moment(lines["DTSTART"]), is_all_day=is_all_day)
    assert list(islice(parsed, len(wanted) + 1)) == wanted


@pytest.mark.django_db
class TestOccurrences:
    def test_they_follow_the_times_and_stay_themselves(self, tree):
        event = factories.EventFactory(rrule="FREQ=WEEKLY;COUNT=3")
        before = dict(event.occurrences.values_list("starts_at", "pk"))
        assert len(before) == 3
        event.save()
        assert dict(event.occurrences.values_list("starts_at", "pk")) == before
        event.ends_at += timedelta(hours=1)
        event.save()
        assert dict(event.occurrences.values_list("starts_at", "pk")) == before
        assert all(row.ends_at - row.starts_at == timedelta(hours=3) for row in event.occurrences.all())

    def test_exceptions_remove_or_cancel_a_date(self, tree):
        event = factories.EventFactory(rrule="FREQ=WEEKLY;COUNT=3")
        first, second, third = (timezone.localdate(row.starts_at) for row in event.occurrences.all())
        event.exceptions.add(EventException(date=first, kind=ExceptionKind.REMOVED))
        event.exceptions.add(EventException(date=second, kind=ExceptionKind.CANCELLED))
        event.save()
        rows = {timezone.localdate(row.starts_at): row.is_cancelled for row in event.occurrences.all()}
        assert rows == {second: True, third: False}

    def test_a_draft_changes_no_date(self, tree):
        event = factories.EventFactory(rrule="FREQ=WEEKLY;COUNT=3")
        before = set(event.occurrences.values_list("starts_at", flat=True))
        event.starts_at += timedelta(days=1)
        event.ends_at += timedelta(days=1)
        revision = event.save_revision()
        assert set(Occurrence.objects.filter(event_id=event.pk).values_list("starts_at", flat=True)) == before
        revision.publish()
        after = set(Occurrence.objects.filter(event_id=event.pk).values_list("starts_at", flat=True))
        assert after == {moment + timedelta(days=1) for moment in before}

    def test_the_horizon_moves_with_time(self, tree):
        event = factories.EventFactory(rrule="FREQ=WEEKLY")
        before = event.occurrences.count()
        later = timezone.now() + timedelta(days=70)
        with time_machine.travel(later, tick=False):
            assert extend_occurrences(later) == 10
            assert event.occurrences.count() == before + 10
            assert extend_occurrences(later) == 0

    def test_translations_have_no_dates_of_their_own(self, tree):
        event = factories.EventFactory()
        row = factories.translate(event, "ar", title="موعد")
        assert not Occurrence.objects.filter(event_id=row.pk).exists()
        assert keep_occurrences(event) == 0

    def test_utc_storage(self, tree):
        event = factories.EventFactory(starts_at=at(2026, 7, 1, 14), ends_at=at(2026, 7, 1, 16))
        assert event.occurrences.get().starts_at == datetime(2026, 7, 1, 12, tzinfo=UTC)

    def test_faults_are_told_in_the_form(self, tree):
        for faults in (
            {"rrule": "FREQ=SECONDLY"},
            {"ends_at": factories.tomorrow_at(13)},
            {"structure": None},
            {"slug": "agenda"},
        ):
            with pytest.raises(ValidationError):
                factories.EventFactory(**faults)
        assert not EventPage.objects.exists()
