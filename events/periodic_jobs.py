"""Periodic work of the agenda."""

from datetime import datetime, timedelta

from portal.core.periodic import periodic

from .services import extend_occurrences


@periodic(every=timedelta(days=1), name="extend_occurrences", lease=timedelta(hours=1))
def extend(now: datetime) -> str | None:
    """Repeated events without end get the dates that have come within the horizon."""
    written = extend_occurrences(now)
    return f"{written} dates written" if written else None
