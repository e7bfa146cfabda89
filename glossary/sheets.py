"""What the page of a word shows beside its own fields."""

from typing import Any

from django.http import HttpRequest

from portal.core.entries import make_entries
from portal.core.languages import active_language
from portal.core.models import Theme
from portal.core.sourced import row_pairs
from portal.core.vocabulary import named

from .models import TermPage
from .structured_data import term_data


def term_sheet(page: TermPage, request: HttpRequest) -> dict[str, Any]:
    facts = page.facts
    definitions = row_pairs(page, "definitions")
    related = TermPage.objects.visible().filter(pk__in=neighbours(facts, getattr(request, "is_preview", False)))
    return {
        "definitions": definitions,
        "themes": named(Theme, facts.themes.all(), active_language()),
        "see_also": make_entries(related.order_by("title")),
        "structured_data": term_data(page, request, definitions),
    }


def neighbours(facts: TermPage, is_preview: bool) -> Any:
    """Keys of the words to see also: a subquery, or what the editor has just chosen, which no table has yet."""
    if is_preview:
        return [row.pk for row in facts.see_also.all()]
    return TermPage.see_also.through.objects.filter(from_termpage=facts.pk).values("to_termpage")
