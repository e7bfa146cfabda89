"""Partners' calendars in the queue: read for a preview, then again every hour.

A calendar that fails changes nothing on the portal; it is tried again later and later, and its editors are told why.
"""

import logging
import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from directory.imports.errors import UnreadableFileError
from directory.imports.reports import Report
from portal.core.fetching import Fetched, FetchError, fetch

from ..models import EventFeed
from . import engine

logger = logging.getLogger(__name__)
State = EventFeed.State
EVERY = timedelta(hours=1)
#: After the first failure, twice as long after each other one, at most ``LATEST``.
FIRST_RETRY, LATEST = timedelta(minutes=10), timedelta(hours=6)
#: Longest work at one calendar; another process then takes it over.
LEASE = timedelta(minutes=20)
#: Rows of a report that are kept: feeds are read thousands of times.
KEPT_ROWS = 200


def retry_after(failures: int) -> timedelta:
    """How long a calendar is left alone after so many failures in a row."""
    return min(FIRST_RETRY * 2 ** min(failures - 1, 10), LATEST)


def due(now: datetime) -> Any:
    """Calendars that are to be read at ``now``, and that nobody works at."""
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return EventFeed.objects.filter(is_free, is_active=True, next_at__lte=now)


def enqueue_due(now: datetime) -> int:
    """Has the worker read what is due. Gives their number."""
    count = 0
    for pk in due(now).values_list("pk", flat=True):
        if claim(pk, now):
            refresh_feed.enqueue(pk)
            count += 1
    return count


def claim(pk: int, now: datetime) -> bool:
    """Takes a calendar for some minutes: one conditional UPDATE, so that nobody else takes it too."""
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return EventFeed.objects.filter(is_free, pk=pk).update(claimed_until=now + LEASE) == 1


def start_preview(feed: EventFeed) -> bool:
    """Has the worker read a calendar, without publishing anything. False when somebody works at it."""
    if not claim(feed.pk, timezone.now()):
        return False
    preview_feed.enqueue(feed.pk)
    return True


def start_refresh(feed: EventFeed) -> bool:
    """Has the worker publish what a calendar says now; from then on, every hour. False when somebody works at it."""
    if not claim(feed.pk, timezone.now()):
        return False
    EventFeed.objects.filter(pk=feed.pk).update(is_active=True, etag="", last_modified="")
    refresh_feed.enqueue(feed.pk)
    return True


@task()
def preview_feed(feed_id: int) -> None:
    """Fills in the report of a calendar; nothing else is written."""
    work(feed_id, is_preview=True)


@task()
def refresh_feed(feed_id: int) -> None:
    """Makes the events of a calendar what it says."""
    work(feed_id, is_preview=False)


def work(feed_id: int, *, is_preview: bool) -> None:
    feed = EventFeed.objects.select_related("agenda", "user").filter(pk=feed_id).first()
    if feed is None or not (is_preview or feed.is_active):
        return
    try:
        with content_of(feed, is_preview=is_preview) as found:
            report = None if found is None else imported(feed, found[0], is_preview=is_preview)
    except (FetchError, UnreadableFileError) as error:
        failed(feed, str(error))
    except DatabaseError:
        logger.exception("Calendar %s stopped", feed_id)
        failed(feed, _("The database refused. It is tried again."))
    except Exception:
        failed(feed, _("Something went wrong. It is tried again; whoever runs the site sees why."))
        raise
    else:
        succeeded(feed, report, found[1] if found else None, is_preview=is_preview)


def imported(feed: EventFeed, path: Path, *, is_preview: bool) -> Report:
    content = engine.read(path)
    target = engine.target_of_feed(feed)
    return engine.plan(content, target) if is_preview else engine.apply(content, target, user=feed.user)


@contextmanager
def content_of(feed: EventFeed, *, is_preview: bool) -> Iterator[tuple[Path, Fetched | None] | None]:
    """The file of a calendar, with what its server said of it; ``None`` when it is what it was last time."""
    if not feed.url:
        yield feed.path, None
        return
    is_known = feed.is_active and not is_preview and feed.state == State.FINE
    conditions = {"etag": feed.etag, "last_modified": feed.last_modified} if is_known else {}
    fetched = fetch(web_address(feed.url), **conditions)
    if fetched.is_unchanged:
        if not conditions:
            raise FetchError(_("The server answered %(status)d.") % {"status": 304})
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="portal-feed-") as folder:
        path = Path(folder) / "calendar"
        path.write_bytes(fetched.content)
        yield path, fetched


def web_address(url: str) -> str:
    """The address that is fetched for one that calendars subscribe to."""
    return re.sub(r"^webcals?://", "https://", url.strip(), flags=re.IGNORECASE)


def failed(feed: EventFeed, message: str) -> None:
    """Notes a failure: nothing else changes."""
    now = timezone.now()
    failures = feed.failures + 1
    EventFeed.objects.filter(pk=feed.pk).update(
        state=State.FAILED,
        error=message,
        failures=failures,
        failing_since=feed.failing_since or now,
        fetched_at=now,
        claimed_until=None,
        next_at=now + retry_after(failures) if feed.url else None,
    )


def succeeded(feed: EventFeed, report: Report | None, fetched: Fetched | None, *, is_preview: bool) -> None:
    """Notes what was read. A few minutes more or less keep all calendars from being read at once."""
    now = timezone.now()
    values: dict[str, Any] = {
        "error": "",
        "failures": 0,
        "failing_since": None,
        "fetched_at": now,
        "claimed_until": None,
        "state": State.FINE if feed.is_active else State.PREVIEWED,
    }
    if report is not None:
        values["report"] = shortened(report)
    if not is_preview:
        values["succeeded_at"] = now
        spread = timedelta(seconds=random.randrange(120))  # noqa: S311 - spreads work, guards nothing
        values["next_at"] = now + EVERY - spread if feed.url else None
        if fetched is not None:
            values |= {"etag": fetched.etag, "last_modified": fetched.last_modified}
    EventFeed.objects.filter(pk=feed.pk).update(**values)


def shortened(report: Report) -> dict[str, Any]:
    told = report.as_json()
    # Its length is a figure: kept whole, the reasons only of the first ones.
    told["rejected"] = [
        row if place < KEPT_ROWS else {"row": row["row"]} for place, row in enumerate(told["rejected"][:50_000])
    ]
    told["details"] = {name: rows[:KEPT_ROWS] for name, rows in told["details"].items()}
    told["gone_rows"] = told["gone_rows"][:KEPT_ROWS]
    return told


__all__ = ["enqueue_due", "preview_feed", "refresh_feed", "start_preview", "start_refresh"]
