"""The site that a request asks for and the roots of all sites, kept in memory: every address of a page needs them."""

from typing import Any

from django.http import HttpRequest
from django.http.request import split_domain_port
from wagtail.models import Site
from wagtail.models.sites import SiteRootPath, get_site_for_hostname

from .versions import remembered


def remember_site(request: HttpRequest) -> None:
    """Gives Wagtail, which keeps them on the request, what it would read for each request anew."""
    hostname = split_domain_port(request._get_raw_host())[0]  # type: ignore[attr-defined]
    port = request.get_port()
    known: Any = request
    known._wagtail_site = remembered(("site", hostname, port), lambda: find_site(hostname, port))
    known._wagtail_cached_site_root_paths = site_roots()


def find_site(hostname: str, port: str) -> Site | None:
    try:
        return get_site_for_hostname(hostname, port)
    except Site.DoesNotExist:
        return None


def site_roots() -> list[SiteRootPath]:
    """Those of all sites and languages."""
    return remembered("site roots", read_site_roots)


def read_site_roots() -> list[SiteRootPath]:
    """As ``Site.get_site_root_paths``, which keeps them in the cache for an hour and fails when the cache does.

    It also forgets them before a change is committed: another process may keep old ones.
    """
    sites = Site.objects.select_related("root_page").order_by("-root_page__url_path", "-is_default_site", "hostname")
    return [
        SiteRootPath(site.pk, page.url_path, site.root_url, page.locale.language_code)
        for site in sites
        for page in site.root_page.get_translations(inclusive=True).select_related("locale")
    ]
