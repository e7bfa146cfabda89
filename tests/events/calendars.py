"""Reading calendars in tests: as strictly as RFC 5545 allows, and expanded to instants by dateutil."""

import re
from datetime import UTC, datetime, time, timedelta

from dateutil.rrule import rrulestr
from icalendar import Calendar

from portal.core.moments import PARIS


def read_strictly(content):
    """The calendar of an answer: lines of 75 octets that end with CRLF, every property understood, every need met."""
    assert content.endswith(b"\r\n")
    for line in content[:-2].split(b"\r\n"):
        assert len(line) <= 75, line
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode()  # cut between characters
    calendar = Calendar.from_ical(content)
    assert (calendar["VERSION"], calendar["CALSCALE"]) == ("2.0", "GREGORIAN")
    assert calendar["PRODID"]
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Paris"]
    for part in calendar.walk():
        assert not part.errors, part.errors
    for event in calendar.walk("VEVENT"):
        for name in ("UID", "DTSTAMP", "SUMMARY", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "STATUS", "URL"):
            assert name in event, name
        for name, value in event.items():
            assert not isinstance(value, list) or name in ("EXDATE", "RDATE"), name
        assert event["DTEND"].dt > event["DTSTART"].dt
        assert not {"RRULE", "RDATE", "EXDATE"} & event.keys() or "RECURRENCE-ID" not in event
    return calendar


def masters(calendar):
    return [event for event in calendar.walk("VEVENT") if "RECURRENCE-ID" not in event]


def overrides(calendar):
    return [event for event in calendar.walk("VEVENT") if "RECURRENCE-ID" in event]


def wall(value):
    """A date or an instant on the wall clock of Paris."""
    if isinstance(value, datetime):
        return value.astimezone(PARIS).replace(tzinfo=None) if value.tzinfo == UTC else value.replace(tzinfo=None)
    return datetime.combine(value, time())


def moments(event, name):
    found = event.get(name, [])
    return [wall(each.dt) for entry in (found if isinstance(found, list) else [found]) for each in entry.dts]


def expand(calendar, limit):
    """``{recurrence id: (start, end, status)}`` in instants, of a calendar with one event, up to an instant.

    A rule is told by dateutil, on the wall clock, as a calendar program does.
    """
    (master,) = masters(calendar)
    start, end = wall(master["DTSTART"].dt), wall(master["DTEND"].dt)
    found = {start}
    if "RRULE" in master:
        rule = master["RRULE"].to_ical().decode()
        until = re.search(r"UNTIL=(\w+)", rule)
        if until:
            style = "%Y%m%dT%H%M%SZ" if "T" in until[1] else "%Y%m%d"
            moment = datetime.strptime(until[1], style).replace(tzinfo=UTC)
            moment = wall(moment) if "T" in until[1] else moment
            rule = rule.replace(until[1], f"{moment:%Y%m%dT%H%M%S}")
        found = set(rrulestr(rule, dtstart=start).between(start, wall(limit.astimezone(UTC)), inc=True))
    found |= set(moments(master, "RDATE"))
    found -= set(moments(master, "EXDATE"))
    length = end - start

    def instant(moment):
        return moment.replace(tzinfo=PARIS).astimezone(UTC)

    def span(begins):
        ends = instant(begins + length)
        return instant(begins), ends if ends > instant(begins) else instant(begins) + length

    dates = {instant(moment): (*span(moment), str(master["STATUS"])) for moment in found}
    for event in overrides(calendar):
        key = instant(wall(event["RECURRENCE-ID"].dt))
        assert key in dates, f"an override of no date: {key}"
        times = (instant(wall(event[name].dt)) for name in ("DTSTART", "DTEND"))
        dates[key] = (*times, str(event["STATUS"]))
    return {key: value for key, value in dates.items() if key <= limit + timedelta(days=1)}
