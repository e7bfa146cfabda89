"""Finding among all the structures in memory: what each one answers to, where it is, when it is open.

The index is read once for each version of the contents, by a few queries, and holds numbers rather than rows: a
structure is its rank in the list by name. See ``docs/decisions/0016-finding-in-memory.md``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from portal.core.distances import metres_around
from portal.core.facets import Bits, Collected, Selection, ages_suiting, bits_of, positions_of
from portal.core.filters import FilterForm
from portal.core.holidays import SchoolHolidays, school_holidays
from portal.core.hours import WEEKDAYS, Hours, OpenState, open_state, weekdays_open
from portal.core.languages import active_language
from portal.core.moments import changes_at
from portal.core.near import DEFAULT_RADIUS_KM
from portal.core.textsearch import find_keys
from portal.core.versions import remembered

from .models import Permanence, Service, StructurePage

#: Filters whose values narrow together: a family needs the ramp *and* the interpreter.
JOINT = frozenset({"access"})
#: What is counted for each value, in the order of the form.
COUNTED = ("theme", "kind", "audience", "commune", "cost", "langue", "access", "ouvert")


@dataclass(frozen=True)
class PlaceIndex:
    """All the visible structures, by their rank in the list by name."""

    pks: list[int]
    ranks: dict[UUID, int]
    #: By filter, then by value.
    values: dict[str, dict[str, Bits]]
    #: By lowest and highest age in months.
    ages: dict[tuple[int | None, int | None], Bits]
    #: ``(latitude, longitude, rank)``, from south to north.
    points: list[tuple[float, float, int]]
    #: By what says when a place is open.
    hours: dict[Hours, Bits]
    #: Names of the municipalities in use by INSEE code, in the order of their names.
    municipalities: dict[str, str]

    @property
    def everything(self) -> Bits:
        return (1 << len(self.pks)) - 1


def place_index() -> PlaceIndex:
    """No query when warm; not to be changed."""
    return remembered("places to find", read_places)


def read_places() -> PlaceIndex:
    rows: Any = StructurePage.objects.visible().order_by("title", "pk")
    rows = rows.values_list(
        "pk", "translation_key", "kind", "cost", "languages", "access", "age_min_months", "age_max_months",
        "latitude", "longitude", "municipality__insee", "municipality__name",
        "opening_hours", "holiday_hours", "closed_from", "closed_until",
    )  # fmt: skip
    pks: list[int] = []
    ranks: dict[UUID, int] = {}
    collected = Collected()
    ages: dict[tuple[int | None, int | None], list[int]] = {}
    hours: dict[Hours, list[int]] = {}
    points: list[tuple[float, float, int]] = []
    towns: dict[str, str] = {}
    without_hours: set[int] = set()
    for rank, row in enumerate(rows):
        pk, key, kind, cost, languages, access, youngest, oldest, latitude, longitude, insee, town, *opening = row
        pks.append(pk)
        ranks[key] = rank
        collected.add("kind", kind, rank)
        collected.add("cost", cost, rank)
        for code in languages:
            collected.add("langue", code, rank)
        for code in access:
            collected.add("access", code, rank)
        if insee:
            collected.add("commune", insee, rank)
            towns[insee] = town
        ages.setdefault((youngest, oldest), []).append(rank)
        if latitude is not None:
            points.append((latitude, longitude, rank))
        if own := Hours(*opening):
            hours.setdefault(own, []).append(rank)
        else:
            without_hours.add(rank)
    rank_of = {pk: rank for rank, pk in enumerate(pks)}
    for name, value, pk in values_of_rows():
        if (rank_or_none := rank_of.get(pk)) is not None:
            collected.add(name, value, rank_or_none)
    for value, pk in hours_of_rows():
        # Where the place itself says nothing, it is open when one of its drop-in sessions is.
        if rank_of.get(pk) in without_hours:
            hours.setdefault(Hours(value), []).append(rank_of[pk])
    size = len(pks)
    return PlaceIndex(
        pks=pks,
        ranks=ranks,
        values=collected.finished(size),
        ages={known: bits_of(ranked, size) for known, ranked in ages.items()},
        points=sorted(points),
        hours={value: bits_of(ranked, size) for value, ranked in hours.items()},
        municipalities=dict(sorted(towns.items(), key=lambda item: item[1])),
    )


def values_of_rows() -> Iterable[tuple[str, str, int]]:
    """``(filter, value, structure)`` of what stands beside a structure: its vocabularies, and those of its services.

    What a service offers, the place offers: a place is free when something in it is.
    """
    for name, field in (("theme", "themes"), ("audience", "audiences")):
        column = field.removesuffix("s")
        for model, owner in ((StructurePage, "structurepage_id"), (Service, "service__page_id")):
            through = getattr(model, field).through
            for pk, slug in through.objects.values_list(owner, f"{column}__slug"):
                yield name, slug, pk
    for pk, cost in Service.objects.exclude(cost="").values_list("page_id", "cost"):
        yield "cost", cost, pk


def hours_of_rows() -> Iterable[tuple[str, int]]:
    yield from Permanence.objects.exclude(opening_hours="").values_list("opening_hours", "page_id")


# --- Filters ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What the filters of a form leave."""

    #: Primary keys, in the order of the list.
    pks: list[int]
    #: By primary key: metres from the point that the reader named.
    metres: dict[int, int]
    selection: Selection

    @property
    def total(self) -> int:
        return len(self.pks)


def find_places(form: FilterForm) -> Found:
    """The structures that match the filters: by name, by distance when a point is named, else as the words match."""
    index = place_index()
    values = form.values
    selection = Selection(index.everything, {**index.values, "ouvert": open_bits(index, timezone.now())}, joint=JOINT)
    for name in COUNTED:
        selection.choose(name, values[name])
    size = len(index.pks)
    if values["age"] is not None:
        selection.narrow("age", ages_suiting(index.ages, values["age"]))
    order: list[int] = []
    if values["q"]:
        keys = find_keys(values["q"], active_language())
        order = [index.ranks[key] for key in keys if key in index.ranks]
        selection.narrow("q", bits_of(order, size))
    metres: dict[int, int] = {}
    if values["near"]:
        metres = metres_around(index.points, values["near"], values["radius"] or DEFAULT_RADIUS_KM)
        selection.narrow("near", bits_of(metres, size))
    ranks = positions_of(selection.found())
    if form.order == "distance":
        ranks.sort(key=metres.__getitem__)
    elif form.order == "relevance":
        kept = set(ranks)
        ranks = [rank for rank in order if rank in kept]
    pks = [index.pks[rank] for rank in ranks]
    return Found(pks, {index.pks[rank]: metres[rank] for rank in ranks} if metres else {}, selection)


# --- Hours -----------------------------------------------------------------------------------------------------------


def open_bits(index: PlaceIndex, now: datetime) -> dict[str, Bits]:
    """The places that are open now, and on each of the next seven days by its name."""
    today = timezone.localdate(now)
    days = remembered(("open on", today), lambda: read_open_on(index, today))
    return {"now": remembered("open now", lambda: read_open_now(index, now)), **days}


def read_open_now(index: PlaceIndex, now: datetime) -> Bits:
    """Kept until the first of them opens or closes; then only those that did are looked at again."""
    known = known_hours(timezone.localdate(now))
    is_open = 0
    for hours, bits in index.hours.items():
        if known.is_open(hours, now):
            is_open |= bits
    return is_open


def read_open_on(index: PlaceIndex, today: date) -> dict[str, Bits]:
    known = known_hours(today)
    found = dict.fromkeys(WEEKDAYS, 0)
    for hours, bits in index.hours.items():
        for weekday in known.weekdays(hours):
            found[weekday] |= bits
    return found


class KnownHours:
    """What was found out of hours, for one day: kept whatever changes in the portal, but for its school holidays."""

    def __init__(self, today: date, holidays: SchoolHolidays) -> None:
        self.today = today
        self.holidays = holidays
        self._states: dict[Hours, tuple[datetime, OpenState | None]] = {}
        self._weekdays: dict[Hours, frozenset[str]] = {}

    def is_open(self, hours: Hours, now: datetime) -> bool:
        read_at, state = self._states.get(hours, (None, None))
        if read_at is None or read_at > now or (state and state.changes_at and state.changes_at <= now):
            state = open_state(hours, now)
            self._states[hours] = (now, state)
        if state is None:
            return False
        changes_at(state.changes_at)
        return state.is_open

    def weekdays(self, hours: Hours) -> frozenset[str]:
        if (found := self._weekdays.get(hours)) is None:
            found = self._weekdays[hours] = weekdays_open(hours, self.today)
        return found


_known_hours: list[KnownHours] = []


def known_hours(today: date) -> KnownHours:
    holidays = school_holidays()
    known = _known_hours[0] if _known_hours else None
    if known is None or known.today != today or known.holidays != holidays:
        known = KnownHours(today, holidays)
        _known_hours[:] = [known]
    return known
