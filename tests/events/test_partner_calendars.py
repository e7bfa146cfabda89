"""Partners' calendars: looked at first, then read every hour; what fails is told and changes nothing."""

import ipaddress
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from events.imports import subscriptions
from events.models import EventFeed, EventPage, ImportedEvent
from events.periodic_jobs import fetch_feeds
from home.desk.waiting import waiting_calendars
from portal.core import fetching
from portal.core.fetching import Limits
from tests.core.test_fetching import answer, redirect, server
from tests.events.calendar_files import calendar, vevent
from tests.factories import CentreFactory, ThemeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(tree):
    return get_user_model().objects.create_superuser("editrice")


@pytest.fixture
def screen(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def reachable(monkeypatch):
    """Lets calendars be fetched from one local port: gives its address."""

    def reachable(port, **limits):
        local = (ipaddress.ip_network("127.0.0.1/32"),)
        limits = {"ports": frozenset({80, 443, port}), "open_networks": local, "seconds": 5.0, **limits}
        monkeypatch.setattr(fetching, "LIMITS", Limits(**limits))
        monkeypatch.setattr(fetching, "resolver", lambda host, port: ["127.0.0.1"])
        return f"http://partenaire.example:{port}/agenda.ics"

    return reachable


@pytest.fixture
def feed(tree):
    return EventFeed.objects.create(name="Médiathèque", agenda=tree.agenda)


def at(feed, url):
    EventFeed.objects.filter(pk=feed.pk).update(url=url)
    feed.refresh_from_db()


def refreshed(feed):
    assert subscriptions.start_refresh(feed)
    feed.refresh_from_db()
    return feed


def test_from_the_first_address_to_the_hourly_reading(screen, tree, reachable):
    centre = CentreFactory(title="Echo", slug="echo")
    theme = ThemeFactory(slug="loisirs", name="Loisirs")
    text = calendar(
        vevent(), vevent(UID="deux", SUMMARY="Autre", LOCATION=None), vevent(UID="faux", SUMMARY="")
    ).encode()
    with server(answer(text), answer(text, ETag='"v1"'), answer(status="304 Not Modified")) as (port, requests):
        page = screen.get(reverse("partner_calendar_add")).content.decode()
        assert "Agenda de Echo" in page
        given = {"name": "Médiathèque", "url": reachable(port), "agenda": centre.agenda.pk, "themes": [theme.pk]}
        response = screen.post(reverse("partner_calendar_add"), given, follow=True)
        shown = response.content.decode()
        assert "Café des parents" in shown
        assert "il n’a pas de titre" in shown
        assert not EventPage.objects.exists()
        feed = EventFeed.objects.get()
        assert (feed.state, feed.is_active) == ("previewed", False)
        assert fetch_feeds(timezone.now() + timedelta(days=1)) is None
        screen.post(reverse("partner_calendar", args=[feed.pk]), {"publish": "1"})
        assert {event.source for event in EventPage.objects.sources()} == {"Médiathèque"}
        for event in EventPage.objects.sources():
            assert event.get_parent().pk == centre.agenda.pk
            assert list(event.themes.all()) == [theme]
        assert EventPage.objects.get(source_uid="deux").structure_id == centre.structure_id
        feed.refresh_from_db()
        assert (feed.state, feed.etag, feed.counts["created"]) == ("fine", '"v1"', 2)
        assert timedelta(minutes=55) < feed.next_at - timezone.now() <= timedelta(hours=1)
        assert fetch_feeds(timezone.now()) is None
        before = list(EventPage.objects.values())
        assert fetch_feeds(timezone.now() + timedelta(hours=1))
        assert 'If-None-Match: "v1"' in requests[2]
    feed.refresh_from_db()
    assert feed.state == "fine"
    assert list(EventPage.objects.values()) == before
    assert "Médiathèque" in screen.get(reverse("partner_calendars")).content.decode()


def test_a_failure_is_told_tried_again_later_and_later_and_changes_nothing(feed, editor, screen, reachable):
    good = calendar(vevent(), vevent(UID="deux", SUMMARY="Autre")).encode()
    bad = [
        answer(status="500 Oh"),
        answer(good[:-30]),
        answer(b"<html>En travaux</html>"),
        answer(b"x" * 2_000_000),
        redirect("http://169.254.169.254/latest/"),
        answer(b"BEGIN:VCALENDAR\r\n" * 20_000),
    ]
    with server(answer(good), *bad, answer(calendar(vevent()).encode())) as (port, _requests):
        at(feed, reachable(port, size=1_000_000))
        refreshed(feed)
        pages, records = list(EventPage.objects.values()), list(ImportedEvent.objects.values())
        waits = []
        for _turn in bad:
            assert fetch_feeds(timezone.now() + timedelta(days=1))
            feed.refresh_from_db()
            assert feed.state == "failed"
            assert feed.error
            waits.append(round((feed.next_at - timezone.now()).total_seconds() / 600))
            EventFeed.objects.update(next_at=timezone.now())
        assert waits == [1, 2, 4, 8, 16, 32]
        assert list(EventPage.objects.values()) == pages
        assert list(ImportedEvent.objects.values()) == records
        assert feed.error in screen.get(reverse("partner_calendars")).content.decode()
        assert waiting_calendars(editor) == []
        EventFeed.objects.update(failing_since=timezone.now() - timedelta(hours=25))
        assert [item.url for item in waiting_calendars(editor)] == [reverse("partner_calendars")]
        assert fetch_feeds(timezone.now() + timedelta(minutes=1))
    feed.refresh_from_db()
    assert (feed.state, feed.error, feed.failures, feed.failing_since) == ("fine", "", 0, None)
    assert (feed.counts["unchanged"], feed.counts["gone"]) == (1, 1)
    assert waiting_calendars(editor) == []


def test_an_address_that_may_not_be_asked_is_refused_in_the_form(screen, tree):
    given = {"name": "Interne", "agenda": tree.agenda.pk}
    for url in ("ftp://a.example/", "http://a.example:22/", "http://moi:mot@a.example/", "file:///etc/passwd"):
        response = screen.post(reverse("partner_calendar_add"), {**given, "url": url})
        assert response.context["form"].errors["url"]
    assert screen.post(reverse("partner_calendar_add"), given).context["form"].errors["url"]
    # A name is only known when it is asked for.
    screen.post(reverse("partner_calendar_add"), {**given, "url": "http://localhost/a.ics"})
    feed = EventFeed.objects.get()
    assert (feed.state, feed.report) == ("failed", {})
    assert "localhost" in feed.error


def test_a_file_is_read_once(screen, tree):
    file = ContentFile(calendar(vevent()).encode(), name="agenda.ics")
    given = {"name": "École", "agenda": tree.agenda.pk, "file": file}
    screen.post(reverse("partner_calendar_add"), given)
    feed = refreshed(EventFeed.objects.get())
    assert (feed.state, feed.next_at) == ("fine", None)
    newer = ContentFile(calendar(vevent(SUMMARY="Goûter")).encode(), name="agenda.ics")
    screen.post(reverse("partner_calendar_edit", args=[feed.pk]), {**given, "file": newer})
    refreshed(feed)
    assert EventPage.objects.sources().get().title == "Goûter"
    screen.post(reverse("partner_calendar", args=[feed.pk]), {"remove": "1"})
    assert not EventFeed.objects.exists()
    assert EventPage.objects.sources().get().live


def test_what_somebody_deleted_does_not_come_back(feed, reachable):
    text = calendar(vevent(), vevent(UID="deux", SUMMARY="Autre")).encode()
    with server(answer(text), answer(text)) as (port, _requests):
        at(feed, reachable(port))
        refreshed(feed)
        EventPage.objects.get(source_uid="deux").delete()
        refreshed(feed)
    assert EventPage.objects.sources().count() == 1
    assert (feed.counts["unchanged"], feed.counts["gone"]) == (2, 0)


def test_two_calendars_with_the_same_event_publish_it_once(feed, tree, reachable):
    other = EventFeed.objects.create(name="Ville", agenda=tree.agenda)
    with server(answer(calendar(vevent()).encode()), answer(calendar(vevent()).encode())) as (port, _requests):
        at(feed, reachable(port))
        at(other, reachable(port))
        refreshed(feed)
        refreshed(other)
    assert EventPage.objects.sources().get().source == "Médiathèque"
    assert other.counts["unchanged"] == 1


def test_one_calendar_is_read_by_one_process(feed, monkeypatch):
    now = timezone.now()
    assert subscriptions.claim(feed.pk, now)
    assert not subscriptions.claim(feed.pk, now)
    assert not subscriptions.start_refresh(feed)
    assert subscriptions.claim(feed.pk, now + subscriptions.LEASE)


def test_only_who_publishes_in_the_agenda_sees_its_calendars(client, feed):
    user = get_user_model().objects.create_user("contributrice")
    user.groups.add(Group.objects.get(name="Contributeurs"))
    client.force_login(user)
    assert client.get(reverse("partner_calendars")).status_code in (302, 403)
    assert client.get(reverse("partner_calendar", args=[feed.pk])).status_code in (302, 403)
