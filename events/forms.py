"""Filters of the agenda."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.core.filters import FilterForm, LenientChoicesField

from .enums import View

#: Which days a list shows, and how: what another period takes the place of.
WHEN = ("vue", "date", "from", "to", "page")


def municipalities_in_use() -> list[tuple[str, str]]:
    """Municipalities where something takes place: INSEE code and name."""
    from .finder import event_index

    return list(event_index().municipalities.items())


def places_in_use() -> list[tuple[str, str]]:
    """Structures where something takes place: slug and name."""
    from .finder import event_index

    return list(event_index().places.items())


class EventFilterForm(FilterForm):
    uses = (
        "q", "theme", "audience", "age", "commune", "lieu", "near", "radius", "cost", "inscription", "langue", "access",
        "vue", "date", "from", "to", "choix", "page",
    )  # fmt: skip

    commune = LenientChoicesField(choices=municipalities_in_use, label=_("Municipality"))
    lieu = LenientChoicesField(choices=places_in_use, label=pgettext_lazy("filter", "Place"))
    inscription = LenientChoicesField(choices=[("sans", _("Without registration"))], label=_("Registration"))
    vue = forms.ChoiceField(required=False, choices=View.choices, label=_("View"))
    date = forms.DateField(required=False, input_formats=["%Y-%m-%d"], label=_("Day"))

    @property
    def view(self) -> str:
        """The view in use, a value of :class:`events.enums.View`."""
        return str(self.values["vue"] or View.LIST)

    def url_for(self, **when: str) -> str:
        """The address of these filters with another period: nothing of the present one stays."""
        query = self.query.copy()
        for name in WHEN:
            query.pop(name, None)
        for name, value in when.items():
            query[name] = value
        return f"{self.path}?{query.urlencode()}" if query else self.path

    def url_of_day(self, day: dt.date) -> str:
        return self.url_for(vue=View.DAY, date=f"{day:%Y-%m-%d}")

    def url_of_view(self, view: str) -> str:
        """The same days in another view, as near as can be."""
        day = self.values["date"] or self.values["from"]
        return self.url_for(vue=view, **({"date": f"{day:%Y-%m-%d}"} if day else {}))


# ``from`` is a word of Python: these two fields can't be written as attributes.
EventFilterForm.base_fields["from"] = forms.DateField(required=False, input_formats=["%Y-%m-%d"], label=_("From the"))
EventFilterForm.base_fields["to"] = forms.DateField(required=False, input_formats=["%Y-%m-%d"], label=_("Until the"))
