"""From an address to a page: the French tree routes every language, so every page answers in every language."""

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from .languages import SOURCE_LANGUAGE, active_language, code_of_locale, locale_id_of, source_locale
from .sourced import SourcedPage


def source_root(site: Site) -> Page:
    """The French root of a site, whatever the language of the page chosen as its root."""
    root = site.root_page
    if isinstance(root, Page) and code_of_locale(root.locale_id) != SOURCE_LANGUAGE:
        return root.get_translation_or_none(source_locale()) or root
    return root


def find_page(request: HttpRequest, path: str) -> SourcedPage | None:
    """The live source page at a path below the site's root, in the reader's language; ``None`` when there is none."""
    site = Site.find_for_request(request)
    if site is None:
        return None
    root = source_root(site)
    parts = [part for part in path.split("/") if part]
    url_path = root.url_path + "".join(f"{part}/" for part in parts)
    found = (
        Page.objects.filter(
            url_path=url_path, path__startswith=root.path, locale_id=locale_id_of(SOURCE_LANGUAGE), live=True
        )
        .order_by()
        .values_list("pk", "content_type_id")
        .first()
    )
    model = ContentType.objects.get_for_id(found[1]).model_class() if found else None
    if found is None or model is None or not issubclass(model, SourcedPage):
        return None
    page: SourcedPage | None = model._default_manager.filter(pk=found[0]).first()
    return page.in_language(active_language()) if page else None


def remember_route(request: HttpRequest, page: Page | None) -> None:
    """Tells Wagtail, which caches its own routing on the request, which page this request is for."""
    request._wagtail_route_for_request = RouteResult(page) if page else None  # type: ignore[attr-defined]
