"""The one registry of periodic work.

An application declares its jobs in a module ``periodic_jobs.py``, found by itself::

    @periodic(every=timedelta(hours=1), name="fetch_feeds")
    def fetch_feeds(now: datetime) -> str | None: ...

``manage.py run_due`` calls what is due. A job must bear being called twice: a process killed while it runs one leaves
its claim behind, and another process takes the job over once the claim has expired (``lease``).
"""

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from portal.core.models.periodic import PeriodicRun

logger = logging.getLogger(__name__)

JobFunction = Callable[[datetime], str | None]

# Set when this process was asked to end: a long job looks at it between two steps and returns.
stopping = threading.Event()


@dataclass(frozen=True)
class Job:
    """A callable with its rhythm. ``lease`` is the longest a single run may take before another process takes over."""

    name: str
    every: timedelta
    lease: timedelta
    function: JobFunction


@dataclass(frozen=True)
class Outcome:
    """What became of one run: ``error`` is empty when it went well."""

    name: str
    result: str
    error: str


_registry: dict[str, Job] = {}


def periodic(
    *, every: timedelta, name: str, lease: timedelta = timedelta(minutes=15)
) -> Callable[[JobFunction], JobFunction]:
    """Register a job under a name unique in the whole portal; ``every`` counts from one start to the next."""

    def register(function: JobFunction) -> JobFunction:
        known = _registry.get(name)
        if known and known.function.__module__ != function.__module__:
            raise ValueError(f"Two periodic jobs are named {name!r}, in {known.function.__module__} and here.")
        _registry[name] = Job(name=name, every=every, lease=lease, function=function)
        return function

    return register


def jobs() -> list[Job]:
    """Every registered job of the installed applications, by name."""
    autodiscover_modules("periodic_jobs")
    return [_registry[name] for name in sorted(_registry)]


def due_jobs(now: datetime) -> list[Job]:
    """The jobs that ``run_due`` would start at ``now``; writes nothing."""
    waiting = {run.name for run in PeriodicRun.objects.exclude(_due(now))}
    return [job for job in jobs() if job.name not in waiting]


def run_due() -> list[Outcome]:
    """Run each job that is due and that no other process holds; a failing job stops none of the others."""
    outcomes = []
    for job in due_jobs(timezone.now()):
        if stopping.is_set():
            break
        now = timezone.now()
        if _claim(job, now):
            outcomes.append(_run(job, now))
    return outcomes


def _due(now: datetime) -> Q:
    """Rows that may start: their time has come, and nobody holds them or their holder is presumed dead."""
    return (Q(due_at=None) | Q(due_at__lte=now)) & (Q(claimed_until=None) | Q(claimed_until__lte=now))


def _claim(job: Job, now: datetime) -> bool:
    """Take the job, or leave it to the process that did. One conditional UPDATE: both databases serialise it."""
    with transaction.atomic():
        PeriodicRun.objects.get_or_create(name=job.name)
        taken = PeriodicRun.objects.filter(_due(now), name=job.name).update(
            due_at=now + job.every, claimed_until=now + job.lease, started_at=now
        )
    return taken == 1


def _run(job: Job, started_at: datetime) -> Outcome:
    result, error = "", ""
    try:
        result = job.function(started_at) or ""
    except Exception as exception:
        logger.exception("Periodic work %s failed", job.name)
        error = "".join(traceback.format_exception(exception))
    else:
        logger.log(logging.INFO if result else logging.DEBUG, "Periodic work %s: %s", job.name, result or "done")
    if not connection.in_atomic_block:
        close_old_connections()  # a job that lost its database connection must not take the next ones with it
    finished_at = timezone.now()
    changes = {"error": error, "failed_at": finished_at} if error else {"result": result, "error": ""}
    # Only while the claim is still ours: a run that outlived its lease must not free the claim of its successor.
    PeriodicRun.objects.filter(name=job.name, started_at=started_at).update(
        claimed_until=None, finished_at=finished_at, **changes
    )
    return Outcome(job.name, result, error)
