"""HTTP of the agenda."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.core.languages import active_language, localize_path
from portal.core.papers import A4, A5, Sheets, paper_response
from portal.core.views import serve_page

from . import papers
from .feeds.items import readable
from .models import EventPage


@require_safe
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """A public event, wherever it lives in the tree. A private one asks for what its restriction asks."""
    page = EventPage.objects.sources().live().filter(slug=slug).first()
    if page is None:
        raise Http404
    return serve_page(request, page.in_language(active_language()))


@require_safe
def poster(request: HttpRequest, slug: str) -> HttpResponse:
    """A public event as a poster to hang, in the reader's language."""
    return on_paper(request, slug, A4, "affiche")


@require_safe
def leaflet(request: HttpRequest, slug: str) -> HttpResponse:
    """A public event as a leaflet to give away, in the reader's language."""
    return on_paper(request, slug, A5, "feuillet")


def on_paper(request: HttpRequest, slug: str, paper: Sheets, name: str) -> HttpResponse:
    """One page of PDF, or the way to the leaflet that browsers print. A private event is not there."""
    page = readable(EventPage.objects.visible().filter(slug=slug).first())
    return paper_response(
        request,
        lambda: papers.on_paper(cast(EventPage, page), request, paper),
        name=f"{name}-{slug}",
        page_url=f"{localize_path(f'/agenda/{slug}/', active_language())}?feuille={paper.name.lower()}",
    )
