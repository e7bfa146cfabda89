"""Indexing once per page instead of once per save: a new page is saved several times before it is whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast
from django.db.models.signals import post_save
from modelsearch.backends import get_search_backends
from modelsearch.conf import get_app_config
from modelsearch.index import get_indexed_models
from modelsearch.signal_handlers import post_save_signal_handler
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import Page, ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update

from .sourced import INDEXED_LATER, SourcedPage

_saved: dict[tuple[type[Page], int], None] = {}
_gathering = False


def page_models() -> list[type[Page]]:
    """The types of pages that are in the search index."""
    return [model for model in get_indexed_models() if issubclass(model, Page)]


@contextmanager
def gathered_indexing() -> Iterator[None]:
    """Inside, saved pages are indexed by ``index_gathered``; in the database's search index, together at the end.

    What a killed run has left out of the search index is put there at the end of the next one. For commands: the
    signals are silent for the whole process. One inside another changes nothing.
    """
    global _gathering  # noqa: PLW0603 - what it tells is true of the process
    if _gathering:
        yield
        return
    _gathering = True
    muted = page_models()
    for model in muted:
        post_save.disconnect(post_save_signal_handler, sender=model)
        post_save.connect(_remember, sender=model)
    try:
        with disable_reference_index_auto_update():
            yield
        index_missing_pages()
    finally:
        _gathering = False
        _saved.clear()
        for model in muted:
            post_save.disconnect(_remember, sender=model)
            post_save.connect(post_save_signal_handler, sender=model)


@contextmanager
def silent_indexing(*models: type[SourcedPage]) -> Iterator[None]:
    """Inside, saved pages of these types are indexed by nobody: the caller does it for all of them at the end."""
    if _gathering:
        yield
        return
    for model in models:
        post_save.disconnect(post_save_signal_handler, sender=model)
    INDEXED_LATER.update(models)
    try:
        with disable_reference_index_auto_update():
            yield
    finally:
        INDEXED_LATER.difference_update(models)
        for model in models:
            post_save.connect(post_save_signal_handler, sender=model)


def _remember(sender: type[Page], instance: Page, raw: bool, **kwargs: Any) -> None:
    if not raw:
        _saved[sender, instance.pk] = None


def index_gathered() -> None:
    """Writes what hangs on the pages saved since the last call: to be called in the transaction that saved them."""
    has_engine = any(backend.catch_indexing_errors for backend in get_search_backends(with_auto_update=True))
    for model, pk in _saved:
        ReferenceIndex.create_or_update_for_object(model._default_manager.get(pk=pk))
        if has_engine:
            insert_or_update_object_task.enqueue(model._meta.app_label, model._meta.model_name, str(pk))
    _saved.clear()


def index_missing_pages() -> int:
    """Puts live pages where they are not: in the search index of the database. Gives their number."""
    entries = get_app_config().get_model("IndexEntry").objects
    added = 0
    for backend in get_search_backends(with_auto_update=True):
        if backend.catch_indexing_errors:  # an engine of its own, which the database can't be compared with
            continue
        for model in page_models():
            known = entries.filter(
                content_type=ContentType.objects.get_for_model(model, for_concrete_model=False),
                object_id=Cast(OuterRef("pk"), TextField()),
            )
            missing = list(model.get_indexed_objects().filter(~Exists(known), live=True))
            if model is Page:  # rows of other types are indexed as what they are
                missing = [page for page in missing if page.specific_class is Page]
            if missing:
                backend.add_bulk(model, missing)
            added += len(missing)
    return added
