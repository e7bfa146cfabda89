"""Instants of calendars: their zones by whatever name, and whether a series keeps the clock of Paris."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _
from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from directory.imports.errors import RowError
from portal.core.moments import PARIS

from ..rules import FIRST_YEAR, LAST_YEAR, Rule, parse_rule

#: Dates of a series of another clock that are written down one by one.
MAX_DATES = 400
#: Parts of a ``VTIMEZONE``: Europe's have some ten since 1980.
MAX_ZONE_LINES = 2_000
_INSTANT = re.compile(r"(\d{8})(?:T(\d{4}(?:\d{2})?)(Z?))?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class When:
    """A day, or an instant with its zone."""

    at: datetime
    is_day: bool

    @property
    def local(self) -> datetime:
        """On the wall clock of Paris, without zone."""
        return self.at.replace(tzinfo=None) if self.is_day else self.at.astimezone(PARIS).replace(tzinfo=None)


@dataclass
class Clocks:
    """The zones of one file: by name, else as the file itself describes them."""

    described: dict[str, list[str]] = field(default_factory=dict)
    _read: dict[str, tzinfo | None] = field(default_factory=dict)

    def describe(self, lines: list[str]) -> None:
        for line in lines:
            if line.upper().startswith("TZID") and len(self.described) < 200:
                self.described[line.partition(":")[2].strip()] = lines
                return

    def zone(self, name: str) -> tzinfo | None:
        """The zone of a ``TZID``, or ``None``."""
        if name not in self._read:
            self._read[name] = named_zone(name) or self._described_zone(name)
        return self._read[name]

    def _described_zone(self, name: str) -> tzinfo | None:
        lines = self.described.get(name)
        if lines is None or len(lines) > MAX_ZONE_LINES or any(map(is_hostile, lines)):
            return None
        try:
            component: Any = Timezone.from_ical("\r\n".join(lines) + "\r\n")
            zone: tzinfo = component.to_tz(lookup_tzid=False)
            zone.utcoffset(datetime(2026, 1, 1))  # noqa: DTZ001 - the zone's own clock
        except Exception:  # noqa: BLE001 - the library raises whatever it stumbles on; the caller then says so
            return None
        return zone

    def read(self, text: str, parameters: dict[str, str]) -> tuple[When, str]:
        """The instant of a value, and the zone that nobody knows or nothing. Raises ``RowError``."""
        match = _INSTANT.fullmatch(text.strip())
        if not match:
            raise RowError(_("“%(value)s” is not a date") % {"value": text[:40]})
        day, clock, is_utc = match.groups()
        try:
            on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            at = time(int(clock[:2]), int(clock[2:4]), min(59, int(clock[4:] or 0))) if clock else time()
        except ValueError as error:
            raise RowError(_("“%(value)s” is not a date") % {"value": text[:40]}) from error
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            raise RowError(_("This day is too far away: look at the year."))
        local = datetime.combine(on, at)
        if not clock:
            return When(local.replace(tzinfo=PARIS), is_day=True), ""
        if is_utc:
            return When(local.replace(tzinfo=UTC), is_day=False), ""
        name = parameters.get("TZID", "")
        zone = self.zone(name) if name else PARIS
        return When(local.replace(tzinfo=zone or PARIS), is_day=False), "" if zone else name


def is_hostile(line: str) -> bool:
    """Rules of a zone are yearly: any other would be unrolled for centuries."""
    key = line.upper()
    if key.startswith("RRULE"):
        return "FREQ=YEARLY" not in key or bool(re.search(r"BYHOUR|BYMINUTE|BYSECOND|BYYEARDAY|BYWEEKNO", key))
    if key.startswith("DTSTART"):
        return not re.search(r":(1[5-9]|2[01])\d\d", key)
    return key.startswith("RDATE") and len(key) > 20_000


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@lru_cache(maxsize=500)
def named_zone(name: str) -> ZoneInfo | None:
    """A zone by its name, by Windows' name, or by a name that ends with it: “/mozilla.org/2005/Europe/Paris”."""
    name = name.strip().strip('"')
    if len(name) > 200:
        return None
    candidates = [name, WINDOWS_TO_OLSON.get(name, "")]
    parts = name.split("/")
    candidates += ["/".join(parts[-count:]) for count in (3, 2) if len(parts) > count]
    for candidate in candidates:
        if known := _zone_names().get(candidate.casefold()):
            return ZoneInfo(known)
    return None


# --- Series of another clock -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Series:
    """A rule on the clock of Paris; or, without rule, the dates that it gives, on that clock."""

    rule: str = ""
    dates: tuple[datetime, ...] = ()
    doubt: str = ""


def series_in_paris(text: str, start: When) -> Series:
    """A rule of another clock. Raises ``ValidationError`` or ``RowError`` when it can't be used."""
    rule = parse_rule(text, start.at, is_all_day=start.is_day)
    if next(iter(rule), None) is None:
        raise RowError(_("This repetition gives no date: look at its end."))
    zone = start.at.tzinfo
    if start.is_day or zone is None or getattr(zone, "key", "") == "Europe/Paris":
        return Series(text)
    there = rule_there(text, start, zone)
    shown = list(islice(there, MAX_DATES + 1))
    moments = [moment.replace(tzinfo=zone).astimezone(PARIS).replace(tzinfo=None) for moment in shown]
    if moments and moments == list(islice(rule, MAX_DATES + 1)):
        return Series(text)
    if len(moments) <= MAX_DATES and moments:
        return Series(dates=tuple(moments))
    if start.at.date() != start.local.date():
        raise RowError(_("its repetition follows the days of another country (%(zone)s)") % {"zone": str(zone)[:60]})
    doubt = _("its repetition follows another clock (%(zone)s): look at its hours in summer and in winter")
    return Series(text, doubt=doubt % {"zone": str(zone)[:60]})


def rule_there(text: str, start: When, zone: tzinfo) -> Rule:
    """The rule on its own clock. An ``UNTIL`` is told by that clock too."""

    def local_until(match: re.Match[str]) -> str:
        try:
            moment = datetime.strptime(match[1].upper(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return f"UNTIL={moment.astimezone(zone):%Y%m%dT%H%M%S}"
        except (ValueError, OverflowError):
            return match[0]

    text = re.sub(r"UNTIL=(\d{8}T\d{6}Z)", local_until, text, flags=re.IGNORECASE)
    return parse_rule(text, start.at.replace(tzinfo=None))
