"""The directory for other sites: pages of records of data.inclusion v1, in JSON.

``{items, total, page, size, pages}``; the filters are those of the list. As everywhere, what can't be understood is
left out: the envelope says which page of which size was given.
"""

import json
import math
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from .forms import StructureFilterForm
from .inclusion_records import Record, Writer, services_in_order, structures_in_order
from .listing import filtered_structures
from .views import licence_header, readable_index

SIZE = 100
MAX_SIZE = 1_000
MAX_PAGE = 100_000


@require_safe
def inclusion_structures(request: HttpRequest) -> HttpResponse:
    """Visible structures as data.inclusion's *structures*."""
    return answer(request, structures_in_order, lambda writer: writer.structure)


@require_safe
def inclusion_services(request: HttpRequest) -> HttpResponse:
    """Services of the visible structures as data.inclusion's *services*."""
    return answer(request, services_in_order, lambda writer: writer.service)


def answer(
    request: HttpRequest,
    in_order: Callable[[Any], QuerySet[Any]],
    write: Callable[[Writer], Callable[[Any], Record]],
) -> HttpResponse:
    try:
        readable_index()
    except Http404:
        return as_json({"detail": "Not found."}, status=404)
    rows = in_order(filtered_structures(StructureFilterForm.from_request(request)))
    total = rows.count()
    size = asked(request, "size", SIZE, MAX_SIZE)
    page = asked(request, "page", 1, MAX_PAGE)
    writer = Writer(request.build_absolute_uri("/").rstrip("/"), timezone.localdate())
    items = [write(writer)(row) for row in rows[(page - 1) * size : page * size]]
    response = as_json({"items": items, "total": total, "page": page, "size": size, "pages": math.ceil(total / size)})
    for name, value in licence_header().items():
        response[name] = value
    return response


def asked(request: HttpRequest, name: str, default: int, most: int) -> int:
    """A whole number of the address between 1 and ``most``; ``default`` for anything else."""
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        return default
    return min(int(text), most) or default


def as_json(content: Record, status: int = 200) -> HttpResponse:
    """JSON that pages of other sites may read too: it is the same for everybody."""
    return HttpResponse(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        content_type="application/json",
        status=status,
        headers={"Access-Control-Allow-Origin": "*"},
    )
