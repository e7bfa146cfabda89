"""The registry of periodic work and ``manage.py run_due``."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import close_old_connections, connection
from django.utils import timezone

from portal.core import periodic
from portal.core.models import PeriodicRun


@pytest.fixture
def registry(monkeypatch):
    """An empty registry: only the jobs of the test."""
    jobs = {}
    monkeypatch.setattr(periodic, "_registry", jobs)
    monkeypatch.setattr(periodic, "autodiscover_modules", lambda name: None)
    periodic.stopping.clear()
    return jobs


@pytest.fixture
def calls():
    return []


def add(name, function, every=timedelta(minutes=10), **options):
    periodic.periodic(every=every, name=name, **options)(function)


def test_jobs_of_the_applications_are_found():
    names = {job.name for job in periodic.jobs()}
    assert {"send_outbox", "erase_outbox", "clear_sessions", "prune_task_results"} <= names


def test_two_jobs_cannot_share_a_name(registry):
    add("mails", lambda now: None)
    other = type(add)((lambda now: None).__code__, {"__name__": "elsewhere"})
    with pytest.raises(ValueError, match="mails"):
        add("mails", other)


@pytest.mark.django_db
def test_a_job_runs_when_due_and_not_before(registry, calls):
    add("feed", calls.append)
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        assert [outcome.name for outcome in periodic.run_due()] == ["feed"]
        assert periodic.run_due() == []
        clock.shift(timedelta(minutes=9, seconds=59))
        assert periodic.run_due() == []
        clock.shift(timedelta(seconds=1))
        assert len(periodic.run_due()) == 1
        assert calls[-1] == timezone.now()


@pytest.mark.django_db
def test_the_row_tells_the_last_run_and_the_last_failure(registry):
    answers = iter(["3 mails", ValueError("feed is broken"), None])

    def job(now):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    add("feed", job)
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        periodic.run_due()
        run = PeriodicRun.objects.get(name="feed")
        assert (run.result, run.error, run.failed_at) == ("3 mails", "", None)
        assert run.started_at == run.finished_at == timezone.now()
        assert run.claimed_until is None

        clock.shift(timedelta(hours=1))
        periodic.run_due()
        run.refresh_from_db()
        assert "ValueError: feed is broken" in run.error
        assert run.failed_at == timezone.now()
        assert run.claimed_until is None

        clock.shift(timedelta(hours=1))
        periodic.run_due()
        run.refresh_from_db()
        assert run.error == ""
        assert run.failed_at == timezone.now() - timedelta(hours=1)


@pytest.mark.django_db
def test_a_failing_job_stops_no_other_and_the_command_says_so(registry, calls):
    add("a_fails", lambda now: 1 / 0)
    add("b_works", calls.append)
    out = StringIO()
    with pytest.raises(CommandError, match="a_fails") as error:
        call_command("run_due", stdout=out)
    assert error.value.returncode == 1
    assert len(calls) == 1
    assert "a_fails: ZeroDivisionError" in out.getvalue()
    assert "b_works: done" in out.getvalue()


@pytest.mark.django_db
def test_dry_run_names_and_does_nothing(registry, calls):
    add("feed", calls.append)
    out = StringIO()
    call_command("run_due", "--dry-run", stdout=out)
    assert out.getvalue() == "feed: due\n"
    assert calls == []
    assert not PeriodicRun.objects.exists()


@pytest.mark.django_db
def test_a_job_held_by_another_process_is_left_alone_until_its_lease_ends(registry, calls):
    add("feed", calls.append, every=timedelta(seconds=10), lease=timedelta(minutes=5))
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        assert periodic._claim(registry["feed"], timezone.now())  # and its process dies
        clock.shift(timedelta(minutes=4))
        assert periodic.run_due() == []
        clock.shift(timedelta(minutes=1))
        assert len(periodic.run_due()) == 1


@pytest.mark.django_db
def test_a_run_that_outlives_its_lease_frees_not_its_successor(registry):
    add("slow", lambda now: None, every=timedelta(seconds=10), lease=timedelta(minutes=5))
    job = registry["slow"]
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        first = timezone.now()
        assert periodic._claim(job, first)
        clock.shift(timedelta(minutes=6))
        assert periodic._claim(job, timezone.now())
        periodic._run(job, first)
        assert PeriodicRun.objects.get(name="slow").claimed_until == timezone.now() + job.lease


@pytest.mark.django_db
def test_nothing_starts_once_the_process_is_asked_to_end(registry, calls):
    def last(now):
        calls.append(now)
        periodic.stopping.set()

    add("a", last)
    add("b", calls.append)
    assert [outcome.name for outcome in periodic.run_due()] == ["a"]
    periodic.stopping.clear()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_run_a_job_once(registry, calls):
    if connection.vendor == "sqlite":
        pytest.skip("only on PostgreSQL: the test database of SQLite lives in one connection")
    add("feed", lambda now: calls.append(now) or time.sleep(0.2))
    barrier = threading.Barrier(4)

    def run():
        barrier.wait()
        periodic.run_due()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert len(calls) == 1


@pytest.mark.slow
def test_two_processes_on_sqlite_run_each_job_once_and_end_on_sigterm(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("only on SQLite: the processes use a database of their own")
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "PERIODIC_LOG": str(tmp_path / "log"),
    }
    program = tmp_path / "loop.py"
    program.write_text(LOOP)
    subprocess.run([sys.executable, program, "prepare"], env=environment, check=True, timeout=120)
    loops = [
        subprocess.Popen([sys.executable, program], env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    time.sleep(0.1)
    try:
        deadline = time.monotonic() + 60
        while len(_lines(tmp_path / "log")) < 12 and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        for loop in loops:
            loop.send_signal(signal.SIGTERM)
        errors = [loop.communicate(timeout=10)[1] for loop in loops]
    assert [loop.returncode for loop in loops] == [0, 0], errors
    started = [float(line) for line in _lines(tmp_path / "log")]
    assert len(started) >= 12
    # The job is due every 0.2 s: run by both, it would show pairs closer than that.
    assert min(later - earlier for earlier, later in itertools.pairwise(started)) > 0.15


def _lines(path):
    return path.read_text().splitlines() if path.exists() else []


LOOP = """
import os, sys, time
from datetime import timedelta

import django

sys.path.insert(0, os.getcwd())
django.setup()
from django.core.management import call_command
from django.db import connection
from portal.core import periodic
from portal.core.models import PeriodicRun

if sys.argv[1:] == ["prepare"]:
    with connection.schema_editor() as editor:
        editor.create_model(PeriodicRun)
    sys.exit()


def job(now):
    with open(os.environ["PERIODIC_LOG"], "a") as log:
        log.write(f"{now.timestamp()}\\n")


periodic.autodiscover_modules = lambda name: None
periodic.periodic(every=timedelta(seconds=0.2), name="quick")(job)
call_command("run_due", loop=True, interval=0.02)
"""
