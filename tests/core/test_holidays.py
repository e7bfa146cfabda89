"""School holidays: where their dates come from, and what hours make of them."""

from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.core.holidays import ends_soon, school_holidays
from portal.core.hours import PARIS, Doubt, Hours, Reason, open_state, week, weekdays_open
from portal.core.models import PortalSettings, SchoolHoliday
from tests import factories

pytestmark = pytest.mark.django_db

OFFICIAL = Path(__file__).parents[2].parent / "shared" / "data" / "events" / "vacances_scolaires.csv"
needs_official = pytest.mark.skipif(
    not OFFICIAL.exists(), reason="only on a machine with the open data of ../shared/data/events"
)
HEAD = "date,vacances_zone_a,vacances_zone_b,vacances_zone_c,nom_vacances\n"


@pytest.fixture(autouse=True)
def winter():
    """Two weeks in February 2027 in zone B, a week sooner in zone A; nothing known after."""
    SchoolHoliday.objects.all().delete()
    for zone, start, end in (
        ("A", date(2027, 2, 13), date(2027, 2, 28)),
        ("B", date(2026, 12, 19), date(2027, 1, 3)),
        ("B", date(2027, 2, 20), date(2027, 3, 7)),
    ):
        SchoolHoliday.objects.create(zone=zone, name="Vacances", start=start, end=end)


def at(*parts):
    return datetime(*parts, tzinfo=PARIS)


def load(path, **options):
    out = StringIO()
    call_command("load_holidays", str(path), stdout=out, stderr=out, **options)
    return out.getvalue()


# --- The table -------------------------------------------------------------------------------------------------------


def test_days_of_the_portals_own_zone():
    days = school_holidays()
    assert [date(2027, 2, day) in days for day in (13, 19, 20, 28)] == [False, False, True, True]
    assert date(2027, 3, 7) in days
    assert date(2027, 3, 8) not in days
    assert days.until == date(2027, 3, 7)


def test_another_zone_is_a_setting():
    site = factories.Site.objects.get(is_default_site=True)
    PortalSettings.objects.update_or_create(site=site, defaults={"school_zone": "A"})
    assert date(2027, 2, 13) in school_holidays()
    assert date(2027, 3, 1) not in school_holidays()


def test_editors_are_told_three_months_before_the_end():
    assert ends_soon(date(2026, 11, 24)) is None
    assert ends_soon(date(2026, 12, 6)) == date(2027, 3, 7)
    SchoolHoliday.objects.all().delete()
    assert ends_soon(date(2026, 12, 6)) == date.min


# --- Hours -----------------------------------------------------------------------------------------------------------

HOLIDAY_FORMS = [
    Hours("Mo-Fr 09:00-18:00", school_holidays="Mo-Fr 10:00-12:00"),
    Hours("Mo-Fr 09:00-18:00; SH 10:00-12:00"),
    Hours("Mo-Fr 09:00-18:00; SH Mo-Fr 10:00-12:00"),
]


@pytest.mark.parametrize("hours", HOLIDAY_FORMS)
def test_other_hours_in_the_holidays(hours):
    assert open_state(hours, at(2027, 2, 18, 16)).is_open
    assert not open_state(hours, at(2027, 2, 23, 16)).is_open
    assert open_state(hours, at(2027, 2, 23, 11)).is_open
    assert open_state(hours, at(2027, 3, 8, 9)).is_open


def test_the_week_says_why():
    days = week(HOLIDAY_FORMS[0], date(2027, 2, 24))
    assert [span.start.hour for span in days[0].spans] == [10]
    assert {day.reason for day in days} == {Reason.SCHOOL_HOLIDAY}
    assert {day.reason for day in week(HOLIDAY_FORMS[0], date(2027, 2, 17))[:5]} == {""}


@pytest.mark.parametrize("hours", ["Mo-Fr 09:00-18:00; PH,SH off", "Mo-Fr 09:00-18:00; SH,PH off", "24/7; SH off"])
def test_closed_in_the_holidays_opens_after_them(hours):
    state = open_state(hours, at(2027, 2, 23, 11))
    assert not state.is_open
    assert state.changes_at == (at(2027, 3, 8, 0) if hours.startswith("24/7") else at(2027, 3, 8, 9))


def test_open_only_in_the_holidays():
    assert not open_state("SH Mo-Fr 09:00-18:00", at(2027, 2, 18, 10)).is_open
    assert open_state("SH Mo-Fr 09:00-18:00", at(2027, 2, 23, 10)).is_open
    assert not open_state("SH Mo-Fr 09:00-18:00", at(2027, 2, 27, 10)).is_open
    assert "sat" not in weekdays_open("SH Mo-Fr 09:00-18:00", date(2027, 2, 23))


def test_a_public_holiday_within_the_holidays():
    hours = Hours("Mo-Su 09:00-18:00; PH off", school_holidays="Mo-Su 10:00-12:00; PH off")
    assert not open_state(hours, at(2026, 12, 25, 11)).is_open
    assert open_state(hours, at(2026, 12, 26, 11)).is_open


def test_beyond_the_table_days_are_ordinary_and_the_doubt_is_told():
    state = open_state(HOLIDAY_FORMS[0], at(2027, 7, 20, 16))
    assert state.is_open
    assert state.doubt == Doubt.SCHOOL_HOLIDAYS
    assert open_state(HOLIDAY_FORMS[0], at(2027, 2, 18, 16)).doubt == ""


def test_hours_that_do_not_mind_holidays_ask_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        open_state("Mo-Fr 09:00-12:00; PH off", at(2027, 2, 23, 11))
        week(Hours("Mo-Fr 09:00-12:00", closed_from=date(2027, 2, 1)), date(2027, 2, 23))


# --- Files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_once_and_changes_nothing_the_second_time(tmp_path):
    SchoolHoliday.objects.all().delete()
    path = tmp_path / "days.csv"
    path.write_text(
        "\ufeff" + HEAD
        + "2027-02-19,True,False,False,Vacances d'hiver\n"
        + "2027-02-20,True,True,False,Vacances d'hiver\n"
        + "2027-02-21,True,True,False,Vacances d'hiver\n"
        + "2027-02-22,False,True,False,Vacances d'hiver\n",
        encoding="utf-8",
    )  # fmt: skip
    assert "nothing written" in load(path, dry_run=True)
    assert not SchoolHoliday.objects.exists()
    assert "2 created, 0 changed, 0 unchanged" in load(path)
    assert "0 created, 0 changed, 2 unchanged" in load(path)
    found = list(SchoolHoliday.objects.order_by("zone").values_list("zone", "start", "end"))
    assert found == [("A", date(2027, 2, 19), date(2027, 2, 21)), ("B", date(2027, 2, 20), date(2027, 2, 22))]


def test_a_file_corrects_what_it_overlaps_and_leaves_the_rest(tmp_path):
    path = tmp_path / "days.csv"
    path.write_text(HEAD + "2027-02-20,False,True,False,Hiver\n2027-02-21,False,True,False,Hiver\n", encoding="utf-8")
    assert "0 created, 1 changed, 0 unchanged" in load(path)
    assert SchoolHoliday.objects.filter(zone="B", name="Hiver", end=date(2027, 2, 21)).exists()
    assert SchoolHoliday.objects.count() == 3


def test_bad_rows_are_rejected_with_their_line(tmp_path):
    path = tmp_path / "days.csv"
    path.write_text(HEAD + "hier,True,True,True,x\n2027-04-02,peut-être,False,False,x\n", encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("load_holidays", str(path), stdout=out, stderr=out)
    assert raised.value.returncode == 1
    assert "line 2: no date" in out.getvalue()
    assert "line 3: neither True nor False" in out.getvalue()


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00d", None])
def test_a_file_that_cannot_be_read_ends_with_2(tmp_path, content):
    path = tmp_path / "days.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as raised:
        load(path)
    assert raised.value.returncode == 2


@needs_official
def test_the_official_file():
    SchoolHoliday.objects.all().delete()
    load(OFFICIAL)
    assert SchoolHoliday.objects.filter(zone="B", start=date(2026, 2, 14), end=date(2026, 3, 1)).exists()
    assert school_holidays().until == date(2026, 8, 30)
