"""An event of OpenAgenda (its API's version 2, and its older JSON export) in our words."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from directory.imports import json_files, mending
from directory.imports.errors import RowError, UnreadableFileError
from portal.core.enums import Access, Cost
from portal.core.languages import SOURCE_LANGUAGE
from portal.core.moments import PARIS

from ..enums import EventStatus, Registration
from ..rules import FIRST_YEAR, LAST_YEAR
from .calendars import MAX_EXCEPTIONS, MAX_WORDS, UNSAID, Rows, as_text, is_point
from .clocks import When
from .drafts import MAX_UID, EventDraft, SaidPlace, made_uid

#: ``status`` of OpenAgenda; 5 is “full”.
STATUSES = {
    1: EventStatus.SCHEDULED,
    2: EventStatus.RESCHEDULED,
    3: EventStatus.MOVED_ONLINE,
    4: EventStatus.POSTPONED,
    5: EventStatus.SCHEDULED,
    6: EventStatus.CANCELLED,
}
FULL, PUBLISHED, ONLINE = 5, 2, 2
#: ``accessibility`` of OpenAgenda that says the same as ours.
ACCESS = {"mi": Access.WHEELCHAIR}
Row = Mapping[str, Any]


def rows(path: Path) -> Iterator[Row]:
    """The events of a file: a list, a list named ``events``, or one ``event``. Raises ``UnreadableFileError``."""
    groups: set[str] = set()
    for _number, group, row in json_files.rows(path):
        groups.add(group)
        if group == "events" or (group == "" and ("timings" in row or "uid" in row or "title" in row)):
            yield row
        elif group == "" and isinstance(row.get("event"), Mapping):
            yield row["event"]
        elif group == "" and isinstance(row.get("events"), list):
            continue  # an agenda without events: what it holds beside them stands here
        elif group == "":
            yield row
    if groups and not groups & {"", "events"}:
        raise UnreadableFileError(_("This JSON file holds no events: an OpenAgenda export has a list named “events”."))


def agenda_of(row: Row) -> str:
    """Which agenda an event comes from; empty when it does not say so."""
    origin = row.get("originAgenda") or row.get("origin") or {}
    name = origin.get("uid") or origin.get("slug") or origin.get("title") if isinstance(origin, Mapping) else ""
    return f"openagenda {name}"[:150] if name else "openagenda"


def draft(row: Row) -> EventDraft:
    """An event of OpenAgenda. Raises ``RowError``."""
    state = row.get("state")
    if state is not None and state is not False and whole(state) != PUBLISHED:
        raise RowError(_("it is not published at its source"))
    if row.get("private") or row.get("draft"):
        raise RowError(_("its source says that it is private"))
    made = EventDraft("", {})
    words(made, row)
    dates(made, row)
    made.uid = uid_of(row)
    if not made.uid:
        made.uid = made_uid([made.title, made.values["starts_at"], mending.as_text(row.get("locationUid"))])
    made.place = place(made, row)
    welcome(made, row)
    return made


def uid_of(row: Row) -> str:
    uid = mending.as_text(row.get("uid")).strip() or mending.as_text(row.get("slug")).strip()
    return f"{uid}@openagenda.com"[:MAX_UID] if uid else ""


def whole(value: Any) -> int | None:
    """A whole number, whatever its type; ``None`` for what is none."""
    if isinstance(value, Mapping):  # ``{"id": 1, "label": …}`` in the detailed answers
        value = value.get("id", value.get("value"))
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if math.isfinite(number) else None


def spoken(value: Any) -> Any:
    """The French part of a text in several languages, else its first part."""
    if isinstance(value, Mapping):
        return value.get(SOURCE_LANGUAGE) or next((part for part in value.values() if part), "")
    return value


def field(row: Row, *names: str) -> Any:
    """The first of these fields that says something; ``title_fr`` is read for ``title`` too."""
    for name in names:
        for key in (name, f"{name}_{SOURCE_LANGUAGE}"):
            if not mending.is_nothing(row.get(key)):
                return spoken(row[key])
    return ""


def words(made: EventDraft, row: Row) -> None:
    note = made.note
    title = mending.text(field(row, "title"), "title", note, limit=255)
    if not title:
        raise RowError(_("it has no title"))
    made.values |= {
        "title": title,
        "summary": mending.text(field(row, "description"), "summary", note, limit=300),
        "description": mending.text(
            unmarked(field(row, "longDescription", "longdescription", "freeText", "html")),
            "description",
            note,
            limit=5000,
            lines=True,
        ),
        "source_url": mending.url(
            row.get("canonicalUrl") or row.get("canonicalurl") or row.get("link"), "source_url", note
        ),
    }
    updated = mending.day(row.get("updatedAt") or row.get("updatedat"), "source_updated_on", lambda *said: None)
    made.values["source_updated_on"] = updated.isoformat() if updated else None
    spoken_words = field(row, "keywords")
    for word in mending.parts(spoken_words, ",|;"):
        if len(made.words) < MAX_WORDS:
            made.words.append(mending.text(word, "tags", note, limit=60))


def unmarked(value: Any) -> str:
    """Markdown as plain text: links keep their words, marks go."""
    text = re.sub(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)", r"\1", mending.as_text(value)[:20_000])
    return re.sub(r"^#{1,6}\s+|\*\*|__", "", text, flags=re.MULTILINE)


# --- When ------------------------------------------------------------------------------------------------------------
def instant_of(value: Any) -> datetime:
    """An ISO 8601 text on the wall clock of Paris. Raises ``RowError``."""
    try:
        moment = datetime.fromisoformat(mending.as_text(value).strip().replace(" ", "T", 1))
    except ValueError as error:
        raise RowError(_("“%(value)s” is not a date") % {"value": mending.as_text(value)[:40]}) from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise RowError(_("This day is too far away: look at the year."))
    return (moment.astimezone(PARIS) if moment.tzinfo else moment).replace(tzinfo=None, microsecond=0)


def dates(made: EventDraft, row: Row) -> None:
    """The first timing, and the others as dates of their own."""
    timings = row.get("timings")
    if isinstance(timings, str):
        try:
            timings = json.loads(timings)
        except ValueError:
            timings = None
    if not isinstance(timings, list) or not timings:
        raise RowError(_("it has no dates (timings)"))
    if len(timings) > MAX_EXCEPTIONS:
        raise RowError(_("it has more than %(limit)d dates of their own") % {"limit": MAX_EXCEPTIONS})
    pairs: set[tuple[datetime, datetime]] = set()
    for timing in timings:
        if not isinstance(timing, Mapping):
            raise RowError(_("it has no dates (timings)"))
        begin = instant_of(timing.get("begin") or timing.get("start"))
        said = timing.get("end")
        end = instant_of(said) if said else begin + UNSAID
        pairs.add((begin, end if end > begin else begin + UNSAID))
    (start, end), *others = sorted(pairs)
    rows_ = Rows(When(start.replace(tzinfo=PARIS), is_day=False), has_hours=False)
    for begin, finish in others:
        if begin != start:
            rows_.add_date(begin, finish if finish - begin != end - start else None)
    made.values |= {
        "starts_at": as_text(start),
        "ends_at": as_text(end),
        "is_all_day": False,
        "rrule": "",
        "exceptions": rows_.as_values(),
    }


# --- Where -----------------------------------------------------------------------------------------------------------
def place(made: EventDraft, row: Row) -> SaidPlace:
    note = made.note
    said = row.get("location")
    location: Row = said if isinstance(said, Mapping) else {}
    old = {"name": "locationName", "address": "address", "postalCode": "postalCode", "city": "city"}
    flat = {"name": "location_name", "address": "location_address", "postalCode": "location_postalcode"}

    def part(name: str) -> Any:
        return location.get(name) or row.get(old.get(name, name)) or row.get(flat.get(name, f"location_{name.lower()}"))

    def coordinate(name: str) -> float | None:
        number = mending.number(part(name), name, lambda *said: None)
        return round(number, 6) if number is not None else None

    latitude, longitude = coordinate("latitude"), coordinate("longitude")
    if not is_point(latitude, longitude):
        latitude = longitude = None
    online = mending.url(row.get("onlineAccessLink") or row.get("onlineaccesslink"), "online_url", note)
    if online and whole(row.get("attendanceMode")) == ONLINE:
        return SaidPlace(online_url=online)
    address = mending.text(part("address"), "address", note, limit=200)
    postcode = mending.postcode(part("postalCode"), "postcode", lambda *said: None)
    town = mending.text(part("city"), "municipality", note, limit=80)
    # OpenAgenda's addresses end with postcode, town and country.
    address = re.sub(rf",?\s*\b{re.escape(postcode)}\b.*$", "", address) if postcode else address
    return SaidPlace(
        name=mending.text(part("name"), "place_name", note, limit=150),
        address=address.strip(" ,"),
        postcode=postcode,
        town=town,
        insee=mending.insee(part("insee"), "municipality", lambda *said: None),
        latitude=latitude,
        longitude=longitude,
        online_url=online,
    )


# --- For whom, how ---------------------------------------------------------------------------------------------------
def welcome(made: EventDraft, row: Row) -> None:
    status = whole(row.get("status")) or 1
    conditions = mending.text(field(row, "conditions", "pricingInfo"), "cost_note", made.note, limit=200)
    is_free = bool(re.match(r"(?:entr[ée]e |acc[èe]s )?(?:libre et )?gratuite?\b(?!.*€)", conditions, re.IGNORECASE))
    ways = registration(made, row)
    made.values |= {
        "status": STATUSES.get(status, EventStatus.SCHEDULED).value,
        "is_full": status == FULL,
        "cost": Cost.FREE.value if is_free else "",
        "cost_note": conditions,
        "registration": (Registration.ADVISED if ways else Registration.NONE).value,
        "registration_note": mending.cut(" · ".join(ways), "registration_note", made.note, 300),
        "access": sorted(code.value for key, code in ACCESS.items() if has_access(row, key)),
        **ages(row),
    }


def has_access(row: Row, key: str) -> bool:
    said = row.get("accessibility")
    if isinstance(said, Mapping):
        return bool(said.get(key))
    return key in said if isinstance(said, list) else False


def registration(made: EventDraft, row: Row) -> list[str]:
    """Telephones, mail addresses and links, as a reader uses them."""
    said = row.get("registration") or row.get("registrationUrl")
    ways = said if isinstance(said, list) else [said]
    found = []
    for way in ways[:10]:
        text = mending.as_text(way.get("value") if isinstance(way, Mapping) else way).strip()
        if not text:
            continue
        if "@" in text and "/" not in text:
            value = mending.email(text, "registration_note", made.note)
        elif re.fullmatch(r"[+\d\s.()-]{6,20}", text):
            value = mending.phone(text, "registration_note", made.note)
        else:
            value = mending.url(text, "registration_note", made.note, limit=200)
        if value and value not in found:
            found.append(value)
    return found


def ages(row: Row) -> dict[str, int | None]:
    said = row.get("age")
    age: Row = said if isinstance(said, Mapping) else {"min": row.get("age_min"), "max": row.get("age_max")}
    low, high = whole(age.get("min")), whole(age.get("max"))
    low = low if low is not None and 0 <= low <= 120 else None
    high = high if high is not None and 0 < high <= 120 else None
    if low is not None and high is not None and low > high:
        low = high = None
    # “Up to 99” says nothing of an age.
    high = None if high is not None and high >= 99 else high
    return {
        "age_min_months": low * 12 if low else None,
        "age_max_months": high * 12 if high is not None else None,
    }


__all__ = ["agenda_of", "draft", "rows"]
