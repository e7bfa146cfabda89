"""HTTP of the agenda."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.core.languages import active_language
from portal.core.views import serve_page

from .models import EventPage


@require_safe
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """A public event, wherever it lives in the tree. A private one asks for what its restriction asks."""
    page = EventPage.objects.sources().live().filter(slug=slug).first()
    if page is None:
        raise Http404
    return serve_page(request, page.in_language(active_language()))
