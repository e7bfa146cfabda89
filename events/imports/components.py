"""The components of an iCalendar file one by one, however broken their neighbours are.

Own splitting into lines and components, because the library reads a file whole: one broken event would take the others
with it, and ten thousand of them a gigabyte. Each line is then read by the library. Memory does not grow with the file.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from directory.imports.errors import UnreadableFileError

#: Bytes of a file, of one property, of all properties of one event.
MAX_FILE = 64 << 20
MAX_LINE = 200_000
MAX_COMPONENT = 1 << 20
MAX_DEPTH = 8
_PHYSICAL = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Properties that no event needs here, and that may be huge.
_LEFT_OUT = (b"ATTACH", b"X-ALT-DESC", b"X-MICROSOFT", b"X-MOZ", b"IMAGE", b"X-APPLE-STRUCTURED")


@dataclass
class Component:
    """A ``VEVENT``, a ``VTIMEZONE``, or the ``VCALENDAR`` itself up to its first component, as unfolded lines.

    ``number`` counts the events of the file from 1. ``lines`` are its own properties; of a zone, all that it holds.
    """

    name: str
    number: int = 0
    lines: list[str] = field(default_factory=list)
    size: int = 0
    #: Why it can't be used.
    fault: str = ""

    def add(self, line: bytes) -> None:
        self.size += len(line)
        if self.size > MAX_COMPONENT:
            self.fault = self.fault or _("it is larger than %(limit)d KB") % {"limit": MAX_COMPONENT >> 10}
            self.lines.clear()
        else:
            self.lines.append(decoded(line))


def decoded(line: bytes) -> str:
    """UTF-8, or what Windows writes in France."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file in UTF-8, unfolded, before their letters are read: a fold may stand within a letter."""
    if path.stat().st_size > MAX_FILE:
        raise UnreadableFileError(_("This file is larger than %(limit)d MB.") % {"limit": MAX_FILE >> 20})
    parts: list[bytes] = []
    size = 0
    goes_on = False
    for piece in _pieces(path):
        if b"\0" in piece:
            raise UnreadableFileError(_("This is not a text file: give an iCalendar (.ics) or OpenAgenda (JSON) file."))
        if not goes_on and piece[:1] not in (b" ", b"\t"):
            if parts:
                yield b"".join(parts)
            parts, size = [], 0
        is_folded = bool(parts) and not goes_on
        goes_on = not piece.endswith(b"\n")
        size += len(piece)
        if size <= MAX_LINE:
            parts.append(piece[is_folded:].rstrip(b"\r\n"))
        elif parts:
            parts = [parts[0][:0]]  # a property that is too long is no property
    if parts:
        yield b"".join(parts)


def _pieces(path: Path) -> Iterator[bytes]:
    """Lines with plain ends, the long ones in several pieces."""
    with path.open("rb") as stream:
        head = stream.read(_PHYSICAL)
        codec = next((name for mark, name in _MARKS if head.startswith(mark)), "")
        stream.seek(0)
        if codec == "utf-8":
            stream.read(len(codecs.BOM_UTF8))
        if codec in ("", "utf-8"):
            is_old = b"\r" in head and b"\n" not in head
            while piece := stream.readline(_PHYSICAL):
                if is_old:
                    yield from piece.replace(b"\r", b"\n").splitlines(keepends=True)
                else:
                    yield piece
            return
    with path.open(encoding=codec, errors="replace") as text:
        while line := text.readline(_PHYSICAL):
            yield line.encode(errors="replace")


class _Splitter:
    """What stands open while a file is read line by line."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.too_deep = 0
        #: The event or zone that is being read, and the calendar before its first component.
        self.current: Component | None = None
        self.calendar: Component | None = None
        self.number = 0
        self.has_calendar = False

    def line(self, line: bytes) -> Iterator[Component]:
        """The components that a line ends."""
        key = line[:40].strip().upper()
        if key.startswith(b"BEGIN:"):
            yield from self.begin(decoded(key[6:].strip()), line)
        elif key.startswith(b"END:"):
            yield from self.end(decoded(key[4:].strip()), line)
        elif not self.stack and line.strip() and not self.has_calendar:
            raise _no_calendar()
        elif not key.startswith(_LEFT_OUT):
            self.keep(line)

    def keep(self, line: bytes) -> None:
        """A property, or a part of a zone, goes where it belongs; those of alarms and the like go nowhere."""
        if self.too_deep:
            return
        if self.current is not None:
            if self.stack[-1] == self.current.name or self.current.name == "VTIMEZONE":
                self.current.add(line)
        elif self.calendar is not None and self.stack[-1:] == ["VCALENDAR"]:
            self.calendar.add(line)

    def begin(self, name: str, line: bytes) -> Iterator[Component]:
        if not self.stack and name != "VCALENDAR":
            raise _no_calendar()
        if self.too_deep or len(self.stack) >= MAX_DEPTH:
            self.too_deep += 1
            if self.current:
                self.current.fault = _("it is nested too deeply")
            return
        yield from self.settle_calendar()
        if name == "VEVENT" and self.current is not None and self.current.name == "VEVENT":
            del self.stack[self.stack.index("VEVENT") :]
            yield self.settle(is_whole=False)
        self.stack.append(name)
        if name == "VCALENDAR":
            self.has_calendar = True
            self.calendar = Component(name)
        elif name in ("VEVENT", "VTIMEZONE") and self.current is None:
            self.number += name == "VEVENT"
            self.current = Component(name, self.number)
        if self.current is not None and self.current.name == "VTIMEZONE":
            self.current.add(line)

    def end(self, name: str, line: bytes) -> Iterator[Component]:
        if self.current is not None and self.current.name == "VTIMEZONE" and not self.too_deep:
            self.current.add(line)
        if self.too_deep:
            self.too_deep -= 1
        elif name in self.stack:
            place = len(self.stack) - 1 - self.stack[::-1].index(name)
            if self.current is not None and self.current.name in self.stack[place:]:
                yield self.settle(is_whole=name == self.current.name)
            del self.stack[place:]
            if not self.stack:
                yield from self.settle_calendar()

    def settle(self, *, is_whole: bool) -> Component:
        ended, self.current = self.current, None
        assert ended is not None  # noqa: S101 - for mypy: callers looked
        if not is_whole:
            ended.fault = ended.fault or _("its end is missing")
        return ended

    def settle_calendar(self) -> Iterator[Component]:
        if self.calendar is not None:
            yield self.calendar
            self.calendar = None


def components(path: Path) -> Iterator[Component]:
    """The events and time zones of a file in its order, and its calendars. Raises ``UnreadableFileError`` for what is
    no calendar, or is cut off: then what was given before must not be used."""
    splitter = _Splitter()
    for line in lines_of(path):
        yield from splitter.line(line)
    if not splitter.has_calendar:
        raise _no_calendar()
    if splitter.stack:
        raise UnreadableFileError(_("This calendar is cut off: its end is missing. Nothing was imported."))


def _no_calendar() -> UnreadableFileError:
    return UnreadableFileError(_("This is no calendar: an iCalendar file begins with BEGIN:VCALENDAR."))
