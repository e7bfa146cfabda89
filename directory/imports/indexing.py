"""What hangs on the sheets that an import wrote: the search, and the index of what refers to what.

Done for many sheets at once when all are written. A killed run leaves ``is_indexed`` false where it was not done, and
the next import of any file makes up for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from modelsearch.backends import get_search_backends
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import ReferenceIndex

from portal.core.indexing import silent_indexing

from ..models import ImportedRecord, StructurePage

BATCH = 200
#: New rows from which the statistics of the database are made anew.
MANY = 200


@contextmanager
def gathered() -> Iterator[None]:
    """Inside, sheets are written without being indexed one by one."""
    with silent_indexing(StructurePage):
        yield


def index_written(progress: Callable[[int], None] | None = None) -> int:
    """Indexes the sheets that imports wrote and that are not indexed yet. Gives their number."""
    count = 0
    while True:
        records = list(ImportedRecord.objects.filter(is_indexed=False).values_list("pk", "page_id")[:BATCH])
        if not records:
            break
        _index({page_id for _pk, page_id in records})
        ImportedRecord.objects.filter(pk__in=[pk for pk, _page_id in records]).update(is_indexed=True)
        count += len(records)
        if progress:
            progress(count)
    if count >= MANY:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return count


def _index(page_ids: set[int]) -> None:
    pages = list(StructurePage.objects.filter(pk__in=page_ids).select_related("municipality"))
    with transaction.atomic():
        for page in pages:
            ReferenceIndex.create_or_update_for_object(page)
    for backend in get_search_backends(with_auto_update=True):
        if backend.catch_indexing_errors:  # an engine of its own: the worker talks to it
            for page in pages:
                insert_or_update_object_task.enqueue("directory", "structurepage", str(page.pk))
        else:
            live = list(
                StructurePage.get_indexed_objects()
                .filter(pk__in=page_ids)
                .select_related("municipality")
                .prefetch_related("themes", "audiences", "tags")
            )
            with transaction.atomic():
                backend.add_bulk(StructurePage, live)
