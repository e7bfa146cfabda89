"""Views of the directory beside its pages: maps and exports, with the filters of the list."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal.core.context_processors import Frame
from portal.core.entries import make_entries
from portal.core.filters import FilterForm
from portal.core.languages import active_language
from portal.core.near import DEFAULT_RADIUS_KM
from portal.core.sourced import SourcedPage

from . import exports, points
from .forms import StructureFilterForm
from .listing import filtered_structures
from .models import DirectoryIndexPage, StructurePage
from .querysets import StructureQuerySet

#: Parameter of the points, and its value for the small form that maps draw.
FORM, COMPACT = "forme", "carte"
#: How far a map around a place goes, in kilometres.
SURROUNDINGS_KM = 3
#: Filters whose choices name a map by themselves.
NAMING = frozenset({"theme", "kind", "audience", "commune"})
MAX_NAMING = 2
#: Towns that a map names at most, those that have the most places.
MAX_TOWNS = 40
#: Parameter of a map document: its value ``osm`` asks for the streets, images of a third party.
GROUND = "fond"


@require_safe
def directory_map(request: HttpRequest) -> HttpResponseBase:
    """The places of the list, with its filters, on a map."""
    return places_map(request)


def places_map(request: HttpRequest, *, is_embedded: bool = False) -> HttpResponseBase:
    """The same, and the map that other sites may show in a frame."""
    index = readable_index()
    form = StructureFilterForm.from_request(request)
    found = filtered_structures(form)
    counts = found.order_by().aggregate(total=Count("pk"), located=Count("latitude"))
    kept = filters_of(form)
    title, choices = title_of(form)
    portal = Frame(request).portal.portal_name
    back = _("See all of it on %(portal)s") % {"portal": portal} if is_embedded else _("Back to the list")
    return map_response(
        request,
        kept=kept,
        is_embedded=is_embedded,
        title=title,
        title_language=active_language(),
        back=(with_query(index.get_url(request), kept), back),
        points_url=with_query(reverse("places_geojson"), {**kept, FORM: [COMPACT]}),
        oembed_url=oembed_url(request, with_query(reverse("embedded_map"), kept)),
        here=here_of(form),
        towns=towns_of(found),
        sentences=[*choices, *counted(counts["total"], counts["located"]), *ignored(form)],
    )


@require_safe
def structure_map(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One place on a map; 404 when its position is not known."""
    page = readable_place(slug)
    entry = make_entries([page])[0]
    town = page.municipality
    return map_response(
        request,
        title=entry.title,
        title_language=entry.lang,
        back=(entry.url_for(request), _("Back to the sheet")),
        ways=[
            *([(page.directions_url, _("Open in my maps application"))] if page.directions_url else []),
            (reverse("structure_surroundings", args=[slug]), _("What is around")),
        ],
        place=points.place_feature(page, request),
        towns=[(town.name, town.latitude, town.longitude)] if town and town.latitude is not None else [],
    )


@require_safe
def structure_surroundings(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The places around a structure, which may be a centre; 404 when its position is not known."""
    page = readable_place(slug)
    entry = make_entries([page])[0]
    around = {"near": [f"{page.latitude},{page.longitude}"], "radius": [str(SURROUNDINGS_KM)]}
    form = StructureFilterForm(QueryDict(urlencode(around, doseq=True)), request.path)
    found = filtered_structures(form)
    return map_response(
        request,
        title=_("Around: %(place)s") % {"place": entry.title},
        title_language=entry.lang,
        back=(entry.url_for(request), _("Back to the sheet")),
        ways=[(with_query(readable_index().get_url(request), around), _("The same places in a list"))],
        points_url=with_query(reverse("places_geojson"), {**around, FORM: [COMPACT]}),
        here=(page.latitude or 0.0, page.longitude or 0.0, entry.title, SURROUNDINGS_KM),
        towns=towns_of(found),
        sentences=[_("Places at less than %(distance)s km.") % {"distance": SURROUNDINGS_KM}],
    )


@require_safe
def places_geojson(request: HttpRequest) -> HttpResponse:
    """All the places that match the filters, as points; ``forme=carte`` gives the small form that maps draw."""
    readable_index()
    form = StructureFilterForm.from_request(request)
    if request.GET.get(FORM) == COMPACT:
        body = points.compact_geojson(filtered_structures(form), active_language())
    else:
        body = exports.geojson(exports.found_places(form), request)
    return HttpResponse(body, content_type="application/geo+json", headers=licence_header())


@require_safe
def place_geojson(request: HttpRequest, slug: str) -> HttpResponse:
    """One place, for the popup of a map."""
    feature = points.place_feature(readable_place(slug), request)
    return HttpResponse(json.dumps(feature, ensure_ascii=False), content_type="application/geo+json")


@require_safe
def places_csv(request: HttpRequest) -> HttpResponse:
    """All the places that match the filters, as a table for a spreadsheet."""
    readable_index()
    places = exports.found_places(StructureFilterForm.from_request(request), "services")
    return as_file(exports.table(places, request), "text/csv; charset=utf-8", "lieux.csv")


@require_safe
def places_xlsx(request: HttpRequest) -> HttpResponse:
    """The same table as a workbook."""
    from .workbooks import CONTENT_TYPE, workbook  # openpyxl takes a moment to import

    index = readable_index()
    form = StructureFilterForm.from_request(request)
    list_url = request.build_absolute_uri(with_query(index.get_url(request), filters_of(form)))
    places = exports.found_places(form, "services")
    return as_file(workbook(places, request, list_url), CONTENT_TYPE, "lieux.xlsx")


def as_file(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **licence_header()}
    return HttpResponse(content, content_type=content_type, headers=headers)


def licence_header() -> dict[str, str]:
    """RFC 8288; the relation ``license`` is that of RFC 4946."""
    return {"Link": f'<{settings.DATA_LICENCE_URL}>; rel="license"'}


# --- What anybody may read -------------------------------------------------------------------------------------------


def readable_index() -> SourcedPage:
    """The directory's page in the reader's language; 404 where an anonymous reader may not open it."""
    source = DirectoryIndexPage.objects.visible().first()
    if source is None:
        raise Http404
    page: SourcedPage = source.in_language(active_language())
    must_be_public(page, source)
    return page


def readable_place(slug: str) -> StructurePage:
    """A visible structure whose position is known; 404 when there is none, or its translation is private."""
    readable_index()
    structures: StructureQuerySet = StructurePage.objects.visible()
    page = structures.with_position().filter(slug=slug).select_related("municipality").defer_streamfields().first()
    if page is None:
        raise Http404
    must_be_public(page.in_language(active_language()), page)
    return page


def must_be_public(page: SourcedPage, source: SourcedPage) -> None:
    """404 when the translation of a visible page is private."""
    if page.pk != source.pk and page.get_view_restrictions().exists():
        raise Http404


# --- Map documents ---------------------------------------------------------------------------------------------------


def map_response(
    request: HttpRequest,
    *,
    back: tuple[str, str],
    ways: Sequence[tuple[str, str]] = (),
    here: tuple[float, float, str, float] | None = None,
    kept: dict[str, list[str]] | None = None,
    is_embedded: bool = False,
    sheets: SourcedPage | None = None,
    **contents: Any,
) -> HttpResponseBase:
    """The document of a map, with a policy of its own: a nonce, and the tiles' host only when the streets are shown.

    ``sheets`` is the page below whose address the sheets are: the directory's, unless it is said.
    """
    from . import maps

    shows_streets = bool(settings.MAP_TILES_URL) and request.GET.get(GROUND) == "osm"
    other_ground = {} if shows_streets else {GROUND: ["osm"]}
    frame = Frame(request)
    portal = frame.portal
    colours = [reverse("site_colours", args=[portal.colours_version])] if portal.has_own_colours else []
    sheets_url = (sheets or readable_index()).get_url(request)

    @csp_replace(maps.map_policy(shows_streets=shows_streets, is_embedded=is_embedded))
    def answer(request: HttpRequest) -> HttpResponse:
        html = maps.render_map(
            maps.MapContents(
                back=maps.Link(*back),
                ways=[maps.Link(*way) for way in ways],
                here=maps.Here(*here) if here else None,
                portal_name=portal.portal_name,
                streets_url=with_query(request.path, {**(kept or {}), **other_ground}),
                shows_streets=shows_streets,
                sheets_url=sheets_url,
                details_url=sheets_url,
                alternates=[(choice.code, request.build_absolute_uri(choice.url)) for choice in frame.languages],
                stylesheets=colours,
                purpose=_("for another site") if is_embedded else "",
                **contents,
            ),
            language=active_language(),
            nonce=str(getattr(request, "csp_nonce", "")),
        )
        return HttpResponse(html)

    return answer(request)


def title_of(form: FilterForm, plain: str = "", chosen: str = "") -> tuple[str, list[str]]:
    """What a map of some places is called, and a sentence with the choices that its title does not name.

    ``plain`` and ``chosen`` (with ``%(choices)s``) call something else than a map.
    """
    chips = form.chips
    labels = ", ".join(chip.label for chip in chips)
    plain = plain or _("Map of the places")
    if not chips:
        return plain, []
    if len(chips) <= MAX_NAMING and all(chip.name in NAMING for chip in chips):
        return (chosen or _("Map of the places: %(choices)s")) % {"choices": labels}, []
    return plain, [_("Your choices: %(choices)s") % {"choices": labels}]


def here_of(form: FilterForm) -> tuple[float, float, str, float] | None:
    """The point that the places are near to: latitude, longitude, its name, kilometres around it."""
    near = form.values["near"]
    if not near:
        return None
    return near.latitude, near.longitude, near.label, form.values["radius"] or DEFAULT_RADIUS_KM


def oembed_url(request: HttpRequest, path: str) -> str:
    """Where other sites read how to show an address of ours in a frame (https://oembed.com/)."""
    return request.build_absolute_uri(with_query(reverse("oembed"), {"url": [request.build_absolute_uri(path)]}))


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
    """Names and centres of the towns that the most places are in."""
    inside = found.order_by().filter(municipality__latitude__isnull=False)
    town = ("municipality__name", "municipality__latitude", "municipality__longitude")
    counted = (
        inside.values("municipality", *town).annotate(places=Count("pk")).order_by("-places", "municipality__name")
    )
    return list(counted.values_list(*town)[:MAX_TOWNS])
