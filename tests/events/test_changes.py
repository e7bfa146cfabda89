"""What subscribers of a calendar see of an edit; dates that equal the rule after any edit; holidays."""

import random
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from events.enums import EventStatus, ExceptionKind, OccurrenceStatus
from events.models import EventException, EventPage, Occurrence
from events.recurrence import HORIZON, plan
from events.services import extend_occurrences
from portal.core.models import SchoolHoliday
from portal.core.moments import PARIS
from portal.core.opening_rules import is_public_holiday
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 10, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def now(tree):
    with time_machine.travel(NOW, tick=False):
        yield


def at(*parts):
    return datetime(*parts, tzinfo=PARIS)


def days_of(event):
    return [timezone.localdate(row.starts_at) for row in event.occurrences.order_by("starts_at")]


class TestIdentity:
    def test_the_uid_is_made_once_and_sequence_rises_with_what_matters(self):
        event = factories.EventFactory(rrule="FREQ=WEEKLY;COUNT=3")
        name, _at, domain = event.uid.partition("@")
        assert (len(name), bool(domain), event.sequence, event.last_modified) == (36, True, 0, NOW)
        uid = event.uid
        event.save()
        assert event.sequence == 0
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            event.title = "Un autre nom"
            event.save()
            assert (event.sequence, event.last_modified) == (0, NOW + timedelta(hours=1))
        changes = (
            {"starts_at": event.starts_at + timedelta(hours=1), "ends_at": event.ends_at + timedelta(hours=1)},
            {"rrule": "FREQ=WEEKLY;COUNT=4"},
            {"status": EventStatus.CANCELLED},
            {"structure": None, "place_name": "Ailleurs"},
            {"exceptions": [EventException(date=event.starts_at.date(), kind=ExceptionKind.CANCELLED)]},
        )
        for number, facts in enumerate(changes, 1):
            for field, value in facts.items():
                setattr(event, field, value)
            event.save()
            assert EventPage.objects.get(pk=event.pk).sequence == number
        assert EventPage.objects.get(pk=event.pk).uid == uid

    def test_a_draft_brings_no_older_sequence_back(self):
        event = factories.EventFactory(rrule="FREQ=WEEKLY;COUNT=3")
        draft = event.save_revision()
        event.status = EventStatus.CANCELLED
        event.save()
        draft.publish()
        event = EventPage.objects.get(pk=event.pk)
        assert (event.status, event.sequence) == (EventStatus.SCHEDULED, 2)

    def test_a_copy_is_another_event(self):
        event = factories.EventFactory(slug="un", source="https://exemple.fr/a.ics", source_uid="x@y")
        other = event.copy(update_attrs={"slug": "deux", "title": "Deux"})
        assert other.uid not in ("", event.uid)
        assert (other.source, other.source_uid, other.sequence) == ("", "", 0)

    def test_rows_survive_another_hour_and_a_move(self):
        event = factories.EventFactory(rrule="FREQ=WEEKLY;COUNT=3")
        keys = list(event.occurrences.values_list("pk", flat=True))
        event.starts_at += timedelta(hours=1)
        event.ends_at += timedelta(hours=1)
        event.save()
        assert list(event.occurrences.values_list("pk", flat=True)) == keys
        second = timezone.localdate(event.starts_at) + timedelta(weeks=1)
        moved = event.starts_at + timedelta(days=30)
        event.exceptions = [EventException(date=second, kind=ExceptionKind.CHANGED, new_start=moved)]
        event.save()
        assert set(event.occurrences.values_list("pk", flat=True)) == set(keys)
        assert event.occurrences.get(starts_at=moved).pk == keys[1]


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [
        (at(2027, 3, 27, 9), at(2027, 3, 28, 17), date(2027, 3, 28)),
        (at(2027, 3, 27), at(2027, 3, 27), date(2027, 3, 27)),
        (at(2027, 3, 27), at(2027, 3, 29), date(2027, 3, 28)),
    ],
)
def test_whole_days_go_from_midnight_to_midnight(client, start, end, last):
    event = factories.EventFactory(slug="sejour", starts_at=start, ends_at=end, is_all_day=True)
    row = event.occurrences.get()
    assert (timezone.localtime(row.starts_at).hour, timezone.localtime(row.ends_at).hour) == (0, 0)
    assert row.last_day == last
    html = client.get("/agenda/sejour/").content.decode()
    assert "Samedi 27 mars 2027" in html
    assert f'"endDate":"{last}"' in html
    assert "0\u00a0h –" not in html


class TestPostponed:
    def test_a_single_event_goes_to_its_new_date(self, client):
        event = factories.EventFactory(slug="fete", status=EventStatus.POSTPONED, postponed_to=at(2027, 1, 9, 15))
        row = event.occurrences.get()
        assert (row.starts_at, row.status) == (at(2027, 1, 9, 15), OccurrenceStatus.POSTPONED)
        assert row.ends_at - row.starts_at == event.ends_at - event.starts_at
        html = client.get("/agenda/fete/").content.decode()
        assert "nouvelle date : samedi 9 janvier 2027, 15\u00a0h" in html
        assert "https://schema.org/EventRescheduled" in html
        assert '"previousStartDate":"2026-11-26T14:00:00+01:00"' in html

    def test_without_a_date_it_is_said(self, client):
        factories.EventFactory(slug="fete", status=EventStatus.POSTPONED)
        html = client.get("/agenda/fete/").content.decode()
        assert "la nouvelle date n’est pas encore connue" in html
        assert "https://schema.org/EventPostponed" in html

    def test_a_series_is_not_postponed_as_a_whole(self):
        with pytest.raises(ValidationError):
            factories.EventFactory(status=EventStatus.POSTPONED, postponed_to=at(2027, 1, 9, 15), rrule="FREQ=WEEKLY")


class TestHolidays:
    @pytest.fixture(autouse=True)
    def calendar(self):
        SchoolHoliday.objects.all().delete()
        SchoolHoliday.objects.create(zone="B", name="Toussaint", start=date(2026, 10, 17), end=date(2026, 11, 1))
        SchoolHoliday.objects.create(zone="B", name="Noël", start=date(2026, 12, 19), end=date(2027, 1, 3))

    def daily(self, **facts):
        start = at(2026, 12, 17, 10)
        return factories.EventFactory(starts_at=start, ends_at=start + timedelta(hours=1), rrule="FREQ=DAILY", **facts)

    def test_holidays_are_cut_at_their_edges(self):
        without = self.daily(school_holidays="except", school_zone="B")
        assert days_of(without) == [date(2026, 12, 17), date(2026, 12, 18)]
        only = self.daily(school_holidays="only", school_zone="B", skip_public_holidays=True)
        days = days_of(only)
        assert (days[0], days[-1]) == (date(2026, 12, 19), date(2027, 1, 3))
        assert len(days) == 14
        assert not {date(2026, 12, 25), date(2027, 1, 1)} & set(days)

    def test_a_calendar_that_is_loaded_brings_the_dates(self, django_capture_on_commit_callbacks):
        event = self.daily(school_holidays="only", school_zone="B")
        connection.run_on_commit.clear()  # as after a commit: one call waits for the holidays of this test already
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            for start, end in ((date(2027, 2, 20), date(2027, 3, 7)), (date(2027, 4, 17), date(2027, 5, 2))):
                SchoolHoliday.objects.create(zone="B", name="Vacances", start=start, end=end)
        assert len([callback for callback in callbacks if getattr(callback, "__name__", "") == "_follow"]) == 1
        assert days_of(event)[-1] == date(2027, 5, 2)

    def test_nothing_is_guessed_after_the_calendar(self, client):
        event = self.daily(school_holidays="except", school_zone="B", slug="jeux")
        assert plan(event, until=NOW + HORIZON).unknown_from == date(2027, 1, 4)
        assert "viendront quand le calendrier scolaire sera connu" in client.get("/agenda/jeux/").content.decode()
        sequence = event.sequence
        SchoolHoliday.objects.create(zone="B", name="Hiver", start=date(2027, 2, 20), end=date(2027, 3, 7))
        assert extend_occurrences(NOW) == 47
        event.refresh_from_db()
        assert event.sequence == sequence + 1
        assert days_of(event)[-1] == date(2027, 2, 19)

    def test_the_zone_is_the_portals_when_none_is_named(self):
        assert self.daily(school_holidays="only").school_zone == "B"

    def test_public_holidays(self):
        start = at(2027, 4, 1, 10)
        event = factories.EventFactory(
            starts_at=start, ends_at=start + timedelta(hours=1), rrule="FREQ=DAILY;COUNT=50", skip_public_holidays=True
        )
        missing = {start.date() + timedelta(days=number) for number in range(50)} - set(days_of(event))
        # Easter is on 28 March 2027: Labour day, Ascension, Victory, Whit Monday.
        assert missing == {date(2027, 5, 1), date(2027, 5, 6), date(2027, 5, 8), date(2027, 5, 17)}


def expected(event):
    """The dates of an event, told by dateutil and this function alone: (beginning, end, state, note), in order."""
    start = event.starts_at.astimezone(PARIS).replace(tzinfo=None)
    length = event.ends_at.astimezone(PARIS).replace(tzinfo=None) - start
    limit = (NOW + HORIZON).replace(tzinfo=None)
    moments = [start] if not event.rrule else list(rrulestr(event.rrule, dtstart=start).between(start, limit, inc=True))
    holidays = list(SchoolHoliday.objects.filter(zone=event.school_zone))
    known = max((holiday.end for holiday in holidays), default=date.min)
    first = min((holiday.start for holiday in holidays), default=date.max)
    dates = {}
    for moment in moments:
        day = moment.date()
        is_off = any(holiday.start <= day <= holiday.end for holiday in holidays)
        if (
            event.rrule
            and event.school_holidays
            and (day > known or day < first or is_off != (event.school_holidays == "only"))
        ):
            continue
        if event.rrule and event.skip_public_holidays and is_public_holiday(day):
            continue
        dates[day] = (moment, moment + length, "scheduled", "")
    for row in event.exceptions.all():
        moment = datetime.combine(row.date, start.time())
        if row.is_extra and moment <= limit:
            dates.setdefault(row.date, (moment, moment + length, "scheduled", ""))
        if row.date in dates and row.kind == "removed":
            del dates[row.date]
        elif row.date in dates:
            begins = row.new_start.astimezone(PARIS).replace(tzinfo=None) if row.new_start else dates[row.date][0]
            state = row.kind if row.kind != "changed" else "scheduled"
            dates[row.date] = (begins, begins + length, state, row.note)
    return sorted(
        (a.replace(tzinfo=PARIS), b.replace(tzinfo=PARIS), state, note) for a, b, state, note in dates.values()
    )


RULES = ["", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=DAILY;COUNT=40", "FREQ=MONTHLY;BYDAY=-1WE",
         "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY", "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270624T215959Z"]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_dates_equal_the_rule_after_any_edit(seed):
    chance = random.Random(seed)
    SchoolHoliday.objects.all().delete()
    for start, end in ((date(2026, 12, 19), date(2027, 1, 3)), (date(2027, 2, 20), date(2027, 9, 1))):
        SchoolHoliday.objects.create(zone="B", name="Vacances", start=start, end=end)
    event = factories.EventFactory(rrule="FREQ=WEEKLY", school_zone="B")
    for _edit in range(20):
        days = days_of(event) or [timezone.localdate(event.starts_at)]
        match chance.randrange(7):
            case 0:
                event.rrule = chance.choice(RULES)
            case 1:
                shift = timedelta(hours=chance.randrange(-30, 30))
                event.starts_at, event.ends_at = event.starts_at + shift, event.ends_at + shift
            case 2:
                event.ends_at = event.starts_at + timedelta(hours=chance.randrange(1, 9))
            case 3:
                event.school_holidays = chance.choice(["", "except", "only"])
            case 4:
                event.skip_public_holidays = not event.skip_public_holidays
            case 5:
                event.exceptions = [row for row in event.exceptions.all() if chance.random() < 0.5]
            case _:
                used = {row.date for row in event.exceptions.all()}
                day = chance.choice(days) if chance.random() < 0.8 else NOW.date() + timedelta(chance.randrange(300))
                if day not in used:
                    new = datetime.combine(day, time(9), PARIS) + timedelta(days=chance.randrange(9))
                    event.exceptions.add(
                        EventException(
                            date=day,
                            kind=chance.choice(ExceptionKind.values),
                            new_start=chance.choice([None, new]),
                            is_extra=chance.choice([True, False]),
                            note=chance.choice(["", "Un mot"]),
                        )
                    )
        event.save()
        found = sorted(Occurrence.objects.filter(event=event).values_list("starts_at", "ends_at", "status", "note"))
        assert found == expected(event), event.rrule
