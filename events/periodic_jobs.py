"""Periodic work of the agenda."""

from datetime import datetime, timedelta

from portal.core.periodic import periodic

from .imports.subscriptions import enqueue_due
from .services import extend_occurrences


@periodic(every=timedelta(days=1), name="extend_occurrences", lease=timedelta(hours=1))
def extend(now: datetime) -> str | None:
    """Repeated events without end get the dates that have come within the horizon."""
    written = extend_occurrences(now)
    return f"{written} dates written" if written else None


@periodic(every=timedelta(minutes=5), name="fetch_feeds")
def fetch_feeds(now: datetime) -> str | None:
    """Partners' calendars are read every hour, those that failed when their time has come: each has its own."""
    count = enqueue_due(now)
    return f"{count} calendars to read" if count else None
