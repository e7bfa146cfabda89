"""The places of the directory as a workbook for spreadsheets (XLSX): the same columns as the CSV table, in words.

Written row by row (openpyxl's write-only mode). No cell is a formula: texts are stored as texts, whatever they start
with, and :func:`directory.exports.harmless` puts an apostrophe before what would be one after “save as CSV”.
"""

import io
import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from portal.core.entries import Entry

from .exports import COLUMNS, row

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Characters that XML 1.0 has no place for; Excel refuses a whole file because of one.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Characters that one cell of Excel holds.
MAX_CELL = 32_767
HEADER = PatternFill("solid", start_color="FF0A6B57")
WIDTHS = {"title": 40, "address": 40, "website": 30, "email": 28, "opening_hours": 36, "url": 40}
MIDDLE_WIDTH = 16


def workbook(entries: Iterable[Entry], request: HttpRequest, list_url: str) -> bytes:
    """Two sheets: the places, and what these data are (licence, date, source)."""
    book = Workbook(write_only=True)
    places = book.create_sheet(_("Places"))
    places.freeze_panes = "A2"
    for number, name in enumerate(COLUMNS, start=1):
        places.column_dimensions[get_column_letter(number)].width = WIDTHS.get(name, MIDDLE_WIDTH)
    places.append([heading(places, name) for name in COLUMNS])
    total = 0
    for entry in entries:
        places.append([cell(places, value) for value in row(entry, request)])
        total += 1
    if total:
        places.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{total + 1}"
    about(book.create_sheet(_("About these data")), total, list_url)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def about(sheet: WriteOnlyWorksheet, total: int, list_url: str) -> None:
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 90
    for label, value in (
        (_("Licence of these data:"), f"{settings.DATA_LICENCE} – {settings.DATA_LICENCE_URL}"),
        (_("Date"), timezone.localdate()),
        (_("Number of places"), total),
        (_("The same list"), list_url),
    ):
        sheet.append([heading(sheet, label), cell(sheet, value)])


def heading(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    made = cell(sheet, text)
    made.font = Font(bold=True, color="FFFFFFFF")
    made.fill = HEADER
    return made


def cell(sheet: WriteOnlyWorksheet, value: Any) -> WriteOnlyCell:
    """A cell; a text is a text, be it ``=1+1``."""
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    made = WriteOnlyCell(sheet, NOT_XML.sub("", value)[:MAX_CELL])
    made.data_type = "s"
    made.alignment = Alignment(vertical="top")
    return made
