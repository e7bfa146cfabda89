"""The directory on paper, with the filters of the list: as PDF, or as a page to print."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_ratelimit.core import is_ratelimited

from portal.core import pdf
from portal.core.client import rate_key
from portal.core.filters import FilterForm

from .forms import StructureFilterForm
from .listing import filtered_structures
from .printed import MOST, printed_directory, shorter
from .views import filters_of, licence_header, readable_index, with_query

RATE_GROUP = "directory-pdf"
#: Documents that somebody may have made; those that are kept already do not count.
RATE = "20/h"
PAPER = "directory/printed_directory.html"
#: Of the page to print, which an old phone must open too.
MOST_ON_A_PAGE = 12


@require_safe
def directory_pdf(request: HttpRequest) -> HttpResponse:
    """The places of the list as a PDF; the page to print where PDF is not available."""
    index_url = readable_index().get_url(request)
    form = StructureFilterForm.from_request(request)
    if not pdf.is_available():
        return HttpResponseRedirect(with_query(reverse("directory_print"), filters_of(form)))
    if answer := instead(request, form, index_url):
        return answer
    if is_ratelimited(request, group=RATE_GROUP, key=rate_key, rate=RATE, increment=True):
        return sorry(request, form, status=429)
    html = render_to_string(PAPER, printed(request, form, index_url), request)
    try:
        content = pdf.pdf_of(html)
    except pdf.BusyError:
        return sorry(request, form, status=503)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": 'inline; filename="annuaire.pdf"',
            **licence_header(),
            "X-Robots-Tag": "noindex",
        },
    )


@require_safe
def directory_print(request: HttpRequest) -> HttpResponse:
    """The same as a page, for the browser to print."""
    index_url = readable_index().get_url(request)
    form = StructureFilterForm.from_request(request)
    if answer := instead(request, form, index_url, most=min(MOST, MOST_ON_A_PAGE)):
        return answer
    return render(request, PAPER, printed(request, form, index_url) | {"is_page": True})


def printed(request: HttpRequest, form: FilterForm, index_url: str) -> dict[str, Any]:
    list_url = request.build_absolute_uri(with_query(index_url, filters_of(form)))
    licence = {"licence": settings.DATA_LICENCE, "licence_url": settings.DATA_LICENCE_URL}
    return printed_directory(form, list_url) | licence


def instead(request: HttpRequest, form: FilterForm, index_url: str, *, most: int = 0) -> HttpResponse | None:
    """What is answered for a list that is empty, or too long for one document."""
    total, most = filtered_structures(form).order_by().count(), most or MOST
    if total == 0:
        return HttpResponseRedirect(with_query(index_url, filters_of(form)))
    if total > most:
        return sorry(request, form, status=300, total=total, most=most)
    return None


def sorry(request: HttpRequest, form: FilterForm, *, status: int, total: int = 0, most: int = 0) -> HttpResponse:
    """A page with the ways on: shorter documents, or the one to print, which costs little."""
    kept = filters_of(form)
    context = {
        "total": total,
        "most": most,
        "choices": shorter(form) if total else [],
        "print_url": with_query(reverse("directory_print"), kept),
    }
    return render(request, "directory/printed_sorry.html", context, status=status)
