"""Filters of the glossary."""

from django.utils.translation import gettext_lazy as _

from portal.core.filters import FilterForm, LenientChoicesField

from .enums import Collection


class TermFilterForm(FilterForm):
    uses = ("q", "theme", "kind", "page")

    kind = LenientChoicesField(choices=Collection.choices, label=_("Glossary"))
