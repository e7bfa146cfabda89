"""What the pages of the home application gather from the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from directory.models import ResourcePage, StructurePage
from directory.places import visible_places
from events.listing import next_dates
from events.models import AgendaPage, EventPage, Occurrence
from events.recurrence import PARIS
from glossary.enums import Collection
from glossary.models import TermPage
from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.hours import open_state, week
from portal.core.languages import active_language
from portal.core.models import Audience, Theme
from portal.core.paging import page_of
from portal.core.vocabulary import named, words

from .models import ActivityPage, CentrePage, NewsPage


class NewsFilterForm(FilterForm):
    uses = ("page",)


@dataclass(frozen=True)
class Centre:
    """A centre in a list; ``place`` is its structure when readers may see it."""

    entry: Entry
    place: StructurePage | None


def centres(found: Iterable[CentrePage]) -> list[Centre]:
    entries = make_entries(found)
    places = visible_places(entry.facts.structure_id for entry in entries)
    return [Centre(entry, places.get(entry.facts.structure_id)) for entry in entries]


def all_centres() -> list[Centre]:
    """All the centres, by name."""
    return centres(CentrePage.objects.visible().order_by("title"))


def home_contents(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The four doors with their counts, what is on in the next seven days, the centres, the last news."""
    today = now.astimezone(PARIS).date()
    in_a_week = datetime.combine(today + timedelta(days=7), time(), PARIS)
    events = EventPage.objects.visible()
    soon = events.filter(pk__in=Occurrence.objects.between(now, in_a_week).values("event"))
    return {
        "counts": {
            "structures": StructurePage.objects.visible().count(),
            "resources": ResourcePage.objects.visible().count(),
            "terms": TermPage.objects.visible().count(),
            "events": events.upcoming(now).count(),
        },
        "week": next_dates(soon, now, 6),
        "centres": all_centres(),
        "news": make_entries(NewsPage.objects.visible().published_by(today).defer_streamfields()[:3]),
        "collections": Collection,
        "themes": list(words(Theme, active_language()).values()),
    }


def centre_contents(page: CentrePage, now: datetime) -> dict[str, Any]:
    """A centre's site: whom to call, when it is open, what one does there."""
    facts = page.facts
    structure = visible_places([facts.structure_id]).get(facts.structure_id)
    hours = structure.opening_hours if structure else ""
    activities = ActivityPage.objects.visible().child_of(facts).order_by("path") if facts.path else []
    agenda = AgendaPage.objects.visible().child_of(facts)[:1] if facts.path else []
    return {
        "structure": structure,
        "sheet": make_entries([structure])[0] if structure else None,
        "state": open_state(hours, now),
        "week": week(hours, timezone.localdate(now)),
        "agenda": next(iter(make_entries(agenda)), None),
        "activities": make_entries(activities),
        "dates": next_dates(events_of_centre(facts), now, 6),
        "news": make_entries(
            NewsPage.objects.visible()
            .published_by(timezone.localdate(now))
            .of_centre(facts.pk)
            .defer_streamfields()[:3]
        ),
    }


def events_of_centre(centre: CentrePage) -> Any:
    """The visible events that take place at a centre or that it organises."""
    return EventPage.objects.visible().at_structure(centre.structure_id)


def activity_contents(page: ActivityPage) -> dict[str, Any]:
    facts = page.facts
    parent = facts.get_parent() if facts.path else None
    found = centres(CentrePage.objects.visible().filter(pk=parent.pk)) if parent else []
    language = active_language()
    return {
        "centre": found[0] if found else None,
        "themes": named(Theme, facts.themes.all(), language),
        "audiences": named(Audience, facts.audiences.all(), language),
    }


def news_listing(request: HttpRequest, today: date) -> dict[str, Any]:
    form = NewsFilterForm.from_request(request)
    page = page_of(NewsPage.objects.visible().published_by(today).defer_streamfields(), form.values["page"], 10)
    return {
        "form": form,
        "results": page,
        "entries": make_entries(page.object_list),
        "total": page.paginator.count,
    }


def news_contents(page: NewsPage) -> dict[str, Any]:
    wanted = [row.pk for row in page.facts.centres.all()]
    return {"centres": make_entries(CentrePage.objects.visible().filter(pk__in=wanted).order_by("title"))}
