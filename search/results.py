"""From words to a page of results: find, keep what is visible, count by type, order, cut."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Min, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from directory.enums import StructureKind
from directory.models import StructurePage
from events.models import EventPage, Occurrence
from portal.core.entries import Entry
from portal.core.languages import active_language, localize_path
from portal.core.mixed import mixed_entries, models_by_type
from portal.core.paging import page_of
from portal.core.routing import source_root
from portal.core.sourced import SourcedQuerySet
from portal.core.textsearch import find_keys

from .enums import ONE_RESULT, PICTOGRAMS, ResultType
from .forms import SearchForm

RESULTS_PER_PAGE = 10


@dataclass(frozen=True)
class Hit:
    """A visible source page that holds the words."""

    pk: int
    type: str


@dataclass(frozen=True)
class Result:
    """A hit as the reader sees it; ``town`` and ``next_at`` are known of structures and of events."""

    entry: Entry
    label: str | Promise
    pictogram: str
    town: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True)
class TypeLink:
    """A filter by type: how many results it leaves, and the address of the list with it alone."""

    label: str | Promise
    count: int
    url: str
    is_on: bool
    pictogram: str = ""


def search_results(request: HttpRequest) -> dict[str, Any]:
    """Context of the search page."""
    form = SearchForm(request.GET, request.path)
    words = form.values["q"] or ""
    now = timezone.now()
    hits = find_hits(words, request, now) if words else []
    types = form.types
    shown = [hit for hit in hits if hit.type in types] if types else hits
    page = page_of(shown, form.values["page"], RESULTS_PER_PAGE)
    return {
        "form": form,
        "words": words,
        "results": page,
        "items": make_results(list(page.object_list), now),
        "total": page.paginator.count,
        "total_of_all": len(hits),
        "all_url": form.url_without("type"),
        "types": type_links(form, hits),
        "contact_url": contact_url(_("I am looking for “%(words)s” and I do not find it.") % {"words": words}),
        "ask_url": localize_path("/contact/", active_language()),
    }


def findable(now: datetime) -> SourcedQuerySet:
    """Source pages that a search may show: visible, of a public type, and neither over nor yet to come."""
    types = {pk: model for pk, model in models_by_type().items() if model.public_type}
    event = ContentType.objects.get_for_model(EventPage)
    to_come = Occurrence.objects.upcoming(now).filter(event=OuterRef("pk"))
    return (
        SourcedQuerySet(Page)
        .visible()
        .filter(Q(content_type__in=types) & (~Q(content_type=event) | Exists(to_come)))
        .exclude(newspage__published_on__gt=timezone.localdate(now))
    )


def find_hits(words: str, request: HttpRequest, now: datetime) -> list[Hit]:
    """What the portal has about these words, best first. Found in two languages, shown from the source only."""
    site = Site.find_for_request(request)
    if site is None:
        return []
    ranks = {key: rank for rank, key in enumerate(find_keys(words, active_language()))}
    pages = findable(now).filter(path__startswith=source_root(site).path, translation_key__in=ranks)
    rows = list(pages.values_list("translation_key", "pk", "content_type_id"))
    rows.sort(key=lambda row: ranks[row[0]])
    models = models_by_type()
    return [Hit(pk, models[content_type].public_type) for _key, pk, content_type in rows]


def make_results(hits: list[Hit], now: datetime) -> list[Result]:
    """Results of one page of the list, in its order: at most five queries."""
    pages = SourcedQuerySet(Page).in_bulk([hit.pk for hit in hits]) if hits else {}
    entries = mixed_entries([pages[hit.pk] for hit in hits], active_language())
    places = known_places([hit.pk for hit in hits if hit.type == ResultType.STRUCTURE])
    dates = next_dates([hit.pk for hit in hits if hit.type == ResultType.EVENT], now)
    results = []
    for hit, entry in zip(hits, entries, strict=True):
        label, town = places.get(hit.pk) or (ONE_RESULT[hit.type], "")
        results.append(Result(entry, label, PICTOGRAMS[hit.type], town, dates.get(hit.pk)))
    return results


def known_places(structures: list[int]) -> dict[int, tuple[str | Promise, str]]:
    """Kind and town of structures."""
    if not structures:
        return {}
    labels = dict(StructureKind.choices)
    rows = StructurePage.objects.filter(pk__in=structures).values_list("pk", "kind", "municipality__name")
    return {pk: (labels.get(kind, ONE_RESULT[ResultType.STRUCTURE]), town or "") for pk, kind, town in rows}


def next_dates(events: list[int], now: datetime) -> dict[int, datetime]:
    """When events begin next; those that have begun count until they end."""
    if not events:
        return {}
    coming = Occurrence.objects.upcoming(now).filter(event__in=events)
    return dict(coming.values("event").annotate(first=Min("starts_at")).values_list("event", "first"))


def type_links(form: SearchForm, hits: list[Hit]) -> list[TypeLink]:
    """One link for each type that has results, after one for all of them; none when there is nothing to choose."""
    counts = Counter(hit.type for hit in hits)
    if len(counts) < 2 and not form.types:
        return []
    links = [TypeLink(_("All"), len(hits), form.url_without("type"), not form.types)]
    for choice in ResultType:
        if counts[choice.value] or choice.value in form.types:
            is_on = choice.value in form.types
            url = form.url_with("type", choice.value)
            links.append(TypeLink(choice.label, counts[choice.value], url, is_on, PICTOGRAMS[choice]))
    return links


def contact_url(message: str) -> str:
    """The contact page with a message begun for the reader."""
    return f"{localize_path('/contact/', active_language())}?{urlencode({'message': message})}"
