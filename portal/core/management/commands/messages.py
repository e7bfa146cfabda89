"""``manage.py messages extract|check|compile``: the message catalogues, without the system's gettext."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core import catalogues
from portal.core.source_messages import SourceError


class Command(BaseCommand):
    help = (
        "extract: brings the catalogues up to date with the sources, keeping translations. "
        "check: exits 1 with a list when a catalogue is incomplete, stale or faulty. "
        "compile: writes the .mo files that changed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["extract", "check", "compile"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        root, folder = settings.BASE_DIR, settings.LOCALE_PATHS[0]
        languages = [code for code, _name in settings.LANGUAGES]
        try:
            match action:
                case "extract":
                    for language, (came, went) in catalogues.extract(root, folder, languages).items():
                        self.stdout.write(f"{language}: {came} new, {went} dropped")
                case "compile":
                    written = catalogues.compile_catalogues(folder)
                    self.stdout.write(f"{len(written)} catalogues compiled")
                case "check":
                    if faults := catalogues.check(root, folder, languages):
                        raise CommandError("\n".join([*faults, f"{len(faults)} faults in the catalogues"]))
                    self.stdout.write("The catalogues are complete.")
        except (catalogues.CatalogueError, SourceError) as error:
            raise CommandError(str(error)) from error
