"""The map and the list of places on other sites: what to paste there, and what oEmbed says (https://oembed.com/)."""

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portal.core.filters import HOW_SHOWN, FilterForm
from portal.core.languages import SOURCE_LANGUAGE, language_codes

from .forms import StructureFilterForm

MAP, LIST = "carte", "liste"
VIEWS = {MAP: "embedded_map", LIST: "embedded_list"}
#: Pixels.
WIDTH, HEIGHT = 800, 600
MIN_HEIGHT, MAX_HEIGHT = 300, 1200
#: Addresses that have a form for other sites, in French, and which one.
EMBEDDABLE = {
    "/annuaire/": LIST,
    "/annuaire/carte/": MAP,
    "/annuaire/integre/carte/": MAP,
    "/annuaire/integre/liste/": LIST,
}


class EmbedForm(StructureFilterForm):
    """Which places, as a map or a list, how high. The other filters of the directory are taken along when given."""

    uses: ClassVar[tuple[str, ...]] = (
        *(name for name in StructureFilterForm.uses if name not in ("page", "sort", "choix")),
        "vue",
        "hauteur",
    )

    vue = forms.ChoiceField(
        required=False, choices=[(MAP, _("A map")), (LIST, _("A list"))], label=_("What your site shows")
    )
    hauteur = forms.IntegerField(
        required=False, min_value=MIN_HEIGHT, max_value=MAX_HEIGHT, label=_("Height, in pixels")
    )

    @property
    def view(self) -> str:
        return str(self.values["vue"] or MAP)

    @property
    def height(self) -> int:
        return int(self.values["hauteur"] or HEIGHT)

    @property
    def filters(self) -> dict[str, list[str]]:
        """The filters that were understood, as they were given."""
        return understood(self)


@dataclass(frozen=True)
class Asked:
    """What an address of ours shows to other sites: which view, in which language, with which filters."""

    view: str
    language: str
    query: QueryDict


def understood(form: FilterForm) -> dict[str, list[str]]:
    """The filters of a form that say which places, without those that could not be read."""
    return {name: form.query.getlist(name) for name in form.query if name not in HOW_SHOWN and name not in form.errors}


def asked_of(url: str, hosts: set[str]) -> Asked | None:
    """What an address asks for; ``None`` unless it is on one of these hosts and has a form for other sites."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.netloc.lower() not in hosts:
        return None
    language, path = language_of(parts.path)
    view = EMBEDDABLE.get(path)
    return Asked(view, language, QueryDict(parts.query)) if view else None


def language_of(path: str) -> tuple[str, str]:
    """The language of an address, and its path in French."""
    code, _slash, rest = path.removeprefix("/").partition("/")
    if code in language_codes() and code != SOURCE_LANGUAGE:
        return code, f"/{rest}"
    return SOURCE_LANGUAGE, path


def embedded_path(view: str, language: str) -> str:
    with translation.override(language):
        return reverse(VIEWS[view])


def snippet(url: str, title: str, height: int, width: int | str = "100%") -> str:
    """What a partner pastes: plain HTML, that a site with a strict policy takes as well."""
    size = f'width="{width}" height="{height}"'
    return f'<iframe src="{escape(url)}" title="{escape(title)}" {size} loading="lazy"></iframe>'


def oembed_answer(*, url: str, title: str, width: int, height: int, provider: str, provider_url: str) -> dict[str, Any]:
    """An answer of the type ``rich`` (oEmbed 1.0, 2.3.4.4)."""
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": provider,
        "provider_url": provider_url,
        "cache_age": 86_400,
        "width": width,
        "height": height,
        "html": snippet(url, title, height, width),
    }


def size(asked: str, usual: int) -> int:
    """The usual size, or the largest that a consumer allows; what is no number is as if it were not said."""
    return (
        min(usual, int(asked)) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 and int(asked) else usual
    )
