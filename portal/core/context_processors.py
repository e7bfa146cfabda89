"""What the frame of every public page needs: languages, menus, the portal's settings. Computed only when shown."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import get_language_info
from wagtail.models import Page, Site

from .languages import SOURCE_LANGUAGE, active_language, direction, language_codes, localize_path
from .models import PortalSettings
from .routing import source_root
from .sourced import SourcedQuerySet, path_prefixes
from .versions import remembered


@dataclass(frozen=True)
class Door:
    """How a section of the portal looks: names of shapes, inks and pictograms of ``papercuts``."""

    shape: str
    menu_ink: str
    paper: str
    ink: str
    pictogram: str


#: The four doors, in their order, by the slug of their page.
DOORS = {
    "annuaire": Door("leaf", "leaf", "green", "pink", "pin"),
    "agenda": Door("sun", "yellow", "yellow", "orange", "calendar"),
    "ressources": Door("hand", "pink", "pink", "white", "book"),
    "glossaire": Door("bird", "orange", "orange", "yellow", "bubble"),
}


@dataclass(frozen=True)
class MenuItem:
    title: str
    url: str
    lang: str
    slug: str
    is_current: bool = False
    is_section: bool = False

    @property
    def door(self) -> Door | None:
        """Set for the four doors."""
        return DOORS.get(self.slug)


@dataclass(frozen=True)
class LanguageChoice:
    code: str
    name: str
    dir: str
    url: str
    is_active: bool

    @property
    def short(self) -> str:
        """“FR”, for names in the Latin alphabet: the others are not recognised by their code."""
        return self.code.upper() if self.name[:1].isascii() else ""


class Frame:
    """The frame around a page, for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.language = active_language()
        self.direction = direction(self.language)

    @cached_property
    def site(self) -> Site | None:
        return Site.find_for_request(self.request)

    @cached_property
    def portal(self) -> PortalSettings:
        site = self.site
        return remembered(("portal", site.pk), lambda: read_portal(site)) if site else PortalSettings()

    @cached_property
    def home_url(self) -> str:
        return localize_path("/", self.language)

    @cached_property
    def search_url(self) -> str:
        return localize_path("/recherche/", self.language)

    @cached_property
    def french_path(self) -> str:
        """The path of this request without its language."""
        path = self.request.path
        for code in language_codes():
            if code != SOURCE_LANGUAGE and (path == f"/{code}" or path.startswith(f"/{code}/")):
                return path[len(code) + 1 :] or "/"
        return path

    @cached_property
    def languages(self) -> list[LanguageChoice]:
        """The same page in each language, with the same filters."""
        query = self.request.META.get("QUERY_STRING", "")
        suffix = f"?{query}" if query and self.request.method == "GET" else ""
        return [
            LanguageChoice(
                code=code,
                name=get_language_info(code)["name_local"],
                dir=direction(code),
                url=localize_path(self.french_path, code) + suffix,
                is_active=code == self.language,
            )
            for code in language_codes()
        ]

    @cached_property
    def _top_pages(self) -> dict[str, tuple[Page, str, str]]:
        """Public pages right below the root: by tree path, with their title and its language."""
        if not self.site:
            return {}
        site, language = self.site, self.language
        return remembered(("top pages", site.pk, language), lambda: read_top_pages(site, language))

    def item(self, page: Page, title: str, lang: str) -> MenuItem:
        parts = page.get_url_parts(self.request)
        path = parts[2] if parts and parts[2] else "/"
        return MenuItem(
            title=title,
            url=localize_path(path, self.language),
            lang=lang,
            slug=page.slug,
            is_current=path == self.french_path,
            is_section=path != "/" and self.french_path.startswith(path),
        )

    @cached_property
    def menu(self) -> list[MenuItem]:
        return [self.item(*row) for row in self._top_pages.values() if row[0].show_in_menus]

    @cached_property
    def doors(self) -> list[MenuItem]:
        """The four doors, in their order."""
        by_slug = {item.slug: item for item in self.menu}
        return [by_slug[slug] for slug in DOORS if slug in by_slug]

    @cached_property
    def rooms(self) -> list[MenuItem]:
        """Sections of the menu that are not one of the four doors."""
        return [item for item in self.menu if item.slug not in DOORS]

    @cached_property
    def footer(self) -> list[MenuItem]:
        return [self.item(*row) for row in self._top_pages.values() if not row[0].show_in_menus]

    def breadcrumbs(self, page: Any) -> list[MenuItem]:
        """Ancestors of a page, from the home page down; the page itself is left out."""
        source = getattr(page, "facts", page)
        if not self.site or not source.path:
            return []
        root = source_root(self.site)
        prefixes = [path for path in path_prefixes(source.path) if len(path) > len(root.path) and path != source.path]
        known = dict(self._top_pages)
        missing = [path for path in prefixes if path not in known]
        if missing:
            known.update(titled(list(Page.objects.filter(path__in=missing, live=True)), self.language))
        return [self.item(*known[path]) for path in prefixes if path in known]


def read_portal(site: Site) -> PortalSettings:
    """The settings of a site, with its funders."""
    portal = PortalSettings.for_site(site)
    portal.funders.get_object_list()  # kept on the row by modelcluster: no query for each reader
    return portal


def read_top_pages(site: Site, language: str) -> dict[str, tuple[Page, str, str]]:
    found = SourcedQuerySet(Page).live().public().child_of(source_root(site)).order_by("path")
    return titled(list(found), language)


def titled(pages: list[Page], language: str) -> dict[str, tuple[Page, str, str]]:
    """Source pages by tree path, with their title in a language where there is one, and the language of that title."""
    titles: dict[object, str] = {}
    if language != SOURCE_LANGUAGE and pages:
        keys = [page.translation_key for page in pages]
        rows = SourcedQuerySet(Page).translations_into(language).public().filter(translation_key__in=keys)
        titles = dict(rows.values_list("translation_key", "title"))
    return {
        page.path: (
            page,
            titles.get(page.translation_key, page.title),
            language if page.translation_key in titles else SOURCE_LANGUAGE,
        )
        for page in pages
    }


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``frame``, built when a template first uses it."""
    return {"frame": SimpleLazyObject(lambda: Frame(request)), "DEBUG": settings.DEBUG}
