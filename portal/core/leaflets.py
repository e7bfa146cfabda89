"""A page as a leaflet of paper, A4 or A5: what fits on one sheet, and the way back to the portal (a QR code)."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import segno
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import normalize_newlines

from .hours import DayHours, Span

PARAMETER = "feuille"
LEAST = 60  # characters: what is shorter says nothing
LINE = 40  # characters that the end of a paragraph takes away


@dataclass(frozen=True)
class Paper:
    """A format: its name, how many characters of running text and how many rows of a list fit on one sheet.

    ``slice`` is ``rows`` for the template filter of that name.
    """

    name: str
    characters: int
    rows: int

    @property
    def slice(self) -> str:
        return f":{self.rows}"

    def beside(self, text: str) -> "Paper":
        """The room that is left beside a text which is always shown whole."""
        return Paper(self.name, max(self.characters - len(text), self.characters // 4), self.rows)

    def shared_by(self, texts: int) -> "Paper":
        """The room of one text when several share the sheet, of which ``rows`` at most are shown."""
        return Paper(self.name, self.characters // max(1, min(texts, self.rows)), 1)


PAPERS = {"a5": Paper("a5", characters=600, rows=3), "a4": Paper("a4", characters=1000, rows=5)}


@dataclass(frozen=True)
class DayRange:
    """Days in a row that have the same hours."""

    first: DayHours
    last: DayHours
    spans: list[Span]

    @property
    def why(self) -> Any:
        return self.first.why


def paper_of(request: HttpRequest) -> Paper | None:
    """The format that the address asks for (``?feuille=a5``); ``None`` without one or for an unknown one."""
    return PAPERS.get(request.GET.get(PARAMETER, ""))


def qr_code(address: str) -> SafeString:
    """The QR code of an address as an inline SVG, without a size of its own: the style sheet gives one."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=2, dark="#000", light="#fff"))  # noqa: S308 - drawn by segno


def cut(text: str, characters: int) -> str:
    """The whole sentences of a text that fit; the first words of the first sentence when even that is too long."""
    text = normalize_newlines(text).strip()
    if len(text) <= characters:
        return text
    start = text[:characters]
    end = max(start.rfind(mark) for mark in (". ", ".\n", "! ", "? ", "؟ ", "\n\n"))
    if end > characters // 3:
        return start[: end + 1].rstrip()
    return start[: start.rfind(" ")].rstrip(" ,;:") + " …"


def cut_paragraphs(paragraphs: list[str], characters: int) -> list[str]:
    """The first paragraphs that fit, the last of them cut."""
    kept: list[str] = []
    if characters < LEAST:
        return kept
    for paragraph in paragraphs:
        part = cut(paragraph, characters)
        if kept and (characters < LEAST or (part.endswith("…") and not paragraph.endswith("…"))):
            break  # better one paragraph less than half a sentence
        kept.append(part)
        characters -= len(part) + LINE
        if part != paragraph.strip():
            break
    return kept


def text_of_body(body: Any) -> list[str]:
    """The plain paragraphs of a stream, for a leaflet; ``[]`` for none."""
    if not body:
        return []
    found = [block.block.get_searchable_content(block.value) for block in body]
    return [str(text).strip() for texts in found for text in texts if str(text).strip()]


def day_ranges(week: list[DayHours]) -> list[DayRange]:
    """A week with its equal days put together: Monday to Friday, Saturday."""
    ranges = []
    for _alike, days in groupby(week, key=lambda day: (day.spans, day.reason)):
        alike = list(days)
        ranges.append(DayRange(alike[0], alike[-1], alike[0].spans))
    return ranges
