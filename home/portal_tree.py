"""The pages without which a portal is none: made for a new installation, left alone in an old one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import Locale, Page, Site

from directory.models import DirectoryIndexPage, ResourceIndexPage
from events.models import AgendaPage
from glossary.models import GlossaryIndexPage
from portal.core.indexing import gathered_indexing
from portal.core.languages import SOURCE_LANGUAGE, ensure_locales, language_codes
from portal.core.routing import source_root
from portal.images.models import PortalImage

from .models import CentreIndexPage, ContactPage, HomePage, NewsIndexPage, StandardPage
from .models.pages import BodyPage
from .portal_texts import DEFAULT_PAGES, PageTexts, PortalPage
from .seeding.bodies import body_value
from .seeding.pages import publish_below
from .seeding.translations import translate, wants_translation

TreePage: TypeAlias = (
    HomePage
    | DirectoryIndexPage
    | ResourceIndexPage
    | GlossaryIndexPage
    | AgendaPage
    | CentreIndexPage
    | NewsIndexPage
    | ContactPage
    | StandardPage
)

MODELS: dict[str, type[TreePage]] = {
    "home": HomePage,
    "directory_index": DirectoryIndexPage,
    "resource_index": ResourceIndexPage,
    "glossary_index": GlossaryIndexPage,
    "agenda": AgendaPage,
    "centre_index": CentreIndexPage,
    "news_index": NewsIndexPage,
    "contact": ContactPage,
    "standard": StandardPage,
}
#: Kinds of which a portal has one: another address does not make another page of it.
SINGLE = set(MODELS) - {"standard"}
IN_MENUS = SINGLE - {"home", "contact"}


@dataclass
class TreeReport:
    """What was made: slugs, and ``(slug, language)`` of translations."""

    created: list[str] = field(default_factory=list)
    translated: list[tuple[str, str]] = field(default_factory=list)
    kept: int = 0


def ensure_portal_tree(
    *, pages: Iterable[PortalPage] = DEFAULT_PAGES, share_picture: PortalImage | None = None
) -> TreeReport:
    """Makes the missing pages of the portal and publishes them; changes none that exists. Idempotent.

    A page of the defaults that ``pages`` does not have is made with its default texts. Each page is made in one
    transaction, each of its translations in another one, so an interrupted run is completed by the next.
    """
    ensure_locales()
    with gathered_indexing():
        return _ensure_pages(pages, share_picture)


def _ensure_pages(pages: Iterable[PortalPage], share_picture: PortalImage | None) -> TreeReport:
    by_slug = {page.slug: page for page in (*DEFAULT_PAGES, *pages)}
    report = TreeReport()
    home = ensure_home(by_slug["home"], report, share_picture)
    _ensure_site_address()
    for wanted in by_slug.values():
        page = home if wanted.kind == "home" else _ensure_page(wanted, home, report)
        for locale in Locale.objects.filter(language_code__in=wanted.others.keys() & set(language_codes())):
            _ensure_translation(page, locale, wanted, report)
    _ensure_home_in_every_language(home)
    return report


def ensure_home(wanted: PortalPage, report: TreeReport, share_picture: PortalImage | None) -> HomePage:
    """The French home page, which the default site starts from. Wagtail's welcome page goes when it is made."""
    site = Site.objects.filter(is_default_site=True).first()
    root = source_root(site).specific if site else None
    home = root if isinstance(root, HomePage) else HomePage.objects.sources().filter(depth=2).first()
    if home is not None:
        report.kept += 1
        return home
    with transaction.atomic():
        welcome = Page.objects.filter(depth=2, numchild=0, content_type=ContentType.objects.get_for_model(Page))
        for page in welcome:
            page.slug = f"welcome-{page.pk}"  # its slug is wanted, and the site hangs on it until it has another root
            page.save()
        home = _new_page(wanted)
        home.search_image = share_picture
        publish_below(Page.get_first_root_node(), home)
        hostname, port = site_address()
        Site.objects.update_or_create(
            is_default_site=True, defaults={"root_page": home, "hostname": hostname, "port": port}
        )
        for page in welcome:
            page.delete()
    report.created.append(wanted.slug)
    return home


def site_address() -> tuple[str, int]:
    """Host name and port of ``settings.SITE_URL``."""
    parts = urlsplit(settings.SITE_URL)
    return parts.hostname or "localhost", parts.port or (443 if parts.scheme == "https" else 80)


def _ensure_site_address() -> None:
    """The default site answers where the settings say."""
    address = site_address()
    site = Site.objects.filter(is_default_site=True).first()
    if site is not None and (site.hostname, site.port) != address:
        site.hostname, site.port = address
        site.save()


def _new_page(wanted: PortalPage) -> TreePage:
    page = MODELS[wanted.kind](slug=wanted.slug, show_in_menus=wanted.kind in IN_MENUS)
    set_texts(page, wanted, wanted.french)
    return page


def set_texts(page: TreePage, wanted: PortalPage, texts: PageTexts) -> None:
    """Puts the texts of one language on a page."""
    page.title = texts.title
    page.summary = texts.summary
    if isinstance(page, BodyPage):
        page.body = body_value(texts.body, key=f"page/{wanted.slug}")
    if isinstance(page, StandardPage):
        page.easy_text = texts.easy_text


def _ensure_page(wanted: PortalPage, home: HomePage, report: TreeReport) -> TreePage:
    siblings = MODELS[wanted.kind].objects.sources().child_of(home)
    page = siblings.first() if wanted.kind in SINGLE else siblings.filter(slug=wanted.slug).first()
    if page is not None:
        report.kept += 1
        return page
    page = publish_below(home, _new_page(wanted))
    report.created.append(wanted.slug)
    return page


def _ensure_translation(page: TreePage, locale: Locale, wanted: PortalPage, report: TreeReport) -> None:
    if wants_translation(page, locale):
        texts = wanted.others[locale.language_code]
        translate(page, locale, lambda copy: set_texts(copy, wanted, texts))
        report.translated.append((wanted.slug, locale.language_code))


def _ensure_home_in_every_language(home: HomePage) -> None:
    """Every language has a root; without texts of its own, one that repeats the French home and is never shown."""
    for locale in Locale.objects.filter(language_code__in=language_codes()):
        if locale.language_code != SOURCE_LANGUAGE and not home.has_translation(locale):
            home.copy_for_translation(locale, alias=True)
