"""This date and the following ones: what is seen is said first; the old event keeps its past, a new one carries on."""

from datetime import datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from events.models import EventException, EventPage
from home.roles import CENTRE_EDITOR, CONTRIBUTOR, ensure_roles
from portal.core.moments import PARIS
from tests import factories

pytestmark = pytest.mark.django_db
CHANGE = {"start": "17:00", "end": "18:30", "room": "Salle 2"}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel("2026-11-25T10:00:00+01:00", tick=False):
        yield


@pytest.fixture
def event(tree):
    page = factories.EventFactory(
        title="Couture", rrule="FREQ=WEEKLY;COUNT=8", starts_at=datetime(2026, 11, 4, 14, tzinfo=PARIS)
    )
    moved = datetime(2026, 12, 17, 9, tzinfo=PARIS)
    page.exceptions = [
        EventException(date="2026-11-11", kind="cancelled"),
        EventException(date="2026-12-16", kind="changed", new_start=moved),
    ]
    page.save()
    page.save_revision().publish()
    return EventPage.objects.get(pk=page.pk)


@pytest.fixture
def editor(client, event):
    client.force_login(get_user_model().objects.create_superuser("editor"))
    return client


def url(event, key="2026-12-02T1400"):
    return reverse("event_following", args=[event.pk, key])


def moments(event):
    return [f"{timezone.localtime(row.starts_at):%m-%d %H}" for row in event.occurrences.order_by("recurrence_id")]


def test_it_is_said_first_then_done_once(editor, event):
    known = dict(event.occurrences.values_list("starts_at", "pk"))
    said = editor.post(url(event), CHANGE).content.decode()
    assert "3 dates changent" in said
    assert "1 date déjà modifiée à la main reste" in said
    assert EventPage.objects.sources().count() == 1
    answer = editor.post(url(event), {**CHANGE, "confirm": "1"})
    assert answer.status_code == 302
    made = EventPage.objects.sources().exclude(pk=event.pk).get()
    old = EventPage.objects.get(pk=event.pk)
    assert moments(old) == ["11-04 14", "11-11 14", "11-18 14", "11-25 14"]
    assert moments(made) == ["12-02 17", "12-09 17", "12-17 09", "12-23 17"]
    assert (old.uid, made.live, made.room) == (event.uid, True, "Salle 2")
    assert made.uid != old.uid
    assert old.sequence > event.sequence
    kept = set(made.occurrences.values_list("pk", flat=True)) & set(known.values())
    assert len(kept) == made.occurrences.count()
    editor.post(url(event), {**CHANGE, "confirm": "1"})
    assert EventPage.objects.sources().count() == 2


def test_it_stops(editor, event):
    said = {**CHANGE, "stops": "on"}
    assert "finir la veille" in editor.post(url(event), said).content.decode()
    editor.post(url(event), {**said, "confirm": "1"})
    assert [day[:5] for day in moments(EventPage.objects.get())] == ["11-04", "11-11", "11-18", "11-25"]


def test_faults_and_drafts_that_wait_change_nothing(editor, event):
    assert editor.post(url(event), {**CHANGE, "end": "16:00", "confirm": "1"}).status_code == 200
    for key in ("2026-11-04T1400", "2026-12-03T1400", "demain"):
        assert editor.post(url(event, key), {**CHANGE, "confirm": "1"}).status_code == 302
    draft = event.get_latest_revision_as_object()
    draft.title = "Broderie"
    draft.save_revision()
    assert editor.post(url(event), {**CHANGE, "confirm": "1"}).status_code == 302
    assert len(moments(EventPage.objects.get())) == 8


def test_roles(client, event):
    ensure_roles()
    for role, may in {CENTRE_EDITOR: True, CONTRIBUTOR: False}.items():
        user = get_user_model().objects.create_user(role)
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
        assert (client.get(url(event)).status_code == 200) == may
        if may:
            client.post(url(event), {**CHANGE, "confirm": "1"})
    assert len(moments(event)) == 8  # readers see no change
    made = EventPage.objects.sources().exclude(pk=event.pk).get()
    assert not made.live


def test_the_leaflet_tells_the_series_and_what_is_different(client, event):
    html = client.get(event.get_url() + "?feuille=a4").content.decode()
    assert "Tous les mercredis" in html
    assert "<strong>Déplacé</strong>" in html
