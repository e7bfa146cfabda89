"""CSV: any separator, quoted or not."""

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .encodings import lines_of
from .errors import UnreadableFileError

MAX_LINE = 1 << 20
#: Signs of one cell, and of a record with line breaks inside.
MAX_CELL = 200_000
MAX_COLUMNS = 500
SEPARATORS = ";,\t|"
Found = tuple[int, str, dict[str, Any]]


def rows(path: Path) -> Iterator[Found]:
    lines = lines_of(path, MAX_LINE)
    head = list(islice(lines, 50))
    dialect_separator = separator_of(head)
    reader = csv.reader(bounded(chain(head, lines)), delimiter=dialect_separator)
    csv.field_size_limit(MAX_CELL)
    names: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = headings(cells)
                continue
            yield reader.line_num, "", row_of(names, cells)
    except csv.Error as error:
        raise UnreadableFileError(
            _("Line %(line)d can't be read as CSV (%(detail)s). Nothing was imported.")
            % {"line": reader.line_num, "detail": error}
        ) from error
    if len(names) == 1 and len(head) > 1 and not head[0].strip().isidentifier():
        raise UnreadableFileError(_("This text has no columns: give a CSV, XLSX, JSON or NDJSON file."))


def bounded(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line.lstrip("\ufeff").replace("\0", "")


def separator_of(head: list[str]) -> str:
    """The separator with which most of the first lines have as many cells as the headings."""
    if not head:
        return ","
    best, best_score = ",", (0, 0)
    for separator in SEPARATORS:
        try:
            counts = [len(cells) for cells in csv.reader(head, delimiter=separator) if cells]
        except csv.Error:
            continue
        if not counts or counts[0] < 2:
            continue
        score = (sum(count == counts[0] for count in counts) * 100 // len(counts), counts[0])
        if score > best_score:
            best, best_score = separator, score
    return best


def headings(cells: list[Any]) -> list[str]:
    """The names of the columns; a name that stands twice gets a number: ``mail``, ``mail (2)``."""
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFileError(_("This file has more than %(limit)d columns.") % {"limit": MAX_COLUMNS})
    names: list[str] = []
    for cell in cells:
        name = " ".join(str(cell if cell is not None else "").split())
        count = 1
        fresh = name
        while name and fresh in names:
            count += 1
            fresh = f"{name} ({count})"
        names.append(fresh)
    return names


def row_of(names: list[str], cells: list[Any]) -> dict[str, Any]:
    """The cells by name; cells beyond the headings are kept under an empty name, so that the row can be refused."""
    values = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    extra = [cell for cell in cells[len(names) :] if cell not in ("", None)]
    if extra:
        values[""] = extra
    return values
