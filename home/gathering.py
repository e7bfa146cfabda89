"""What the pages of the home application gather from the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from wagtail.images.models import Filter
from wagtail.images.shortcuts import get_rendition_or_not_found

from directory.models import StructurePage
from directory.places import visible_places
from events.listing import Dated, next_dates
from events.models import AgendaPage, EventPage, Occurrence
from events.querysets import EventQuerySet
from portal.core.contacts import Contact
from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.hours import Hours, open_state, week
from portal.core.languages import active_language, localize_path
from portal.core.mixed import mixed_entries, mixed_pages
from portal.core.models import Audience, Theme
from portal.core.moments import PARIS
from portal.core.paging import page_of
from portal.core.sourced import RowPair, row_pairs
from portal.core.versions import remembered
from portal.core.vocabulary import named
from portal.images.models import PortalImage, PortalRendition

from .models import ActivityPage, CentrePage, CentrePhoto, NewsPage

#: What people often look for; each finds something in a portal that has just been filled.
OFTEN = (
    gettext_noop("nursery"),
    gettext_noop("help with homework"),
    gettext_noop("teenager"),
    gettext_noop("learn French"),
)


#: Pictures of a gallery: cut to one shape, light, the same for all.
GALLERY_FILTER = Filter("fill-480x360|format-webp")


class NewsFilterForm(FilterForm):
    uses = ("page",)


@dataclass(frozen=True)
class Centre:
    """A centre in a list; ``place`` is its structure when readers may see it."""

    entry: Entry
    place: StructurePage | None


@dataclass(frozen=True)
class Photo:
    """A picture of a gallery: its reduced file, its caption in the reader's language where there is one."""

    image: PortalImage
    file: Any
    text: CentrePhoto


def centres(found: Iterable[CentrePage]) -> list[Centre]:
    entries = make_entries(found)
    places = visible_places(entry.facts.structure_id for entry in entries)
    return [Centre(entry, places.get(entry.facts.structure_id)) for entry in entries]


def all_centres() -> list[Centre]:
    """All the centres, by name."""
    return centres(CentrePage.objects.visible().order_by("title"))


def contacts() -> list[Contact]:
    """The centres as people to talk to, whose structure readers may see; every sheet asks for them."""
    return remembered("contacts", lambda: [contact_of(page, place) for page, place in _centres_with_places()])


def contact_of(page: CentrePage, place: StructurePage) -> Contact:
    """A centre as somebody to talk to."""
    return Contact(
        name=page.title,
        phone=place.phone,
        address=place.address_line,
        opening_hours=Hours.of(place),
        path=f"/centres/{page.slug}/",
        latitude=place.latitude,
        longitude=place.longitude,
    )


def _centres_with_places() -> list[tuple[CentrePage, StructurePage]]:
    found = list(CentrePage.objects.visible().order_by("path").defer_streamfields())
    places = visible_places(page.structure_id for page in found)
    return [(page, places[page.structure_id]) for page in found if page.structure_id in places]


def home_contents(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What is on in the next seven days, the centres, the last news, what people often look for."""
    today = now.astimezone(PARIS).date()
    in_a_week = datetime.combine(today + timedelta(days=7), time(), PARIS)
    language = active_language()

    def week() -> list[Dated]:
        soon = Occurrence.objects.between(now, in_a_week).values("event")
        return next_dates(EventPage.objects.visible().filter(pk__in=soon), now, 4)

    def news() -> list[Entry]:
        return make_entries(NewsPage.objects.visible().published_by(today).defer_streamfields()[:2])

    return {
        "week": remembered(("home week", language, today), week),
        "often": [gettext(words) for words in OFTEN],
        "contact_url": localize_path("/contact/", language),
        "centres": remembered(("home centres", language), all_centres),
        "news": remembered(("home news", language, today), news),
    }


def centre_contents(page: CentrePage, now: datetime, *, is_preview: bool = False) -> dict[str, Any]:
    """A centre's site: whom to call, when it is open, what one does there."""
    facts = page.facts
    today = timezone.localdate(now)
    key = ("centre", facts.pk, facts.structure_id, active_language(), today)
    around = remembered(key, lambda: around_centre(facts, now)) if facts.path else around_centre(facts, now)
    structure: StructurePage | None = around["structure"]
    hours = Hours.of(structure) if structure else ""
    return {
        **around,
        "contact": contact_of(facts, structure) if structure else None,
        "state": open_state(hours, now),
        "week": week(hours, today),
        "photos": gallery(row_pairs(page, "photos") if is_preview else photo_pairs(page)),
    }


def around_centre(facts: CentrePage, now: datetime) -> dict[str, Any]:
    """What other pages say of a centre, in the reader's language."""
    below = (
        mixed_pages().visible().type(ActivityPage, AgendaPage).child_of(facts).order_by("path") if facts.path else []
    )
    news = NewsPage.objects.visible().published_by(timezone.localdate(now)).of_centre(facts.pk).defer_streamfields()[:2]
    # All at once: the texts of three types of pages cost what those of one do.
    entries = mixed_entries([*below, *news], active_language())
    agendas = [entry for entry in entries if isinstance(entry.facts, AgendaPage)]
    return {
        "structure": visible_places([facts.structure_id]).get(facts.structure_id),
        "agenda": agendas[0] if agendas else None,
        "activities": [entry for entry in entries if isinstance(entry.facts, ActivityPage)],
        "dates": next_dates(events_of_centre(facts), now, 3),
        "news": [entry for entry in entries if isinstance(entry.facts, NewsPage)],
    }


def gallery(pairs: list[RowPair]) -> list[Photo]:
    """The photos whose right to use is recorded, still now. One query."""
    if not pairs:
        return []
    rows: list[tuple[Any, Any]] = [(pair.facts, pair.text) for pair in pairs]
    ids = [facts.image_id for facts, _text in rows]
    made = PortalRendition.objects.filter(image__in=ids, filter_spec=GALLERY_FILTER.spec).select_related("image")
    # A picture has other files, from before somebody chose what must stay in the frame.
    files = {file.image_id: file for file in made if file.focal_point_key == GALLERY_FILTER.get_cache_key(file.image)}
    photos = []
    for facts, text in rows:
        file = files.get(facts.image_id)
        # Made by the first visit that shows it.
        image = file.image if file else facts.image
        if image is not None and image.has_right:
            photos.append(Photo(image, file or get_rendition_or_not_found(image, GALLERY_FILTER), text))
    return photos


def photo_pairs(page: CentrePage) -> list[RowPair]:
    """What ``row_pairs`` gives, in one query for both languages; not for a preview, whose rows no table has yet."""
    rows: list[Any] = list(CentrePhoto.objects.filter(page__in={page.facts.pk, page.pk}).order_by("sort_order"))
    texts = {row.translation_key: row for row in rows if row.page_id == page.pk}
    return [RowPair(row, texts.get(row.translation_key, row)) for row in rows if row.page_id == page.facts.pk]


def events_of_centre(centre: CentrePage) -> Any:
    """The visible events that take place at a centre or that it organises."""
    return EventPage.objects.visible().at_structure(centre.structure_id)


def events_about(centre: CentrePage) -> EventQuerySet:
    """The visible events of a centre's branch too: its agenda may announce what takes place elsewhere."""
    below = Q(structure_id=centre.structure_id) | Q(organizer_id=centre.structure_id) | Q(path__startswith=centre.path)
    events: EventQuerySet = EventPage.objects.visible().filter(below)
    return events


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
