"""The programme of a centre for a month, on paper: its dates day by day, in two columns, on as many pages as needed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, cast

from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext

from directory.places import visible_places
from events.listing import Dated, Day, by_day, dated
from events.models import AgendaPage, EventPage, Occurrence
from events.periods import midnight
from portal.core import pdf
from portal.core.context_processors import Frame
from portal.core.days import long_day
from portal.core.languages import SOURCE_LANGUAGE, active_language, localize_path
from portal.core.papers import PROGRAMME, ROOM, Sheets, look, smaller, way_to
from portal.core.templatetags.portal_tags import clock

from .gathering import contact_of, events_about
from .models import CentrePage

TEMPLATE = "home/programme.html"
PARAMETER = "mois"
#: Months before and after this one that are printed: nobody has documents of a century made.
REACH = 24
#: Dates in one document: a busy centre has a hundred; beyond this it says that it is cut.
MOST = 400


@dataclass(frozen=True)
class Line:
    """A date as it is printed; ``place`` only when it is elsewhere than at the centre."""

    dated: Dated
    place: str

    @property
    def hours(self) -> str:
        """From when to when, with the last day of what lasts several."""
        occurrence = self.dated.occurrence
        if occurrence.ends_the_same_day:
            return self.dated.hours
        until = gettext("until %(day)s") % {"day": long_day(occurrence.last_day)}
        return until if self.dated.entry.facts.is_all_day else f"{clock(occurrence.starts_at)}, {until}"

    @property
    def details(self) -> list[tuple[str, str]]:
        """Where, for whom, at which conditions: ``(text, language)``."""
        entry, occurrence = self.dated.entry, self.dated.occurrence
        facts, language = cast(EventPage, entry.facts), active_language()
        where = [(self.place, SOURCE_LANGUAGE), (cast(EventPage, entry.text).room, entry.lang)]
        if facts.is_online:
            where = [(gettext("Online"), language)]
        elif occurrence.place_note:
            where = [(occurrence.place_note, SOURCE_LANGUAGE)]
        said = [facts.age_range, facts.get_cost_display() if facts.cost else ""]
        if facts.registration and facts.get_registration_display() != self.dated.says and not self.is_off:
            said.append(facts.get_registration_display())
        return [(text, lang) for text, lang in [*where, *((str(text), language) for text in said)] if text]

    @property
    def is_off(self) -> bool:
        return self.dated.is_cancelled or self.dated.occurrence.is_off


def month_of(request: HttpRequest) -> date:
    """The first day of the month that the address asks for (``?mois=2026-12``), by default this one.

    Raises ``Http404`` for what is no month, or one that is years away.
    """
    today = timezone.localdate()
    asked = request.GET.get(PARAMETER, "")
    if not asked:
        return today.replace(day=1)
    match = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", asked)
    if match is None:
        raise Http404
    year, month = int(match[1]), int(match[2])
    if abs((year - today.year) * 12 + month - today.month) > REACH:
        raise Http404
    return date(year, month, 1)


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def programme(centre: CentrePage, request: HttpRequest, first: date) -> bytes:
    """The programme as PDF, in the language of the request. Raises as :func:`portal.core.pdf.pdf_of`.

    On one page if it fits, with somewhat smaller text if need be, else on several.
    """
    kept = PROGRAMME.foot - PROGRAMME.edge
    return pdf.one_page_of(versions(centre, request, first), mark=ROOM, kept=kept)


def versions(centre: CentrePage, request: HttpRequest, first: date) -> Iterator[pdf.Version]:
    """The programme in HTML, from the largest text to the one that flows over several pages."""
    frame = Frame(request)
    context = contents(centre, request, first)

    def made(paper: Sheets, free: float) -> str:
        style = look(
            paper,
            frame.portal.palette,
            number=centre.facts.pk,
            is_mirrored=frame.direction == "rtl",
            free=free,
        )
        return render_to_string(TEMPLATE, context | {"look": style}, request)

    for paper in (PROGRAMME, smaller(PROGRAMME), PROGRAMME):
        yield partial(made, paper)


def contents(centre: CentrePage, request: HttpRequest, first: date) -> dict[str, Any]:
    """Context of the template."""
    facts = centre.facts
    found = Occurrence.objects.of(events_about(facts)).between(midnight(first), midnight(next_month(first)))
    rows = list(found.order_by("starts_at", "pk")[: MOST + 1])
    structure = visible_places([facts.structure_id]).get(facts.structure_id)
    days = by_day(dated(rows[:MOST]))
    target = request.build_absolute_uri(localize_path(f"/centres/{facts.slug}/", active_language()))
    return {
        "page": centre,
        "first": first,
        "days": [(day, lines(day, facts.structure_id)) for day in days],
        "is_cut": len(rows) > MOST,
        "contact": contact_of(centre, structure) if structure and structure.phone else None,
        "where": structure or facts,
        "kind": "programme",
        **way_to(target),
    }


def lines(day: Day, structure_id: int | None) -> list[Line]:
    return [Line(item, "" if item.entry.facts.structure_id == structure_id else item.place) for item in day.items]


def month_to_print(centre: CentrePage, first: date) -> str:
    """The page that says the same where PDF can't be had: the month in the centre's agenda, else the centre's page."""
    agenda = AgendaPage.objects.visible().child_of(centre.facts).first()
    source = agenda or centre.facts
    path = localize_path(source.get_url_parts()[2], active_language())
    return f"{path}?vue=mois&date={first:%Y-%m-%d}" if agenda else path
