"""A file of events, whatever its format: looked at once as a whole, then event by event."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from directory.imports.errors import ODD_ROW, RowError, UnreadableFileError

from . import openagenda
from .calendars import Reader, read_component
from .clocks import Clocks
from .components import Component, components
from .drafts import EventDraft

MAX_EVENTS = 50_000
#: Of one event.
MAX_OVERRIDES = 1_000


@dataclass(frozen=True)
class Read:
    """What one event of a file became: a draft, or why it is rejected. ``number`` counts from 1."""

    number: int
    draft: EventDraft | None
    reason: str = ""
    #: Of a rejected event, as far as it could be read: it is not gone from its source.
    uid: str = ""


@dataclass
class Content:
    """What the whole file tells: it was read to its end. ``label`` is what it calls itself."""

    path: Path
    is_json: bool
    label: str = ""
    #: The same for readers; may be empty.
    name: str = ""
    rows: int = 0
    clocks: Clocks = field(default_factory=Clocks)
    is_cancelled: bool = False
    #: The event that counts for a ``UID``: ``(sequence, stamp, number)``.
    best: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    #: Dates that are not like the others, by ``UID``, and their numbers.
    overrides: dict[str, list[Component]] = field(default_factory=dict)

    def events(self) -> Iterator[Read]:
        """Drafts and rejected rows, in the order of the file."""
        yield from self._json_events() if self.is_json else self._calendar_events()

    # --- iCalendar ---------------------------------------------------------------------------------------------------
    def _calendar_events(self) -> Iterator[Read]:
        reader = Reader(self.clocks, is_cancelled=self.is_cancelled)
        for component in components(self.path):
            if component.name != "VEVENT":
                continue
            uid, about = head_of(component)
            if not component.fault and uid and about and not self._leads(uid, component):
                continue  # told with its series
            yield self._event(reader, component, uid)

    def _leads(self, uid: str, component: Component) -> bool:
        """Whether a date of its own stands for a series that the file has not."""
        return uid not in self.best and self.overrides[uid][0].number == component.number

    def _event(self, reader: Reader, component: Component, uid: str) -> Read:
        number = component.number
        try:
            event = read_component(component)
            if uid and uid in self.best and self.best[uid][2] != number:
                raise RowError(
                    _("the identifier %(id)s stands in row %(row)d already")
                    % {"id": uid[:80], "row": self.best[uid][2]}
                )
            others = [read_component(other) for other in self.overrides.get(uid, []) if uid and other.number != number]
            return Read(number, reader.draft(event, others))
        except RowError as error:
            return Read(number, None, str(error), uid)
        except ODD_ROW as error:
            detail = {"detail": type(error).__name__}
            return Read(number, None, _("this row can't be read (%(detail)s)") % detail, uid)

    # --- OpenAgenda --------------------------------------------------------------------------------------------------
    def _json_events(self) -> Iterator[Read]:
        seen: dict[str, int] = {}
        for number, row in enumerate(openagenda.rows(self.path), start=1):
            try:
                draft = openagenda.draft(row)
                if draft.uid in seen:
                    raise RowError(
                        _("the identifier %(id)s stands in row %(row)d already")
                        % {"id": draft.uid[:80], "row": seen[draft.uid]}
                    )
                seen[draft.uid] = number
                yield Read(number, draft)
            except RowError as error:
                yield Read(number, None, str(error), openagenda.uid_of(row))
            except ODD_ROW as error:
                detail = {"detail": type(error).__name__}
                reason = _("this row can't be read (%(detail)s)") % detail
                yield Read(number, None, reason, openagenda.uid_of(row))


def head_of(component: Component) -> tuple[str, str]:
    """``UID`` and ``RECURRENCE-ID`` of an event, as written; each may be empty."""
    found = {"UID": "", "RECURRENCE-ID": ""}
    for line in component.lines:
        name, _colon, value = line.partition(":")
        name = name.partition(";")[0].strip().upper()
        if name in found:
            found[name] = found[name] or value.strip()
    return found["UID"], found["RECURRENCE-ID"]


def survey(path: Path, progress: Callable[[int], None] = lambda count: None) -> Content:
    """Reads a whole file. Raises ``UnreadableFileError`` when it is broken, empty, or none that is known."""
    try:
        with path.open("rb") as stream:
            head = stream.read(2_000).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    except OSError as error:
        raise UnreadableFileError(_("This file can't be read: %(detail)s") % {"detail": error.strerror}) from error
    if not head:
        raise UnreadableFileError(_("This file is empty."))
    if head.startswith((b"{", b"[")):
        return _survey_json(path, progress)
    if head.startswith(b"<"):
        raise UnreadableFileError(
            _("This is a web page, not a calendar: ask for the address of the calendar itself (.ics or JSON).")
        )
    return _survey_calendar(path, progress)


def _survey_calendar(path: Path, progress: Callable[[int], None]) -> Content:
    content = Content(path, is_json=False)
    names: dict[str, str] = {}
    for component in components(path):
        if component.name == "VCALENDAR":
            for line in component.lines[:200]:
                name, _colon, value = line.partition(":")
                names.setdefault(name.partition(";")[0].strip().upper(), value.strip()[:150])
        elif component.name == "VTIMEZONE":
            if not component.fault:
                content.clocks.describe(component.lines)
        else:
            content.rows = component.number
            if content.rows > MAX_EVENTS:
                raise UnreadableFileError(_("This file has more than %(limit)d events.") % {"limit": MAX_EVENTS})
            if not component.fault:
                _note_identity(content, component)
            if component.number % 500 == 0:
                progress(component.number)
    content.is_cancelled = names.get("METHOD", "").upper() == "CANCEL"
    content.label = next(
        (names[name] for name in ("X-WR-RELCALID", "X-WR-CALNAME", "NAME", "PRODID") if names.get(name)), ""
    )
    content.name = next((names[name] for name in ("X-WR-CALNAME", "NAME") if names.get(name)), "")
    for uid in content.overrides:
        content.overrides[uid].sort(key=lambda component: component.number)
    return content


def _note_identity(content: Content, component: Component) -> None:
    uid, about = head_of(component)
    if not uid:
        return
    if about:
        overrides = content.overrides.setdefault(uid, [])
        if len(overrides) < MAX_OVERRIDES:
            overrides.append(component)
        return
    sequence, stamp = 0, ""
    for line in component.lines:
        name, _colon, value = line.upper().partition(":")
        if name.startswith("SEQUENCE") and value.strip()[:8].isdecimal():
            sequence = int(value.strip()[:8])
        elif name.startswith("LAST-MODIFIED"):
            stamp = value.strip()[:20]
    known = content.best.get(uid)
    if known is None or (sequence, stamp) > known[:2]:
        content.best[uid] = (sequence, stamp, component.number)


def _survey_json(path: Path, progress: Callable[[int], None]) -> Content:
    content = Content(path, is_json=True)
    agendas: Counter[str] = Counter()
    for count, row in enumerate(openagenda.rows(path), start=1):
        if count > MAX_EVENTS:
            raise UnreadableFileError(_("This file has more than %(limit)d events.") % {"limit": MAX_EVENTS})
        content.rows = count
        agendas[openagenda.agenda_of(row)] += 1
        if count % 200 == 0:
            progress(count)
    content.label = agendas.most_common(1)[0][0] if agendas else ""
    return content
