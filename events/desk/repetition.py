"""The repetition of an event as an editor says it; a form field that reads and writes ``RRULE``, without a script."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.moments import PARIS

from ..rules import FIRST_YEAR, LAST_YEAR, WEEKDAYS, parse_rule, read_days, read_until, split_rule

OTHER = "other"
#: Choices of “how often”, with the frequency that each one means.
OFTEN = {
    "daily": ("DAILY", gettext_lazy("every day")),
    "weekly": ("WEEKLY", gettext_lazy("every week")),
    "monthly": ("MONTHLY", gettext_lazy("every month, on the same number (such as the 15th)")),
    "monthly-weekday": ("MONTHLY", gettext_lazy("every month, on a day of the week (such as the last Wednesday)")),
    "yearly": ("YEARLY", gettext_lazy("every year, on the same day")),
}
OFTEN_CHOICES = [
    ("", gettext_lazy("once only")),
    *((name, label) for name, (_freq, label) in OFTEN.items()),
    (OTHER, gettext_lazy("another rule, written below")),
]
PLACE_CHOICES = [
    ("1", gettext_lazy("the first")),
    ("2", gettext_lazy("the second")),
    ("3", gettext_lazy("the third")),
    ("4", gettext_lazy("the fourth")),
    ("5", gettext_lazy("the fifth")),
    ("-1", gettext_lazy("the last")),
]
END_CHOICES = [
    ("", gettext_lazy("it has no end")),
    ("until", gettext_lazy("until a day")),
    ("count", gettext_lazy("a number of times")),
]
DAY_CHOICES = [(code, WEEKDAY_NAMES[number]) for number, code in enumerate(WEEKDAYS)]
#: Parts that the choices can say.
SAID = {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}


@dataclass(frozen=True)
class Repetition:
    """What is chosen in the form, as text; ``rule`` is the rule as it was written before or by hand."""

    often: str = ""
    every: str = "1"
    days: tuple[str, ...] = ()
    place: str = "1"
    ends: str = ""
    until: str = ""
    count: str = ""
    rule: str = ""


def read_repetition(rule: str) -> Repetition:
    """A rule as choices; ``often`` is ``other`` for one that they can't say."""
    if not rule:
        return Repetition()
    other = Repetition(often=OTHER, rule=rule)
    try:
        parts = split_rule(rule)
        parse_rule(rule, datetime(2026, 1, 1, tzinfo=PARIS))
    except ValidationError:
        return other
    if not parts.keys() <= SAID:
        return other
    said = _read_days(parts)
    if said is None:
        return other
    said = replace(said, every=parts.get("INTERVAL", "1"), rule=rule)
    if "UNTIL" in parts:
        return replace(said, ends="until", until=read_until(parts["UNTIL"]).date().isoformat())
    return replace(said, ends="count", count=parts["COUNT"]) if "COUNT" in parts else said


def _read_days(parts: Mapping[str, str]) -> Repetition | None:
    """Frequency and days; ``None`` when the choices have no words for them."""
    days = read_days(parts["BYDAY"]) if "BYDAY" in parts else ()
    codes = tuple(WEEKDAYS[weekday] for _ordinal, weekday in sorted(days, key=lambda pair: pair[1]))
    ordinals = {ordinal for ordinal, _weekday in days}
    freq = parts["FREQ"]
    if freq == "WEEKLY":
        # Where the week begins matters to one week in two.
        is_plain = ordinals <= {0} and (parts.get("INTERVAL", "1") == "1" or parts.get("WKST", "MO") == "MO")
        return Repetition(often="weekly", days=codes) if is_plain else None
    if freq == "MONTHLY" and days:
        places = {int(place) for place, _label in PLACE_CHOICES}
        if len(ordinals) != 1 or not ordinals <= places:
            return None
        return Repetition(often="monthly-weekday", days=codes, place=str(ordinals.pop()))
    return None if days else Repetition(often=freq.lower())


def write_repetition(said: Repetition) -> str:
    """The rule that the choices say. Raises ``ValidationError`` in plain words."""
    if not said.often:
        return ""
    if said.often == OTHER:
        if not said.rule:
            raise ValidationError(_("Write the other rule, or choose how often it comes back."))
        return said.rule
    if said.often not in OFTEN:
        raise ValidationError(_("Choose how often it comes back in the list."))
    if said.rule and replace(read_repetition(said.rule), rule="") == replace(said, rule=""):
        return said.rule  # nothing was changed: kept to the letter
    every = _number(said.every or "1", 99, _("Every how many days, weeks, months or years: a number from 1 to 99."))
    parts = [f"FREQ={OFTEN[said.often][0]}"]
    if every > 1:
        parts.append(f"INTERVAL={every}")
    parts += _written_days(said) + _written_end(said)
    return ";".join(parts)


def _written_days(said: Repetition) -> list[str]:
    days = [code for code in WEEKDAYS if code in said.days]
    if said.often == "monthly-weekday":
        if not days:
            raise ValidationError(_("Tick the day of the week, such as Wednesday."))
        if said.place not in dict(PLACE_CHOICES):
            raise ValidationError(_("Say which one in the month: the first, the last…"))
        return ["BYDAY=" + ",".join(f"{said.place}{code}" for code in days)]
    return ["BYDAY=" + ",".join(days)] if days and said.often == "weekly" else []


def _written_end(said: Repetition) -> list[str]:
    if said.ends == "count":
        message = _("How many times: a number from 1 to 999.")
        return [f"COUNT={_number(said.count, 999, message)}"]
    if said.ends != "until":
        return []
    try:
        day = date.fromisoformat(said.until)
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("Until which day? Choose it, or say that it has no end."))
    last = datetime.combine(day, time(23, 59, 59), PARIS).astimezone(UTC)
    return [f"UNTIL={last:%Y%m%dT%H%M%SZ}"]


def _number(text: str, most: int, message: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= most):
        raise ValidationError(message)
    return int(text)


class RepetitionWidget(forms.Widget):
    """Choices and, for a rule that they can't say, its text. A post of the text alone is understood too."""

    template_name = "events/admin/repetition.html"

    def format_value(self, value: Any) -> Repetition:
        return value if isinstance(value, Repetition) else read_repetition(str(value or ""))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context |= {
            "often_choices": OFTEN_CHOICES,
            "day_choices": DAY_CHOICES,
            "place_choices": PLACE_CHOICES,
            "end_choices": END_CHOICES,
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Repetition:
        rule = str(data.get(name) or "").strip()
        if f"{name}-often" not in data:
            return read_repetition(rule)
        days = data.getlist(f"{name}-days") if hasattr(data, "getlist") else data.get(f"{name}-days", ())
        texts = {key: str(data.get(f"{name}-{key}") or "").strip() for key in ("often", "place", "ends")}
        numbers = {key: str(data.get(f"{name}-{key}") or "").strip() for key in ("every", "until", "count")}
        if texts["often"] != "monthly-weekday":
            texts["place"] = "1"
        if texts["ends"] != "until":
            numbers["until"] = ""
        if texts["ends"] != "count":
            numbers["count"] = ""
        known = tuple(code for code in WEEKDAYS if code in days)
        return Repetition(rule=rule, days=known, **texts, **numbers)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}-often" not in data

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-often" if id_ else ""


class RepetitionField(forms.Field):
    """In Python the text of the rule, empty for a single date."""

    widget = RepetitionWidget

    def clean(self, value: Any) -> str:
        said = value if isinstance(value, Repetition) else read_repetition(str(value or ""))
        rule = write_repetition(said)
        if rule:
            parse_rule(rule, datetime(2026, 1, 1, tzinfo=PARIS))
        if self.required and not rule:
            raise ValidationError(self.error_messages["required"], code="required")
        return rule

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != str(initial or "")
        except ValidationError:
            return True


__all__ = ["Repetition", "RepetitionField", "RepetitionWidget", "read_repetition", "write_repetition"]
