"""The directory on paper: the places of a list, by theme, with a table of contents and an index.

One template (``directory/printed_directory.html``) is both the PDF and the page that browsers print.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import segno
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.hours import week
from portal.core.languages import SOURCE_LANGUAGE, active_language
from portal.core.leaflets import DayRange, day_ranges
from portal.core.models import Theme
from portal.core.opening_rules import is_public_holiday
from portal.core.vocabulary import Word, words

from .enums import StructureKind
from .listing import filtered_structures
from .models import Service, StructurePage
from .querysets import StructureQuerySet

#: Places in one document: some forty pages, some seconds of work. More is better said theme by theme.
MOST = 250
#: Names of services below a place.
MAX_SERVICES = 6


@dataclass(frozen=True)
class Place:
    """One place as it is printed; ``anchor`` is where it stands in the document."""

    entry: Entry
    anchor: str
    hours: list[DayRange]
    holidays: list[DayRange]
    #: ``(name, language)``.
    services: list[tuple[str, str]]

    @property
    def facts(self) -> Any:
        return self.entry.facts

    @property
    def is_closed(self) -> bool:
        """For a while, today or soon."""
        facts = self.facts
        return bool(facts.closed_from and (facts.closed_until is None or facts.closed_until >= timezone.localdate()))


@dataclass
class Group:
    """The places whose first theme is this one; ``word`` is ``None`` for places without any."""

    word: Word | None
    anchor: str
    places: list[Place] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.word.name if self.word else _("Other places")

    @property
    def lang(self) -> str:
        return self.word.lang if self.word else active_language()

    @property
    def is_short(self) -> bool:
        return len(self.places) < 4


@dataclass(frozen=True)
class Choice:
    """A shorter document: what it is about, its address, how many places."""

    label: str
    lang: str
    url: str
    total: int


def shorter(form: FilterForm) -> list[Choice]:
    """The themes, or else the kinds of place, that cut a list too long for one document."""
    found = filtered_structures(form).order_by()
    if not form.values.get("theme"):
        counts = dict(found.values_list("themes").annotate(total=Count("pk")))
        return [
            Choice(word.name, word.lang, form.url_with("theme", word.slug), counts[pk])
            for pk, word in words(Theme, active_language()).items()
            if counts.get(pk)
        ]
    counts = dict(found.values_list("kind").annotate(total=Count("pk")))
    return [
        Choice(str(label), active_language(), form.url_with("kind", code), counts[code])
        for code, label in StructureKind.choices
        if counts.get(code)
    ]


def printed_directory(form: FilterForm, list_url: str) -> dict[str, Any]:
    """Context of the template. ``list_url``: where the same places stand in the portal, with its host."""
    groups = grouped(printed_places(filtered_structures(form)))
    towns = sorted({str(place.facts.municipality) for group in groups for place in group.places})
    where = towns[0] if len(towns) == 1 and form.values.get("commune") else ""
    places = [place for group in groups for place in group.places]
    return {
        "groups": groups,
        "places": sorted(places, key=lambda place: place.entry.title.casefold()),
        "total": len(places),
        "where": where,
        "chips": [chip for chip in form.chips if not (where and chip.name == "commune")],
        "list_url": list_url,
        "qr": segno.make(list_url, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff"),
        "sources": sorted({licence for place in places if (licence := place.facts.licence)}),
        "today": timezone.localdate(),
    }


def printed_places(found: StructureQuerySet) -> list[Place]:
    """Six queries whatever their number, one more in another language."""
    rows = found.select_related("municipality").defer_streamfields().prefetch_related("themes")
    entries = make_entries(rows)
    services = service_names([entry.facts for entry in entries])
    monday = usual_monday(timezone.localdate())
    return [
        Place(
            entry=entry,
            anchor=f"lieu-{rank}",
            hours=opened(entry.facts.opening_hours, monday),
            holidays=opened(entry.facts.holiday_hours, monday),
            services=services.get(entry.facts.pk, [])[:MAX_SERVICES],
        )
        for rank, entry in enumerate(entries, start=1)
    ]


def service_names(structures: Iterable[Any]) -> dict[int, list[tuple[str, str]]]:
    """Names of the services of each structure in the reader's language where they have one, with their language."""
    pks = [structure.pk for structure in structures]
    found: dict[int, list[tuple[str, str]]] = {}
    rows = list(Service.objects.filter(page__in=pks).order_by("page", "sort_order"))
    language = active_language()
    texts: dict[Any, str] = {}
    if language != SOURCE_LANGUAGE and rows:
        keys = [row.translation_key for row in rows]
        translated = Service.objects.filter(
            locale__language_code=language, translation_key__in=keys, page__in=StructurePage.objects.live()
        )
        texts = dict(translated.values_list("translation_key", "name"))
    for row in rows:
        name = texts.get(row.translation_key, row.name)
        found.setdefault(row.page_id, []).append((name, SOURCE_LANGUAGE if name == row.name else language))
    return found


def grouped(places: list[Place]) -> list[Group]:
    """By first theme, in the order of the vocabulary; places without theme last."""
    known = words(Theme, active_language())
    groups: dict[int | None, Group] = {pk: Group(word, f"theme-{word.slug}") for pk, word in known.items()}
    groups[None] = Group(None, "autres")
    for place in places:
        own = {theme.pk for theme in place.facts.themes.all()}
        groups[next((pk for pk in known if pk in own), None)].places.append(place)
    return [group for group in groups.values() if group.places]


def usual_monday(today: date) -> date:
    """The Monday of the first week from this one on without a public holiday: paper says what is usual."""
    monday = today - timedelta(days=today.weekday())
    while any(is_public_holiday(monday + timedelta(days=day)) for day in range(7)):
        monday += timedelta(days=7)
    return monday


def opened(opening_hours: str, monday: date) -> list[DayRange]:
    """The days that are open in a usual week, equal days together."""
    return [days for days in day_ranges(week(opening_hours, monday)) if days.spans]
