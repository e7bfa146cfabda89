"""What the glossary's list shows."""

from typing import Any

from django.http import HttpRequest

from portal.core.entries import make_entries
from portal.core.languages import active_language
from portal.core.paging import page_of
from portal.core.textsearch import find_keys

from .enums import Collection
from .forms import TermFilterForm
from .models import TermPage
from .querysets import TermQuerySet

PER_PAGE = 100


def term_listing(request: HttpRequest) -> dict[str, Any]:
    """Context of the glossary: words by collection, in alphabetical order."""
    form = TermFilterForm.from_request(request)
    values = form.values
    found: TermQuerySet = form.narrow(TermPage.objects.visible())
    if values["q"]:
        found = found.filter(translation_key__in=find_keys(values["q"], active_language()))
    page = page_of(found.order_by("collection", "title", "pk"), values["page"], PER_PAGE)
    entries = make_entries(page.object_list)
    collections = [
        {
            "code": collection.value,
            "label": collection.label,
            "entries": [entry for entry in entries if entry.facts.collection == collection.value],
        }
        for collection in Collection
    ]
    return {
        "form": form,
        "results": page,
        "total": page.paginator.count,
        "collections": [collection for collection in collections if collection["entries"]],
    }
