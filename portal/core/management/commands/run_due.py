"""``manage.py run_due``: all the periodic work of the portal; see ``portal.core.periodic``."""

import logging
import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from portal.core import periodic

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run the periodic work that is due: mails to send again, purges, feeds. Several may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or Ctrl-C")
        parser.add_argument("--interval", type=float, default=5, help="seconds between two looks, with --loop")
        parser.add_argument("--dry-run", action="store_true", help="only name what is due")

    def handle(self, *args: Any, loop: bool, interval: float, dry_run: bool, **options: Any) -> None:
        if dry_run:
            for job in periodic.due_jobs(timezone.now()):
                self.stdout.write(f"{job.name}: due")
        elif loop:
            self.run_loop(interval)
        else:
            self.run_once()

    def run_once(self) -> None:
        outcomes = periodic.run_due()
        for outcome in outcomes:
            last_line = outcome.error.strip().splitlines()[-1:]
            self.stdout.write(f"{outcome.name}: {' '.join(last_line) or outcome.result or 'done'}")
        failed = [outcome.name for outcome in outcomes if outcome.error]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}")

    def run_loop(self, interval: float) -> None:
        periodic.stopping.clear()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        while not periodic.stopping.is_set():
            try:
                periodic.run_due()
            except (DatabaseError, InterfaceError):
                # A locked or restarting database is met again at the next look.
                logger.exception("Periodic work could not reach the database")
            close_old_connections()
            periodic.stopping.wait(interval)


def stop(signal_number: int, frame: FrameType | None) -> None:
    """Let the running job end, then leave the loop; asked a second time, leave at once."""
    if periodic.stopping.is_set():
        raise SystemExit(1)
    periodic.stopping.set()
