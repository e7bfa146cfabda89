"""From a rule to its dates: RFC 5545 recurrence, kept to what an agenda needs, right across daylight saving time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

PARIS = ZoneInfo("Europe/Paris")
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
#: Parts of a rule that multiply the instances of a day or that dateutil evaluates slowly are refused.
ALLOWED_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
HORIZON = timedelta(days=400)
MAX_OCCURRENCES = 2_000


@dataclass(frozen=True)
class Times:
    """Start and end of one occurrence, with their zone."""

    starts_at: datetime
    ends_at: datetime


def parse_rule(text: str, start: datetime) -> rrule:
    """The rule of a series that starts at ``start`` (aware). Raises ``ValidationError`` when it can't be used.

    The rule runs on local times without zone, so that 18:00 stays 18:00 in summer and in winter.
    """
    message = _("This repetition can't be read. Write it as “FREQ=WEEKLY” or “FREQ=WEEKLY;COUNT=10”.")
    parts = dict(part.partition("=")[::2] for part in text.upper().removeprefix("RRULE:").split(";") if part)
    if parts.get("FREQ") not in FREQUENCIES or not set(parts) <= ALLOWED_PARTS:
        raise ValidationError(message)
    # RFC 5545 leaves these open enough that calendars disagree on their dates.
    if "BYSETPOS" in parts and parts["FREQ"] in ("DAILY", "WEEKLY"):
        raise ValidationError(message)
    if parts["FREQ"] == "YEARLY" and "BYMONTHDAY" in parts and "BYMONTH" not in parts:
        raise ValidationError(message)
    if parts.get("INTERVAL", "1").strip("0") == "" or parts.get("COUNT", "1").strip("0") == "":
        raise ValidationError(message)
    if until := parts.get("UNTIL"):
        parts["UNTIL"] = _local_until(until, message)
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        parsed = rrulestr(rule, dtstart=start.astimezone(PARIS).replace(tzinfo=None))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ValidationError(message) from error
    if not isinstance(parsed, rrule):
        raise ValidationError(message)
    return parsed


def _local_until(value: str, message: str) -> str:
    """``UNTIL`` (UTC, or a date) as a local time without zone."""
    for style in ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"):
        try:
            moment = datetime.strptime(value, style)  # noqa: DTZ007 - the zone is set below
        except ValueError:
            continue
        if style.endswith("Z"):
            moment = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(PARIS).replace(tzinfo=None)
        elif style == "%Y%m%d":
            moment = moment.replace(hour=23, minute=59, second=59)
        return moment.strftime("%Y%m%dT%H%M%S")
    raise ValidationError(message)


def expand(*, start: datetime, end: datetime, rule: str, removed: Iterable[date] = (), until: datetime) -> list[Times]:
    """Dates of an event up to ``until``; a single event gives one. At most ``MAX_OCCURRENCES``."""
    duration = end - start
    if not rule:
        return [Times(start, end)]
    skipped = set(removed)
    limit = until.astimezone(PARIS).replace(tzinfo=None)
    found: list[Times] = []
    for moment in parse_rule(rule, start):
        if moment > limit or len(found) >= MAX_OCCURRENCES:
            break
        if moment.date() in skipped:
            continue
        local = moment.replace(tzinfo=PARIS)
        # Wall-clock arithmetic: a two-hour workshop lasts two hours on the clock on the wall.
        found.append(Times(local, (moment + duration).replace(tzinfo=PARIS)))
    return found
