"""Periodic work of the directory."""

from datetime import datetime, timedelta

from django.db.models import Q

from portal.core.periodic import periodic, stopping

from . import positions
from .geocoding import is_on
from .imports.runs import forget_files

#: Sheets looked up in one go: the next run takes the next ones.
A_RUN = 300


@periodic(every=timedelta(minutes=10), name="geocode_waiting")
def geocode_waiting(now: datetime) -> str | None:
    """Addresses that could not be looked up when their sheet was saved; stops as soon as the service fails again."""
    if not is_on():
        return None
    due = Q(position_check__state=positions.State.PENDING, position_check__next_at__lte=now) | Q(
        position_check__isnull=True, latitude__isnull=True, live=True
    )
    done = 0
    for page in (
        positions.perhaps_to_ask().filter(due).exclude(address="").exclude(postcode="", municipality=None)[:A_RUN]
    ):
        if stopping.is_set():
            break
        outcome = positions.geocode(page, patience=positions.PATIENCE, attempts=1)
        if outcome == positions.Outcome.LATER:
            break
        done += outcome != positions.Outcome.SKIPPED
    return f"{done} addresses looked up" if done else None


#: An uploaded file is kept for as long as somebody may want to look at its import again.
FILES_KEPT = timedelta(days=30)


@periodic(every=timedelta(days=1), name="forget_import_files")
def forget_import_files(now: datetime) -> str | None:
    """Files that were imported, or never, are erased; the reports stay."""
    count = forget_files(now - FILES_KEPT)
    return f"{count} files erased" if count else None
