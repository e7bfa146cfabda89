"""What one types in the search box."""

from django.utils.translation import gettext_lazy as _

from portal.core.filters import FilterForm, LenientChoicesField

from .enums import ResultType


class SearchForm(FilterForm):
    uses = ("q", "type", "page")

    type = LenientChoicesField(choices=ResultType.choices, label=_("Type"))

    @property
    def types(self) -> set[str]:
        """Types asked for. Services are found through the structure that offers them."""
        return {ResultType.STRUCTURE if code == ResultType.SERVICE else code for code in self.values["type"]}
