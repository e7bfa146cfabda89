"""The calendar of the admin: what each role sees and may change there, in few queries."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from events.enums import ExceptionKind
from events.models import EventException
from home.roles import CENTRE_EDITOR, CONTRIBUTOR, EDITOR, centre_group, ensure_centre_permissions, ensure_roles
from portal.core.moments import PARIS
from tests import factories

pytestmark = pytest.mark.django_db
NOW = "2026-11-25T10:00:00+01:00"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


def user_in(*groups):
    ensure_roles()
    user = get_user_model().objects.create_user(f"user{get_user_model().objects.count()}")
    user.groups.set([group if isinstance(group, Group) else Group.objects.get(name=group) for group in groups])
    return user


def calendar(client, **query):
    response = client.get(reverse("event_calendar"), query)
    assert response.status_code == 200
    return response


def shown(response):
    return {
        entry.row.event.title: (entry.marks, entry.url.startswith("/admin/"))
        for day in response.context["days"]
        for entry in day.entries
    }


@pytest.fixture
def centre(tree):
    centre = factories.CentreFactory(title="Echo")
    ensure_centre_permissions(centre)
    return centre


class TestWhatIsShown:
    def test_states_are_marked(self, client, tree):
        client.force_login(user_in(EDITOR))
        series = factories.EventFactory(title="Série", rrule="FREQ=WEEKLY;COUNT=3")
        series.exceptions = [
            EventException(date="2026-11-26", kind=ExceptionKind.CANCELLED),
            EventException(date="2026-12-03", new_start=datetime(2026, 12, 4, 9, tzinfo=PARIS), kind="changed"),
            EventException(date="2026-12-10", kind=ExceptionKind.FULL),
        ]
        series.save()
        factories.EventFactory(title="Brouillon", live=False)
        marks = {
            day.day: entry.marks
            for day in calendar(client, date="2026-12-01").context["days"]
            for entry in day.entries
            if entry.row.event == series
        }
        assert [(str(day), *found) for day, found in marks.items()] == [
            ("2026-12-04", "Déplacé"),
            ("2026-12-10", "Complet"),
        ]
        week = calendar(client, vue="semaine")
        assert shown(week) == {"Série": (["Annulé"], True), "Brouillon": (["Brouillon"], True)}
        assert reverse("event_date", args=[series.pk, "2026-11-26T1400"]) in week.content.decode()

    def test_days_are_lists_and_bad_addresses_are_today(self, client, tree):
        client.force_login(user_in(EDITOR))
        month = calendar(client, date="2027-02-30", vue="siècle", agenda="x")
        days = [day.day for day in month.context["days"]]
        assert (str(days[0]), str(days[-1])) == ("2026-10-26", "2026-12-06")
        assert month.content.decode().count('class="calendar-day') == len(days) == 42
        for bad in ("0001-01-01", "9999-12-31", "demain"):
            assert calendar(client, date=bad, vue="semaine").context["days"][0].day.isoformat() == "2026-11-23"

    def test_it_costs_few_queries(self, client, tree, django_assert_max_num_queries):
        client.force_login(user_in(EDITOR))
        place = factories.StructureFactory()
        start = timezone.now() + timedelta(days=1)
        for number in range(12):
            parent = factories.CentreFactory().get_children().first() if number < 3 else tree.agenda
            factories.EventFactory(
                structure=place, room="Salle 1", parent=parent, starts_at=start, live=bool(number % 3)
            )
        calendar(client)
        with django_assert_max_num_queries(30):
            month = calendar(client)
        assert "Salle prise deux fois" in month.content.decode()


class TestWhoSeesWhat:
    def test_a_contributor_sees_what_is_public_and_own_drafts(self, client, tree):
        user = user_in(CONTRIBUTOR)
        client.force_login(user)
        place = factories.StructureFactory()
        factories.EventFactory(title="Public", structure=place, room="Salle 1")
        factories.EventFactory(title="À moi", live=False, owner=user)
        factories.EventFactory(title="Secret", live=False, structure=place, room="Salle 1")
        page = calendar(client)
        assert shown(page) == {"Public": ([], False), "À moi": (["Brouillon"], True)}
        assert "Secret" not in page.content.decode()
        assert "avec un événement en préparation" in page.content.decode()

    def test_a_centre_editor_changes_the_drafts_of_all(self, client, centre):
        client.force_login(user_in(CENTRE_EDITOR, centre_group(centre)))
        own = centre.get_children().first()
        factories.EventFactory(title="Ici", parent=own, live=False)
        factories.EventFactory(title="Ailleurs")
        assert shown(calendar(client, agenda=own.pk)) == {"Ici": (["Brouillon"], True)}
        assert set(shown(calendar(client))) == {"Ici", "Ailleurs"}

    def test_who_works_on_no_agenda_does_not_enter(self, client, tree):
        assert client.get(reverse("event_calendar")).status_code == 302
        user = user_in()
        client.force_login(user)
        assert client.get(reverse("event_calendar")).status_code == 302
        assert client.get(reverse("event_add_here", args=[tree.agenda.pk])).status_code == 302


def test_add_here_begins_at_the_hour_that_was_clicked(client, tree):
    client.force_login(user_in(EDITOR))
    week = calendar(client, vue="semaine", date="2026-12-02")
    label, url = week.context["days"][2].adds[1]
    assert label == "Ajouter à 14\u00a0h"
    form = client.get(url).content.decode()
    assert 'value="2026-12-02 14:00"' in form
    assert 'value="2026-12-02 16:00"' in form
    for bad in ("demain", "0001-01-01T00:00", "2026-13-01T14:00"):
        assert client.get(reverse("event_add_here", args=[tree.agenda.pk]), {"debut": bad}).status_code == 200
    assert client.get(reverse("event_add_here", args=[tree.home.pk])).status_code in (302, 403)
