"""HTTP of what other sites show of the directory. Only ``/annuaire/integre/…`` may stand in their frames."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.core.context_processors import Frame
from portal.core.filters import FilterForm
from portal.core.languages import localize_path

from . import embedding
from .embedding import EmbedForm
from .forms import StructureFilterForm
from .listing import structure_listing
from .views import oembed_url, places_map, readable_index, title_of, with_query

View = Callable[[HttpRequest], HttpResponseBase]


def in_frames_of_others(view: View) -> View:
    """The one exception to the portal's rule that no other site shows it in a frame."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponseBase:
        response = view(request)
        response.xframe_options_exempt = True  # type: ignore[attr-defined]  # an attribute of Django's middleware
        # A site that isolates itself (COEP) loads only what allows it.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return answer


@require_safe
@in_frames_of_others
def embedded_map(request: HttpRequest) -> HttpResponseBase:
    """The map, for other sites: its links leave the frame."""
    return places_map(request, is_embedded=True)


@require_safe
@in_frames_of_others
@csp_replace({"frame-ancestors": ["*"]})
def embedded_list(request: HttpRequest) -> HttpResponse:
    """The list, for other sites: its links leave the frame, but those to the list's other pages."""
    index = readable_index()
    listing = structure_listing(request)
    form = listing["form"]
    title, choices = list_title(form)
    filters = embedding.understood(form)
    context = {
        **listing,
        "title": title,
        "choices": choices,
        "list_url": with_query(index.get_url(request), filters),
        "oembed_url": oembed_url(request, with_query(request.path, filters)),
    }
    return render(request, "directory/embedded_list.html", context)


@require_safe
def embed_page(request: HttpRequest) -> HttpResponse:
    """Where a partner chooses what to show, and copies the lines to paste."""
    index = readable_index()
    form = EmbedForm(request.GET, request.path)
    view, filters = form.view, form.filters
    path = with_query(reverse(embedding.VIEWS[view]), filters)
    url = request.build_absolute_uri(path)
    title = title_for(view, StructureFilterForm(form.query, request.path))
    portal = Frame(request).portal.portal_name
    context = {
        "form": form,
        "view": view,
        "height": form.height,
        "min_height": embedding.MIN_HEIGHT,
        "max_height": embedding.MAX_HEIGHT,
        "preview_url": path,
        "snippet": embedding.snippet(url, f"{title} – {portal}", form.height),
        "address": url,
        "oembed_url": oembed_url(request, path),
        "list_url": with_query(index.get_url(request), filters),
    }
    return render(request, "directory/embed_page.html", context)


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """oEmbed 1.0: ``?url=…`` with an address of the list or the map; 404 for others, 501 for another format."""
    if request.GET.get("format", "json") != "json":
        return oembed_error(_("Only the format “json” is known here."), 501)
    url = request.GET.get("url", "")
    if not url:
        return oembed_error(_("The parameter “url” is missing."), 400)
    asked = embedding.asked_of(url, {request.get_host().lower(), urlsplit(settings.SITE_URL).netloc.lower()})
    if asked is None:
        return oembed_error(_("This address has no form for other sites."), 404)
    with translation.override(asked.language):
        readable_index()
        form = StructureFilterForm(asked.query, request.path)
        path = with_query(embedding.embedded_path(asked.view, asked.language), embedding.understood(form))
        portal = Frame(request).portal.portal_name
        answer: dict[str, Any] = embedding.oembed_answer(
            url=request.build_absolute_uri(path),
            title=f"{title_for(asked.view, form)} – {portal}",
            width=embedding.size(request.GET.get("maxwidth", ""), embedding.WIDTH),
            height=embedding.size(request.GET.get("maxheight", ""), embedding.HEIGHT),
            provider=portal,
            provider_url=request.build_absolute_uri(localize_path("/", asked.language)),
        )
    return for_other_sites(JsonResponse(answer))


def list_title(form: FilterForm) -> tuple[str, list[str]]:
    return title_of(form, _("The places"), _("The places: %(choices)s"))


def title_for(view: str, form: FilterForm) -> str:
    title, _choices = list_title(form) if view == embedding.LIST else title_of(form)
    return title


def oembed_error(message: str, status: int) -> HttpResponse:
    return for_other_sites(JsonResponse({"error": message}, status=status))


def for_other_sites(response: HttpResponse) -> HttpResponse:
    """Scripts of other sites may read it: it is the same for everybody."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
