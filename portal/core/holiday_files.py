"""School holidays from the open file of the ministry's dates: one row a day, one column a zone.

Source of the form: https://github.com/AntoineAugusti/vacances-scolaires (``date, vacances_zone_a, …, nom_vacances``).
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction

from .enums import SchoolZone
from .models import SchoolHoliday

ZONES = {zone: f"vacances_zone_{zone.lower()}" for zone in SchoolZone.values}
COLUMNS = ("date", *ZONES.values(), "nom_vacances")
TRUTHS = {"true": True, "1": True, "vrai": True, "false": False, "0": False, "faux": False, "": False}
DAY = timedelta(days=1)


class UnreadableFileError(Exception):
    """The file can't be read at all; the message says why."""


@dataclass(frozen=True)
class Holiday:
    zone: str
    name: str
    start: date
    end: date


@dataclass
class Reading:
    """What a file holds: its holidays, the days read, the rows refused with their reason."""

    holidays: list[Holiday] = field(default_factory=list)
    days: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Report:
    created: int = 0
    changed: int = 0
    unchanged: int = 0


def read_holidays(path: Path) -> Reading:
    """The holidays of a CSV file. Raises :class:`UnreadableFileError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path}: not written in UTF-8") from error
    first_line = text.partition("\n")[0]
    table = csv.DictReader(text.splitlines(), delimiter=";" if ";" in first_line else ",")
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise UnreadableFileError(f"{path}: no column {', '.join(missing)}")
    reading = Reading()
    off: dict[str, dict[date, str]] = {zone: {} for zone in ZONES}
    try:
        for row in table:
            reading.days += 1
            try:
                day = date.fromisoformat((row["date"] or "").strip())
                closed = [zone for zone, column in ZONES.items() if TRUTHS[(row[column] or "").strip().lower()]]
            except ValueError:
                reading.rejected.append((table.line_num, f"no date: {row['date']!r}"))
                continue
            except KeyError as error:
                reading.rejected.append((table.line_num, f"neither True nor False: {error.args[0]!r}"))
                continue
            for zone in closed:
                off[zone][day] = (row["nom_vacances"] or "").strip() or "Vacances scolaires"
    except csv.Error as error:
        raise UnreadableFileError(f"{path}, line {table.line_num}: {error}") from error
    reading.holidays = [holiday for zone, days in off.items() for holiday in spans(zone, days)]
    return reading


def spans(zone: str, days: dict[date, str]) -> Iterable[Holiday]:
    """Days that follow each other under one name, as holidays."""
    found: list[Holiday] = []
    for day in sorted(days):
        last = found[-1] if found else None
        if last and last.end + DAY == day and last.name == days[day]:
            found[-1] = Holiday(zone, last.name, last.start, day)
        else:
            found.append(Holiday(zone, days[day], day, day))
    return found


@transaction.atomic
def apply(holidays: Iterable[Holiday]) -> Report:
    """Writes holidays: each takes the place of those that it overlaps in its zone. Others are left alone, because the
    file may end before what is known already. Idempotent."""
    report = Report()
    for holiday in holidays:
        around = SchoolHoliday.objects.filter(zone=holiday.zone, start__lte=holiday.end, end__gte=holiday.start)
        rows = list(around.order_by("start"))
        if not rows:
            SchoolHoliday.objects.create(
                zone=holiday.zone, name=holiday.name[:80], start=holiday.start, end=holiday.end
            )
            report.created += 1
            continue
        row, *others = rows
        if not others and (row.name, row.start, row.end) == (holiday.name[:80], holiday.start, holiday.end):
            report.unchanged += 1
            continue
        for other in others:
            other.delete()
        row.name, row.start, row.end = holiday.name[:80], holiday.start, holiday.end
        row.save()
        report.changed += 1
    return report
