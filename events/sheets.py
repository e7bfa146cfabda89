"""What the page of an event shows beside its own fields."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from directory.models import StructurePage
from directory.places import visible_places
from portal.core.entries import Entry, make_entries
from portal.core.languages import active_language
from portal.core.models import Audience, Theme
from portal.core.versions import remembered
from portal.core.vocabulary import named

from .holidays import school_calendar
from .models import EventPage, Occurrence
from .recurrence import rule_of
from .sentences import rule_sentence
from .structured_data import event_data

SHOWN_DATES = 8


def event_sheet(page: EventPage, request: HttpRequest) -> dict[str, Any]:
    facts = page.facts
    language = active_language()
    now = timezone.now()
    dates = Occurrence.objects.filter(event_id=facts.pk).order_by("starts_at")
    upcoming = list(dates.upcoming(now)[: SHOWN_DATES + 1]) if facts.pk else []
    following = next((date for date in upcoming if not date.is_off), upcoming[0] if upcoming else None)
    key = ("event", page.pk, facts.pk, language, timezone.localdate(now))
    # What an editor previews is in no table yet.
    rows = _rows(page) if getattr(request, "is_preview", False) else remembered(key, lambda: _rows(page))
    places: dict[int, StructurePage] = rows["places"]
    entries: dict[int | None, Entry] = rows["entries"]
    place, organizer = entries.get(facts.structure_id), entries.get(facts.organizer_id)
    return {
        "themes": rows["themes"],
        "audiences": rows["audiences"],
        "dates": upcoming[:SHOWN_DATES],
        "has_more_dates": len(upcoming) > SHOWN_DATES,
        "next_date": following,
        "repeats": rows["repeats"],
        "unknown_from": unknown_from(facts),
        "is_past": not upcoming,
        "place": place,
        "organizer": organizer,
        "where": place.facts if place else facts,
        # Those who organise know best; a private structure lends no number.
        "phone": next((entry.facts.phone for entry in (organizer, place) if entry and entry.facts.phone), ""),
        "structured_data": event_data(page, request, upcoming[:SHOWN_DATES], places),
    }


def _rows(page: EventPage) -> dict[str, Any]:
    """What is kept beside the page's own row and its dates, in the reader's language."""
    facts, language = page.facts, active_language()
    places = visible_places([facts.structure_id, facts.organizer_id])
    return {
        "places": places,
        "entries": {entry.facts.pk: entry for entry in make_entries(places.values())},
        "themes": named(Theme, facts.themes.all(), language),
        "audiences": named(Audience, facts.audiences.all(), language),
        "repeats": rule_sentence(facts),
    }


def unknown_from(facts: EventPage) -> date | None:
    """The last day of the school calendar, when the dates after it depend on holidays that are not known yet."""
    if not (facts.rrule and facts.school_holidays):
        return None
    until = school_calendar(facts.school_zone).until or timezone.localdate()
    rule = rule_of(facts)
    is_endless = rule is not None and not rule.count and (rule.until is None or rule.until.date() > until)
    return until if is_endless else None
