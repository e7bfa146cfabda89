"""Calendars of the agenda: strictly valid, the same instants as the portal's own dates, the same identity for ever."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from events.enums import EventStatus, ExceptionKind
from events.feeds.ical import document, folded, text
from events.models import EventException, EventPage, Occurrence
from events.recurrence import HORIZON
from portal.core.models import SchoolHoliday
from portal.core.moments import PARIS
from portal.core.versions import forget_memory
from tests import factories
from tests.events.calendars import expand, masters, overrides, read_strictly

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 10, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def now(tree):
    with time_machine.travel(NOW, tick=False), factories.unindexed():
        yield


def at(*parts):
    return datetime(*parts, tzinfo=PARIS)


def read(client, path="/agenda/agenda.ics", **query):
    response = client.get(path, query)
    assert response.status_code == 200, path
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return read_strictly(response.content)


def only(client, path="/agenda/rdv/event.ics"):
    (event,) = masters(read(client, path))
    return event


def names(calendar):
    return sorted(str(event["SUMMARY"]) for event in masters(calendar))


class TestLines:
    @given(st.text(st.characters(codec="utf-8"), max_size=300))
    @settings(max_examples=40, deadline=None)
    def test_any_text_is_folded_and_comes_back(self, given_text):
        content = document(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "CALSCALE:GREGORIAN", "BEGIN:VEVENT",
                            f"SUMMARY:{text(given_text)}", "END:VEVENT", "END:VCALENDAR"])  # fmt: skip
        lines = content.encode().split(b"\r\n")
        assert all(len(line) <= 75 for line in lines)
        from icalendar import Calendar

        (event,) = Calendar.from_ical(content).walk("VEVENT")
        kept = given_text.replace("\r\n", "\n").replace("\r", "\n")
        assert str(event["SUMMARY"]) == "".join(s for s in kept if s in "\t\n" or (ord(s) > 31 and ord(s) != 127))

    def test_a_line_is_cut_at_75_octets_between_characters(self):
        assert folded("x" * 75) == "x" * 75
        assert folded("x" * 76) == f"{'x' * 75}\r\n x"
        assert folded("é" * 40) == f"{'é' * 37}\r\n {'é' * 3}"


class TestEvent:
    def test_a_single_event(self, client):
        health = factories.ThemeFactory(slug="sante", name="Santé, bien-être", names={"ar": "الصحة"})
        place = factories.StructureFactory(title="Centre Écho", latitude=50.69, longitude=3.17)
        event = factories.EventFactory(
            slug="rdv", title="Café; des, parents\\", summary="On parle.", description="Un.\n\nDeux.", structure=place,
            themes=[health], cost="gratuit", room="Salle bleue",
        )  # fmt: skip
        found = only(client)
        assert str(found["SUMMARY"]) == "Café; des, parents\\"
        assert (found["DTSTART"].dt, found["DTEND"].dt) == (event.starts_at, event.ends_at)
        assert found["DTSTART"].params["TZID"] == "Europe/Paris"
        assert str(found["UID"]) == event.uid
        assert (found["SEQUENCE"], str(found["STATUS"])) == (0, "CONFIRMED")
        assert found["LAST-MODIFIED"].dt == found["DTSTAMP"].dt == NOW
        assert found["GEO"].to_ical() == "50.69;3.17"
        assert [str(word) for word in found["CATEGORIES"].cats] == ["Santé, bien-être"]
        assert str(found["LOCATION"]) == "Centre Écho, 60 rue d’Oran, 59100 Roubaix, Salle bleue"
        assert str(found["URL"]) == "http://testserver/agenda/rdv/"
        assert str(found["CONTACT"]) == "Centre Écho, 03 20 26 04 11"
        assert str(found["DESCRIPTION"]).startswith("On parle.\n\nUn.\n\nDeux.\n\n—\n")
        assert "Gratuit" in str(found["DESCRIPTION"])
        assert "RRULE" not in found

    def test_whole_days_are_days(self, client):
        factories.EventFactory(slug="rdv", starts_at=at(2027, 3, 27), ends_at=at(2027, 3, 28, 17), is_all_day=True)
        found = only(client)
        assert (found["DTSTART"].dt, found["DTEND"].dt) == (date(2027, 3, 27), date(2027, 3, 29))

    def test_a_series_of_whole_days_has_days_everywhere(self, client):
        start = at(2026, 12, 1)
        factories.EventFactory(
            slug="rdv", starts_at=start, ends_at=start, is_all_day=True, rrule="FREQ=WEEKLY;UNTIL=20270131T225959Z",
            skip_public_holidays=True, exceptions=[
                EventException(date=date(2026, 12, 8), kind=ExceptionKind.REMOVED),
                EventException(date=date(2026, 12, 15), kind=ExceptionKind.CANCELLED),
                EventException(date=date(2026, 12, 17), is_extra=True, kind=ExceptionKind.CHANGED),
            ],
        )  # fmt: skip
        calendar = read(client, "/agenda/rdv/event.ics")
        (found,) = masters(calendar)
        assert found["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270131"
        assert [day.dt for day in found["EXDATE"].dts] == [date(2026, 12, 8)]
        assert [day.dt for day in found["RDATE"].dts] == [date(2026, 12, 17)]
        (cancelled,) = overrides(calendar)
        assert (cancelled["RECURRENCE-ID"].dt, str(cancelled["STATUS"])) == (date(2026, 12, 15), "CANCELLED")

    @pytest.mark.parametrize(
        ("facts", "status", "said"),
        [
            ({"status": EventStatus.CANCELLED, "status_note": "Fuite d’eau."}, "CANCELLED", "Annulé – Fuite d’eau."),
            ({"status": EventStatus.POSTPONED}, "TENTATIVE", "Reporté"),
            (
                {"status": EventStatus.POSTPONED, "postponed_to": at(2027, 1, 9, 15)},
                "CONFIRMED",
                "Reporté – au lieu du jeudi 26 novembre, 14\u00a0h",
            ),
            ({"status": EventStatus.RESCHEDULED}, "CONFIRMED", "Nouvelle date"),
            ({"is_full": True}, "CONFIRMED", "Complet"),
        ],
    )
    def test_states(self, client, facts, status, said):
        factories.EventFactory(slug="rdv", title="Fête", **facts)
        for path in ("/agenda/rdv/event.ics", "/agenda/agenda.ics"):
            found = only(client, path)
            assert (str(found["STATUS"]), str(found["SUMMARY"])) == (status, "Fête")
            assert str(found.get("COMMENT", "")) == facts.get("status_note", "")
            assert str(found["DESCRIPTION"]).startswith(said)
        if "postponed_to" in facts:
            assert found["DTSTART"].dt == facts["postponed_to"]

    def test_an_online_event_says_where_to_join(self, client):
        url = "https://visio.exemple.fr/réunion?a=1;b=2"
        factories.EventFactory(slug="rdv", structure=None, online_url=url)
        found = only(client)
        assert str(found["CONFERENCE"]) == "https://visio.exemple.fr/r%C3%A9union?a=1;b=2"
        assert "GEO" not in found

    def test_dates_that_are_not_like_the_others(self, client):
        kinds = ExceptionKind
        factories.EventFactory(
            slug="rdv", rrule="FREQ=WEEKLY;COUNT=9", exceptions=[
                EventException(date=date(2026, 12, 3), kind=kinds.CANCELLED, note="Grève."),
                EventException(date=date(2026, 12, 10), kind=kinds.CHANGED, new_start=at(2026, 12, 11, 9)),
                EventException(date=date(2026, 12, 17), kind=kinds.FULL),
                EventException(date=date(2026, 12, 24), kind=kinds.REMOVED),
                EventException(date=date(2026, 12, 31), kind=kinds.POSTPONED),
                EventException(date=date(2027, 1, 7), kind=kinds.CHANGED, place_note="Au parc"),
            ],
        )  # fmt: skip
        calendar = read(client, "/agenda/rdv/event.ics")
        (found,) = masters(calendar)
        assert found["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=9"
        assert [moment.dt for moment in found["EXDATE"].dts] == [at(2026, 12, 24, 14)]
        told = {event["RECURRENCE-ID"].dt.date(): event for event in overrides(calendar)}
        assert {day: str(event["STATUS"]) for day, event in told.items()} == {
            date(2026, 12, 3): "CANCELLED", date(2026, 12, 10): "CONFIRMED", date(2026, 12, 17): "CONFIRMED",
            date(2026, 12, 31): "TENTATIVE", date(2027, 1, 7): "CONFIRMED",
        }  # fmt: skip
        assert str(told[date(2026, 12, 3)]["COMMENT"]) == "Grève."
        assert str(told[date(2026, 12, 3)]["DESCRIPTION"]).startswith("Annulé – Grève.\n\n")
        assert told[date(2026, 12, 10)]["DTSTART"].dt == at(2026, 12, 11, 9)
        assert told[date(2026, 12, 10)]["DTEND"].dt == at(2026, 12, 11, 11)
        assert str(told[date(2026, 12, 17)]["DESCRIPTION"]).startswith("Complet\n\n")
        assert str(told[date(2027, 1, 7)]["LOCATION"]) == "Au parc"
        assert {str(event["UID"]) for event in calendar.walk("VEVENT")} == {str(found["UID"])}

    def test_nothing_is_told_after_the_end_of_the_school_calendar(self, client):
        SchoolHoliday.objects.all().delete()
        for start, end in ((date(2026, 10, 17), date(2026, 11, 2)), (date(2026, 12, 19), date(2027, 1, 3))):
            SchoolHoliday.objects.create(zone="B", name="Vacances", start=start, end=end)
        factories.EventFactory(slug="rdv", rrule="FREQ=WEEKLY", school_holidays="except", school_zone="B")
        found = only(client)
        assert found["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270106T225959Z"
        assert [moment.dt.date() for moment in found["EXDATE"].dts] == [date(2026, 12, 24), date(2026, 12, 31)]

    def test_an_event_without_a_known_date_has_no_calendar(self, client):
        SchoolHoliday.objects.all().delete()
        factories.EventFactory(slug="rdv", rrule="FREQ=WEEKLY", school_holidays="only", school_zone="B")
        assert client.get("/agenda/rdv/event.ics").status_code == 404
        assert not masters(read(client))

    def test_a_series_begins_with_a_date_of_its_rule(self, client):
        factories.EventFactory(slug="rdv", rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", school_zone="B")
        found = only(client)
        assert found["DTSTART"].dt == at(2026, 12, 7, 14)


EVERY_RULE = ["", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=DAILY;COUNT=40", "FREQ=MONTHLY;BYDAY=-1WE",
              "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY", "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270624T215959Z",
              "FREQ=DAILY;UNTIL=20270110", "FREQ=WEEKLY;COUNT=60;BYDAY=TU,SA"]  # fmt: skip
DAYS = st.dates(date(2026, 10, 1), date(2027, 5, 1))
HOURS = st.times().map(lambda hour: hour.replace(minute=hour.minute // 15 * 15, second=0, microsecond=0))
ROWS = st.lists(
    st.tuples(
        st.integers(0, 30), st.sampled_from(ExceptionKind.values), st.none() | DAYS, st.booleans(), st.booleans()
    ),
    max_size=5,
    unique_by=lambda row: row[0],
)


@given(
    rule=st.sampled_from(EVERY_RULE), day=DAYS, hour=HOURS, minutes=st.integers(1, 40),
    public=st.booleans(), school=st.sampled_from(["", "except", "only"]), rows=ROWS, whole=st.booleans(),
)  # fmt: skip
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_calendar_expands_to_the_dates_of_the_portal(
    client, db, rule, day, hour, minutes, public, school, rows, whole
):
    """Rule, holidays, exceptions, additional dates and both changes of the clocks; dateutil is the calendar program."""
    if not SchoolHoliday.objects.filter(name="Essai").exists():
        SchoolHoliday.objects.all().delete()
        for start, end in ((date(2026, 10, 17), date(2026, 11, 2)), (date(2027, 4, 10), date(2027, 4, 26))):
            SchoolHoliday.objects.create(zone="B", name="Essai", start=start, end=end)
    start = datetime.combine(day, hour, PARIS)
    event = EventPage.objects.filter(slug="essai").first() or factories.EventFactory(slug="essai")
    event.starts_at, event.ends_at, event.is_all_day = start, start + timedelta(minutes=minutes * 15), whole
    event.rrule, event.skip_public_holidays, event.school_holidays, event.school_zone = rule, public, school, "B"
    event.exceptions = []
    event.save()
    dates = sorted(Occurrence.objects.filter(event=event).values_list("recurrence_id", flat=True))
    days = [moment.astimezone(PARIS).date() for moment in dates] or [day]
    used = {}
    for place, kind, new_day, is_extra, has_end in rows:
        chosen = days[place % len(days)] + timedelta(days=3 if is_extra else 0)
        new_start = datetime.combine(new_day, time(9, 30), PARIS) if new_day else None
        new_end = new_start + timedelta(hours=5) if new_start and has_end else None
        used[chosen] = EventException(
            date=chosen,
            kind=kind,
            new_start=new_start,
            new_end=new_end,
            is_extra=is_extra,
            note="Un mot" if has_end else "",
        )
    event.exceptions = list(used.values())
    event.save()
    kept = {row.recurrence_id: row for row in Occurrence.objects.filter(event=event)}
    response = client.get("/agenda/essai/event.ics")
    if not kept:
        assert response.status_code == 404
        return
    calendar = read_strictly(response.content)
    limit = NOW + HORIZON
    states = {"cancelled": "CANCELLED", "scheduled": "CONFIRMED", "full": "CONFIRMED"}
    if not rule and len(kept) == 1:  # one date: it has no other identity than its UID
        (row,) = kept.values()
        (found,) = expand(calendar, limit).values()
        expected = {None: row}
        told = {None: found}
    else:
        expected = kept
        told = {key: value for key, value in expand(calendar, limit).items() if key <= limit}
    assert told.keys() == expected.keys()
    for key, row in expected.items():
        begins, ends, status = told[key]
        moved = row.starts_at != row.recurrence_id
        assert status == states.get(row.status, "CONFIRMED" if moved else "TENTATIVE")
        if whole:
            first, last = row.starts_at.astimezone(PARIS), row.ends_at.astimezone(PARIS) - timedelta(microseconds=1)
            assert begins.astimezone(PARIS) == datetime.combine(first.date(), time(), PARIS)
            assert ends.astimezone(PARIS) == datetime.combine(last.date() + timedelta(days=1), time(), PARIS)
        else:
            assert (begins, ends) == (row.starts_at, row.ends_at)


class TestSubscribed:
    def test_uids_stay_and_sequence_rises(self, client):
        event = factories.EventFactory(slug="rdv", rrule="FREQ=WEEKLY;COUNT=9")
        first = only(client, "/agenda/agenda.ics")
        edits = (
            {"title": "Un autre nom"},
            {"starts_at": event.starts_at + timedelta(hours=1), "ends_at": event.ends_at + timedelta(hours=1)},
            {"structure": None, "place_name": "Ailleurs", "address": "1 rue Neuve"},
            {"exceptions": [EventException(date=date(2026, 12, 3), kind=ExceptionKind.CANCELLED)]},
            {"slug": "rdv-bis"},
            {"status": EventStatus.CANCELLED},
        )
        sequences, changes = [int(first["SEQUENCE"])], [first["LAST-MODIFIED"].dt]
        for number, facts in enumerate(edits, 1):
            with (
                time_machine.travel(NOW + timedelta(minutes=number), tick=False),
                override_settings(SITE_URL=f"https://autre{number}.exemple.fr"),
            ):
                for name, value in facts.items():
                    setattr(event, name, value)
                event.save()
                found = only(client, "/agenda/agenda.ics")
            assert found["UID"] == first["UID"]
            sequences.append(int(found["SEQUENCE"]))
            changes.append(found["LAST-MODIFIED"].dt)
        assert sequences == [0, 0, 1, 2, 3, 3, 4]
        assert changes == sorted(set(changes))
        assert str(found["STATUS"]) == "CANCELLED"  # and still there

    def test_a_calendar_that_nothing_changed_is_not_sent_again(self, client):
        factories.EventFactory(slug="rdv", rrule="FREQ=WEEKLY", skip_public_holidays=True)
        for path in ("/agenda/rdv/event.ics", "/agenda/agenda.ics", "/agenda/atom.xml", "/agenda/agenda.json"):
            with override_settings(PAGE_CACHE=True):
                etag = client.get(path)["ETag"]
                again = client.get(path, headers={"if-none-match": etag})
                assert (again.status_code, again.content) == (304, b"")
        with override_settings(PAGE_CACHE=True), time_machine.travel(NOW + timedelta(days=3), tick=False):
            etag_before = client.get("/agenda/agenda.ics")["ETag"]
        with override_settings(PAGE_CACHE=True), time_machine.travel(NOW + timedelta(days=30), tick=False):
            assert client.get("/agenda/agenda.ics")["ETag"] == etag_before

    def test_programs_are_told_when_to_ask_again(self, client):
        calendar = read(client, theme="inconnu")
        assert str(calendar["NAME"]) == str(calendar["X-WR-CALNAME"]) == "Agenda"
        assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
        assert str(calendar["X-PUBLISHED-TTL"]) == "PT60M"


class TestWhichEvents:
    def test_the_filters_are_those_of_the_list(self, client):
        theme = factories.ThemeFactory(slug="sante", name="Santé", names={"ar": "الصحة"})
        factories.EventFactory(title="Bébés", themes=[theme], age_max_months=36)
        factories.EventFactory(title="Ados", age_min_months=144)
        for query, found in (
            ({}, ["Ados", "Bébés"]),
            ({"theme": "sante"}, ["Bébés"]),
            ({"age": "14"}, ["Ados"]),
            ({"from": "2026-12-01"}, []),
            ({"from": "2026-11-20", "to": "2026-11-30"}, ["Ados", "Bébés"]),
            ({"to": "2026-11-24"}, []),
            ({"age": "x", "vue": "mois", "page": "9"}, ["Ados", "Bébés"]),
        ):
            assert names(read(client, **query)) == found, query
            assert names(read(client, "/ar/agenda/agenda.ics", **query)) == found, query
        assert str(read(client, "/ar/agenda/agenda.ics", theme="sante")["NAME"]) == "Agenda – الصحة"

    def test_what_is_long_over_leaves(self, client):
        factories.EventFactory(title="Ancien", starts_at=at(2026, 8, 1, 9))
        factories.EventFactory(title="Récent", starts_at=at(2026, 10, 1, 9))
        assert names(read(client)) == ["Récent"]
        assert names(read(client, **{"from": "2026-01-01"})) == ["Ancien", "Récent"]

    def test_a_centre_has_its_own(self, client):
        centre = factories.CentreFactory(slug="echo", title="Écho")
        factories.EventFactory(title="Chez eux", structure=centre.structure)
        factories.EventFactory(title="Par eux", organizer=centre.structure)
        factories.EventFactory(title="Dans leur agenda", parent=centre.agenda)
        factories.EventFactory(title="Ailleurs")
        calendar = read(client, "/centres/echo/agenda.ics")
        assert names(calendar) == ["Chez eux", "Dans leur agenda", "Par eux"]
        assert str(calendar["NAME"]) == "Écho"
        assert client.get("/centres/inconnu/agenda.ics").status_code == 404
        html = client.get("/centres/echo/").content.decode()
        assert 'href="webcal://testserver/centres/echo/agenda.ics"' in html
        html = client.get("/ar/centres/echo/agenda/", {"age": "3", "vue": "mois"}).content.decode()
        assert 'href="webcal://testserver/ar/centres/echo/agenda.ics?age=3"' in html

    def test_nothing_private_or_unpublished_is_told(self, client):
        centre = factories.CentreFactory(slug="echo")
        secret = factories.StructureFactory(title="Foyer secret", address="9 rue Cachée", phone="03 20 99 99 99")
        factories.EventFactory(title="Brouillon", slug="brouillon", live=False)
        hidden = factories.EventFactory(title="Réservé", slug="reserve")
        public = factories.EventFactory(
            title="Public", slug="public", structure=secret, organizer=secret, room="", parent=centre.agenda
        )
        for page in (secret, hidden):
            PageViewRestriction.objects.create(page=page, restriction_type="login")
        forget_memory()
        for path in ("agenda.ics", "atom.xml", "agenda.json", "public/event.ics"):
            for content in (client.get(f"{language}/agenda/{path}").content.decode() for language in ("", "/ar")):
                assert "Public" in content
                for word in ("Brouillon", "Réservé", "secret", "Cachée", "99 99", "50.6"):
                    assert word not in content, (path, word)
        assert {client.get(f"/agenda/{slug}/event.ics").status_code for slug in ("brouillon", "reserve", "x")} == {404}
        PageViewRestriction.objects.create(page=centre, restriction_type="login")
        forget_memory()
        assert client.get("/centres/echo/agenda.ics").status_code == 404
        assert client.get(f"/agenda/{public.slug}/event.ics").status_code == 404


def test_texts_are_in_the_language_of_the_calendar_or_marked(client):
    translated = factories.EventFactory(title="Café", slug="cafe", cost="gratuit")
    factories.translate(translated, "ar", title="مقهى", summary="نلتقي.", description="نص")
    factories.EventFactory(title="Jeu", slug="jeu")
    found = {str(event["URL"]).split("/")[-2]: event for event in masters(read(client, "/ar/agenda/agenda.ics"))}
    cafe, jeu = found["cafe"], found["jeu"]
    assert (str(cafe["SUMMARY"]), "LANGUAGE" in cafe["SUMMARY"].params) == ("مقهى", False)
    assert str(cafe["DESCRIPTION"]).startswith("نلتقي.\n\nنص\n\n—\n")
    assert "مجاني" in str(cafe["DESCRIPTION"])
    assert (str(jeu["SUMMARY"]), jeu["SUMMARY"].params["LANGUAGE"]) == ("Jeu", "fr")
    assert str(jeu["URL"]) == "http://testserver/ar/agenda/jeu/"
    assert str(cafe["UID"]) == translated.uid


def test_pages_offer_their_calendars(client):
    factories.EventFactory(slug="rdv")
    html = client.get("/agenda/rdv/").content.decode()
    assert 'href="/agenda/rdv/event.ics">' in html
    assert "Ajouter à mon agenda" in html
    html = client.get("/en/agenda/", {"age": "3", "vue": "semaine", "date": "2026-11-25"}).content.decode()
    assert 'href="webcal://testserver/en/agenda/agenda.ics?age=3"' in html
    assert 'type="application/atom+xml" href="/en/agenda/atom.xml?age=3"' in html


def test_queries_do_not_grow_with_the_events(client):
    centre = factories.CentreFactory(slug="echo")
    theme = factories.ThemeFactory(slug="sante", name="Santé")
    cold, warm = [], {}
    for _step in range(2):
        factories.EventFactory.create_batch(
            5, structure=centre.structure, themes=[theme], rrule="FREQ=WEEKLY", skip_public_holidays=True,
            exceptions=[EventException(date=date(2026, 12, 3), kind=ExceptionKind.FULL)],
        )  # fmt: skip
        counts = {}
        for path in ("/agenda/agenda.ics", "/ar/centres/echo/agenda.ics", "/agenda/atom.xml", "/agenda/agenda.json"):
            client.get(path)
            forget_memory()
            for found in (counts, warm):
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(path).status_code == 200
                found[path] = len(captured)
        cold.append(counts)
    assert cold[0] == cold[1]
    assert max(warm.values()) <= 12, warm
