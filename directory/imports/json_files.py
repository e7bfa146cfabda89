"""JSON: a list of objects, an object that holds such lists, or one object a line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson
from django.utils.translation import gettext as _

from .encodings import lines_of, text_of
from .errors import UnreadableFileError

#: Bytes of one object.
MAX_OBJECT = 4 << 20
MAX_DEPTH = 100
#: Of a number. ijson crashes on those that Python refuses to read.
MAX_DIGITS = 1000
_DIGITS = re.compile(rb"[0-9]+")
_CLOSE = re.compile(rb"[\]}]")
Found = tuple[int, str, dict[str, Any]]


class Source:
    """The file as UTF-8, for ijson, whose memory grows with the size of an object and with the square of its depth.

    Refuses to give more than ``MAX_OBJECT`` bytes before :meth:`settle` says that an object is whole, and what stands
    deeper than ``MAX_DEPTH``.
    """

    def __init__(self, path: Path) -> None:
        self.pieces = text_of(path)
        self.left = b""
        self.since = 0
        self.depth = 0
        self.is_first = True

    def settle(self) -> None:
        self.since = self.depth = 0

    def dive(self, given: bytes) -> None:
        """Brackets in texts count too: there are never so many of them in one object."""
        if any(len(digits) > MAX_DIGITS for digits in _DIGITS.findall(given)):
            raise UnreadableFileError(
                _("This file holds a number of more than %(limit)d digits.") % {"limit": MAX_DIGITS}
            )
        *closed, last = _CLOSE.split(given)
        for part in closed:
            self.depth += part.count(b"[") + part.count(b"{")
            if self.depth > MAX_DEPTH:
                break
            self.depth = max(0, self.depth - 1)
        self.depth += last.count(b"[") + last.count(b"{")
        if self.depth > MAX_DEPTH:
            raise UnreadableFileError(_("The objects of this file are nested too deeply."))

    def read(self, size: int = -1) -> bytes:
        if size == 0:  # ijson asks for nothing to learn whether it reads bytes or text
            return b""
        while not self.left:
            piece = next(self.pieces, None)
            if piece is None:
                return b""
            if self.is_first and piece:
                piece, self.is_first = piece.lstrip("\ufeff"), False
            self.left = piece.encode("utf-8", errors="replace")
        given, self.left = (self.left, b"") if size < 0 else (self.left[:size], self.left[size:])
        self.since += len(given)
        self.dive(given)
        if self.since > MAX_OBJECT:
            raise UnreadableFileError(
                _("One object of this file is larger than %(limit)d MB.") % {"limit": MAX_OBJECT >> 20}
            )
        return given


def broken(error: Exception, count: int) -> UnreadableFileError:
    return UnreadableFileError(
        _("This JSON file is broken or cut off after %(count)d objects. Nothing was imported. (%(detail)s)")
        % {"count": count, "detail": " ".join(str(error).split())[:120]}
    )


def rows(path: Path) -> Iterator[Found]:
    """The objects of the lists of a JSON file, numbered from 1 in each list."""
    count = 0
    try:
        names = _lists(path)
        if names is None:  # one object that holds no list: it is the row
            yield from _single(path)
            return
        for prefix, group in names:
            source = Source(path)
            for number, item in enumerate(ijson.items(source, prefix, use_float=True), start=1):
                source.settle()
                count += 1
                yield number, group, item if isinstance(item, dict) else {"": item}
    except (ijson.JSONError, UnicodeError, ValueError, OverflowError, RecursionError) as error:
        raise broken(error, count) from error


def _lists(path: Path) -> list[tuple[str, str]] | None:
    """ijson's prefix and the name of each list of objects: at the top, or right below it. The whole file is read."""
    source = Source(path)
    found: dict[str, str] = {}
    top = ""
    for prefix, event, _value in ijson.parse(source):
        if not top:
            top = event
            if event == "start_array":
                return [("item", "")]
            if event != "start_map":
                raise UnreadableFileError(_("This JSON file holds no list of places."))
        if event == "end_map":
            source.settle()
            # ``structures.item``: an object right in a list right in the top object.
            if prefix.endswith(".item") and prefix.count(".") == 1:
                found[prefix] = prefix.removesuffix(".item")
    return list(found.items()) or None


def _single(path: Path) -> Iterator[Found]:
    for item in ijson.items(Source(path), "", use_float=True):
        if not item:
            return
        yield 1, "", item


def has_lines(text: str) -> bool:
    """Whether a text that begins with ``{`` has one object a line: its first line is one, and another one follows."""
    first, _end, rest = text.partition("\n")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return rest.lstrip().startswith("{")


def lines(path: Path) -> Iterator[Found]:
    """The objects of an NDJSON file, numbered by their lines."""
    for number, line in enumerate(lines_of(path, MAX_OBJECT), start=1):
        text = line.strip("\ufeff \t\r\n")
        if not text:
            continue
        try:
            item = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UnreadableFileError(
                _("Line %(line)d is not whole JSON: the file is broken or cut off. Nothing was imported.")
                % {"line": number}
            ) from error
        yield number, "", item if isinstance(item, dict) else {"": item}
