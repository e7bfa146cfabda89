"""Which tasks run at once, and which wait for the real worker."""

import signal
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import Page, ReferenceIndex
from wagtail.tasks import delete_file_from_storage_task, update_reference_index_task

from portal.core.periodic_jobs import prune_task_results
from portal.core.tasks import runs_at_once

pytestmark = pytest.mark.django_db

SEARCH_TASK = "modelsearch.tasks.insert_or_update_object_task"


@pytest.fixture(autouse=True)
def database_tasks(settings):
    settings.TASKS = {"default": {"BACKEND": "portal.core.tasks.DatabaseBackend"}}


@task()
def make_group(name):
    return Group.objects.create(name=name).name


@task()
def fail():
    raise RuntimeError("broken")


@pytest.fixture
def worker(monkeypatch):
    """Runs what waits, then gives back what the worker takes over: three signals, connections that it would close."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)
    handlers = [signal.getsignal(number) for number in numbers]
    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)
    yield run_worker
    for number, handler in zip(numbers, handlers, strict=True):
        signal.signal(number, handler)


def run_worker():
    call_command("db_worker", "--batch", "--no-startup-delay", "--queue-name", "*", interval=0, verbosity=0)


def test_a_task_waits_for_the_worker(worker):
    result = make_group.enqueue("Parents")
    assert result.status == TaskResultStatus.READY
    assert not Group.objects.filter(name="Parents").exists()
    worker()
    result.refresh()
    assert result.status == TaskResultStatus.SUCCESSFUL
    assert result.return_value == "Parents"
    assert Group.objects.filter(name="Parents").exists()


def test_a_failing_task_stops_not_the_worker(worker):
    broken, good = fail.enqueue(), make_group.enqueue("Parents")
    worker()
    broken.refresh()
    good.refresh()
    assert broken.status == TaskResultStatus.FAILED
    assert good.status == TaskResultStatus.SUCCESSFUL


def test_a_page_is_indexed_as_soon_as_it_is_saved(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        page = Page.get_first_root_node().add_child(instance=Page(title="Crèche des Moulins", slug="moulins"))
    assert page in Page.objects.all().search("moulins").get_queryset()
    assert not DBTaskResult.objects.exists()


def test_embedded_indexing_runs_at_once_and_outside_indexing_waits(settings, monkeypatch):
    done = []
    monkeypatch.setattr(ReferenceIndex, "create_or_update_for_object", done.append)
    page = Page.objects.first()
    update_reference_index_task.enqueue("wagtailcore", "page", str(page.pk))
    assert [done_page.pk for done_page in done] == [page.pk]
    assert not DBTaskResult.objects.exists()

    settings.WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "modelsearch.backends.elasticsearch8"}}
    assert not runs_at_once(SEARCH_TASK)
    insert_or_update_object_task.enqueue("wagtailcore", "page", str(page.pk))
    assert [result.task_path for result in DBTaskResult.objects.all()] == [SEARCH_TASK]


@pytest.mark.parametrize("engine", ["modelsearch.backends.database", "wagtail.search.backends.database"])
def test_the_database_is_embedded(settings, engine):
    settings.WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": engine}}
    assert runs_at_once(SEARCH_TASK)


def test_other_tasks_of_wagtail_wait():
    delete_file_from_storage_task.enqueue(["x", [], {}], "path")
    assert DBTaskResult.objects.count() == 1


def test_old_results_are_pruned():
    make_group.enqueue("Old")
    make_group.enqueue("New")
    old, new = DBTaskResult.objects.order_by("enqueued_at")
    DBTaskResult.objects.update(status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now())
    DBTaskResult.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=15))
    prune_task_results(timezone.now())
    assert list(DBTaskResult.objects.all()) == [new]
