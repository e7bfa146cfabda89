"""Views of the directory beside its pages: maps and exports, with the filters of the list."""

from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal.core.context_processors import Frame
from portal.core.entries import make_entries
from portal.core.filters import FilterForm
from portal.core.languages import active_language
from portal.core.models import Municipality
from portal.core.sourced import SourcedPage

from . import exports
from .forms import StructureFilterForm
from .listing import filtered_structures
from .models import DirectoryIndexPage, StructurePage
from .querysets import StructureQuerySet

#: Parameter of a map document: its value ``osm`` asks for the streets, images of a third party.
GROUND = "fond"


@require_safe
def directory_map(request: HttpRequest) -> HttpResponseBase:
    """The places of the list, with its filters, on a map."""
    index = readable_index()
    form = StructureFilterForm.from_request(request)
    found = filtered_structures(form)
    counts = found.order_by().aggregate(total=Count("pk"), located=Count("latitude"))
    kept = filters_of(form)
    return map_response(
        request,
        kept=kept,
        title=_("Map of the places"),
        title_language=active_language(),
        back=(with_query(index.get_url(request), kept), _("Back to the list")),
        points_url=with_query(reverse("places_geojson"), kept),
        towns=towns_of(found),
        sentences=[*counted(counts["total"], counts["located"]), *ignored(form)],
    )


@require_safe
def structure_map(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One place on a map; 404 when its position is not known."""
    readable_index()
    structures: StructureQuerySet = StructurePage.objects.visible()
    page = structures.with_position().filter(slug=slug).select_related("municipality").defer_streamfields().first()
    if page is None:
        raise Http404
    must_be_public(page.in_language(active_language()), page)
    entry = make_entries([page])[0]
    town = page.municipality
    return map_response(
        request,
        title=entry.title,
        title_language=entry.lang,
        back=(entry.url_for(request), _("Back to the sheet")),
        features=[exports.feature(entry, request)],
        towns=[(town.name, town.latitude, town.longitude)] if town and town.latitude is not None else [],
    )


@require_safe
def places_geojson(request: HttpRequest) -> HttpResponse:
    """All the places that match the filters, as points."""
    readable_index()
    places = exports.found_places(StructureFilterForm.from_request(request))
    return HttpResponse(exports.geojson(places, request), content_type="application/geo+json")


@require_safe
def places_csv(request: HttpRequest) -> HttpResponse:
    """All the places that match the filters, as a table for a spreadsheet."""
    readable_index()
    places = exports.found_places(StructureFilterForm.from_request(request))
    return HttpResponse(
        exports.table(places, request),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="lieux.csv"'},
    )


# --- What anybody may read -------------------------------------------------------------------------------------------


def readable_index() -> SourcedPage:
    """The directory's page in the reader's language; 404 where an anonymous reader may not open it."""
    source = DirectoryIndexPage.objects.visible().first()
    if source is None:
        raise Http404
    page: SourcedPage = source.in_language(active_language())
    must_be_public(page, source)
    return page


def must_be_public(page: SourcedPage, source: SourcedPage) -> None:
    """404 when the translation of a visible page is private."""
    if page.pk != source.pk and page.get_view_restrictions().exists():
        raise Http404


# --- Map documents ---------------------------------------------------------------------------------------------------


def map_response(
    request: HttpRequest, *, back: tuple[str, str], kept: dict[str, list[str]] | None = None, **contents: Any
) -> HttpResponseBase:
    """The document of a map, with a policy of its own: a nonce, and the tiles' host only when the streets are shown."""
    from . import maps

    shows_streets = bool(settings.MAP_TILES_URL) and request.GET.get(GROUND) == "osm"
    other_ground = {} if shows_streets else {GROUND: ["osm"]}
    frame = Frame(request)
    portal = frame.portal
    colours = [reverse("site_colours", args=[portal.colours_version])] if portal.has_own_colours else []

    @csp_replace(maps.map_policy(shows_streets=shows_streets))
    def answer(request: HttpRequest) -> HttpResponse:
        html = maps.render_map(
            maps.MapContents(
                back=maps.Link(*back),
                portal_name=portal.portal_name,
                streets_url=with_query(request.path, {**(kept or {}), **other_ground}),
                shows_streets=shows_streets,
                alternates=[(choice.code, request.build_absolute_uri(choice.url)) for choice in frame.languages],
                stylesheets=colours,
                **contents,
            ),
            language=active_language(),
            nonce=str(getattr(request, "csp_nonce", "")),
        )
        return HttpResponse(html)

    return answer(request)


def filters_of(form: FilterForm) -> dict[str, list[str]]:
    """The filters as they were given, for another view of the same places."""
    return {
        name: form.query.getlist(name) for name in form.query if name in form.uses and name not in ("page", "choix")
    }


def with_query(url: str, query: dict[str, list[str]]) -> str:
    encoded = urlencode(query, doseq=True)
    return f"{url}?{encoded}" if encoded else url


def counted(total: int, located: int) -> list[str]:
    """How many places the map shows, and how many it can't."""
    sentences = [
        ngettext("%(count)d place on this map.", "%(count)d places on this map.", located) % {"count": located}
    ]
    if missing := total - located:
        sentences.append(
            ngettext(
                "%(count)d place is in the list only: its position is not known.",
                "%(count)d places are in the list only: their position is not known.",
                missing,
            )
            % {"count": missing}
        )
    return sentences


def ignored(form: FilterForm) -> list[str]:
    left_out = [f"{item.label} – {item.value}" for item in form.ignored]
    return [_("We did not understand this, and left it out:"), *left_out] if left_out else []


def towns_of(found: StructureQuerySet) -> list[tuple[str, float, float]]:
    """Names and centres of the towns that the places are in."""
    towns: Any = Municipality.objects.filter(latitude__isnull=False, pk__in=found.order_by().values("municipality"))
    return list(towns.values_list("name", "latitude", "longitude"))
