"""Links of rich texts to pages, in the reader's language."""

from django.utils.html import escape
from wagtail.models import Page
from wagtail.rich_text import LinkHandler

from .languages import SOURCE_LANGUAGE, active_language, code_of_locale, localize_path
from .sourced import SourcedPage


class PageLink(LinkHandler):
    """``<a linktype="page" id="…">``: Wagtail's own sends a page without translation to its French address."""

    identifier = "page"

    @staticmethod
    def get_model() -> type[Page]:
        return Page

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, str]]) -> list[Page | None]:
        wanted = {int(attrs["id"]) for attrs in attrs_list if attrs.get("id", "").isdigit()}
        found = {page.pk: page for page in Page.objects.filter(pk__in=wanted).specific()}
        return [found.get(int(attrs["id"])) if attrs.get("id", "").isdigit() else None for attrs in attrs_list]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, str]]) -> list[str]:
        return [f'<a href="{escape(address(page))}">' if page else "<a>" for page in cls.get_many(attrs_list)]


def address(page: Page) -> str:
    """The address of a page under the reader's language."""
    source = page.facts if isinstance(page, SourcedPage) else page
    parts = source.get_url_parts()
    if not parts or not parts[2]:
        return ""
    own = code_of_locale(source.locale_id)
    return localize_path(parts[2], active_language()) if own == SOURCE_LANGUAGE else parts[2]
