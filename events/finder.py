"""Finding among all the events in memory: what each one answers to, where it is, how many dates it has in a period.

As the directory does (``docs/decisions/0016-finding-in-memory.md``), with one difference: a reader finds dates, not
events, so that each event counts as many times as it has dates in the period (``0024-finding-dates.md``).
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from directory.models import StructurePage
from portal.core.distances import metres_around
from portal.core.facets import Bits, Collected, Selection, Weights, ages_suiting, bits_of, positions_of
from portal.core.filters import FilterForm
from portal.core.languages import active_language
from portal.core.near import DEFAULT_RADIUS_KM
from portal.core.textsearch import find_keys
from portal.core.versions import remembered

from .enums import Registration
from .models import AgendaPage, EventPage, Occurrence
from .periods import LAST_DAY, ONE_DAY, midnight
from .querysets import note_next_change

#: Filters whose values narrow together: without French *and* with somebody for the little ones.
JOINT = frozenset({"access"})
#: A year of months, weeks and days that readers turn over.
KEPT_PERIODS = 64
#: What is counted for each value.
COUNTED = ("theme", "audience", "commune", "lieu", "cost", "inscription", "langue", "access")


@dataclass(frozen=True)
class EventIndex:
    """All the visible events, by their rank in the order of their titles."""

    pks: list[int]
    ranks: dict[UUID, int]
    rank_of: dict[int, int]
    #: Where each stands in the tree.
    paths: list[str]
    #: By filter, then by value.
    values: dict[str, dict[str, Bits]]
    #: By lowest and highest age in months.
    ages: dict[tuple[int | None, int | None], Bits]
    #: ``(latitude, longitude, rank)``, from south to north: of the structure, else of the event itself.
    points: list[tuple[float, float, int]]
    #: In the order of their names: by INSEE code, by slug.
    municipalities: dict[str, str]
    places: dict[str, str]

    @property
    def size(self) -> int:
        return len(self.pks)

    @property
    def everything(self) -> Bits:
        return (1 << self.size) - 1


def event_index() -> EventIndex:
    """No query when warm; not to be changed."""
    return remembered("events to find", read_events)


def read_events() -> EventIndex:
    rows: Any = EventPage.objects.visible().order_by("title", "pk")
    rows = list(
        rows.values_list(
            "pk", "translation_key", "path", "cost", "languages", "access", "registration",
            "age_min_months", "age_max_months", "structure_id",
            "latitude", "longitude", "municipality__insee", "municipality__name",
        )
    )  # fmt: skip
    structures = read_structures()
    collected = Collected()
    ages: dict[tuple[int | None, int | None], list[int]] = {}
    points: list[tuple[float, float, int]] = []
    towns: dict[str, str] = {}
    places: dict[str, str] = {}
    rank_of = {row[0]: rank for rank, row in enumerate(rows)}
    for rank, row in enumerate(rows):
        _pk, _key, _path, cost, languages, access, registration, youngest, oldest, structure, *where = row
        if structure:
            # A structure that readers may not see tells nothing of where it is.
            slug, title, *where = structures.get(structure, ("", "", None, None, None, None))
            collected.add("lieu", slug, rank)
            places[slug] = title
        latitude, longitude, insee, town = where
        collected.add("cost", cost, rank)
        collected.add("inscription", "sans" if registration == Registration.NONE else "", rank)
        for code in languages:
            collected.add("langue", code, rank)
        for code in access:
            collected.add("access", code, rank)
        if insee:
            collected.add("commune", insee, rank)
            towns[insee] = town
        if latitude is not None and longitude is not None:
            points.append((latitude, longitude, rank))
        ages.setdefault((youngest, oldest), []).append(rank)
    for name, slug, pk in values_of_rows():
        if (found := rank_of.get(pk)) is not None:
            collected.add(name, slug, found)
    places.pop("", None)
    return EventIndex(
        pks=[row[0] for row in rows],
        ranks={row[1]: rank for rank, row in enumerate(rows)},
        rank_of=rank_of,
        paths=[row[2] for row in rows],
        values=collected.finished(len(rows)),
        ages={known: bits_of(ranked, len(rows)) for known, ranked in ages.items()},
        points=sorted(points),
        municipalities=dict(sorted(towns.items(), key=lambda item: item[1])),
        places=dict(sorted(places.items(), key=lambda item: item[1])),
    )


def read_structures() -> dict[int, tuple[Any, ...]]:
    """The visible structures where events take place: slug, title, position and municipality by primary key."""
    rows: Any = StructurePage.objects.visible().filter(events__isnull=False).distinct()
    columns = ("pk", "slug", "title", "latitude", "longitude", "municipality__insee", "municipality__name")
    return {pk: values for pk, *values in rows.values_list(*columns)}


def values_of_rows() -> Iterable[tuple[str, str, int]]:
    """``(filter, value, event)`` of the vocabularies."""
    for name, field in (("theme", "themes"), ("audience", "audiences")):
        through = getattr(EventPage, field).through
        for pk, slug in through.objects.values_list("eventpage_id", f"{name}__slug"):
            yield name, slug, pk


# --- Dates of a period -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dates:
    """The dates of a period in their order, as columns, with the index that their ranks belong to."""

    index: EventIndex
    pks: "array[int]"
    ranks: "array[int]"
    #: The day in Paris on which each begins; empty for a period that only a list shows.
    days: list[date]
    #: How many each event has, where they are too many to be columns.
    counted: Weights | None = None

    @cached_property
    def weights(self) -> Weights:
        if self.counted is not None:
            return self.counted
        numbers = [0] * self.index.size
        for rank in self.ranks:
            numbers[rank] += 1
        return Weights.of(numbers)

    @cached_property
    def events(self) -> Bits:
        """The events that have a date there."""
        return self.weights.heavy


def dates_between(first: date, last: date, *, with_days: bool = True) -> Dates:
    """The dates that touch some days, both included. No query when warm; not to be changed."""
    # Readers may ask for any days: only some periods stay in memory.
    read = remembered("dates between", lambda: lru_cache(maxsize=KEPT_PERIODS)(read_between))
    return read(first, last, with_days=with_days)


def read_between(first: date, last: date, *, with_days: bool) -> Dates:
    return read_dates(Q(starts_at__lt=midnight(last + ONE_DAY), ends_at__gt=midnight(first)), with_days=with_days)


def dates_over(last: date) -> Dates:
    """The dates that were over at the end of a day, only counted: ten years of them are left to the database."""
    read = remembered("dates over", lambda: lru_cache(maxsize=KEPT_PERIODS)(read_over))
    return read(last)


def read_over(last: date) -> Dates:
    index = event_index()
    numbers = [0] * index.size
    rows = Occurrence.objects.filter(ends_at__lte=midnight(last + ONE_DAY)).order_by().values("event")
    for event, number in rows.annotate(number=Count("pk")).values_list("event", "number"):
        if (rank := index.rank_of.get(event)) is not None:
            numbers[rank] = number
    return Dates(index, array("q"), array("l"), [], Weights.of(numbers))


def no_dates() -> Dates:
    return Dates(event_index(), array("q"), array("l"), [])


def dates_from(first: date) -> Dates:
    """All the dates from a day on."""
    return dates_between(first, LAST_DAY, with_days=False)


def dates_ahead() -> Dates:
    """The dates that are not over: known until the next one begins or ends."""
    return remembered("dates ahead", read_ahead)


def read_ahead() -> Dates:
    now = timezone.now()
    today = timezone.localdate(now)
    note_next_change(now)
    known = dates_from(today)
    over = set(Occurrence.objects.filter(ends_at__gt=midnight(today), ends_at__lte=now).values_list("pk", flat=True))
    if not over:
        return known
    kept = [(pk, rank) for pk, rank in zip(known.pks, known.ranks, strict=True) if pk not in over]
    return Dates(known.index, array("q", (pk for pk, _rank in kept)), array("l", (rank for _pk, rank in kept)), [])


def read_dates(which: Q, *, with_days: bool) -> Dates:
    index = event_index()
    columns = ("pk", "event_id", *(("starts_at",) if with_days else ()))
    pks, ranks = array("q"), array("l")
    days: list[date] = []
    rows = Occurrence.objects.filter(which).order_by("starts_at", "pk").values_list(*columns)
    for pk, event, *moment in rows.iterator(chunk_size=5_000):
        if (rank := index.rank_of.get(event)) is not None:
            pks.append(pk)
            ranks.append(rank)
            days += map(timezone.localdate, moment)
    return Dates(index, pks, ranks, days)


# --- Filters ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What the filters of a form leave of the dates of a period."""

    dates: Dates
    #: The events that are left.
    events: Bits
    selection: Selection
    #: By primary key of an event: metres from the point that the reader named.
    metres: dict[int, int]

    @cached_property
    def total(self) -> int:
        """Number of dates."""
        return self.dates.weights.of_set(self.events)

    @cached_property
    def is_kept(self) -> bytearray:
        """By rank: whether the event is left."""
        held = bytearray(self.dates.index.size)
        for rank in positions_of(self.events):
            held[rank] = 1
        return held

    @property
    def event_pks(self) -> list[int]:
        return [self.dates.index.pks[rank] for rank in positions_of(self.events)]

    def pks(self) -> Iterator[int]:
        """Primary keys of the dates, in their order."""
        kept = self.is_kept
        return (pk for pk, rank in zip(self.dates.pks, self.dates.ranks, strict=True) if kept[rank])

    def pks_by_day(self) -> Iterator[tuple[int, date]]:
        """The same with the day on which each begins."""
        kept = self.is_kept
        columns = zip(self.dates.pks, self.dates.ranks, self.dates.days, strict=True)
        return ((pk, day) for pk, rank, day in columns if kept[rank])


def find_dates(form: FilterForm, dates: Dates, agenda: AgendaPage | None = None) -> Found:
    """The dates of a period whose events match the filters; those of the branch of an agenda, or all."""
    index = dates.index
    branch = branch_bits(index, agenda) if agenda else index.everything
    selection = Selection(dates.events & branch, index.values, joint=JOINT, weights=dates.weights)
    metres = select(form, index, selection)
    return Found(dates, selection.found(), selection, {index.pks[rank]: value for rank, value in metres.items()})


def select(form: FilterForm, index: EventIndex, selection: Selection) -> dict[int, int]:
    """Narrows a selection of events by the filters of a form; gives the metres by rank when a point is named."""
    values = form.values
    for name in COUNTED:
        selection.choose(name, values[name])
    if values["age"] is not None:
        selection.narrow("age", ages_suiting(index.ages, values["age"]))
    if values["q"]:
        keys = find_keys(values["q"], active_language())
        selection.narrow("q", bits_of((index.ranks[key] for key in keys if key in index.ranks), index.size))
    if not values["near"]:
        return {}
    metres = metres_around(index.points, values["near"], values["radius"] or DEFAULT_RADIUS_KM)
    selection.narrow("near", bits_of(metres, index.size))
    return metres


def matching_events(form: FilterForm, agenda: AgendaPage | None = None) -> list[int]:
    """Primary keys of the events that match the filters, whenever they are."""
    index = event_index()
    selection = Selection(branch_bits(index, agenda) if agenda else index.everything, index.values, joint=JOINT)
    select(form, index, selection)
    return [index.pks[rank] for rank in positions_of(selection.found())]


def branch_bits(index: EventIndex, agenda: AgendaPage) -> Bits:
    """The events of the branch that an agenda stands in: the whole portal's, or a centre's."""
    path = agenda.facts.path[: -AgendaPage.steplen]
    return remembered(
        ("events below", path),
        lambda: bits_of((rank for rank, known in enumerate(index.paths) if known.startswith(path)), index.size),
    )
