"""Services and drop-in sessions as a sheet shows them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core.enums import Access, Cost
from portal.core.hours import DayHours, Hours, week
from portal.core.sourced import RowPair, row_pairs

from .enums import Referrer, WelcomeMode
from .models import Service, StructurePage

#: A closure is announced this long before it begins.
AHEAD = timedelta(days=21)


@dataclass(frozen=True)
class Line:
    """One fact of a service. ``written``: in the language of the text, not in the reader's."""

    label: Any
    text: Any
    written: bool = False


@dataclass(frozen=True)
class Offer:
    """A row with its hours of this week; ``hours_text``: those that only a human being can read, in French."""

    row: RowPair
    week: list[DayHours]
    lines: list[Line]

    @property
    def hours_text(self) -> str:
        return str(self.row.facts.hours_text)

    @property
    def is_closed_all_week(self) -> bool:
        return bool(self.week) and not any(day.spans for day in self.week)


def services_of(page: StructurePage, today: date) -> list[Offer]:
    return [
        Offer(pair, _week(page, pair, today), lines_of(pair.facts, pair.text, page.facts.cost))
        for pair in row_pairs(page, "services")
    ]


def sessions_of(page: StructurePage, today: date) -> list[Offer]:
    return [Offer(pair, _week(page, pair, today), []) for pair in row_pairs(page, "permanences")]


def _week(page: StructurePage, pair: RowPair, today: date) -> list[DayHours]:
    """While the place is closed, so is what one finds there."""
    hours = Hours.of(pair.facts)
    place = page.facts
    return week(Hours(hours.usual, "", place.closed_from, place.closed_until), today)


def lines_of(facts: Service, text: Service, cost_of_place: str) -> list[Line]:
    """What one asks before coming, in the order in which one asks it. “Free” is said once, on top of the sheet."""
    cost = Cost(facts.cost).label if facts.cost in Cost.values else facts.cost
    if facts.cost == cost_of_place == Cost.FREE:
        cost = ""
    # Nobody needs to be told that they may ask themselves, nor that one gets a thing where it is.
    only_professionals = list(facts.referrers) == [Referrer.PROFESSIONALS.value]
    remote = WelcomeMode.REMOTE in facts.modes
    lines = [
        Line(_("When"), text.schedule, written=True),
        Line(_("For whom"), text.audience_note, written=True),
        Line(_("Cost"), cost),
        Line(_("About the cost"), text.cost_note, written=True),
        Line(_("Conditions"), text.conditions, written=True),
        Line(_("Where"), _comma(facts._meta.get_field("modes").labels(facts.modes)) if remote else ""),
        Line(_("How to come in"), text.booking, written=True),
        Line(_("First step"), _comma(facts._meta.get_field("mobilisation").labels(facts.mobilisation))),
        Line(_("Who may ask"), Referrer.PROFESSIONALS.label if only_professionals else ""),
    ]
    return [line for line in lines if line.text]


def _comma(labels: list[Any]) -> str:
    return ", ".join(str(label) for label in labels)


def welcome_marks(facts: StructurePage) -> list[tuple[str, Any]]:
    """``(pictogram, label)``: what makes it easy to push the door, the cost first."""
    free = [("euro", Cost.FREE.label)] if facts.cost == Cost.FREE else []
    marks = facts.access_marks(of_the_building=False)
    walk_in = Access.WITHOUT_APPOINTMENT.label
    return [*free, *sorted(marks, key=lambda mark: mark[1] != walk_in)]


def announcements(page: StructurePage, today: date) -> dict[str, Any]:
    """``notice``: the message of the moment; ``closing``: whether a closure is near and not there yet."""
    facts = page.facts
    is_shown = bool(page.notice) and (facts.notice_until is None or today <= facts.notice_until)
    begins = facts.closed_from
    return {
        "notice": page.notice if is_shown else "",
        "closing": begins is not None and today < begins <= today + AHEAD,
    }
