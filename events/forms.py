"""Filters of the agenda."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.filters import FilterForm

from .enums import View


class EventFilterForm(FilterForm):
    uses = (
        "q", "theme", "audience", "age", "commune", "cost", "langue", "access", "vue", "date", "from", "to",
        "choix", "page",
    )  # fmt: skip

    vue = forms.ChoiceField(required=False, choices=View.choices, label=_("View"))
    date = forms.DateField(required=False, input_formats=["%Y-%m-%d"], label=_("Day"))


# ``from`` is a word of Python: these two fields can't be written as attributes.
EventFilterForm.base_fields["from"] = forms.DateField(required=False, input_formats=["%Y-%m-%d"], label=_("From the"))
EventFilterForm.base_fields["to"] = forms.DateField(required=False, input_formats=["%Y-%m-%d"], label=_("Until the"))
