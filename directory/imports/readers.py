"""From a file to its rows, whatever it is: CSV, XLSX, JSON, NDJSON. Nothing here knows what a structure is.

A file is read twice. :func:`check` reads all of it and keeps nothing, so that a file which is broken at its end is
refused before anything of it is used; :func:`rows` then gives one row after the other. Memory stays bounded whatever
the file: its size, its rows, the length of one row and what an XLSX unpacks to have a limit, said when it is reached.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from . import json_files, spreadsheets, tables
from .encodings import detect
from .errors import UnreadableFileError

#: Bytes. Forty times the largest directory of a French county that is known.
MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_ROWS = 50_000
SAMPLE_ROWS = 20

#: Called with the bytes read so far; may raise to stop.
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Row:
    """One row: its number as whoever opens the file would say it, and its values by column.

    In a table the number is that of the line, the headings being line 1; in JSON it counts the objects from 1.
    ``group`` is the name of the list or of the sheet where it was found (``structures``, ``services``…), or empty. A
    value is what the file says: a text, a number, a date (XLSX), a list or an object (JSON), or ``None``.
    """

    number: int
    values: dict[str, Any]
    group: str = ""


@dataclass
class Content:
    """What :func:`check` found."""

    kind: str
    rows: int = 0
    columns: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    samples: list[Row] = field(default_factory=list)


def check(path: Path, progress: Progress | None = None) -> Content:
    """Reads the whole file once. Raises ``UnreadableFileError``."""
    content = Content(kind=kind_of(path))
    seen: dict[str, None] = {}
    groups: dict[str, None] = {}
    for row in rows(path):
        content.rows += 1
        if content.rows > MAX_ROWS:
            raise UnreadableFileError(
                _("This file has more than %(rows)d rows: split it, for instance by county.") % {"rows": MAX_ROWS}
            )
        if len(seen) < 1000:
            seen.update(dict.fromkeys(row.values))
        groups[row.group] = None
        if len(content.samples) < SAMPLE_ROWS:
            content.samples.append(row)
        if progress and content.rows % 500 == 0:
            progress(content.rows)
    if not content.rows:
        raise UnreadableFileError(_("There are no rows in this file."))
    content.columns, content.groups = [name for name in seen if name], list(groups)
    return content


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file. Raises ``UnreadableFileError``, at any row."""
    kind = kind_of(path)
    reader: dict[str, Callable[[Path], Iterator[tuple[int, str, dict[str, Any]]]]] = {
        "xlsx": spreadsheets.rows,
        "json": json_files.rows,
        "ndjson": json_files.lines,
        "csv": tables.rows,
    }
    for number, group, values in reader[kind](path):
        yield Row(number, values, group)


#: Beginnings of files that are none of ours, and what to say.
_OTHER_FILES = {
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}


def kind_of(path: Path) -> str:
    """``csv``, ``xlsx``, ``json`` or ``ndjson``, by what the file holds and not by its name."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(1 << 16)
    except OSError as error:
        raise UnreadableFileError(
            _("This file can't be opened: %(reason)s.") % {"reason": error.strerror or error}
        ) from error
    if size > MAX_FILE_BYTES:
        raise UnreadableFileError(
            _("This file is too large: %(size)d MB, where %(limit)d MB are read. Split it, for instance by county.")
            % {"size": size >> 20, "limit": MAX_FILE_BYTES >> 20}
        )
    if not head.strip():
        raise UnreadableFileError(_("This file is empty."))
    for beginning, name in _OTHER_FILES.items():
        if head.startswith(beginning):
            raise UnreadableFileError(
                _("This is a file of type %(type)s. Save it as XLSX or CSV (UTF-8), or unpack it, then try again.")
                % {"type": name}
            )
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    encoding = detect(path)
    text = head.decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("["):
        return "json"
    if text.startswith("{"):
        return "ndjson" if json_files.has_lines(text) else "json"
    if text.startswith("<"):
        raise UnreadableFileError(_("This is a web page or an XML file, not a table. Download the data itself."))
    return "csv"
