"""What the pages of the home application gather from the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from directory.models import StructurePage
from directory.places import visible_places
from events.listing import next_dates
from events.models import AgendaPage, EventPage, Occurrence
from events.recurrence import PARIS
from portal.core.contacts import Contact
from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.hours import open_state, week
from portal.core.languages import active_language, localize_path
from portal.core.models import Audience, Theme
from portal.core.paging import page_of
from portal.core.vocabulary import named

from .models import ActivityPage, CentrePage, NewsPage

#: What people often look for; each finds something in a portal that has just been filled.
OFTEN = (
    gettext_noop("nursery"),
    gettext_noop("help with homework"),
    gettext_noop("teenager"),
    gettext_noop("learn French"),
)


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


def contacts() -> list[Contact]:
    """The centres as people to talk to, whose structure readers may see."""
    return [
        Contact(
            name=page.title,
            phone=place.phone,
            address=place.address_line,
            opening_hours=place.opening_hours,
            path=f"/centres/{page.slug}/",
            latitude=place.latitude,
            longitude=place.longitude,
        )
        for page, place in _centres_with_places()
    ]


def _centres_with_places() -> list[tuple[CentrePage, StructurePage]]:
    found = list(CentrePage.objects.visible().order_by("path").defer_streamfields())
    places = visible_places(page.structure_id for page in found)
    return [(page, places[page.structure_id]) for page in found if page.structure_id in places]


def home_contents(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What is on in the next seven days, the centres, the last news, what people often look for."""
    today = now.astimezone(PARIS).date()
    in_a_week = datetime.combine(today + timedelta(days=7), time(), PARIS)
    events = EventPage.objects.visible()
    soon = events.filter(pk__in=Occurrence.objects.between(now, in_a_week).values("event"))
    return {
        "week": next_dates(soon, now, 4),
        "often": [gettext(words) for words in OFTEN],
        "contact_url": localize_path("/contact/", active_language()),
        "centres": all_centres(),
        "news": make_entries(NewsPage.objects.visible().published_by(today).defer_streamfields()[:3]),
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
