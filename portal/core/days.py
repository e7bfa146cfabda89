"""Days in words."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from .languages import SOURCE_LANGUAGE, active_language


def long_day(value: datetime | date) -> str:
    """A day in words: “mercredi 25 novembre”, with its year when it is another than this one."""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    text = date_format(day, "l j F" if day.year == timezone.localdate().year else "l j F Y")
    # The first of a month is an ordinal in French.
    return text.replace(" 1 ", " 1er ", 1) if day.day == 1 and active_language() == SOURCE_LANGUAGE else text
