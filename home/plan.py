"""The plan of the site: the sections below the home page, each with its first pages."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber, Substr
from django.utils import timezone
from wagtail.models import Page

from events.models import Occurrence
from portal.core.entries import Entry
from portal.core.mixed import mixed_entries, mixed_pages

#: Pages shown of one section: beyond it, the section's own list is better.
MAX_PAGES = 24


@dataclass
class Section:
    entry: Entry
    pages: list[Entry] = field(default_factory=list)
    total: int = 0

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.pages)


def site_plan(root: Page, language: str, now: datetime) -> list[Section]:
    """Sections in the order of the tree, their pages by title: three queries, one more in another language."""
    visible = mixed_pages().visible().filter(path__startswith=root.path)
    tops = list(visible.filter(depth=root.depth + 1).order_by("path"))
    over = Q(eventpage__isnull=False) & ~Exists(Occurrence.objects.upcoming(now).filter(event=OuterRef("pk")))
    below = (
        visible.filter(depth=root.depth + 2)
        .exclude(over)
        .exclude(newspage__published_on__gt=timezone.localdate(now))
        .annotate(above=Substr("path", 1, len(root.path) + Page.steplen))
        .annotate(
            place=Window(RowNumber(), partition_by=F("above"), order_by=[F("title").asc(), F("pk").asc()]),
            siblings=Window(Count("pk"), partition_by=F("above")),
        )
        .filter(place__lte=MAX_PAGES)
        .order_by("above", "place")
    )
    entries = mixed_entries([*tops, *below], language, with_summaries=False)
    sections = {entry.facts.path: Section(entry) for entry in entries[: len(tops)]}
    for entry in entries[len(tops) :]:
        facts: Any = entry.facts
        if section := sections.get(facts.above):
            section.pages.append(entry)
            section.total = facts.siblings
    return list(sections.values())
