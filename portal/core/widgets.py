"""Form widgets of the admin."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.staticfiles import versioned_static

from .hours import WEEKDAYS
from .weekly_grid import CLOSED, MIDNIGHT, MISSING, OWN, USUAL, Grid, Period, read, same, tidy_period, write

WEEKDAY_LABELS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
HOLIDAY_CHOICES = (
    (USUAL, _("as on other days, or not known")),
    (CLOSED, _("closed")),
    (OWN, _("with their own hours:")),
)


class ColourInput(forms.TextInput):
    """A colour to write (``#0a6b57``) with a field beside it where one picks it; a script keeps the two in step."""

    template_name = "core/widgets/colour.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"size": 8, "spellcheck": "false", "autocomplete": "off", **(attrs or {})})

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=[versioned_static("js/admin-colour.js")])


class WeekInput(forms.TextInput):
    """Opening hours as a week of periods. The text field below says what a week can't, word for word.

    The text of the form wins when it is not empty; a week left as it was gives back the very text that it came from.
    """

    template_name = "core/widgets/week.html"
    #: Periods of a day that are looked for in what the browser sends.
    MOST = 8
    #: Periods of a day that are shown at least: a morning and an afternoon.
    SHOWN = 2

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        text = value or ""
        grid = read(text)
        week = grid or Grid()
        days = [
            {
                "code": code,
                "label": label,
                "above": WEEKDAYS[rank - 1] if rank else "",
                "periods": self._rows(f"{name}-{code}", week.days[rank]),
            }
            for rank, (code, label) in enumerate(zip(WEEKDAYS, WEEKDAY_LABELS, strict=True))
        ]
        context["widget"] |= {
            "days": days,
            "holidays": {
                "choice": week.holidays,
                "choices": HOLIDAY_CHOICES,
                "periods": self._rows(f"{name}-ph", week.holiday_periods),
            },
            "by_hand": "" if grid else text,
            "was": text,
            "first_id": self.id_for_label(context["widget"]["attrs"].get("id", "")),
        }
        return context

    def _rows(self, prefix: str, periods: list[Period]) -> list[dict[str, str]]:
        shown = [*periods, *[("", "")] * (self.SHOWN - len(periods))]
        return [
            {
                "start_name": f"{prefix}-{rank}-start",
                "end_name": f"{prefix}-{rank}-end",
                "start": start.replace(MISSING, ""),
                "end": end.replace(MISSING, "").replace(MIDNIGHT, "00:00"),
            }
            for rank, (start, end) in enumerate(shown)
        ]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        text = str(data.get(name) or "").strip()
        was = str(data.get(f"{name}-was") or "")
        if text:
            return text
        grid = Grid(holidays=str(data.get(f"{name}-ph") or USUAL))
        for rank, code in enumerate(WEEKDAYS):
            if rank and data.get(f"{name}-{code}-same"):
                grid.days[rank] = list(grid.days[rank - 1])
            else:
                grid.days[rank] = self._periods(data, f"{name}-{code}")
        if grid.holidays == OWN:
            grid.holiday_periods = self._periods(data, f"{name}-ph")
        return was if same(read(was), grid) else write(grid)

    def _periods(self, data: Any, prefix: str) -> list[Period]:
        found = []
        for rank in range(self.MOST):
            period = tidy_period(
                str(data.get(f"{prefix}-{rank}-start") or ""), str(data.get(f"{prefix}-{rank}-end") or "")
            )
            if period:
                found.append(period)
        return found

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}-was" not in data

    def id_for_label(self, id_: str, index: str | int | None = None) -> str:
        return f"{id_}-mon-0-start" if id_ else ""

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=[versioned_static("js/admin-week.js")])
