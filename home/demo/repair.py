"""What a run that was killed may have left undone beside the pages themselves."""

from events.models import EventPage
from events.services import keep_occurrences

from .tally import Tally


def keep_missing_occurrences(*, dry_run: bool) -> Tally:
    """Makes the dates of events that have none."""
    found = list(EventPage.objects.sources().filter(occurrences__isnull=True, starts_at__isnull=False))
    if not dry_run:
        for event in found:
            keep_occurrences(event)
    return Tally(created=len(found))
