"""Rooms that two events take at the same time. Looked for among the dates that are kept: one query, then a sweep."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q

from .enums import EventStatus, OccurrenceStatus
from .models import EventPage, Occurrence
from .recurrence import PlannedDate

#: A guard: no screen shows more, and two rooms typed “salle” everywhere must not cost minutes.
MOST = 500
#: Dates with a room that are looked at together: a year of a large portal.
MOST_BOOKINGS = 20_000
_WORD = re.compile(r"[^\W_]+")
#: Words that make no difference between two rooms: “la salle n° 1” is “Salle 1”.
_SMALL = frozenset("a au aux d de des du en l la le les n no numero".split())
#: The place of an event and its room, each reduced to what tells it from others.
Key = tuple[str, str]


def folded(text: str) -> str:
    """A text without accents, case, punctuation and small words: what two hands write of one room is the same."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(word for word in _WORD.findall(bare) if word not in _SMALL)


def key_of(event: EventPage) -> Key | None:
    """The room of an event; ``None`` when it names none, or stands in no place that is known."""
    room = folded(event.room)
    place = str(event.structure_id or "") or folded(f"{event.place_name} {event.address} {event.postcode}")
    return (place, room) if place and room else None


@dataclass(frozen=True)
class Booking:
    """One event in its room, from when to when; instants."""

    event: EventPage
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Conflict:
    """Two bookings of one room that share some time. ``one`` begins first."""

    one: Booking
    other: Booking

    @property
    def starts_at(self) -> datetime:
        return self.other.starts_at

    @property
    def ends_at(self) -> datetime:
        return min(self.one.ends_at, self.other.ends_at)

    def beside(self, event_id: int) -> Booking:
        """The booking of the other event, seen from one of both."""
        return self.other if self.one.event.pk == event_id else self.one


def bookings_between(start: datetime, end: datetime, **only: Any) -> list[Booking]:
    """What takes a room within a period: neither what is cancelled, nor a date that is elsewhere. One query.

    ``only`` narrows the dates down, in the words of a queryset of ``Occurrence``.
    """
    rows = (
        Occurrence.objects.filter(starts_at__lt=end, ends_at__gt=start, place_note="", **only)
        .exclude(event__room="")
        .exclude(status=OccurrenceStatus.CANCELLED)
        .exclude(Q(event__status=EventStatus.CANCELLED) | Q(event__gone_on__isnull=False))
        .exclude(status=OccurrenceStatus.POSTPONED, starts_at=F("recurrence_id"))
        .select_related("event")
        .order_by("starts_at")[:MOST_BOOKINGS]
    )
    return [Booking(row.event, row.starts_at, row.ends_at) for row in rows]


def conflicts_among(bookings: Iterable[Booking]) -> list[Conflict]:
    """The pairs that share a room and some time, in order of time; ``MOST`` at most."""
    by_room: dict[Key, list[Booking]] = defaultdict(list)
    keys: dict[int, Key | None] = {}
    for booking in bookings:
        # A copy that is not saved yet has no number of its own.
        known = booking.event.pk or -id(booking.event)
        if known not in keys:
            keys[known] = key_of(booking.event)
        if key := keys[known]:
            by_room[key].append(booking)
    found: list[Conflict] = []
    for taken in by_room.values():
        for conflict in _sweep(taken):
            found.append(conflict)
            if len(found) >= MOST:
                break
    return sorted(found, key=lambda conflict: conflict.starts_at)[:MOST]


def _sweep(bookings: list[Booking]) -> Iterator[Conflict]:
    """Bookings of one room; what ends as the next one begins is no conflict."""
    open_: list[Booking] = []
    for booking in sorted(bookings, key=lambda one: (one.starts_at.astimezone(UTC), one.event.pk or 0)):
        open_ = [before for before in open_ if before.ends_at > booking.starts_at]
        for before in open_:
            if before.event.pk != booking.event.pk:
                yield Conflict(before, booking)
        open_.append(booking)


def conflicts_between(start: datetime, end: datetime) -> list[Conflict]:
    """The conflicts of all rooms within a period."""
    return conflicts_among(bookings_between(start, end))


def conflicts_of(event: EventPage, dates: Iterable[PlannedDate], now: datetime) -> list[Conflict]:
    """The conflicts of an event, whose dates may not be kept yet, with all others from now on."""
    if key_of(event) is None or event.status == EventStatus.CANCELLED:
        return []
    own = [
        Booking(event, made.times.starts_at, made.times.ends_at)
        for made in dates
        if made.times.ends_at > now and takes_room(made)
    ]
    if not own:
        return []
    first, last = min(one.starts_at for one in own), max(one.ends_at for one in own)
    others = bookings_between(first, last, event__structure_id=event.structure_id)
    return [
        conflict
        for conflict in conflicts_among([*own, *(one for one in others if one.event.pk != event.pk)])
        if event in (conflict.one.event, conflict.other.event)
    ]


def takes_room(made: PlannedDate) -> bool:
    """Whether a date takes the room of its event."""
    is_postponed = made.status == OccurrenceStatus.POSTPONED and made.times.starts_at == made.recurrence_id
    return made.status != OccurrenceStatus.CANCELLED and not made.place_note and not is_postponed


__all__ = ["Booking", "Conflict", "bookings_between", "conflicts_among", "conflicts_between", "conflicts_of", "folded"]
