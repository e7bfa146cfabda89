"""HTTP of the screens that stand in a centre."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.core.device import worker_answer
from portal.core.languages import active_language

from ..models import CentrePage
from .hall import hall_contents
from .reception import DOORS, reception_contents


def centre_of(slug: str) -> CentrePage:
    """The centre at an address, in the reader's language; 404 for one that readers may not see."""
    facts: CentrePage | None = CentrePage.objects.visible().filter(slug=slug).defer_streamfields().first()
    if facts is None:
        raise Http404
    return facts.in_language(active_language())


@require_safe
def hall(request: HttpRequest, slug: str) -> HttpResponse:
    """The television of a hall. It asks for this page again every few minutes."""
    page = centre_of(slug)
    return render(request, "home/screens/hall.html", {"centre": page, **hall_contents(page, timezone.now())})


@require_safe
@cache_control(no_cache=True)
def hall_worker(request: HttpRequest) -> HttpResponse:
    """Keeps a television going without network, after a power cut too: it rules the addresses of televisions only."""
    return worker_answer("hall-worker.js")


@require_safe
def reception(request: HttpRequest, slug: str) -> HttpResponse:
    """The tablet of a reception: the doors."""
    page = centre_of(slug)
    return render(request, "home/screens/reception.html", {"centre": page, **reception_contents(page)})


@require_safe
def reception_door(request: HttpRequest, slug: str, door: str) -> HttpResponse:
    """A page of the portal below the bar of the tablet: where a door leads without JavaScript."""
    if door not in DOORS:
        raise Http404
    page = centre_of(slug)
    contents = reception_contents(page)
    shown = next(one for one in contents["doors"] if one.door.slug == door)
    return render(request, "home/screens/reception.html", {"centre": page, "shown": shown, **contents})
