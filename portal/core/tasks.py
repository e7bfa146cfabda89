"""Where background tasks go: into the database, for ``manage.py db_worker``; see ``docs/decisions/0003``."""

from typing import Any

from django.conf import settings
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks_db import backend

REFERENCE_INDEX_TASK = "wagtail.tasks.update_reference_index_task"
SEARCH_TASKS = "modelsearch.tasks."


class DatabaseBackend(backend.DatabaseBackend):
    """Stores tasks for the worker, but runs embedded indexing at once, in the same process and transaction.

    A page is thus found as soon as it is published, and "where is it used" is true as soon as a page is saved. An
    outside search engine is not embedded: its indexing waits for the worker, so that a slow engine slows no editor.
    """

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.immediate: Any = ImmediateBackend(alias, params)

    # The two libraries give the same classes under two names, which types cannot tell: hence Any.
    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        if runs_at_once(task.module_path):
            return self.immediate.enqueue(task, args, kwargs)
        return super().enqueue(task, args, kwargs)

    async def aenqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        if runs_at_once(task.module_path):
            return await self.immediate.aenqueue(task, args, kwargs)
        return await super().aenqueue(task, args, kwargs)


def runs_at_once(task_path: str) -> bool:
    """Whether this task, named by its dotted path, is embedded indexing."""
    if task_path == REFERENCE_INDEX_TASK:
        return True
    return task_path.startswith(SEARCH_TASKS) and _search_is_embedded()


def _search_is_embedded() -> bool:
    engines = [backend["BACKEND"] for backend in settings.WAGTAILSEARCH_BACKENDS.values()]
    return all(".database" in engine for engine in engines)
