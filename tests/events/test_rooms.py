"""Conflicts of rooms: the same place, the same room, at the same time; never in the way."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from events.enums import ExceptionKind
from events.models import EventException, EventPage
from events.recurrence import plan
from events.rooms import Booking, conflicts_among, conflicts_between, conflicts_of, folded
from portal.core.moments import PARIS
from tests import factories

pytestmark = pytest.mark.django_db
NOW = "2026-03-24T10:00:00+01:00"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def place(tree):
    return factories.StructureFactory()


def event_at(place, day, hours, **values):
    start, end = (datetime(2026, *day, *hour, tzinfo=PARIS) for hour in hours)
    return factories.EventFactory(structure=place, starts_at=start, ends_at=end, **{"room": "Salle 1", **values})


def year():
    return conflicts_between(timezone.now(), timezone.now() + timedelta(days=366))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Salle des fêtes", "salle  DES FETES", True),
        ("la salle n° 1", "Salle 1", True),
        ("Salle 1, 1er étage", "Salle 1 – 1er etage", True),
        ("Salle 1", "Salle 2", False),
        ("Salle 1", "Salle 1 bis", False),
    ],
)
def test_a_room_is_told_by_its_words(one, other, is_same):
    assert (folded(one) == folded(other)) == is_same


def test_the_same_room_of_the_same_place_at_the_same_time(place, django_assert_num_queries):
    one = event_at(place, (4, 1), [(14,), (16,)])
    event_at(place, (4, 1), [(16,), (18,)])  # begins when the first one ends
    event_at(place, (4, 1), [(14,), (16,)], room="Salle 2")
    event_at(place, (4, 1), [(14,), (16,)], room="")
    event_at(factories.StructureFactory(), (4, 1), [(14,), (16,)])
    assert year() == []
    other = event_at(place, (4, 1), [(15,), (15, 30)], room="SALLE 1 ")
    with django_assert_num_queries(1):
        found = year()
    assert [(conflict.one.event, conflict.other.event) for conflict in found] == [(one, other)]
    assert timezone.localtime(found[0].starts_at).hour == 15
    assert found[0].beside(one.pk).event == other
    EventPage.objects.get(pk=other.pk).delete()
    assert year() == []


def test_a_place_that_is_in_no_structure(tree):
    for _number in range(2):
        event_at(None, (4, 1), [(14,), (16,)], place_name="Médiathèque", address="2 rue du Port", room="Grande salle")
    assert len(year()) == 1


def test_what_is_moved_cancelled_or_elsewhere(place):
    series = event_at(place, (4, 1), [(14,), (16,)], rrule="FREQ=WEEKLY;COUNT=4")
    for day in (1, 8, 15, 22):
        event_at(place, (4, day), [(14,), (16,)])
    late = event_at(place, (4, 23), [(9,), (10,)])
    assert len(year()) == 4
    moved = datetime(2026, 4, 23, 9, 30, tzinfo=PARIS)
    series.exceptions = [
        EventException(date="2026-04-01", kind=ExceptionKind.CANCELLED),
        EventException(date="2026-04-08", kind=ExceptionKind.CHANGED, place_note="À la médiathèque"),
        EventException(date="2026-04-15", kind=ExceptionKind.POSTPONED),
        EventException(date="2026-04-22", kind=ExceptionKind.CHANGED, new_start=moved),
    ]
    series.save()
    series = EventPage.objects.get(pk=series.pk)
    found = year()
    assert [(one.one.event.pk, one.other.event.pk) for one in found] == [(late.pk, series.pk)]
    assert found[0].starts_at == moved
    # What is not saved yet is compared too, but for itself.
    made = plan(series, until=timezone.now() + timedelta(days=300)).dates
    assert [conflict.starts_at for conflict in conflicts_of(series, made, timezone.now())] == [moved]
    series.status = "cancelled"
    series.save()
    assert year() == []


def test_the_night_of_the_change_of_clocks(place):
    """In the night of 29 March 2026 two o'clock becomes three."""
    event_at(place, (3, 28), [(23,), (23, 59)], rrule="FREQ=DAILY;COUNT=2")
    night = event_at(place, (3, 29), [(1,), (4,)])
    assert night.ends_at - night.starts_at == timedelta(hours=3)
    assert year() == []
    early = factories.EventFactory(
        structure=place,
        room="Salle 1",
        starts_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # half past three in Paris
        ends_at=datetime(2026, 3, 29, 3, 0, tzinfo=UTC),
    )
    found = year()
    assert [(one.one.event, one.other.event) for one in found] == [(night, early)]
    assert found[0].ends_at - found[0].starts_at == timedelta(minutes=30)


def test_many_dates_are_swept_quickly(place):
    events = [EventPage(pk=number + 1, structure_id=place.pk, room=f"Salle {number % 40}") for number in range(4_000)]
    start = timezone.now()
    hours = [start + timedelta(hours=number // 40) for number in range(4_000)]
    bookings = [Booking(event, hour, hour + timedelta(hours=1)) for event, hour in zip(events, hours, strict=True)]
    assert conflicts_among(bookings) == []
    long = Booking(EventPage(pk=9_999, structure_id=place.pk, room="Salle 3"), start, hours[-1])
    assert len(conflicts_among([*bookings, long])) == 99


class TestTheEditor:
    def test_is_told_and_publishes_all_the_same(self, client, place):
        one = event_at(place, (4, 1), [(14,), (16,)], title="Couture", live=False)
        event_at(place, (4, 1), [(15,), (17,)], title="Chorale")
        client.force_login(get_user_model().objects.create_superuser("editor"))
        html = client.get(reverse("wagtailadmin_pages:edit", args=[one.pk])).content.decode()
        assert "La salle est prise deux fois" in html
        assert "Chorale" in html
        report = client.get(reverse("event_conflicts")).content.decode()
        assert "Couture" in report
        assert "Chorale" in report

    def test_a_draft_that_is_moved_is_compared_where_it_stands(self, place):
        one = event_at(place, (4, 1), [(14,), (16,)], live=False, rrule="FREQ=WEEKLY;COUNT=2")
        event_at(place, (4, 9), [(14,), (16,)])
        assert year() == []
        draft = one.get_latest_revision_as_object()
        draft.starts_at, draft.ends_at = (moment + timedelta(days=1) for moment in (one.starts_at, one.ends_at))
        draft.save_revision()
        assert [conflict.starts_at.day for conflict in year()] == [9]
        draft.rrule = "FREQ=SOMETIMES"
        draft.save_revision(clean=False)  # kept as a draft with faults: the dates stay
        assert len(year()) == 1
