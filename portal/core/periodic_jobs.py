"""Periodic work of the ground floor: the outbox, and the housekeeping of the libraries' own tables."""

from datetime import datetime, timedelta
from io import StringIO

from django.conf import settings
from django.core.management import call_command

from portal.core import outbox, page_store
from portal.core.periodic import periodic


@periodic(every=timedelta(seconds=10), name="send_outbox", lease=timedelta(minutes=5))
def send_outbox(now: datetime) -> str | None:
    """Mails that are due."""
    return outbox.send_outbox(now)


@periodic(every=timedelta(minutes=10), name="erase_outbox")
def erase_outbox(now: datetime) -> str | None:
    """Recipients and texts that must not be kept any longer."""
    return outbox.erase_outbox(now)


@periodic(every=timedelta(minutes=1), name="publish_scheduled")
def publish_scheduled(now: datetime) -> str | None:
    """Pages whose hour of publishing or of expiry has come."""
    call_command("publish_scheduled", verbosity=0, stdout=StringIO())
    return None


@periodic(every=timedelta(minutes=10), name="sweep_pages")
def sweep_pages(now: datetime) -> str | None:
    """Kept pages that a change or the clock has put out of date."""
    removed = page_store.sweep()
    return f"{removed} kept pages removed" if removed else None


@periodic(every=timedelta(days=1), name="clear_sessions")
def clear_sessions(now: datetime) -> str | None:
    """Sessions that have expired."""
    call_command("clearsessions")
    return None


@periodic(every=timedelta(days=1), name="prune_task_results")
def prune_task_results(now: datetime) -> str | None:
    """Results of background tasks older than 14 days; with immediate tasks there are none."""
    if settings.TASKS["default"]["BACKEND"].endswith("DatabaseBackend"):
        call_command("prune_db_task_results", "--queue-name", "*", verbosity=0, stdout=StringIO())
    return None
