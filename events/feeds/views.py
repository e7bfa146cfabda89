"""HTTP of the feeds. Their filters are those of the agenda's list; how a list is shown means nothing to them."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import F, Min, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from directory.places import visible_places
from portal.core.context_processors import Frame
from portal.core.entries import Entry, make_entries
from portal.core.filters import HOW_SHOWN, FilterForm
from portal.core.languages import active_language
from portal.core.paging import page_of
from portal.core.sourced import SourcedPage

from ..forms import EventFilterForm
from ..listing import events_of, filtered_events
from ..models import AgendaPage, EventPage, Occurrence
from ..querysets import EventQuerySet
from ..structured_data import event_data
from . import atom
from .calendar import About, calendar
from .items import items_of, readable, told_events

CALENDAR_TYPE = "text/calendar; charset=utf-8"
#: Level of the portal's own agenda in the tree; those of the centres are deeper.
PORTAL_DEPTH = 3
#: Events in a page of the JSON, and the next dates of each.
JSON_PER_PAGE = 50
JSON_DATES = 8


def agenda_of_portal() -> SourcedPage:
    """The agenda of the whole portal, in the reader's language; 404 when nobody may open it."""
    return readable(AgendaPage.objects.visible().filter(depth=PORTAL_DEPTH).first())


@require_safe
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """One event, to add to a calendar. 404 for one without any date."""
    source = EventPage.objects.visible().filter(slug=slug).first()
    page = readable(source)
    items = items_of(EventPage.objects.visible().filter(pk=page.facts.pk))
    about = about_of(request, page.title, page, is_subscribed=False)
    content = calendar(about, items)
    if "BEGIN:VEVENT" not in content:
        raise Http404
    return calendar_response(content, slug)


@require_safe
def agenda_calendar(request: HttpRequest) -> HttpResponse:
    """The events that match the filters, to subscribe to."""
    page = agenda_of_portal()
    return calendar_of(request, page, events_of(page), "agenda")


def calendar_of(request: HttpRequest, page: SourcedPage, events: EventQuerySet, name: str) -> HttpResponse:
    """The calendar of some events, with the filters of the address; ``page`` is the one that shows them."""
    form = EventFilterForm.from_request(request)
    items = items_of(told_events(form, events).order_by("path"))
    return calendar_response(calendar(about_of(request, name_of(page, form), page, form), items), name)


def calendar_response(content: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=CALENDAR_TYPE, headers={"Content-Disposition": f'inline; filename="{name}.ics"'}
    )


@require_safe
def agenda_atom(request: HttpRequest) -> HttpResponse:
    """The events that come and match the filters, those that changed last first."""
    page, form = agenda_of_portal(), EventFilterForm.from_request(request)
    now = timezone.now()
    coming = filtered_events(form, events_of(page)).upcoming(now)
    items = items_of(coming.order_by(F("last_modified").desc(nulls_last=True), "-pk")[: atom.MAX_ENTRIES])
    following = (
        Occurrence.objects.filter(event__in=[item.facts.pk for item in items], ends_at__gt=now)
        .values_list("event")
        .annotate(first=Min("starts_at"))
        .order_by()
    )
    content = atom.feed(
        about_of(request, name_of(page, form), page, form),
        items,
        identity=identity_of(page, form),
        author=Frame(request).portal.portal_name,
        dates=dict(following),
    )
    return HttpResponse(content, content_type=f"{atom.TYPE}; charset=utf-8")


@require_safe
def agenda_json(request: HttpRequest) -> HttpResponse:
    """The events that come and match the filters, as schema.org's *Event*, by pages: see ``docs/agendas.md``."""
    page, form = agenda_of_portal(), EventFilterForm.from_request(request)
    now = timezone.now()
    found = filtered_events(form, events_of(page)).upcoming(now).select_related("municipality").order_by("pk")
    part = page_of(found.prefetch_related("exceptions"), form.values["page"], JSON_PER_PAGE)
    entries = make_entries(part.object_list)
    dates = next_dates([entry.facts.pk for entry in entries], now)
    facts: list[Any] = [entry.facts for entry in entries]
    places = visible_places(pk for row in facts for pk in (row.structure_id, row.organizer_id))
    elements = [event_data(shown(entry), request, dates.get(entry.facts.pk, []), places) for entry in entries]
    about = about_of(request, name_of(page, form), page, form)
    content = {
        "@context": "https://schema.org",
        "@type": "DataFeed",
        "name": about.name,
        "url": about.page_url,
        "inLanguage": about.language,
        "license": settings.DATA_LICENCE_URL,
        "provider": {"@type": "Organization", "name": Frame(request).portal.portal_name, "url": about.base_url + "/"},
        # Each would say its context again.
        "dataFeedElement": [{name: value for name, value in data.items() if name != "@context"} for data in elements],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(text, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})
    links = [f'<{settings.DATA_LICENCE_URL}>; rel="license"']
    if part.has_next():
        url = about.base_url + form.url_with("page", str(part.next_page_number()))
        links.append(f'<{url}>; rel="next"')
    response["Link"] = ", ".join(links)
    return response


def shown(entry: Entry) -> Any:
    """The page of an entry as readers of its frame get it, without asking for its facts again."""
    if entry.is_foreign:
        return entry.text.in_frame(entry.frame)
    entry.text.__dict__["facts"] = entry.facts
    return entry.text


def next_dates(events: list[int], now: datetime) -> dict[int, list[Occurrence]]:
    """The next dates of some events, a few of each: one query."""
    number = Window(RowNumber(), partition_by="event", order_by="starts_at")
    rows = Occurrence.objects.filter(event__in=events, ends_at__gt=now).annotate(number=number)
    found: dict[int, list[Occurrence]] = {}
    for row in rows.filter(number__lte=JSON_DATES).order_by("starts_at"):
        found.setdefault(row.event_id, []).append(row)
    return found


# --- What they share -------------------------------------------------------------------------------------------------


def about_of(
    request: HttpRequest, name: str, page: SourcedPage, form: FilterForm | None = None, *, is_subscribed: bool = True
) -> About:
    base_url = f"{request.scheme}://{request.get_host()}"
    parts = page.get_url_parts(request)
    query = subscription_query(form) if form else ""
    path = parts[2] if parts and parts[2] else "/"
    return About(
        name=name,
        language=active_language(),
        base_url=base_url,
        page_url=f"{base_url}{path}{query}",
        own_url=f"{base_url}{request.path}{query}",
        is_subscribed=is_subscribed,
    )


def name_of(page: SourcedPage, form: FilterForm) -> str:
    """The title of the page, with what the filters ask for."""
    labels = [chip.label for chip in form.chips if chip.name not in ("from", "to")]
    return " – ".join([page.title, *labels])


def identity_of(page: SourcedPage, form: FilterForm) -> UUID:
    """The same for the same filters, in whatever order and at whatever address."""
    asked = sorted((name, value) for name in form.query for value in form.query.getlist(name) if name not in HOW_SHOWN)
    return uuid5(page.translation_key, json.dumps(asked))


def subscription_query(form: FilterForm) -> str:
    """The filters for a subscription: without what only says how a list is shown. Starts with ``?`` unless empty."""
    query = form.query.copy()
    for name in HOW_SHOWN:
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""


def feed_links(request: HttpRequest, page: AgendaPage, form: FilterForm) -> dict[str, str]:
    """Addresses for the page of an agenda: ``webcal`` to subscribe, ``ics``; the portal's has ``atom`` and ``json``."""
    query = subscription_query(form)
    if page.facts.depth > PORTAL_DEPTH:
        own = f"{(page.get_url(request) or '').rstrip('/')}.ics{query}"
        return {"webcal": webcal(request, own), "ics": own}
    own = reverse("agenda_calendar") + query
    return {
        "webcal": webcal(request, own),
        "ics": own,
        "atom": reverse("agenda_atom") + query,
        "json": reverse("agenda_json") + query,
    }


def webcal(request: HttpRequest, path: str) -> str:
    """The address that opens the reader's own calendar, which then asks again by itself."""
    return f"webcal://{request.get_host()}{path}"
