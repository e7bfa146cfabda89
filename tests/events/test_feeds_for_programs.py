"""Atom and schema.org; what leaves as a calendar comes back as the same events."""

import json
from datetime import date, datetime, timedelta

import feedparser
import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from events.enums import EventStatus, ExceptionKind
from events.models import EventException, EventPage, Occurrence
from portal.core.moments import PARIS
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 10, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def now(tree):
    with time_machine.travel(NOW, tick=False):
        yield


def atom(client, path="/agenda/atom.xml", **query):
    response = client.get(path, query)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert (found.bozo, found.version) == (0, "atom10"), found.get("bozo_exception")
    return found


def test_atom_is_valid_stable_and_in_the_readers_language(client):
    theme = factories.ThemeFactory(slug="sante", name="Santé & <bien-être>", names={"ar": "الصحة"})
    event = factories.EventFactory(
        title="Café <b>&amp;</b>", slug="cafe", themes=[theme], summary="On \ud7ffparle & on rit.", rrule="FREQ=WEEKLY"
    )
    factories.EventFactory(title="Fini", starts_at=timezone.now() - timedelta(days=9))
    factories.translate(event, "ar", title="مقهى")
    found = atom(client)
    (entry,) = found.entries
    assert (entry.id, entry.title) == (f"urn:uuid:{event.translation_key}", "Café <b>&amp;</b>")
    assert (entry.link, entry.tags[0].term) == ("http://testserver/agenda/cafe/", "Santé & <bien-être>")
    assert entry.updated == found.feed.updated == "2026-11-25T10:00:00+01:00"
    assert "Tous les jeudis" in entry.content[0].value
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        event.title = "Autre"
        event.save()
        again = atom(client)
    assert (again.feed.id, again.entries[0].id) == (found.feed.id, entry.id)
    assert again.entries[0].updated == "2026-11-25T12:00:00+01:00"
    arabic = atom(client, "/ar/agenda/atom.xml")
    assert (arabic.entries[0].title, arabic.entries[0].id) == ("مقهى", entry.id)
    assert arabic.feed.id != found.feed.id
    assert [link.href for link in arabic.feed.links] == [
        "http://testserver/ar/agenda/atom.xml", "http://testserver/ar/agenda/"
    ]  # fmt: skip
    other = atom(client, theme="sante")
    assert len(other.entries) == 1
    assert other.feed.id != found.feed.id
    assert not atom(client, age="x", **{"from": "x"}, theme="inconnu", q="zzzz").entries


def elements(client, path="/agenda/agenda.json"):
    return {found["name"]: found for found in json.loads(client.get(path).content)["dataFeedElement"]}


def test_schema_org_says_what_it_must_of_every_kind_of_event(client):
    start = NOW + timedelta(days=3)
    place = factories.StructureFactory(title="Centre Écho")
    kinds = {
        "Simple": {"cost": "gratuit"},
        "Série": {"rrule": "FREQ=WEEKLY"},
        "Journée": {"is_all_day": True},
        "En ligne": {"structure": None, "online_url": "https://visio.example.fr/a"},
        "Les deux": {"online_url": "https://visio.example.fr/a"},
        "Au parc": {"structure": None, "place_name": "Parc Barbieux"},
        "Annulé": {"status": EventStatus.CANCELLED},
        "Reporté": {"status": EventStatus.POSTPONED},
        "Ailleurs en janvier": {"status": EventStatus.POSTPONED, "postponed_to": start + timedelta(days=40)},
        "Complet": {"is_full": True, "cost": "gratuit"},
    }
    for title, facts in kinds.items():
        factories.EventFactory(title=title, starts_at=start, **{"structure": place, **facts})
    found = elements(client)
    assert found.keys() == kinds.keys()
    for event in [*found.values(), *found["Série"]["subEvent"]]:
        assert event["@type"] == "Event"
        assert event["name"]
        assert date.fromisoformat(event["startDate"][:10]) >= start.date()
        assert event["endDate"] >= event["startDate"]
        assert event["eventStatus"].startswith("https://schema.org/Event")
        for where in event["location"] if isinstance(event["location"], list) else [event["location"]]:
            if where["@type"] == "Place":
                assert where["name"]
                assert where["address"]["addressCountry"] == "FR"
            else:
                assert (where["@type"], where["url"]) == ("VirtualLocation", "https://visio.example.fr/a")
        assert "" not in event.values()
    for event in found.values():
        assert event["url"].startswith("http")
        assert event["@id"] == event["url"]
    statuses = {title: event["eventStatus"].removeprefix("https://schema.org/Event") for title, event in found.items()}
    assert {title: status for title, status in statuses.items() if status != "Scheduled"} == {
        "Annulé": "Cancelled", "Reporté": "Postponed", "Ailleurs en janvier": "Rescheduled"
    }  # fmt: skip
    assert found["Simple"]["offers"]["price"] == "0"
    assert found["Complet"]["offers"]["availability"] == "https://schema.org/SoldOut"
    assert "offers" not in found["Série"]
    assert found["Les deux"]["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert found["Journée"]["startDate"] == "2026-11-28"
    english = elements(client, "/en/agenda/agenda.json")
    assert {event["@id"] for event in english.values()} == {event["@id"] for event in found.values()}
    assert english["Simple"]["url"].endswith(f"/en/agenda/{EventPage.objects.get(title='Simple').slug}/")


def test_json_goes_on_to_the_next_page(client, monkeypatch):
    monkeypatch.setattr("events.feeds.views.JSON_PER_PAGE", 2)
    factories.EventFactory.create_batch(3)
    first = client.get("/agenda/agenda.json", {"age": "3"})
    assert '<http://testserver/agenda/agenda.json?age=3&page=2>; rel="next"' in first["Link"]
    second = client.get("/agenda/agenda.json", {"age": "3", "page": "2"})
    assert 'rel="next"' not in second["Link"]
    names = [found["name"] for found in json.loads(first.content)["dataFeedElement"]]
    assert len({*names, json.loads(second.content)["dataFeedElement"][0]["name"]}) == 3


def test_what_leaves_as_a_calendar_comes_back_as_the_same_events(client, tmp_path, commits_at_once):
    place = factories.StructureFactory(title="Centre Écho", address="12 rue Haute")
    kinds = ExceptionKind
    rows = [
        EventException(date=date(2026, 12, 3), kind=kinds.CANCELLED, note="Grève."),
        EventException(date=date(2026, 12, 10), kind=kinds.CHANGED, new_start=datetime(2026, 12, 11, 9, tzinfo=PARIS)),
        EventException(date=date(2026, 12, 17), kind=kinds.FULL),
        EventException(date=date(2026, 12, 24), kind=kinds.REMOVED),
        EventException(date=date(2026, 12, 31), kind=kinds.POSTPONED),
        EventException(date=date(2027, 1, 2), kind=kinds.CHANGED, is_extra=True, place_note="Au parc"),
    ]
    factories.EventFactory(title="Série; des, jeudis", structure=place, rrule="FREQ=WEEKLY;COUNT=9", exceptions=rows)
    factories.EventFactory(
        title="Sauf fériés", structure=place, rrule="FREQ=WEEKLY;BYDAY=FR", skip_public_holidays=True
    )
    factories.EventFactory(title="Journée", structure=place, is_all_day=True, summary="", description="")
    factories.EventFactory(title="Annulé", structure=place, status=EventStatus.CANCELLED, status_note="Fuite.")
    factories.EventFactory(title="Reporté", structure=place, status=EventStatus.POSTPONED, description="Un.\n\nDeux.")
    factories.EventFactory(title="Au parc", structure=None, place_name="Parc Barbieux")

    def told():
        shown = "starts_at", "ends_at", "status", "place_note", "note"
        return {
            event.title: (
                event.status, event.is_all_day, event.structure_id, event.place_name,
                "\n\n".join(part for part in (event.summary, event.description) if part),
                list(Occurrence.objects.filter(event=event).order_by("recurrence_id").values_list(*shown)),
            )
            for event in EventPage.objects.sources()
        }  # fmt: skip

    before = told()
    file = tmp_path / "agenda.ics"
    file.write_bytes(client.get("/agenda/agenda.ics").content)
    for event in EventPage.objects.sources():
        event.delete()
    with pytest.raises(SystemExit) as end:
        call_command("import_events", str(file), report=tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert (end.value.code, report["read"], report["created"]) == (0, 6, 6), report
    assert told() == before
