"""What the lists of the directory show: bind the filters, narrow the pages, cut to one page."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from portal.core.entries import make_entries
from portal.core.filters import FilterForm
from portal.core.hours import Hours, open_state
from portal.core.languages import active_language, localize_path
from portal.core.paging import page_of
from portal.core.textsearch import find_keys

from .finder import find_places
from .forms import ResourceFilterForm, StructureFilterForm
from .models import ResourcePage, StructurePage
from .querysets import ResourceQuerySet, StructureQuerySet

#: A short page for a phone: the map and the table have all the places at once.
PLACES_PER_PAGE = 10
RESOURCES_PER_PAGE = 15


def filtered_structures(form: FilterForm) -> StructureQuerySet:
    """Visible structures that match the filters, by name: maps, points and tables show what the list shows."""
    found: StructureQuerySet = StructurePage.objects.visible().order_by("title", "pk")
    return found if form.asks_nothing else found.filter(pk__in=find_places(form).pks)


def structure_listing(request: HttpRequest) -> dict[str, Any]:
    """Context of the directory's list."""
    form = StructureFilterForm.from_request(request)
    found = find_places(form)
    form.count_with(found.selection.counts)
    page = page_of(found.pks, form.values["page"], PLACES_PER_PAGE)
    # Only the page's own rows are fetched; a page of choices tells how many there are, and shows none.
    pks = [] if form.shows_all else list(page.object_list)
    shown: StructureQuerySet = StructurePage.objects.visible().select_related("municipality").defer_streamfields()
    rows = shown.in_bulk(pks)
    structures = [rows[pk] for pk in pks if pk in rows]
    now = timezone.now()
    entries = [
        {
            "entry": entry,
            "state": open_state(Hours.of(entry.facts), now),
            "metres": found.metres.get(entry.facts.pk),
        }
        for entry in make_entries(structures)
    ]
    return {
        "form": form,
        "results": page,
        "entries": entries,
        "total": found.total,
        "easings": [] if found.total else form.easings(lambda other: find_places(other).total),
    }


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
        "entries": [] if form.shows_all else make_entries(page.object_list),
        "total": total,
        "easings": [] if total else form.easings(lambda other: matching_resources(other).count()),
        "contact_url": localize_path("/contact/", active_language()),
    }
