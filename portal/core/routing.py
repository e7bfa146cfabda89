"""From an address to a page: the French tree routes every language, so every page answers in every language."""

from django.http import HttpRequest
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from .languages import active_language, source_locale
from .sourced import SourcedPage


def source_root(site: Site) -> Page:
    """The French root of a site, whatever the language of the page chosen as its root."""
    root = site.root_page
    if isinstance(root, Page) and root.locale_id != source_locale_id():
        return root.get_translation_or_none(source_locale()) or root
    return root


def source_locale_id() -> int:
    from .languages import SOURCE_LANGUAGE, _codes, code_of_locale

    for locale_id, code in _codes.items():
        if code == SOURCE_LANGUAGE:
            return locale_id
    locale_id = source_locale().pk
    code_of_locale(locale_id)
    return locale_id


def find_page(request: HttpRequest, path: str) -> SourcedPage | None:
    """The live source page at a path below the site's root, in the reader's language; ``None`` when there is none."""
    site = Site.find_for_request(request)
    if site is None:
        return None
    root = source_root(site)
    parts = [part for part in path.split("/") if part]
    url_path = root.url_path + "".join(f"{part}/" for part in parts)
    page = (
        Page.objects.filter(url_path=url_path, path__startswith=root.path, locale_id=source_locale_id(), live=True)
        .specific()
        .first()
    )
    return page.in_language(active_language()) if isinstance(page, SourcedPage) else None


def remember_route(request: HttpRequest, page: Page | None) -> None:
    """Tells Wagtail, which caches its own routing on the request, which page this request is for."""
    request._wagtail_route_for_request = RouteResult(page) if page else None  # type: ignore[attr-defined]
