"""Filters of the directory and of the resources."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.enums import Language
from portal.core.filters import FilterForm, LenientChoicesField

from .enums import ResourceKind, StructureKind


def municipalities_in_use() -> list[tuple[str, str]]:
    """Municipalities that have a structure: INSEE code and name."""
    from .finder import place_index

    return list(place_index().municipalities.items())


class StructureFilterForm(FilterForm):
    uses: ClassVar[tuple[str, ...]] = (
        "q", "theme", "kind", "audience", "age", "commune", "near", "radius", "cost", "langue", "access", "ouvert",
        "sort", "choix", "page",
    )  # fmt: skip
    steps = ("theme", "ouvert", "audience", "cost", "langue", "access", "kind", "commune")

    kind = LenientChoicesField(choices=StructureKind.choices, label=_("Kind of place"))
    commune = LenientChoicesField(choices=municipalities_in_use, label=_("Municipality"))
    sort = forms.ChoiceField(
        required=False,
        choices=[("title", _("By name")), ("distance", _("Nearest first")), ("relevance", _("Best match first"))],
        label=_("Order"),
    )


class ResourceFilterForm(FilterForm):
    uses = ("q", "theme", "kind", "audience", "age", "langue", "choix", "page")
    steps = ("theme", "kind", "audience", "langue")

    kind = LenientChoicesField(choices=ResourceKind.choices, label=_("Kind of resource"))
    langue = LenientChoicesField(choices=Language.choices, label=_("Language"))
