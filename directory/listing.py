"""What the lists of the directory show: bind the filters, narrow the pages, cut to one page."""

from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone
from geopy.distance import geodesic

from portal.core.entries import make_entries
from portal.core.filters import DEFAULT_RADIUS_KM, FilterForm, Point
from portal.core.hours import is_open_on, open_state
from portal.core.languages import active_language
from portal.core.paging import page_of
from portal.core.textsearch import find_keys

from .forms import ResourceFilterForm, StructureFilterForm
from .models import ResourcePage, StructurePage
from .querysets import ResourceQuerySet, StructureQuerySet


def filtered_structures(form: FilterForm) -> StructureQuerySet:
    """Visible structures that match the filters, in the asked order. Lists, maps, points and tables all use this."""
    values = form.values
    found: StructureQuerySet = form.narrow(StructurePage.objects.visible())
    if values["ouvert"]:
        found = found.filter(pk__in=open_ids(found, values["ouvert"]))
    order: list[int] | None = None
    if values["q"]:
        keys = {key: rank for rank, key in enumerate(find_keys(values["q"], active_language()))}
        rows = found.filter(translation_key__in=keys).values_list("pk", "translation_key")
        order = [pk for pk, key in sorted(rows, key=lambda row: keys[row[1]])]
    if values["near"]:
        near = nearest_ids(found, values["near"], values["radius"] or DEFAULT_RADIUS_KM)
        kept = set(order) if order is not None else None
        by_distance = [pk for pk, _metres in near if kept is None or pk in kept]
        if values["sort"] == "relevance" and order is not None:
            order = [pk for pk in order if pk in set(by_distance)]
        else:
            order = by_distance
    if order is None:
        return found.order_by("title", "pk")
    if values["sort"] == "title":
        return found.filter(pk__in=order).order_by("title", "pk")
    return in_order(found, order)


def in_order(found: Any, ids: list[int]) -> Any:
    """A queryset limited to these rows, in their order."""
    rank = Case(
        *[When(pk=pk, then=Value(place)) for place, pk in enumerate(ids)],
        default=Value(len(ids)),
        output_field=IntegerField(),
    )
    return found.filter(pk__in=ids).order_by(rank) if ids else found.none()


def open_ids(found: QuerySet[StructurePage], moments: list[str]) -> list[int]:
    """Structures that are open at one of these moments: ``now`` or a day of the week."""
    now = timezone.now()
    today = timezone.localdate()
    kept = []
    for pk, hours in found.exclude(opening_hours="").values_list("pk", "opening_hours"):
        for moment in moments:
            state = open_state(hours, now) if moment == "now" else None
            if (state and state.is_open) or (moment != "now" and is_open_on(hours, moment, today)):
                kept.append(pk)
                break
    return kept


def nearest_ids(found: StructureQuerySet, point: Point, kilometres: float) -> list[tuple[int, int]]:
    """``(primary key, metres)`` of the structures within a radius, the nearest first."""
    rows = found.within(point.latitude, point.longitude, kilometres).values_list("pk", "latitude", "longitude")
    here = (point.latitude, point.longitude)
    measured = [(pk, round(geodesic(here, (latitude, longitude)).meters)) for pk, latitude, longitude in rows]
    return sorted((row for row in measured if row[1] <= kilometres * 1000), key=lambda row: (row[1], row[0]))


def structure_listing(request: HttpRequest) -> dict[str, Any]:
    """Context of the directory's list."""
    form = StructureFilterForm.from_request(request)
    found = filtered_structures(form).select_related("municipality").defer_streamfields()
    page = page_of(found, form.values["page"])
    now = timezone.now()
    entries = [
        {"entry": entry, "state": open_state(entry.facts.opening_hours, now)}
        for entry in make_entries(page.object_list)
    ]
    return {"form": form, "results": page, "entries": entries, "total": page.paginator.count}


def resource_listing(request: HttpRequest) -> dict[str, Any]:
    """Context of the resources' list."""
    form = ResourceFilterForm.from_request(request)
    values = form.values
    found: ResourceQuerySet = form.narrow(ResourcePage.objects.visible())
    if values["q"]:
        found = found.filter(translation_key__in=find_keys(values["q"], active_language()))
    page = page_of(found.order_by("title", "pk").defer_streamfields(), values["page"])
    return {"form": form, "results": page, "entries": make_entries(page.object_list), "total": page.paginator.count}
