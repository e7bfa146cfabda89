"""``manage.py load_demo``: the content of the demonstration; see ``home.demo``."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from home.demo.loading import load_demo
from home.demo.tally import Tally

#: Settings that demonstrations and tests run with. Another module must say ``ALLOW_DEMO_CONTENT = True``.
DEMO_SETTINGS = {"portal.settings.demo", "portal.settings.dev", "portal.settings.test"}


def is_demo_allowed() -> bool:
    return bool(getattr(settings, "ALLOW_DEMO_CONTENT", settings.SETTINGS_MODULE in DEMO_SETTINGS))


class Command(BaseCommand):
    help = "Load the demonstration: places, events, words, accounts. What exists is left alone; may be run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be made")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if not is_demo_allowed():
            raise CommandError(
                "load_demo refuses to run in production: it would mix invented places and accounts with known "
                "passwords into a real portal. Use init_portal to make the pages of a new portal."
            )
        started = monotonic()
        load_demo(now=timezone.now(), report=self.report, dry_run=dry_run)
        self.stdout.write(f"{'nothing written' if dry_run else 'done'} ({monotonic() - started:.0f} s)")

    def report(self, label: str, tally: Tally) -> None:
        self.stdout.write(f"{label}: {tally}")
        self.stdout.flush()
