"""Blocks of links."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.models import Page


class AddressBlock(blocks.CharBlock):
    """An address is a fact: wagtail-localize offers no translation of it, and copies it as it is."""

    def get_translatable_segments(self, value: str) -> list[Any]:
        return []

    def restore_translated_segments(self, value: str, segments: list[Any]) -> str:
        return value


class LinkValue(blocks.StructValue):
    """The value of a link: ``page`` wins over ``url``."""

    @property
    def page(self) -> Page | None:
        return self.get("page")

    @property
    def url(self) -> str:
        """The typed address, for links that lead to no page of the portal."""
        return "" if self.get("page") else (self.get("url") or "")


class LinkBlock(blocks.StructBlock):
    label = blocks.CharBlock(
        label=gettext_lazy("words of the link"),
        max_length=80,
        help_text=gettext_lazy("What one finds there, such as “Voir l’agenda”. Never “click here”."),
    )
    page = blocks.PageChooserBlock(
        label=gettext_lazy("page of the portal"),
        required=False,
        help_text=gettext_lazy(
            "Choose it here rather than copy its address: the link then follows the reader's language."
        ),
    )
    url = AddressBlock(
        search_index=False,
        label=gettext_lazy("or another address"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("https://… or a path of the portal such as /annuaire/?theme=sante"),
    )

    class Meta:
        icon = "link"
        label = gettext_lazy("Link")
        description = gettext_lazy("A button that leads to a page or another site.")
        template = "blocks/link.html"
        value_class = LinkValue
        preview_value = {"label": "Voir l’annuaire", "page": None, "url": "/annuaire/"}

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        url = cleaned.get("url") or ""
        if not cleaned.get("page") and not url:
            raise blocks.StructBlockValidationError({"url": ValidationError(_("Choose a page or write an address."))})
        if (
            url
            and not (url.startswith("/") and not url.startswith("//"))
            and urlsplit(url).scheme
            not in (
                "http",
                "https",
                "mailto",
                "tel",
            )
        ):
            raise blocks.StructBlockValidationError({"url": ValidationError(_("This address can't be used."))})
        return cleaned
