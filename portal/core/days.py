"""Days in words."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from .languages import SOURCE_LANGUAGE, active_language


def long_day(value: datetime | date) -> str:
    """A day in words: “mercredi 25 novembre”, with its year when it is another than this one."""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return with_ordinal(day, "l j F" if day.year == timezone.localdate().year else "l j F Y")


def short_day(day: date) -> str:
    """A day within a month that is already said: “mercredi 25”."""
    return with_ordinal(day, "l j")


def with_ordinal(day: date, style: str) -> str:
    """The first of a month is an ordinal in French."""
    is_ordinal = day.day == 1 and active_language() == SOURCE_LANGUAGE
    return date_format(day, style.replace("j", r"1\e\r") if is_ordinal else style)
