"""A repetition in words: “Tous les mercredis de 14 h à 16 h, du 7 janvier au 24 juin, sauf jours fériés”."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from portal.core.days import with_ordinal
from portal.core.languages import SOURCE_LANGUAGE, active_language
from portal.core.templatetags.portal_tags import clock

from .enums import SchoolHolidays
from .recurrence import rule_of
from .rules import Rule

if TYPE_CHECKING:
    from .models import EventPage

#: The days as a habit: “on Mondays”.
HABITS = (
    gettext_lazy("Mondays"),
    gettext_lazy("Tuesdays"),
    gettext_lazy("Wednesdays"),
    gettext_lazy("Thursdays"),
    gettext_lazy("Fridays"),
    gettext_lazy("Saturdays"),
    gettext_lazy("Sundays"),
)
#: The n-th such day of a month.
ORDINALS = {
    1: gettext_lazy("the first %(day)s"),
    2: gettext_lazy("the second %(day)s"),
    3: gettext_lazy("the third %(day)s"),
    4: gettext_lazy("the fourth %(day)s"),
    5: gettext_lazy("the fifth %(day)s"),
    -1: gettext_lazy("the last %(day)s"),
    -2: gettext_lazy("the last but one %(day)s"),
}


def rule_sentence(event: "EventPage") -> str:
    """How an event repeats itself, in the active language; empty for a single date.

    A rule that has no words is told as “on several dates”: the list of the dates says the rest.
    """
    try:
        rule = rule_of(event)
    except ValidationError:
        return ""
    if rule is None or event.starts_at is None or event.ends_at is None:
        return ""
    parts = [habit(rule) or _("On several dates"), hours_of(event), period(rule), *exceptions(event)]
    return _capital(pgettext("parts of a sentence", ", ").join(part for part in _with_hours(parts) if part))


def _with_hours(parts: list[str]) -> list[str]:
    """The hours belong to the habit: no comma between them."""
    first, hours, *others = parts
    return [f"{first} {hours}" if hours else first, *others]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def joined(words: Sequence[object]) -> str:
    """“Monday, Tuesday and Friday”."""
    if len(words) < 2:
        return "".join(map(str, words))
    separator = pgettext("parts of a sentence", ", ")
    start, last = separator.join(map(str, words[:-1])), str(words[-1])
    return pgettext("list of words", "%(start)s and %(last)s") % {"start": start, "last": last}


def habit(rule: Rule) -> str:
    """How often and on which days; empty when there are no words for it."""
    if rule.weeks or rule.year_days or rule.positions or rule.hours or rule.minutes or rule.seconds:
        return ""
    tell = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}[rule.freq]
    return tell(rule)


def _daily(rule: Rule) -> str:
    if rule.days or rule.months or rule.month_days:
        return ""
    return ngettext("every day", "every %(count)d days", rule.interval) % {"count": rule.interval}


def _weekly(rule: Rule) -> str:
    if rule.months:
        return ""
    weekdays = [weekday for _ordinal, weekday in rule.days] or [rule.start.weekday()]
    if rule.interval == 1:
        return _("on %(days)s") % {"days": joined([HABITS[weekday] for weekday in weekdays])}
    often = ngettext("every week", "every %(count)d weeks", rule.interval) % {"count": rule.interval}
    return _("%(often)s, on %(days)s") % {"often": often, "days": joined([WEEKDAYS[day] for day in weekdays])}


def _monthly(rule: Rule) -> str:
    if rule.months:
        return ""
    often = ngettext("every month", "every %(count)d months", rule.interval) % {"count": rule.interval}
    days = _days_of_month(rule)
    return _("%(often)s, %(days)s") % {"often": often, "days": days} if days else ""


def _days_of_month(rule: Rule) -> str:
    """“the last Wednesday”, “on the 15th”; empty when there are no words for it."""
    if rule.days:
        if rule.month_days or any(ordinal not in ORDINALS for ordinal, _weekday in rule.days):
            return ""
        return joined([ORDINALS[ordinal] % {"day": WEEKDAYS[weekday]} for ordinal, weekday in rule.days])
    numbers = rule.month_days or (rule.start.day,)
    if numbers == (-1,):
        return _("on the last day of the month")
    if any(number < 1 for number in numbers):
        return ""
    return _("on day %(days)s of the month") % {"days": joined([_nth(number) for number in numbers])}


def _nth(number: int) -> str:
    return "1er" if number == 1 and active_language() == SOURCE_LANGUAGE else str(number)


def _yearly(rule: Rule) -> str:
    often = ngettext("every year", "every %(count)d years", rule.interval) % {"count": rule.interval}
    months = rule.months or (rule.start.month,)
    if len(months) != 1:
        return ""
    if rule.days:
        day = _days_of_month(rule) if rule.months else ""
        if not day:
            return ""
        return _("%(often)s in %(month)s, %(day)s") % {"often": often, "day": day, "month": MONTHS[months[0]]}
    numbers = rule.month_days or (rule.start.day,)
    if len(numbers) != 1 or numbers[0] < 1:
        return ""
    try:
        day = with_ordinal(date(2000, months[0], numbers[0]), "j F")
    except ValueError:
        return ""
    return _("%(often)s, on %(day)s") % {"often": often, "day": day}


def hours_of(event: "EventPage") -> str:
    """“from 14:00 to 16:00”."""
    if event.is_all_day or event.starts_at is None or event.ends_at is None:
        return ""
    return _("from %(start)s to %(end)s") % {"start": clock(event.starts_at), "end": clock(event.ends_at)}


def period(rule: Rule) -> str:
    """From which day on, until which day or how many times."""
    if rule.count:
        times = ngettext("%(count)d time", "%(count)d times", rule.count) % {"count": rule.count}
        return _("%(times)s from %(day)s on") % {"times": times, "day": day_in_words(rule.start)}
    if rule.until:
        last = max(rule.until, rule.start)
        first = day_in_words(rule.start, other=last)
        return _("from %(first)s to %(last)s") % {"first": first, "last": day_in_words(last)}
    if rule.start.date() <= timezone.localdate():
        return ""
    return _("from %(day)s on") % {"day": day_in_words(rule.start)}


def day_in_words(moment: datetime, other: datetime | None = None) -> str:
    """A day, with its year when it is not this one, unless ``other`` says the same year after it."""
    years = {timezone.localdate().year, other.year if other else 0}
    return with_ordinal(moment.date(), "j F" if moment.year in years else "j F Y")


def exceptions(event: "EventPage") -> list[str]:
    """“only in the school holidays (zone B)”, “except on public holidays”."""
    zone = {"zone": event.school_zone}
    found, without = [], []
    if event.school_holidays == SchoolHolidays.ONLY:
        found.append(_("only in the school holidays (zone %(zone)s)") % zone)
    elif event.school_holidays == SchoolHolidays.EXCEPT:
        without.append(_("in the school holidays (zone %(zone)s)") % zone)
    if event.skip_public_holidays:
        without.append(_("on public holidays"))
    if without:
        found.append(_("except %(when)s") % {"when": joined(without)})
    return found


__all__ = ["habit", "rule_sentence"]
