"""Dates of the demonstration, always around the day of the load."""

from datetime import date, datetime, time, timedelta

from events.recurrence import Times
from portal.core.moments import PARIS

from .records import Record

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def event_times(record: Record, now: datetime) -> Times:
    """Start and end of the first date of an event: the next such weekday, today if it has not begun, then weeks later.

    An end at or before the start is on the next day.
    """
    here = now.astimezone(PARIS)
    day = here.date() + timedelta(days=(WEEKDAYS.index(record["weekday"]) - here.weekday()) % 7)
    start, end = time.fromisoformat(record["start"]), time.fromisoformat(record["end"])
    if datetime.combine(day, start, PARIS) <= here:
        day += timedelta(weeks=1)
    day += timedelta(weeks=record["week"])
    last_day = day if end > start else day + timedelta(days=1)
    return Times(datetime.combine(day, start, PARIS), datetime.combine(last_day, end, PARIS))


def skipped_days(record: Record, first: datetime) -> list[date]:
    """Days of a weekly event that do not take place."""
    return [first.date() + timedelta(weeks=weeks) for weeks in record.get("skip", [])]
