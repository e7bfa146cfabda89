"""What the lists of the directory show: bind the filters, narrow the pages, cut to one page."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from geopy.distance import geodesic

from portal.core.entries import make_entries
from portal.core.filters import DEFAULT_RADIUS_KM, FilterForm, Point
from portal.core.hours import Hours, is_open_at, is_open_on, open_state
from portal.core.languages import active_language, localize_path
from portal.core.paging import page_of
from portal.core.textsearch import find_keys

from .forms import ResourceFilterForm, StructureFilterForm
from .models import ResourcePage, StructurePage
from .querysets import ResourceQuerySet, StructureQuerySet

#: A short page for a phone: the map and the table have all the places at once.
PLACES_PER_PAGE = 10
RESOURCES_PER_PAGE = 15


def matching(form: FilterForm) -> tuple[StructureQuerySet, list[int] | None]:
    """Visible structures that match the filters, and their order as primary keys where it is not that of the names."""
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
        near = [pk for pk, _metres in nearest_ids(found, values["near"], values["radius"] or DEFAULT_RADIUS_KM)]
        by_relevance = values["sort"] == "relevance" and order is not None
        kept = set(near if by_relevance or order is None else order)
        order = [pk for pk in (order if by_relevance and order is not None else near) if pk in kept]
    if order is None:
        return found, None
    return found.filter(pk__in=order), None if values["sort"] == "title" else order


def filtered_structures(form: FilterForm) -> StructureQuerySet:
    """Visible structures that match the filters, by name: maps, points and tables show what the list shows."""
    found, _order = matching(form)
    return found.order_by("title", "pk")


def open_ids(found: QuerySet[StructurePage], moments: list[str]) -> list[int]:
    """Structures that are open at one of these moments: ``now`` or a day of the week."""
    now = timezone.now()
    today = timezone.localdate()
    kept = []
    columns = ("pk", "opening_hours", "holiday_hours", "closed_from", "closed_until")
    for pk, *values in found.exclude(opening_hours="").values_list(*columns):
        hours = Hours(*values)
        if any(is_open_at(hours, now) if moment == "now" else is_open_on(hours, moment, today) for moment in moments):
            kept.append(pk)
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
    found, order = matching(form)
    shown = found.select_related("municipality").defer_streamfields()
    ordered = shown.order_by("title", "pk") if order is None else order
    page = page_of(ordered, form.values["page"], PLACES_PER_PAGE)
    if order is None:
        structures = list(page.object_list)
    else:
        # Only the page's own rows are fetched: an order of thousands of keys is cut before the database sees it.
        rows = shown.in_bulk(list(page.object_list))
        structures = [rows[pk] for pk in page.object_list if pk in rows]
    now = timezone.now()
    entries = [{"entry": entry, "state": open_state(Hours.of(entry.facts), now)} for entry in make_entries(structures)]
    total = page.paginator.count
    return {
        "form": form,
        "results": page,
        "entries": entries,
        "total": total,
        "easings": [] if total else form.easings(count_places),
    }


def count_places(form: FilterForm) -> int:
    return matching(form)[0].count()


def matching_resources(form: FilterForm) -> ResourceQuerySet:
    """Visible resources that match the filters."""
    values = form.values
    found: ResourceQuerySet = form.narrow(ResourcePage.objects.visible())
    if values["q"]:
        found = found.filter(translation_key__in=find_keys(values["q"], active_language()))
    return found


def resource_listing(request: HttpRequest) -> dict[str, Any]:
    """Context of the resources' list."""
    form = ResourceFilterForm.from_request(request)
    found = matching_resources(form).order_by("title", "pk").select_related("document").defer_streamfields()
    page = page_of(found, form.values["page"], RESOURCES_PER_PAGE)
    total = page.paginator.count
    return {
        "form": form,
        "results": page,
        "entries": make_entries(page.object_list),
        "total": total,
        "easings": [] if total else form.easings(lambda other: matching_resources(other).count()),
        "contact_url": localize_path("/contact/", active_language()),
    }
