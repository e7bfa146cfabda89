"""Pages of several types at once (search, site map): what all of them have, in a number of queries that never grows."""

from collections.abc import Iterable
from itertools import chain
from typing import cast

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page, get_page_models

from .entries import Entry
from .languages import SOURCE_LANGUAGE
from .models import BasePage
from .sourced import SourcedPage, SourcedQuerySet
from .versions import remembered


def models_by_type() -> dict[int, type[BasePage]]:
    """Every page type of the portal, by the key of its content type; no query when warm. Not to be changed."""
    return remembered("models by type", read_models_by_type)


def read_models_by_type() -> dict[int, type[BasePage]]:
    models = [model for model in get_page_models() if issubclass(model, BasePage)]
    types = ContentType.objects.get_for_models(*models)
    return {types[model].pk: model for model in models}


def mixed_pages() -> SourcedQuerySet:
    """Pages of all the types of the portal; ``specific(defer=True)`` gives them their class without a query."""
    return SourcedQuerySet(Page).filter(content_type__in=list(models_by_type()))


def mixed_entries(sources: Iterable[Page], language: str, *, with_summaries: bool = True) -> list[Entry]:
    """Entries of source pages in their order. Only titles and summaries may be read of them: the rest is deferred.

    One query for the texts in another language than the source, one for all summaries.
    """
    facts = [cast(SourcedPage, page.specific_deferred) for page in sources]
    texts: dict[object, SourcedPage] = {}
    if language != SOURCE_LANGUAGE and facts:
        keys = [page.translation_key for page in facts]
        rows = mixed_pages().translations_into(language).public().filter(translation_key__in=keys)
        texts = {row.translation_key: row for row in rows.specific(defer=True)}
    entries = [Entry(facts=page, text=texts.get(page.translation_key, page), frame=language) for page in facts]
    if with_summaries:
        fill_summaries(entry.text for entry in entries)
    return entries


def fill_summaries(pages: Iterable[SourcedPage]) -> None:
    """Reads the summaries of pages of any type in one query."""
    by_model: dict[type[SourcedPage], dict[int, SourcedPage]] = {}
    for page in pages:
        by_model.setdefault(type(page), {})[page.pk] = page
    parts = [
        model._default_manager.filter(pk__in=found).order_by().values_list("pk", "summary")
        for model, found in by_model.items()
    ]
    if not parts:
        return
    known = dict(chain.from_iterable(by_model[model].items() for model in by_model))
    for pk, summary in parts[0].union(*parts[1:], all=True):
        setattr(known[pk], "summary", summary)  # noqa: B010 - a field of BasePage
