"""The periods that an agenda shows, and those that parents ask for: today, this Wednesday, this week-end, holidays."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext, pgettext

from portal.core.holidays import school_holidays
from portal.core.moments import PARIS

from .enums import View
from .forms import EventFilterForm

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 12, 31)
WEDNESDAY, SATURDAY = 2, 5
ONE_DAY = timedelta(days=1)
#: Holidays that begin later than this are nothing to plan yet.
HOLIDAYS_AHEAD = timedelta(days=92)


def midnight(day: date) -> datetime:
    """The first instant of a day in Paris."""
    return datetime.combine(day, time(), PARIS)


def within_calendar(day: date | None) -> date:
    """A day that can be shown; today when none is asked, or when it is centuries away."""
    return day if day and FIRST_DAY <= day <= LAST_DAY else timezone.localdate()


def period_of(view: str, day: date) -> tuple[date, date]:
    """First and last day that a view shows around a day; a month is shown in whole weeks."""
    if view == View.DAY:
        return day, day
    if view == View.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - ONE_DAY
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def neighbours(view: str, day: date) -> tuple[date, date]:
    """The same view before and after."""
    if view == View.DAY:
        return day - ONE_DAY, day + ONE_DAY
    if view == View.WEEK:
        return day - timedelta(days=7), day + timedelta(days=7)
    first = day.replace(day=1)
    return (first - ONE_DAY).replace(day=1), (first + timedelta(days=32)).replace(day=1)


# --- What parents ask for --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuickPeriod:
    label: str
    url: str
    is_shown: bool


def quick_periods(form: EventFilterForm) -> list[QuickPeriod]:
    """Today, this Wednesday, this week-end, the holidays (only those that the school calendar knows), filters kept."""
    today = timezone.localdate()
    wednesday = today + timedelta(days=(WEDNESDAY - today.weekday()) % 7)
    saturday = today + timedelta(days=(SATURDAY - today.weekday()) % 7) if today.weekday() != 6 else today - ONE_DAY
    found = [
        of_day(form, gettext("Today"), today),
        of_day(form, pgettext("period", "This Wednesday"), wednesday),
        of_days(form, pgettext("period", "This week-end"), max(saturday, today), saturday + ONE_DAY),
    ]
    if holidays := holidays_near(today):
        first, last = holidays
        label = pgettext("period", "These holidays") if first <= today else pgettext("period", "The next holidays")
        found.append(of_days(form, label, max(first, today), last))
    return found


def holidays_near(today: date) -> tuple[date, date] | None:
    """First and last day of the school holidays of the portal's zone that are on or come next, if they are known."""
    known = school_holidays()
    spans = zip(known.starts, known.ends, strict=True)
    return next(((first, last) for first, last in spans if last >= today and first <= today + HOLIDAYS_AHEAD), None)


def of_day(form: EventFilterForm, label: str, day: date) -> QuickPeriod:
    is_shown = form.view == View.DAY and within_calendar(form.values["date"]) == day
    return QuickPeriod(label, form.url_of_day(day), is_shown)


def of_days(form: EventFilterForm, label: str, first: date, last: date) -> QuickPeriod:
    is_shown = form.view == View.LIST and (form.values["from"], form.values["to"]) == (first, last)
    return QuickPeriod(label, form.url_for(**{"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"}), is_shown)
