"""Pages of a list, tolerant of any page number."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator

PER_PAGE = 20


def page_of(items: Any, number: int | None, per_page: int = PER_PAGE) -> Page:
    """The asked page, the first when none is asked, the last when it is beyond the end."""
    paginator: Paginator[Sequence[Any]] = Paginator(items, per_page)
    try:
        return paginator.page(number or 1)
    except EmptyPage:
        return paginator.page(paginator.num_pages)
