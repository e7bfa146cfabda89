"""An event of an iCalendar file (RFC 5545) in our words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from icalendar import vDuration
from icalendar.parser import Contentline

from directory.imports import mending
from directory.imports.errors import ODD_ROW, RowError

from ..enums import EventStatus, ExceptionKind
from ..feeds.calendar import RULER, SAID, STATE
from ..recurrence import instant
from .clocks import Clocks, When, series_in_paris
from .components import Component
from .drafts import MAX_UID, EventDraft, SaidPlace, made_uid

#: Dates of one event that are not like the others.
MAX_EXCEPTIONS = 1_000
MAX_WORDS = 12
#: What an event without end lasts.
UNSAID = timedelta(hours=1)
_COMMA = re.compile(r"(?<!\\),")
_NAME = re.compile(r"[A-Z0-9-]+")
#: Read at most so often in one event.
_MANY = {"EXDATE", "RDATE", "CATEGORIES"}


@dataclass(frozen=True)
class Property:
    parameters: dict[str, str]
    #: As written, and as the library reads it.
    raw: str
    text: str


@dataclass
class ReadEvent:
    """The properties of a ``VEVENT`` by name."""

    number: int
    properties: dict[str, list[Property]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def note(self, name: str, sentence: str) -> None:
        self.notes.append((name, sentence))

    def one(self, name: str) -> Property | None:
        found = self.properties.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        found = self.one(name)
        return found.text.strip() if found else ""

    def number_of(self, name: str) -> int:
        text = self.text(name)
        return int(text) if re.fullmatch(r"[0-9]{1,8}", text, re.ASCII) else 0


def read_component(component: Component) -> ReadEvent:
    """The properties of an event. Raises ``RowError`` for a broken one."""
    if component.fault:
        raise RowError(component.fault)
    event = ReadEvent(component.number)
    for line in component.lines:
        name = _NAME.match(line.upper().lstrip())
        if not name or (name[0] in event.properties and name[0] not in _MANY):
            continue
        try:
            _name, parameters, text = Contentline(line.strip()).parts()
        except ODD_ROW:
            event.note(name[0], _("this line can't be read"))
            continue
        plain = {key.upper(): str(value) for key, value in parameters.items()}
        event.properties.setdefault(name[0], []).append(Property(plain, value_of(line), str(text)))
    return event


def value_of(line: str) -> str:
    """What stands after the colon, as written."""
    quoted = False
    for place, sign in enumerate(line):
        if sign == '"':
            quoted = not quoted
        elif sign == ":" and not quoted:
            return line[place + 1 :].strip()
    return ""


class Reader:
    """Makes drafts of the events of one file. ``is_cancelled`` says so of all of them (``METHOD:CANCEL``)."""

    def __init__(self, clocks: Clocks, *, is_cancelled: bool = False) -> None:
        self.clocks = clocks
        self.is_cancelled = is_cancelled

    def uid_of(self, event: ReadEvent) -> str:
        if uid := event.text("UID"):
            return uid[:MAX_UID]
        return made_uid(event.text(name) for name in ("SUMMARY", "DTSTART", "LOCATION"))

    def draft(self, event: ReadEvent, others: Iterable[ReadEvent] = ()) -> EventDraft:
        """An event with its dates that are not like the others (``RECURRENCE-ID``). Raises ``RowError``."""
        if event.text("CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"):
            raise RowError(_("its source says that it is private"))
        draft = EventDraft(self.uid_of(event), {}, event.number_of("SEQUENCE"), notes=event.notes)
        self.words(draft, event)
        start, end = self.times(event, draft)
        try:
            self.dates(draft, event, start, end, list(others))
        except ValidationError as error:
            raise RowError(" ".join(error.messages)) from error
        draft.values["status"] = self.status(event)
        draft.place = self.place(event, draft)
        draft.organizer = self.organizer(event)
        return draft

    def words(self, draft: EventDraft, event: ReadEvent) -> None:
        note = draft.note
        title = mending.text(event.text("SUMMARY"), "title", note, limit=255)
        if not title:
            raise RowError(_("it has no title"))
        # What stands below the line is what this portal, or another one, says of the event beside its own fields.
        # So is what it says of a state, above.
        said = event.text("DESCRIPTION").removeprefix(event.text(SAID))
        said = f"\n\n{said.strip()}".partition(RULER)[0]
        description = mending.text(said, "description", note, limit=5000, lines=True)
        draft.values |= {"title": title, "description": description}
        draft.values["source_url"] = mending.url(event.text("URL"), "source_url", note)
        updated = self.optional(event, "LAST-MODIFIED")
        draft.values["source_updated_on"] = updated.local.date().isoformat() if updated else None
        for found in event.properties.get("CATEGORIES", [])[:20]:
            for word in _COMMA.split(found.raw)[:50]:
                plain = mending.text(word.replace("\\,", ",").replace("\\;", ";"), "tags", note, limit=60)
                if plain and plain not in draft.words and len(draft.words) < MAX_WORDS:
                    draft.words.append(plain)

    # --- When --------------------------------------------------------------------------------------------------------
    def when(self, text: str, found: Property, event: ReadEvent) -> When:
        moment, unknown = self.clocks.read(text, found.parameters)
        if unknown:
            event.note("starts_at", _("the zone “%(zone)s” is not known: Paris was taken") % {"zone": unknown[:60]})
        return moment

    def optional(self, event: ReadEvent, name: str) -> When | None:
        found = event.one(name)
        try:
            return self.when(found.raw, found, event) if found else None
        except RowError:
            return None

    def times(self, event: ReadEvent, draft: EventDraft | None = None) -> tuple[When, datetime]:
        """Beginning, and end on the wall clock of Paris."""
        found = event.one("DTSTART")
        if found is None:
            raise RowError(_("it has no beginning (DTSTART)"))
        start = self.when(found.raw, found, event)
        end = self.end(event, start)
        if end is None or (end == start.local and not start.is_day):
            end = start.local + UNSAID
            if draft:
                draft.note("ends_at", _("its end is not said: an hour was taken"))
        elif end == start.local:
            end = start.local + timedelta(days=1)  # whole days that end when they begin: a usual slip
        if end < start.local:
            raise RowError(_("The end must come after the beginning."))
        if draft:
            draft.values |= {
                "starts_at": as_text(start.local),
                "ends_at": as_text(end),
                "is_all_day": start.is_day,
            }
        return start, end

    def end(self, event: ReadEvent, start: When) -> datetime | None:
        if found := event.one("DTEND"):
            end = self.when(found.raw, found, event)
            return end.local
        if found := event.one("DURATION"):
            try:
                length: timedelta = vDuration.from_ical(found.raw)
                return start.local + length
            except ODD_ROW as error:
                raise RowError(_("“%(value)s” is not a duration") % {"value": found.raw[:40]}) from error
        return start.local + timedelta(days=1) if start.is_day else None

    def dates(self, draft: EventDraft, event: ReadEvent, start: When, end: datetime, others: list[ReadEvent]) -> None:
        """The rule, and the dates that are not like the others."""
        if len(event.properties.get("EXRULE", [])) or event.one("EXRULE"):
            raise RowError(_("it takes dates away by a rule (EXRULE), which calendars no longer know"))
        rows = Rows(start, bool(re.search("BYHOUR|BYMINUTE|BYSECOND", self.rule_text(event))))
        rule = self.rule_text(event)
        if rule:
            series = series_in_paris(rule, start)
            rule = series.rule
            for moment in series.dates:
                if moment != start.local:
                    rows.add_date(moment)
            if series.doubt:
                draft.doubts.append(series.doubt)
        draft.values["rrule"] = rule
        for found in event.properties.get("RDATE", []):
            for text in found.raw.split(","):
                self.added(rows, found, text, event)
        for found in event.properties.get("EXDATE", []):
            for text in found.raw.split(","):
                rows.remove(self.when(text, found, event))
        for other in others:
            try:
                self.override(rows, event, other, start, end)
            except RowError as error:
                draft.doubts.append(_("one of its dates can't be read: %(reason)s") % {"reason": error})
        draft.values["exceptions"] = rows.as_values()

    def rule_text(self, event: ReadEvent) -> str:
        found = event.one("RRULE")
        if found is None:
            return ""
        rule = re.sub(r"\s", "", found.raw).upper().strip(";")
        if len(rule) > 500:
            raise RowError(_("its repetition is longer than %(limit)d signs") % {"limit": 500})
        return rule

    def added(self, rows: "Rows", found: Property, text: str, event: ReadEvent) -> None:
        first, _slash, last = text.partition("/")
        moment = self.when(first, found, event)
        end = None
        if last and last[:1].upper() in "P+-":
            end = moment.local + vDuration.from_ical(last)
        elif last:
            end = self.when(last, found, event).local
        rows.add_date(moment.local, end)

    def override(self, rows: "Rows", event: ReadEvent, other: ReadEvent, start: When, end: datetime) -> None:
        """One date that is moved, cancelled, or told otherwise."""
        found = other.one("RECURRENCE-ID")
        if found is None:
            return
        about = self.when(found.raw, found, other)
        values: dict[str, Any] = {"kind": ExceptionKind.CHANGED.value}
        if other.text("STATUS").upper() == "CANCELLED" or self.is_cancelled:
            values["kind"] = ExceptionKind.CANCELLED.value
        elif (state := other.text(STATE).lower()) in (ExceptionKind.FULL, ExceptionKind.POSTPONED):
            values["kind"] = state
        identity = datetime.combine(about.local.date(), start.local.time()) if about.is_day else about.local
        if other.one("DTSTART"):
            new_start, new_end = self.times(other)
            if new_start.local != identity:
                values["new_start"] = as_text(new_start.local)
            if new_end - new_start.local != end - start.local:
                values["new_end"] = as_text(new_end)
        where = mending.text(other.text("LOCATION"), "place_note", rows.note, limit=200)
        if where and other.text("LOCATION") != event.text("LOCATION"):
            values["place_note"] = where
        word = other.text("COMMENT")
        if not word and other.text("SUMMARY") != event.text("SUMMARY"):
            word = other.text("SUMMARY")
        values["note"] = mending.text(word, "note", rows.note, limit=300)
        rows.change(identity, values)

    # --- What else ---------------------------------------------------------------------------------------------------
    def status(self, event: ReadEvent) -> str:
        is_off = self.is_cancelled or event.text("STATUS").upper() == "CANCELLED"
        if event.text(STATE) == "POSTPONED":
            return EventStatus.POSTPONED.value
        return (EventStatus.CANCELLED if is_off else EventStatus.SCHEDULED).value

    def place(self, event: ReadEvent, draft: EventDraft) -> SaidPlace:
        text = mending.text(event.text("LOCATION"), "place_name", draft.note, limit=500)
        online = ""
        if re.match(r"https?://\S+$", text):
            online, text = mending.url(text, "online_url", draft.note), ""
        if conference := event.one("CONFERENCE"):
            online = online or mending.url(conference.text, "online_url", lambda _name, _sentence: None)
        latitude = longitude = None
        if found := event.one("GEO"):
            point = [part.strip() for part in found.raw.replace("\\;", ";").replace(",", ";").split(";")]
            try:
                latitude, longitude = (round(float(part), 6) for part in point)
            except ValueError:
                draft.note("latitude", _("“%(value)s” is not a position") % {"value": found.raw[:40]})
            else:
                if not is_point(latitude, longitude):
                    latitude = longitude = None
        return SaidPlace(text=text, online_url=online, latitude=latitude, longitude=longitude)

    def organizer(self, event: ReadEvent) -> str:
        found = event.one("ORGANIZER")
        return found.parameters.get("CN", "")[:150] if found else ""


def as_text(local: datetime) -> str:
    """A time of the wall clock of Paris as it is kept and compared: an instant in UTC."""
    return instant(local).astimezone(UTC).isoformat()


class Rows:
    """The dates of a series that are not like the others, one row each, in the form of ``values.read``."""

    def __init__(self, start: When, has_hours: bool) -> None:
        self.start = start
        self.has_hours = has_hours
        self.rows: dict[tuple[str, str | None], dict[str, Any]] = {}
        self.notes: list[tuple[str, str]] = []

    def note(self, name: str, sentence: str) -> None:
        self.notes.append((name, sentence))

    def key(self, moment: datetime) -> tuple[str, str | None]:
        is_usual = self.start.is_day or (moment.time() == self.start.local.time() and not self.has_hours)
        return moment.date().isoformat(), None if is_usual else moment.time().isoformat("seconds")

    def put(self, key: tuple[str, str | None], values: dict[str, Any]) -> None:
        if len(self.rows) >= MAX_EXCEPTIONS and key not in self.rows:
            raise RowError(_("it has more than %(limit)d dates of their own") % {"limit": MAX_EXCEPTIONS})
        self.rows[key] = {**self.rows.get(key, {}), **values}

    def add_date(self, moment: datetime, end: datetime | None = None) -> None:
        values: dict[str, Any] = {"is_extra": True}
        if end is not None and end > moment:
            values["new_end"] = as_text(end)
        if moment != self.start.local:
            self.put(self.key(moment), values)

    def remove(self, when: When) -> None:
        is_whole = when.is_day and not self.start.is_day
        key = (when.local.date().isoformat(), None) if is_whole else self.key(when.local)
        self.put(key, {"kind": ExceptionKind.REMOVED.value})

    def change(self, moment: datetime, values: dict[str, Any]) -> None:
        self.put(self.key(moment), values)

    def as_values(self) -> list[dict[str, Any]]:
        found = []
        for (day, at), values in self.rows.items():
            row = {**EMPTY_ROW, "date": day, "time": at, **values}
            found.append(row)
        return sorted(found, key=lambda row: (row["date"], row["time"] or ""))


#: A row as it is kept and compared.
EMPTY_ROW: dict[str, Any] = {
    "date": "",
    "time": None,
    "is_extra": False,
    "kind": ExceptionKind.CHANGED.value,
    "new_start": None,
    "new_end": None,
    "place_note": "",
    "note": "",
    "capacity": None,
}


def is_point(latitude: float | None, longitude: float | None) -> bool:
    """Whether these are degrees on the globe; 0, 0 is what machines say that know nothing."""
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return False
    return -90 <= latitude <= 90 and -180 <= longitude <= 180
