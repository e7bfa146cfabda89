"""Real calendars, broken and hostile ones: each is imported or refused with a reason, soon, in little memory."""

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from directory.imports.errors import UnreadableFileError
from events.imports import engine
from events.imports.readers import survey
from events.models import EventException, EventPage
from tests.events.calendar_files import calendar as calendar_text
from tests.events.calendar_files import vevent
from tests.factories import EventFactory, MunicipalityFactory, StructureFactory, tomorrow_at

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT.parent / "shared" / "data" / "events"
LIMIT = 2.0  # seconds of processor time for one file
MEGABYTES = 200
shared = pytest.mark.skipif(not EVENTS.is_dir(), reason="only on a machine with the open data of ../shared/data/events")


@shared
def test_every_file_is_read_or_refused_with_a_reason():
    files = sorted(path for path in EVENTS.rglob("*") if path.suffix in (".ics", ".ical"))
    assert len(files) > 200
    drafts, refused = 0, []
    for path in files:
        started = time.process_time()
        try:
            for read in survey(path).events():
                drafts += read.draft is not None
                assert read.draft or read.reason, path
        except UnreadableFileError as error:
            refused.append(str(error))
        assert time.process_time() - started < LIMIT, path
    assert drafts > 1_700
    assert all(refused)


@shared
@pytest.mark.django_db
def test_real_calendars_are_imported_and_a_second_time_change_nothing(tree):
    """Broken files, foreign clocks, odd series, public holidays of whole days: what the reading let pass is kept."""
    files = sorted((EVENTS / "corpus_icalendar_py").rglob("*.ics"))
    imported = 0
    for path in files[::5]:
        try:
            content = engine.read(path)
        except UnreadableFileError:
            continue
        target = engine.target_of_file(content, "", tree.agenda)
        first = engine.apply(content, target)
        again = engine.plan(content, target)
        assert (again.created, again.changed, again.flagged) == (0, 0, 0), path
        assert len(again.rejected) <= len(first.rejected), path
        imported += first.created + first.flagged
    assert imported > 10


# --- There and back ---------------------------------------------------------------------------------------------------


def shown(event):
    """What readers see of an event, whoever wrote it."""
    dates = [
        (row.starts_at, row.ends_at, row.status, row.place_note) for row in event.occurrences.order_by("starts_at")
    ]
    place = (event.structure_id, event.place_name, event.address, event.postcode, event.online_url, event.municipality)
    return event.title, event.uid, event.is_all_day, event.status, place, dates


@pytest.mark.django_db
def test_what_is_exported_and_imported_again_is_the_same(tree, client, tmp_path):
    town = MunicipalityFactory(insee="59512", name="Roubaix", postcodes="59100")
    place = StructureFactory(
        title="Maison Écho, la vraie", address="60 rue d’Oran", postcode="59100", municipality=town
    )
    start = tomorrow_at(14)
    week = timedelta(days=7)
    elsewhere = {"structure": None, "postcode": "59100", "municipality": town}
    EventFactory(title="Une fois ; avec, des signes\\", description="Ligne\n\nAutre ligne", structure=place)
    EventFactory(title="Ailleurs", place_name="Salle des fêtes", address="12 rue Haute", **elsewhere)
    EventFactory(title="À distance", structure=None, online_url="https://visio.example/a")
    EventFactory(title="Annulé", structure=place, status="cancelled")
    whole = {"is_all_day": True, "starts_at": tomorrow_at(0), "ends_at": tomorrow_at(0) + timedelta(days=2)}
    EventFactory(title="Jours entiers", structure=place, **whole)
    series = EventFactory(title="Chaque semaine", structure=place, starts_at=start, rrule="FREQ=WEEKLY;COUNT=12")
    series.exceptions = [
        EventException(date=(start + week).date(), kind="cancelled"),
        EventException(date=(start + 2 * week).date(), kind="removed"),
        EventException(date=(start + 3 * week).date(), kind="changed", new_start=start + 3 * week + timedelta(days=1)),
        EventException(date=(start + 4 * week).date(), kind="changed", place_note="À la médiathèque"),
        EventException(date=(start + timedelta(days=3)).date(), is_extra=True, kind="changed"),
    ]
    series.save()
    weekly = {"starts_at": start, "rrule": "FREQ=WEEKLY;COUNT=40", "skip_public_holidays": True}
    EventFactory(title="Sans les jours fériés", structure=place, **weekly)
    before = {event.uid: shown(event) for event in EventPage.objects.sources()}
    path = tmp_path / "agenda.ics"
    path.write_bytes(client.get("/agenda/agenda.ics").content)
    content = engine.read(path)
    target = engine.target_of_file(content, "", tree.agenda)
    # Here, its own events are left alone.
    own = engine.plan(content, target)
    assert (own.unchanged, own.read) == (7, 7)
    for event in EventPage.objects.sources():
        event.delete()
    tree.agenda.refresh_from_db()
    report = engine.apply(content, target)
    assert (report.created, report.read) == (7, 7)
    assert {event.uid: shown(event) for event in EventPage.objects.sources()} == before
    again = engine.apply(content, target)
    assert (again.unchanged, again.read) == (7, 7)


BIG = """
import re, sys
import django
django.setup()
from pathlib import Path
from directory.imports.errors import UnreadableFileError
from events.imports.readers import survey
for name in sys.argv[1:]:
    try:
        print(sum(1 for read in survey(Path(name)).events() if read.draft))
    except UnreadableFileError:
        print("refused")
# Not ``ru_maxrss``, which a process inherits from the one that started it.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.slow
def test_ten_thousand_events_and_deep_files_stay_within_memory(tmp_path):
    many = tmp_path / "many.ics"
    events = (
        ["BEGIN:VEVENT", f"UID:{number}@x", "SUMMARY:Un", "DTSTART:20270113", "END:VEVENT"] for number in range(10_000)
    )
    many.write_text(calendar_text(*events))
    deep = tmp_path / "deep.ics"
    deep.write_text(calendar_text(["BEGIN:VEVENT", "UID:1", *["BEGIN:VEVENT"] * 300_000]))
    well_formed = tmp_path / "well-formed.ics"
    nested = ["BEGIN:X"] * 300_000 + ["END:X"] * 300_000
    well_formed.write_text(calendar_text(vevent(*nested), vevent(UID="deux")))
    long_line = tmp_path / "line.ics"
    long_line.write_text(calendar_text(vevent("DESCRIPTION:" + "x" * 30_000_000)))
    nested_json = tmp_path / "deep.json"
    nested_json.write_text('{"events": [' + '{"a":' * 500_000)
    paths = [str(path) for path in (many, deep, well_formed, long_line, nested_json)]
    run = subprocess.run([sys.executable, "-c", BIG, *paths], capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr[-2_000:]
    *counts, peak = run.stdout.split()
    assert counts == ["10000", "refused", "1", "1", "refused"]
    assert int(peak) < MEGABYTES
