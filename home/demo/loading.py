"""The whole demonstration, family by family."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection

from portal.core.indexing import gathered_indexing
from portal.core.languages import ensure_locales
from portal.core.models import Audience, Theme
from portal.core.moments import PARIS

from . import files, portal, repair, vocabularies
from .accounts import load_accounts
from .centres import ActivityFamily, CentreAgendaFamily, CentreFamily
from .events import EventFamily
from .families import Family
from .news import NewsFamily
from .resources import ResourceFamily
from .structures import StructureFamily
from .tally import Tally
from .terms import TermFamily

#: Is told the name of each family and what was done to it.
Report: TypeAlias = Callable[[str, Tally], None]
#: ``step(dry_run=…)`` makes what is missing of one family.
Step: TypeAlias = Callable[..., Tally]


def load_demo(*, now: datetime, report: Report, dry_run: bool = False) -> None:
    """Loads what is missing of the demonstration; changes nothing that exists.

    Every page, with its rows and revision, is one transaction, so a run may be killed at any moment: the next one makes
    the rest. With ``dry_run`` nothing is written and ``report`` is told what would be.
    """
    if not dry_run:
        ensure_locales()
    made = _run(_first_steps(), report, dry_run)
    if dry_run:
        _run(_page_steps(now), report, dry_run)
        return
    with gathered_indexing():
        made += _run(_page_steps(now), report, dry_run)
    if made:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # so many new rows change which index is the best one


def _run(steps: list[tuple[str, Step]], report: Report, dry_run: bool) -> int:
    made = 0
    for label, step in steps:
        tally = step(dry_run=dry_run)
        made += tally.created + tally.translated
        report(label, tally)
    return made


def _first_steps() -> list[tuple[str, Step]]:
    return [
        ("municipalities", vocabularies.load_municipalities),
        ("territories", vocabularies.load_territories),
        ("themes", lambda dry_run: vocabularies.load_words(Theme, dry_run=dry_run)),
        ("audiences", lambda dry_run: vocabularies.load_words(Audience, dry_run=dry_run)),
        ("pictures", files.load_pictures),
        ("leaflets", files.load_leaflets),
    ]


def _page_steps(now: datetime) -> list[tuple[str, Step]]:
    families: list[Family[Any]] = [
        StructureFamily(),
        CentreFamily(),
        CentreAgendaFamily(),
        ActivityFamily(),
        ResourceFamily(),
        TermFamily(),
        EventFamily(now),
        NewsFamily(now.astimezone(PARIS).date()),
    ]
    return [
        ("pages of the portal", portal.load_tree),
        ("settings", portal.load_settings),
        *((family.label, family.load) for family in families),
        ("dates put back", repair.keep_missing_occurrences),
        ("accounts", load_accounts),
    ]
