"""Copies: one event, or the season of an agenda; drafts at the same hours, once, whatever is clicked twice."""

from datetime import datetime
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from events.desk.copies import moved_rule
from events.models import EventException, EventPage
from home.roles import CENTRE_EDITOR, CONTRIBUTOR, ensure_roles
from portal.core.moments import PARIS
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel("2026-11-25T10:00:00+01:00", tick=False):
        yield


@pytest.fixture
def editor(client, tree):
    client.force_login(get_user_model().objects.create_superuser("editor"))
    return client


def starting(*moment, **values):
    return factories.EventFactory(starts_at=datetime(*moment, tzinfo=PARIS), **values)


def copies(*sources):
    known = [source.pk for source in sources]
    return list(EventPage.objects.sources().exclude(pk__in=known).order_by("starts_at"))


@pytest.mark.parametrize(
    ("rule", "days", "moved"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,WE", 1, "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("FREQ=WEEKLY;BYDAY=SU", 364, "FREQ=WEEKLY;BYDAY=SU"),
        ("FREQ=MONTHLY;BYDAY=-1WE", 364, "FREQ=MONTHLY;BYDAY=-1WE"),
        # Midnight's eve in winter becomes that of a summer day.
        ("FREQ=WEEKLY;UNTIL=20261231T225959Z", 182, "FREQ=WEEKLY;UNTIL=20270701T215959Z"),
        ("FREQ=DAILY;UNTIL=20260630", 364, "FREQ=DAILY;UNTIL=20270629"),
        ("FREQ=WEEKLY;COUNT=4", 7, "FREQ=WEEKLY;COUNT=4"),
    ],
)
def test_a_rule_moves(rule, days, moved):
    assert moved_rule(rule, days) == moved


def test_one_event_is_copied_once(editor):
    event = starting(2026, 12, 2, 14, title="Café", rrule="FREQ=WEEKLY;BYDAY=WE;COUNT=3", is_full=True)
    event.exceptions = [EventException(date="2026-12-09", kind="cancelled")]
    event.save()
    url = reverse("event_duplicate", args=[event.pk])
    assert "Café" in editor.get(url).content.decode()
    said = {"title": "Thé", "day": "2026-12-03", "token": str(uuid4())}
    answers = {editor.post(url, said).url for _click in range(2)}
    (copy,) = copies(event)
    assert answers == {reverse("wagtailadmin_pages:edit", args=[copy.pk])}
    assert (copy.live, copy.title, copy.rrule) == (False, "Thé", "FREQ=WEEKLY;BYDAY=TH;COUNT=3")
    assert copy.uid not in ("", event.uid)
    assert (copy.is_full, copy.sequence, copy.exceptions.count()) == (False, 0, 0)
    editor.post(url, {**said, "token": str(uuid4()), "with_rows": "on"})
    latest = copies(event, copy)[0]
    assert str(latest.exceptions.get().date) == "2026-12-10"
    assert latest.slug != copy.slug
    assert editor.post(url, {**said, "day": "demain"}).status_code == 200


class TestASeason:
    def said(self, tree, **more):
        return {"agenda": tree.agenda.pk, "first": "2026-09-01", "last": "2027-08-31", "start": "2027-09-01", **more}

    def test_weekdays_and_hours_stay_and_two_clicks_make_one(self, editor, tree):
        series = starting(2026, 9, 2, 14, title="Couture", rrule="FREQ=WEEKLY;BYDAY=WE;UNTIL=20270630T215959Z")
        once = starting(2027, 3, 27, 9, title="Fête")  # summer time begins the night after
        starting(2026, 8, 31, 9, title="Avant")
        imported = starting(2026, 10, 5, 9, title="Ailleurs", source="https://exemple.fr/a.ics")
        url = reverse("event_season")
        rows = {row.event: row.is_ticked for row in editor.get(url, self.said(tree)).context["rows"]}
        assert rows == {series: True, once: True, imported: False}
        said = self.said(tree, token=str(uuid4()), event=[series.pk, once.pk])
        sources = list(EventPage.objects.sources())
        for _click in range(2):
            assert "Couture" in editor.post(url, said).content.decode()
        first, second = copies(*sources)
        assert [f"{timezone.localtime(one.starts_at):%Y-%m-%d %H}" for one in (first, second)] == [
            "2027-09-01 14",
            "2028-03-25 09",
        ]
        assert first.rrule == "FREQ=WEEKLY;BYDAY=WE;UNTIL=20280628T215959Z"
        assert not first.live
        # Shown again, what is there is not ticked again.
        notes = {row.event: row.is_ticked for row in editor.get(url, self.said(tree)).context["rows"]}
        assert notes[series] is False
        editor.post(url, {**said, "publish": "1"})
        assert all(one.live for one in copies(*sources))

    def test_a_work_that_is_cut_goes_on(self, editor, tree, monkeypatch):
        events = [starting(2026, 9, 2 + number, 14) for number in range(3)]
        said = self.said(tree, token=str(uuid4()), event=[event.pk for event in events])
        monkeypatch.setattr("events.desk.duplicate.PATIENCE", -1.0)
        page = editor.post(reverse("event_season"), said)
        assert page.context["season"].percent == 0
        assert "Continuer" in page.content.decode()
        monkeypatch.setattr("events.desk.duplicate.PATIENCE", 60.0)
        editor.post(reverse("event_season"), said)
        assert len(copies(*events)) == 3

    def test_who_may_not_publish_makes_drafts_only(self, client, tree):
        ensure_roles()
        event = starting(2026, 9, 2, 14)
        for number, (role, may_copy) in enumerate({CENTRE_EDITOR: True, CONTRIBUTOR: True, None: False}.items()):
            user = get_user_model().objects.create_user(f"marie{number}")
            user.groups.set(Group.objects.filter(name=role))
            client.force_login(user)
            said = self.said(tree, token=str(uuid4()), event=[event.pk], publish="1")
            assert client.post(reverse("event_season"), said).status_code == (200 if may_copy else 302)
        assert [one.live for one in copies(event)] == [False, False]

    def test_bad_periods_are_told(self, editor, tree):
        for bad in ({"first": "x"}, {"last": "2020-01-01"}, {"agenda": "0"}, {"start": "9999-12-31"}):
            page = editor.get(reverse("event_season"), self.said(tree, **bad))
            assert page.status_code == 200
            assert not page.context.get("rows")
