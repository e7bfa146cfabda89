"""``import_events``: what calendars say becomes events, twice nothing more, and what somebody edited stays."""

import json
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from events.enums import EventStatus, ExceptionKind, Registration
from events.imports import engine
from events.imports.readers import survey
from events.models import AgendaPage, EventPage, ImportedEvent
from tests.events.calendar_files import calendar, paris, vevent
from tests.factories import CentreFactory, EventFactory, MunicipalityFactory, StructureFactory, ThemeFactory


@pytest.fixture
def run(tree, tmp_path):
    """Imports a text (or bytes) by the command: gives its report."""

    def run(content, *options, name="agenda.ics", code=0):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        report = tmp_path / "report.json"
        with pytest.raises(SystemExit) as ended:
            call_command("import_events", str(path), *options, report=report, stdout=StringIO(), stderr=StringIO())
        told = json.loads(report.read_text())
        assert ended.value.code == code, told
        parts = sum(told[name] for name in ("created", "changed", "unchanged", "flagged"))
        assert told["read"] == parts + len(told["rejected"])
        return told

    return run


def figures(report):
    names = ("created", "changed", "unchanged", "flagged", "gone")
    return {name: report[name] for name in names if report[name]} | (
        {"rejected": len(report["rejected"])} if report["rejected"] else {}
    )


def dates_of(event):
    return [(row.starts_at, row.ends_at) for row in event.occurrences.order_by("starts_at")]


def only():
    return EventPage.objects.sources().get()


# --- What becomes of an event ----------------------------------------------------------------------------------------


def test_an_event_is_published_with_what_its_source_says(run):
    town = MunicipalityFactory(insee="59512", name="Roubaix", postcodes="59100")
    ThemeFactory(slug="scolarite", name="Scolarité")
    event = vevent(
        "DESCRIPTION:<p>On parle&nbsp;ensemble.</p><p>Entrée libre\\, sans inscription.</p>",
        "URL:https://partenaire.example/cafe",
        "CATEGORIES:Scolarité,jeux de société",
        "GEO:50.69;3.17",
        "LAST-MODIFIED:20261101T080000Z",
        "SEQUENCE:4",
        "BEGIN:VALARM",
        "DESCRIPTION:non",
        "END:VALARM",
    )
    assert figures(run(calendar(event))) == {"created": 1}
    found = only()
    assert found.live
    assert found.get_url() == "/agenda/cafe-des-parents/"
    assert (found.uid, found.sequence, found.source) == ("un@partenaire.example", 4, "Partenaire")
    assert found.description == "On parle ensemble.\nEntrée libre, sans inscription."
    assert (found.starts_at, found.ends_at) == (paris(13, 14), paris(13, 16))
    assert (found.place_name, found.address, found.postcode) == ("Salle des fêtes", "12 rue Haute", "59100")
    assert (found.municipality, found.latitude, found.longitude) == (town, 50.69, 3.17)
    assert [theme.slug for theme in found.themes.all()] == ["scolarite"]
    assert [tag.name for tag in found.tags.all()] == ["jeux de société"]
    assert found.source_url == "https://partenaire.example/cafe"
    assert found.source_updated_on == date(2026, 11, 1)
    assert dates_of(found) == [(paris(13, 14), paris(13, 16))]


def test_times_in_each_of_their_spellings(run):
    def lines(uid, **values):
        return vevent(UID=uid, **{"DTSTART": None, "DTEND": None, **values})

    zone = ["BEGIN:VTIMEZONE", "TZID:Chez nous", "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200",
            "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
    assert figures(
        run(
            calendar(
                zone,
                [*lines("flottant")[:-1], "DTSTART:20270113T140000", "DURATION:PT2H", "END:VEVENT"],
                [*lines("utc")[:-1], "DTSTART:20270113T130000Z", "DTEND:20270113T150000Z", "END:VEVENT"],
                [*lines("ailleurs")[:-1], "DTSTART;TZID=America/New_York:20270113T080000", "END:VEVENT"],
                [*lines("windows")[:-1], 'DTSTART;TZID="Romance Standard Time":20270113T140000', "END:VEVENT"],
                [*lines("mozilla")[:-1], "DTSTART;TZID=/mozilla.org/1/Europe/Paris:20270113T140000", "END:VEVENT"],
                [*lines("chez nous")[:-1], "DTSTART;TZID=Chez nous:20270113T160000", "END:VEVENT"],
                [*lines("jour")[:-1], "DTSTART;VALUE=DATE:20270113", "END:VEVENT"],
                [*lines("jours")[:-1], "DTSTART:20270113", "DTEND:20270115", "END:VEVENT"],
                [*lines("même jour")[:-1], "DTSTART:20270113", "DTEND:20270113", "END:VEVENT"],
            )
        )
    ) == {"created": 9}
    by_uid = {event.source_uid: event for event in EventPage.objects.sources()}
    for uid in ("flottant", "utc", "ailleurs", "windows", "mozilla", "chez nous"):
        assert by_uid[uid].starts_at == paris(13, 14), uid
    assert by_uid["flottant"].ends_at == by_uid["utc"].ends_at == paris(13, 16)
    assert by_uid["ailleurs"].ends_at == paris(13, 15)  # not said: an hour
    midnight = datetime(2027, 1, 12, 23, tzinfo=UTC)
    for uid, days in (("jour", 1), ("jours", 2), ("même jour", 1)):
        assert by_uid[uid].is_all_day
        assert (by_uid[uid].starts_at, by_uid[uid].ends_at) == (midnight, midnight + timedelta(days=days))


def test_a_series_with_its_exceptions(run):
    zone = "TZID=Europe/Paris"
    series = vevent(
        "RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20270224T130000Z",
        f"EXDATE;{zone}:20270120T140000,20270127T140000",
        f"RDATE;{zone}:20270115T100000",
    )
    moved = vevent(
        f"RECURRENCE-ID;{zone}:20270203T140000",
        LOCATION="Médiathèque",
        COMMENT="Exceptionnellement ailleurs",
        DTSTART=None,
        DTEND=None,
    )
    moved[1:1] = [f"DTSTART;{zone}:20270204T150000", f"DTEND;{zone}:20270204T160000"]
    off = vevent(f"RECURRENCE-ID;{zone}:20270210T140000", STATUS="CANCELLED")
    report = run(calendar(moved, series, off))
    assert figures(report) == {"created": 1}
    event = only()
    assert event.rrule == "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270224T130000Z"
    rows = {(row.date, row.time): row for row in event.exceptions.all()}
    assert rows[date(2027, 1, 20), None].kind == ExceptionKind.REMOVED
    assert rows[date(2027, 1, 15), time(10)].is_extra
    assert rows[date(2027, 2, 3), None].place_note == "Médiathèque"
    assert rows[date(2027, 2, 3), None].note == "Exceptionnellement ailleurs"
    shown = {row.recurrence_id: row for row in event.occurrences.all()}
    first = paris(13, 14)
    week = timedelta(days=7)
    assert set(shown) == {first, paris(15, 10), *(first + week * number for number in (3, 4, 5, 6))}
    assert shown[first + 3 * week].starts_at == datetime(2027, 2, 4, 14, tzinfo=UTC)
    assert shown[first + 4 * week].is_cancelled
    assert figures(run(calendar(moved, series, off))) == {"unchanged": 1}


def test_a_series_without_end_is_bounded_as_the_house_does(run):
    run(calendar(vevent("RRULE:FREQ=DAILY")))
    event = only()
    assert 300 < event.occurrences.count() < 420


def test_a_series_of_another_clock_keeps_its_instants(run):
    """A class in Montreal at 9: in Paris at 15, but for the weeks when only one of both has changed its clocks."""
    event = vevent("RRULE:FREQ=WEEKLY;COUNT=4", DTSTART=None, DTEND=None)
    event[1:1] = ["DTSTART;TZID=America/Montreal:20270310T090000", "DURATION:PT1H"]
    run(calendar(event))
    starts = [start for start, _end in dates_of(only())]
    assert starts == [
        datetime(2027, 3, day, hour, tzinfo=UTC) for day, hour in ((10, 14), (17, 13), (24, 13), (31, 13))
    ]


def test_one_broken_event_takes_no_other_with_it(run):
    report = run(
        calendar(
            vevent(UID="bon"),
            vevent(UID="sans titre", SUMMARY=""),
            vevent(UID="sans début", DTSTART=None),
            vevent(UID="faux jour", DTSTART="20271332T000000", DTEND=None),
            vevent("RRULE:FREQ=SECONDLY", UID="chaque seconde"),
            vevent("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", UID="jamais"),
            vevent(UID="à l’envers", DTEND="20270112T140000"),
            vevent("CLASS:PRIVATE", UID="privé"),
            vevent(UID="bon"),
            vevent("X" * 300_000, "PAS UNE LIGNE", UID="bruit"),
            vevent("DESCRIPTION:" + "x" * 300_000, UID="long"),
            vevent(*["BEGIN:X"] * 5_000, *["END:X"] * 5_000, UID="profond"),
            vevent(UID="sans fin")[:-1],
            vevent(UID="bon aussi", SUMMARY="L’autre"),
        ),
        code=1,
    )
    assert figures(report) == {"created": 4, "rejected": 10}
    assert [row["row"] for row in report["rejected"]] == [2, 3, 4, 5, 6, 7, 8, 9, 12, 13]
    assert all(row["reason"] for row in report["rejected"])


REFUSED = {
    "empty": b"",
    "blank": b"   \n",
    "page": b"<!DOCTYPE html><html><title>Agenda</title></html>",
    "picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
    "brace": b"{",
    "cut JSON": b'{"events": [{"uid": 1, "title": "Coup',
    "other JSON": b'{"places": [{"uid": 1}]}',
    "no calendar": b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
    "cut": calendar(vevent()).encode()[:-20],
    "cut early": calendar(vevent()).encode()[:200],
    "deep": b"BEGIN:VCALENDAR\r\n" * 100_000,
    "deep JSON": b"[" * 100_000,
}


def test_a_file_that_is_refused_as_a_whole_changes_nothing(run):
    run(calendar(vevent()))
    for content in REFUSED.values():
        report = run(content, code=2)
        assert report["error"]
        assert (report["read"], report["gone"]) == (0, 0)
    assert only().gone_on is None


def test_a_file_that_is_not_there(run, tmp_path):
    with pytest.raises(SystemExit) as ended:
        call_command("import_events", str(tmp_path / "absent.ics"))
    assert ended.value.code == 2


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_letters_and_line_ends(tmp_path, codec, end):
    path = tmp_path / "a.ics"
    path.write_bytes(calendar(vevent(SUMMARY="Fête de l’été")).replace("\r\n", end).encode(codec))
    assert titles(path) == ["Fête de l’été"]


def test_a_fold_within_a_letter(tmp_path):
    content = calendar(vevent(SUMMARY="Été")).encode()
    place = content.index("É".encode()) + 1
    path = tmp_path / "a.ics"
    path.write_bytes(content[:place] + b"\r\n " + content[place:])
    assert titles(path) == ["Été"]


def titles(path):
    return [read.draft.title for read in survey(path).events()]


# --- Again and again -------------------------------------------------------------------------------------------------


def test_a_second_import_changes_nothing(run):
    text = calendar(vevent("SEQUENCE:1"), vevent(UID="deux", SUMMARY="Autre"), vevent(UID=None, SUMMARY="Sans nom"))
    assert figures(run(text, "--dry-run")) == {"created": 3}
    assert not EventPage.objects.exists()
    run(text)
    before = list(EventPage.objects.values())
    records = list(ImportedEvent.objects.values())
    # Calendars write these anew each time.
    text = text.replace("SEQUENCE:1", "SEQUENCE:1\r\nDTSTAMP:20270101T000000Z\r\nLAST-MODIFIED:20270101T000000Z")
    assert figures(run(text, name="autre-nom.ics")) == {"unchanged": 3}
    assert list(EventPage.objects.values()) == before
    assert len(ImportedEvent.objects.values()) == len(records)


def test_a_changed_calendar_changes_what_differs_and_nothing_that_somebody_edited(run):
    run(calendar(vevent("SEQUENCE:1"), vevent(UID="deux", SUMMARY="Autre")))
    event = EventPage.objects.get(source_uid="un@partenaire.example")
    event.title = "Café des parents et des grands-parents"
    event.place_name = "Salle des mariages"
    event.save_revision().publish()
    changed = vevent(
        "SEQUENCE:2",
        SUMMARY="Café",
        DESCRIPTION="Avec des gâteaux",
        LOCATION="Ailleurs, 1 rue Basse, 59100 Roubaix",
        DTEND="20270113T170000",
    )
    report = run(calendar(changed, vevent(UID="deux", SUMMARY="Autre")))
    assert figures(report) == {"changed": 1, "unchanged": 1}
    (told,) = report["details"]["changed"]
    assert set(told["changes"]) == {"description", "ends_at"}
    assert {"title", "place_name", "address"} <= set(told["kept"])
    event.refresh_from_db()
    event = EventPage.objects.get(pk=event.pk)
    assert event.title == "Café des parents et des grands-parents"
    assert (event.place_name, event.address) == ("Salle des mariages", "12 rue Haute")
    assert event.description == "Avec des gâteaux"
    assert dates_of(event) == [(paris(13, 14), paris(13, 17))]
    assert event.sequence == 3
    assert event.get_latest_revision_as_object().description == "Avec des gâteaux"
    # The source comes back to what the editor wrote, then changes again: the field stays the editor's.
    assert figures(run(calendar(changed, vevent(UID="deux", SUMMARY="Autre")))) == {"unchanged": 2}


def test_a_field_that_the_editor_s_form_locked(run):
    run(calendar(vevent()))
    EventPage.objects.update(locked_fields=["title", "starts_at"])
    report = run(calendar(vevent(SUMMARY="Autre", DTEND="20270113T180000", DESCRIPTION="Neuf")))
    (told,) = report["details"]["changed"]
    assert set(told["changes"]) == {"description"}
    assert set(told["kept"]) == {"title", "ends_at"}


def test_a_draft_keeps_its_edits_and_gets_the_rest(run):
    run(calendar(vevent()))
    event = only()
    event.title = "Un meilleur titre"
    event.save_revision()
    report = run(calendar(vevent(SUMMARY="Café à trois", DESCRIPTION="Neuf")))
    assert figures(report) == {"changed": 1}
    event = only()
    draft = event.get_latest_revision_as_object()
    assert (event.title, event.description) == ("Café des parents", "Neuf")
    assert (draft.title, draft.description) == ("Un meilleur titre", "Neuf")


def test_what_disappears_is_flagged_and_never_deleted(run):
    two = vevent(UID="deux", SUMMARY="Autre")
    run(calendar(vevent(), two))
    report = run(calendar(two))
    assert figures(report) == {"unchanged": 1, "gone": 1}
    event = EventPage.objects.get(source_uid="un@partenaire.example")
    assert event.live
    assert event.gone_on is not None
    assert figures(run(calendar(two))) == {"unchanged": 1, "gone": 1}
    assert figures(run(calendar(vevent(), two))) == {"changed": 1, "unchanged": 1}
    assert EventPage.objects.get(pk=event.pk).gone_on is None
    # A broken row is not a row that is gone.
    assert figures(run(calendar(vevent(SUMMARY=""), two), code=1)) == {"unchanged": 1, "rejected": 1}


def test_a_cancelled_event_is_told_as_such(run):
    run(calendar(vevent()))
    assert figures(run(calendar(vevent("STATUS:CANCELLED", "SEQUENCE:1")))) == {"changed": 1}
    assert only().status == EventStatus.CANCELLED


def test_two_calendars_that_number_their_events_alike(run):
    other = ("PRODID:-//Autre//FR", "X-WR-CALNAME:Autre")
    run(calendar(vevent(UID="1")))
    ImportedEvent.objects.update(feed=None)
    assert figures(run(calendar(vevent(UID="2", SUMMARY="Autre"), head=other))) == {"created": 1}
    assert EventPage.objects.filter(gone_on=None).count() == 2


def test_what_was_written_here_is_left_alone(run):
    own = EventFactory(title="À nous")
    assert figures(run(calendar(vevent(UID=own.uid)))) == {"unchanged": 1}
    assert EventPage.objects.sources().get().title == "À nous"


# --- Where -----------------------------------------------------------------------------------------------------------


def test_a_place_is_matched_to_its_sheet_when_that_is_certain(run):
    town = MunicipalityFactory(insee="59512", name="Roubaix", postcodes="59100")
    place = {"municipality": town, "postcode": "59100"}
    library = StructureFactory(title="Médiathèque La Grand-Plage", address="2 rue Pierre Motte", **place)
    StructureFactory(title="Maison des associations", address="24 place de la Liberté", **place)
    StructureFactory(title="Club de lecture", address="24 place de la Liberté", **place)
    said = {
        "nom": "Médiathèque la grand plage",
        "tout": "Médiathèque La Grand-Plage, 2 rue Pierre-Motte, 59100 Roubaix, France",
        "adresse": "2 rue Pierre Motte, 59100 Roubaix",
        "ville": "Médiathèque La Grand-Plage, 1 rue Haute, 59000 Lille",
        "deux": "24 place de la Liberté, 59100 Roubaix",
        "autre": "École Jules-Ferry, 2 rue Pierre Motte, 59100 Roubaix",
    }
    run(calendar(*(vevent(UID=uid, LOCATION=text.replace(",", "\\,")) for uid, text in said.items())))
    found = {event.source_uid: event.structure_id for event in EventPage.objects.sources()}
    assert found == {
        "nom": library.pk,
        "tout": library.pk,
        "adresse": library.pk,
        "ville": None,
        "deux": None,
        "autre": None,
    }
    assert EventPage.objects.get(source_uid="deux").address == "24 place de la Liberté"
    assert EventPage.objects.get(source_uid="tout").address == ""


def test_the_agenda_of_a_centre(run):
    centre = CentreFactory(slug="echo")
    run(calendar(vevent(LOCATION=None)), "--centre", "echo")
    event = only()
    assert event.get_parent().pk == centre.agenda.pk
    assert event.structure_id == centre.structure_id
    assert "inconnu" in run(calendar(vevent()), "--centre", "inconnu", code=2)["error"]


def test_a_centre_without_agenda_gets_one(run):
    centre = CentreFactory(slug="echo")
    centre.agenda.delete()
    assert figures(run(calendar(vevent()), "--centre", "echo", "--dry-run")) == {"created": 1}
    assert not AgendaPage.objects.child_of(centre).exists()
    run(calendar(vevent()), "--centre", "echo")
    assert only().get_parent().get_parent().pk == centre.pk


def test_without_a_place(run):
    run(calendar(vevent(LOCATION=None), vevent(UID="visio", LOCATION="https://visio.example/salle")))
    assert EventPage.objects.get(source_uid="un@partenaire.example").place_name == "Lieu à confirmer"
    assert EventPage.objects.get(source_uid="visio").online_url == "https://visio.example/salle"


# --- OpenAgenda ------------------------------------------------------------------------------------------------------

OPEN = {
    "uid": 12345,
    "slug": "atelier-cuisine",
    "title": {"fr": "Atelier cuisine", "en": "Cooking"},
    "description": {"fr": "On cuisine ensemble."},
    "longDescription": {"fr": "## Au menu\n\n**Soupe** et [pain](https://exemple.example)."},
    "conditions": {"fr": "Gratuit"},
    "keywords": {"fr": ["cuisine", "Scolarité"]},
    "timings": [
        {"begin": "2027-01-13T14:00:00+01:00", "end": "2027-01-13T16:00:00+01:00"},
        {"begin": "2027-01-20T14:00:00+01:00", "end": "2027-01-20T17:00:00+01:00"},
    ],
    "location": {
        "name": "Maison de quartier",
        "address": "5 rue Haute, 59100 Roubaix, France",
        "postalCode": "59100",
        "city": "Roubaix",
        "insee": "59512",
        "latitude": 50.69,
        "longitude": 3.17,
    },
    "age": {"min": 6, "max": 10},
    "registration": [{"type": "phone", "value": "+33320000000"}, {"type": "email", "value": "a@exemple.example"}],
    "accessibility": {"mi": True, "hi": False},
    "status": 1,
    "state": 2,
    "attendanceMode": 1,
    "updatedAt": "2026-11-02T10:00:00.000Z",
    "originAgenda": {"uid": 7, "title": "Ville"},
}


def open_agenda(*events):
    return json.dumps({"total": len(events), "events": list(events), "sort": ["x"], "success": True})


def test_an_event_of_openagenda(run):
    MunicipalityFactory(insee="59512", name="Roubaix", postcodes="59100")
    ThemeFactory(slug="scolarite", name="Scolarité")
    assert figures(run(open_agenda(OPEN), name="a.json")) == {"created": 1}
    event = only()
    assert (event.title, event.summary) == ("Atelier cuisine", "On cuisine ensemble.")
    assert event.description == "Au menu\n\nSoupe et pain."
    assert dates_of(event) == [(paris(13, 14), paris(13, 16)), (paris(20, 14), paris(20, 17))]
    assert (event.place_name, event.address, event.municipality.name) == (
        "Maison de quartier",
        "5 rue Haute",
        "Roubaix",
    )
    assert (event.age_min_months, event.age_max_months, event.cost) == (72, 120, "gratuit")
    assert event.registration == Registration.ADVISED
    assert event.registration_note == "03 20 00 00 00 · a@exemple.example"
    assert list(event.access) == ["fauteuil"]
    assert [theme.slug for theme in event.themes.all()] == ["scolarite"]
    assert event.source_uid == "12345@openagenda.com"
    assert figures(run(open_agenda(OPEN), name="a.json")) == {"unchanged": 1}
    assert figures(run(json.dumps([{**OPEN, "status": 6}]), name="a.json")) == {"changed": 1}
    assert only().status == EventStatus.CANCELLED
    assert figures(run(open_agenda(), name="a.json")) == {}


def test_states_and_faults_of_openagenda(run):
    report = run(
        open_agenda(
            {**OPEN, "uid": 1, "status": 5},
            {**OPEN, "uid": 2, "status": 3, "attendanceMode": 2, "onlineAccessLink": "https://visio.example/a"},
            {**OPEN, "uid": 3, "state": 0},
            {**OPEN, "uid": 4, "timings": []},
            {**OPEN, "uid": 5, "timings": [{"begin": "demain"}]},
            {**OPEN, "uid": 6, "title": {}},
            {**OPEN, "uid": 7, "timings": OPEN["timings"] * 600},
            {**OPEN, "uid": 1},
            {**OPEN, "uid": 8, "location": 3, "age": "x", "registration": {"a": 1}, "keywords": 5, "accessibility": 1},
        ),
        name="a.json",
        code=1,
    )
    assert figures(report) == {"created": 3, "rejected": 6}
    assert EventPage.objects.get(source_uid="1@openagenda.com").is_full
    online = EventPage.objects.get(source_uid="2@openagenda.com")
    assert (online.is_online, online.status) == (True, EventStatus.MOVED_ONLINE)


def test_the_older_export_of_openagenda(run):
    old = {
        "uid": 9,
        "title": {"fr": "Bourse aux jouets"},
        "timings": [{"start": "2027-01-13T13:00:00.000Z", "end": "2027-01-13T15:00:00.000Z"}],
        "locationName": "Salle Watremez",
        "address": "9 rue de l’Hospice, 59100 Roubaix",
        "postalCode": "59100",
        "city": "Roubaix",
        "registrationUrl": "https://exemple.example/inscription",
    }
    run(open_agenda(old), name="a.json")
    event = only()
    assert (event.starts_at, event.place_name) == (paris(13, 14), "Salle Watremez")
    assert event.registration_note == "https://exemple.example/inscription"


def test_imported_events_are_found(run, client):
    run(calendar(vevent(SUMMARY="Bourse aux poussettes")))
    assert "Bourse aux poussettes" in client.get("/recherche/", {"q": "poussettes"}).content.decode()
    assert engine.index_written() == 0
