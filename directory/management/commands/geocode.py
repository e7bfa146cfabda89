"""Looks up the addresses of the sheets that have no position yet."""

import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directory import positions
from directory.geocoding import is_on
from directory.models import PositionCheck, StructurePage

State = positions.State
#: Seconds between two lines of progress, and those that one waits for a service that asks to wait.
PROGRESS_EVERY, PATIENCE = 2.0, 60.0


def is_decided(check: PositionCheck | None) -> bool:
    """Whether an editor has said what the answer is worth."""
    return check is not None and check.state in positions.DECIDED


class Command(BaseCommand):
    help = (
        "Looks up the addresses of the sheets that have no position yet, and says how it goes. Stopped at any moment, "
        "it goes on where it was when called again. Points placed by editors, or that came with an open directory, are "
        "left alone. Exit status: 0 when everything was asked, 1 when the service could not be asked to the end, "
        "2 when no service is set, 130 when interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="ask, say what would be written, write nothing")
        parser.add_argument("--limit", type=int, default=0, help="ask about so many sheets at most")
        parser.add_argument(
            "--all", action="store_true", help="ask again what is known, but for what editors have decided"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_on():
            raise CommandError("GEOCODER_URL is empty: no service to ask.", returncode=2)
        if options["limit"] < 0:
            raise CommandError("--limit must be positive.", returncode=2)
        if options["all"] and not options["dry_run"]:
            self.forget()
        todo = self.todo(ask_all=options["all"])
        counts: Counter[positions.Outcome] = Counter()
        limit = options["limit"] or len(todo)
        self.stdout.write(f"{len(todo)} addresses to look up" + (f", {limit} now" if limit < len(todo) else ""))
        try:
            self.work(todo[:limit], counts, is_dry=options["dry_run"])
        except KeyboardInterrupt:
            self.report(counts, len(todo))
            raise CommandError("Interrupted: call it again to go on.", returncode=130) from None
        self.report(counts, len(todo))
        if counts[positions.Outcome.LATER]:
            raise CommandError("The service does not answer: call it again later to go on.", returncode=1)

    def forget(self) -> None:
        """Notes in the database that everything is to be asked again, so that an interruption forgets nothing."""
        PositionCheck.objects.exclude(state__in=positions.DECIDED).update(
            state=State.PENDING, problem=positions.ANEW, attempts=0, next_at=None
        )
        unknown = positions.perhaps_to_ask().filter(position_check__isnull=True, latitude__isnull=False)
        PositionCheck.objects.bulk_create(
            PositionCheck(structure_id=pk, state=State.PENDING, problem=positions.ANEW)
            for pk in unknown.values_list("pk", flat=True)
        )

    def todo(self, *, ask_all: bool) -> list[int]:
        """Primary keys of what is to be asked."""
        return [
            page.pk
            for page in positions.perhaps_to_ask().iterator(chunk_size=500)
            if (edited := positions.as_edited(page))
            and positions.wants_position(edited)
            and positions.address_key(edited)
            and (positions.is_to_ask(edited, check := positions.check_of(page)) or (ask_all and not is_decided(check)))
        ]

    def work(self, todo: list[int], counts: Counter[positions.Outcome], *, is_dry: bool) -> None:
        told = time.monotonic()
        for pk in todo:
            page = StructurePage.objects.select_related("municipality", "position_check").filter(pk=pk).first()
            if page is None:
                continue
            outcome = positions.geocode(page, patience=PATIENCE, is_dry=is_dry)
            counts[outcome] += 1
            if outcome == positions.Outcome.LATER:
                return
            if is_dry or outcome in {positions.Outcome.WAITING, positions.Outcome.NOTHING}:
                self.stdout.write(f"{outcome.value}: {page.title} ({page.address_line})")
            if time.monotonic() - told >= PROGRESS_EVERY:
                told = time.monotonic()
                self.report(counts, len(todo))

    def report(self, counts: Counter[positions.Outcome], total: int) -> None:
        said = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in positions.Outcome if counts[outcome])
        self.stdout.write(f"{sum(counts.values())} of {total}: {said or 'nothing to do'}")
