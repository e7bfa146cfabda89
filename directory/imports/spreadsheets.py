"""XLSX, through openpyxl and defusedxml. What the file unpacks to is measured before anything is unpacked."""

import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from .errors import UnreadableFileError
from .tables import Found, headings, row_of

MAX_UNPACKED = 150 << 20
#: openpyxl keeps these whole: the texts of all cells.
MAX_TEXTS = 40 << 20
#: Plain sheets pack about ten to one; thousands to one is a trap.
MAX_RATIO = 400
MAX_PARTS = 2000
MAX_CELLS = 5_000_000
MAX_SHEETS = 50
#: The column by which the template of data.inclusion says that a row is help or an example.
IGNORE = "__ignore__"


def rows(path: Path) -> Iterator[Found]:
    """The rows of each visible sheet whose first row looks like headings, numbered as in the spreadsheet."""
    measure(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of openpyxl, about styles and validations that do not matter here
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                for sheet in book.worksheets[:MAX_SHEETS]:
                    if sheet.sheet_state == "visible":
                        yield from rows_of(sheet)
            finally:
                book.close()
    # openpyxl lets whatever its parsers meet come out: a broken file is told from a broken program by the type only.
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        lzma.LZMAError,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        EOFError,
        NotImplementedError,
        OverflowError,
        RuntimeError,
    ) as error:
        raise UnreadableFileError(
            _("This spreadsheet is broken, or is not an XLSX file (%(detail)s). Save it again as XLSX or CSV.")
            % {"detail": type(error).__name__}
        ) from error


def measure(path: Path) -> None:
    """Raises for an archive that is none, or that unpacks to more than a spreadsheet of places ever does."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableFileError(
            _("This archive is broken or cut off: it can't be opened as a spreadsheet.")
        ) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names and not any(name.startswith("xl/") for name in names):
        raise UnreadableFileError(
            _("This archive is not an XLSX spreadsheet. Unpack it, or save the table as XLSX or CSV.")
        )
    total = sum(part.file_size for part in parts)
    texts = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    packed = max(1, sum(part.compress_size for part in parts))
    if (
        total > MAX_UNPACKED
        or texts > MAX_TEXTS
        or len(parts) > MAX_PARTS
        or (total > (8 << 20) and total / packed > MAX_RATIO)
    ):
        raise UnreadableFileError(
            _("This spreadsheet unpacks to %(size)d MB, more than is read. Save the table alone, as CSV.")
            % {"size": total >> 20}
        )


def rows_of(sheet: Any) -> Iterator[Found]:
    sheet.reset_dimensions()  # what a file says of its size may be millions of rows too much
    names: list[str] = []
    cells_read = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > 2_000_000 or cells_read > MAX_CELLS:
            raise UnreadableFileError(_("This spreadsheet has too many cells. Save the table alone, as CSV."))
        cells_read += len(cells)
        if all(cell is None or cell == "" for cell in cells):
            continue
        if not names:
            if sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells) < 2:
                continue  # a title above the headings
            names = headings([dated(cell) for cell in cells[:500]])
            continue
        values = row_of(names, [plain(cell) for cell in cells])
        if is_true(values.get(IGNORE)):
            continue
        values.pop(IGNORE, None)
        yield number, str(sheet.title).strip().casefold(), values


def dated(cell: Any) -> Any:
    """The template of data.inclusion shows a date in place of the heading of its column of dates."""
    return "date_maj" if isinstance(cell, date | datetime) else cell


def is_true(value: Any) -> bool:
    return value is True or str(value).strip().casefold() in ("true", "vrai", "1")


def plain(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell
