"""What a sheet of the directory shows beside its own fields."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from portal.core.enums import Cost
from portal.core.hours import Hours, open_state, week
from portal.core.languages import active_language
from portal.core.models import Audience, Theme
from portal.core.versions import remembered
from portal.core.vocabulary import named

from .models import ResourcePage, StructurePage
from .offers import announcements, services_of, sessions_of, welcome_marks
from .places import soon_at
from .structured_data import resource_data, structure_data


def structure_sheet(page: StructurePage, request: HttpRequest) -> dict[str, Any]:
    facts = page.facts
    hours = Hours.of(facts)
    today = timezone.localdate()
    key = ("structure", page.pk, facts.pk, active_language(), today)
    # What an editor previews is in no table yet.
    rows = _rows(page) if getattr(request, "is_preview", False) else remembered(key, lambda: _rows(page))
    return {
        **rows,
        "state": open_state(hours, timezone.now()),
        "week": week(hours, today),
        "welcome": welcome_marks(facts),
        # “Free” is said on top.
        "cost_line": bool(facts.cost) and (facts.cost != Cost.FREE or bool(page.cost_note)),
        **announcements(page, today),
        "structured_data": structure_data(page, request),
    }


def _rows(page: StructurePage) -> dict[str, Any]:
    """What is kept beside the page's own row, in the reader's language."""
    facts = page.facts
    today = timezone.localdate()
    language = active_language()
    return {
        "themes": named(Theme, facts.themes.all(), language),
        "audiences": named(Audience, facts.audiences.all(), language),
        "services": services_of(page, today),
        "permanences": sessions_of(page, today),
        "soon": soon_at(facts.pk),
    }


def resource_sheet(page: ResourcePage, request: HttpRequest) -> dict[str, Any]:
    facts = page.facts
    language = active_language()
    return {
        "themes": named(Theme, facts.themes.all(), language),
        "audiences": named(Audience, facts.audiences.all(), language),
        "structured_data": resource_data(page, request),
    }
