"""When what is shown will change by itself: whatever depends on the clock notes the instant, the earliest one wins.

A page says “open now, until 17 h”: the function that found this calls :func:`changes_at` with 17 h. Whoever keeps the
page (the page cache, :func:`portal.core.versions.remembered`) collects these instants and forgets it in time; pages and
templates know nothing of it. Midnight in Paris always counts and need not be noted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Moments:
    """The earliest instant noted while something was made; ``None`` when nothing was."""

    def __init__(self) -> None:
        self.earliest: datetime | None = None

    def note(self, moment: datetime) -> None:
        if self.earliest is None or moment < self.earliest:
            self.earliest = moment


_collecting: ContextVar[Moments | None] = ContextVar("moments", default=None)


def changes_at(moment: datetime | None) -> None:
    """Notes that something just read with the clock changes at ``moment`` (aware); ``None`` for never."""
    moments = _collecting.get()
    if moments is not None and moment is not None:
        moments.note(moment)


@contextmanager
def collecting() -> Iterator[Moments]:
    """Collects the instants noted within; whoever collects around this is told the earliest too."""
    outer = _collecting.get()
    moments = Moments()
    token = _collecting.set(moments)
    try:
        yield moments
    finally:
        _collecting.reset(token)
        if outer is not None and moments.earliest is not None:
            outer.note(moments.earliest)


def next_midnight(now: datetime) -> datetime:
    """The first midnight in Paris after an instant."""
    tomorrow = now.astimezone(PARIS).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PARIS)
