"""How old the facts of a sheet may grow before readers are told to call first and editors are asked to check."""

from datetime import date, timedelta

from django.utils import timezone

#: Hours and telephone numbers change with each school year.
CHECKED_EVERY = timedelta(days=365)


def stale_before() -> date:
    """A sheet that was last checked before this day is stale. Changes at midnight only, as kept pages do."""
    return timezone.localdate() - CHECKED_EVERY


def is_stale(checked_on: date | None) -> bool:
    """Whether a check is too old to be relied on. ``None``, never checked, is no promise and so nothing stale."""
    return checked_on is not None and checked_on < stale_before()
