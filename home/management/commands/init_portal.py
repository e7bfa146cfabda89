"""``manage.py init_portal``: the pages of a new portal; see ``home.portal_tree``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from home.portal_tree import ensure_portal_tree


class Command(BaseCommand):
    help = "Make the pages that a portal needs (home, lists, contact, legal pages). Pages that exist are left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be made")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            with transaction.atomic():
                report = ensure_portal_tree()
                transaction.set_rollback(True)
        else:
            report = ensure_portal_tree()
        verb = "would be made" if dry_run else "made"
        for slug in report.created:
            self.stdout.write(f"{slug}: {verb}")
        for slug, language in report.translated:
            self.stdout.write(f"{slug} ({language}): {verb}")
        self.stdout.write(
            f"{len(report.created)} pages and {len(report.translated)} translations {verb}, {report.kept} pages kept"
        )
