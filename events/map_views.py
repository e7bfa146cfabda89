"""The map of the events of a period, with the filters of the agenda."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from directory.models import StructurePage
from directory.points import PlacedRow, collection, main_themes
from directory.views import filters_of, here_of, ignored, map_response, must_be_public, title_of, with_query
from portal.core.days import long_day
from portal.core.languages import active_language
from portal.core.models import Theme
from portal.core.sourced import SourcedPage
from portal.core.vocabulary import named

from .finder import find_dates
from .forms import EventFilterForm
from .listing import COMMON_DEPTH, heading, next_dates, period_in
from .models import AgendaPage, EventPage
from .periods import within_calendar


@require_safe
def agenda_map(request: HttpRequest) -> HttpResponseBase:
    """The events that the agenda lists, each once however many dates it has."""
    agenda = readable_agenda()
    form = EventFilterForm(request.GET, request.path)
    pks = found_events(form)
    located = sum(1 for _row in placed(pks))
    kept = filters_of(form)
    title, choices = title_of(form, _("Map of the events"), _("Map of the events: %(choices)s"))
    question = heading(form.view, within_calendar(form.values["date"]))
    return map_response(
        request,
        kept=kept,
        sheets=agenda,
        title=title,
        title_language=active_language(),
        back=(with_query(agenda.get_url(request), kept), _("Back to the list")),
        points_url=with_query(reverse("events_geojson"), kept),
        here=here_of(form),
        texts={
            "cluster": _("Number of events here: {count}. Come closer."),
            "sheet": _("See this event"),
            "noDetails": _("The details could not be loaded. They are on the page of the event."),
            "shown": _("Number of events on the map: {count}."),
            "failed": _("The events could not be loaded. They are all in the list."),
        },
        sentences=[
            *([question] if question else []),
            *choices,
            ngettext("%(count)d event on this map.", "%(count)d events on this map.", located) % {"count": located},
            *without_place(len(pks) - located),
            *ignored(form),
        ],
    )


@require_safe
def events_geojson(request: HttpRequest) -> HttpResponse:
    """The events that match the filters, as points: the small form that maps draw."""
    readable_agenda()
    pks = found_events(EventFilterForm(request.GET, request.path))
    themes = main_themes(EventPage, pks, active_language())
    body = collection(placed(pks), EventPage, themes, active_language())
    return HttpResponse(body, content_type="application/geo+json")


@require_safe
def event_geojson(request: HttpRequest, slug: str) -> HttpResponse:
    """One event, for the popup of a map: when it is next, where, whom to call."""
    readable_agenda()
    events: Any = EventPage.objects.visible()
    found = next_dates(events.filter(slug=slug), timezone.now(), 1)
    if not found:
        raise Http404
    item = found[0]
    facts, place = item.entry.facts, item.located
    must_be_public(item.entry.text, facts)
    when = [capfirst(long_day(item.occurrence.starts_at)), "" if facts.is_all_day else item.hours, item.says]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        "properties": {
            "title": item.entry.title,
            "lang": item.entry.lang,
            "url": request.build_absolute_uri(item.entry.url_for(request)),
            "kind_label": item.place,
            "theme_labels": [word.name for word in named(Theme, facts.themes.all(), active_language())],
            "state": ", ".join(filter(None, when)),
            "is_open": None if item.is_cancelled else True,
            "address": "",
            "postcode": "",
            "municipality": "",
            "precision": place.position_precision,
            "phone": getattr(place, "phone", ""),
            "directions": place.directions_url,
        },
    }
    return HttpResponse(json.dumps(feature, ensure_ascii=False), content_type="application/geo+json")


def readable_agenda() -> SourcedPage:
    """The common agenda in the reader's language; 404 where an anonymous reader may not open it."""
    source = AgendaPage.objects.visible().filter(depth=COMMON_DEPTH).first()
    if source is None:
        raise Http404
    page: SourcedPage = source.in_language(active_language())
    must_be_public(page, source)
    return page


def found_events(form: EventFilterForm) -> list[int]:
    return find_dates(form, period_in(form)).event_pks


def placed(pks: list[int]) -> Iterator[PlacedRow]:
    """The events among these that have a position: their structure's when readers may see it, else their own."""
    events: Any = EventPage.objects.visible().filter(pk__in=pks).order_by("title", "pk")
    position = ("latitude", "longitude", "position_precision")
    structures: Any = StructurePage.objects.visible().with_position().filter(events__in=pks)
    places = {pk: where for pk, *where in structures.values_list("pk", *position)}
    columns = ("pk", "translation_key", "slug", "title", "structure_id", *position)
    for pk, key, slug, title, structure, *own in events.values_list(*columns):
        where = places.get(structure) if structure else own
        if where and where[0] is not None:
            yield PlacedRow(pk, key, slug, title, *where)


def without_place(count: int) -> list[str]:
    if not count:
        return []
    sentence = ngettext(
        "%(count)d event is in the list only: it is online, or its position is not known.",
        "%(count)d events are in the list only: they are online, or their position is not known.",
        count,
    )
    return [sentence % {"count": count}]
