"""Values as sources write them, mended into values as the portal keeps them. Nothing is invented.

Each function takes what the file says and gives what is kept, or nothing. What was changed beyond blanks, or left out
because nobody could read it, is told to ``notes``.
"""

import html
import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import ftfy
import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _

from portal.core.fields import phone_for_display

#: Told of a mend: ``(name of our field, sentence)``.
Note = Callable[[str, str], None]

_BLANKS = re.compile(r"[^\S\n]+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.*?-->", re.DOTALL)
_BREAKS = re.compile(r"<\s*(?:br|/p|/li|/div|/h[1-6]|/tr)\b[^<>]{0,200}>", re.IGNORECASE)
_UNSEEN = re.compile(r"<\s*(script|style)\b.*?(?:<\s*/\s*\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
#: Control signs, and the marks that turn the direction of what follows: no sheet needs them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
#: What no database keeps: NUL, and halves of signs that JSON can spell.
_NEVER = re.compile("[\x00\ud800-\udfff]")
_NOTHING = frozenset(
    {"", "-", "--", "—", "@", ".", "/", "n/a", "na", "nc", "n.c.", "null", "none", "nan", "néant", "?"}
)


def is_nothing(value: Any) -> bool:
    """Whether a source says that it does not know: an empty cell, “-”, “NC”, a lone “@”…"""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return True
    if isinstance(value, list | tuple | dict):
        return not value
    return isinstance(value, str) and value.strip().casefold() in _NOTHING


def as_text(value: Any) -> str:
    """A value of any type as a text: 1000.0 is “1000”, a list is its parts."""
    if is_nothing(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, list | tuple):
        flat = [item for item in value[:200] if not isinstance(item, list | tuple | dict)]
        return ", ".join(part for part in map(as_text, flat) if part)
    return "" if isinstance(value, dict) else _NEVER.sub("", str(value))


def text(value: Any, name: str, note: Note, *, limit: int, lines: bool = False, as_is: bool = False) -> str:
    """Plain text: no HTML, no broken accents, no control signs, at most ``limit`` signs.

    Blanks are tidied, unless the text comes ``as_is`` from a format that is written by programs.
    """
    raw = as_text(value)
    if not raw:
        return ""
    mended = raw[: limit * 20]
    if _mojibake(mended):
        fixed = ftfy.fix_text(mended, uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False)
        if fixed != mended:
            note(name, _("broken accents were mended"))
            mended = fixed
    if "<" in mended and _TAG.search(mended):
        mended = html.unescape(_TAG.sub(" ", _BREAKS.sub("\n", _UNSEEN.sub(" ", mended))))
        note(name, _("HTML was made plain text"))
    elif "&" in mended and re.search(r"&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});", mended, re.IGNORECASE):
        mended = html.unescape(mended)
        note(name, _("HTML was made plain text"))
    mended = _CONTROL.sub("", mended.replace("\r\n", "\n").replace("\r", "\n"))
    if as_is:
        return cut(mended.strip(), name, note, limit)
    mended = mended.replace("\\n", "\n")
    mended = "\n".join(_BLANKS.sub(" ", line).strip() for line in mended.split("\n"))
    mended = re.sub(r"\n{3,}", "\n\n", mended) if lines else " ".join(mended.split())
    mended = mended.strip()
    if "\ufffd" in mended:
        note(name, _("some letters could not be read"))
    return cut(mended, name, note, limit)


def _mojibake(value: str) -> bool:
    """Signs that stand where UTF-8 was read as something else: “Ã©”, “â€™”."""
    return any(sign in value for sign in ("Ã", "Â", "â€", "ï¿½", "Å“"))


def cut(value: str, name: str, note: Note, limit: int) -> str:
    if len(value) <= limit:
        return value
    note(name, _("the text was cut after %(limit)d signs") % {"limit": limit})
    return value[: limit - 1].rsplit(" ", 1)[0][: limit - 1].rstrip(" ,;.") + "…"


# --- Numbers and dates -----------------------------------------------------------------------------------------------


def number(value: Any, name: str, note: Note) -> float | None:
    """A number, decimal commas and blanks mended."""
    if is_nothing(value) or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(float(value)) else None
    raw = re.sub(r"[\s\u00a0\u202f°]", "", str(value)).strip("'\"")
    if "," in raw and "." not in raw:
        raw = raw.replace(",", ".")
        note(name, _("a decimal comma was mended"))
    try:
        found = float(raw)
    except ValueError:
        note(name, _("“%(value)s” is not a number") % {"value": as_text(value)[:40]})
        return None
    return found if math.isfinite(found) else None


_DATES = (
    (re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s].*)?$"), (1, 2, 3)),
    (re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:\s.*)?$"), (3, 2, 1)),
    (re.compile(r"^(\d{4})(\d{2})(\d{2})$"), (1, 2, 3)),
)
_MONTHS = {
    name: place
    for place, names in enumerate(
        (
            "janvier jan janv",
            "février fevrier fév fev févr",
            "mars mar",
            "avril avr",
            "mai",
            "juin",
            "juillet juil",
            "août aout",
            "septembre sept",
            "octobre oct",
            "novembre nov",
            "décembre decembre déc dec",
        ),
        start=1,
    )
    for name in names.split()
}
_WORDS = re.compile(r"^(\d{1,2})(?:er)?\s+([^\W\d_]+)\.?\s+(\d{4})$")


def day(value: Any, name: str, note: Note) -> date | None:
    """A day: 2024-01-31, 31/01/2024, 20240131, “31 janvier 2024”, or one with an hour. The French order of days."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raw = as_text(value).strip()
    if not raw:
        return None
    try:
        for pattern, (year, month, day_) in _DATES:
            if match := pattern.match(raw):
                return date(int(match[year]), int(match[month]), int(match[day_]))
        if (match := _WORDS.match(raw.casefold())) and match[2] in _MONTHS:
            return date(int(match[3]), _MONTHS[match[2]], int(match[1]))
    except ValueError:
        pass
    note(name, _("“%(value)s” is not a date") % {"value": raw[:40]})
    return None


# --- To reach a place ------------------------------------------------------------------------------------------------

_BETWEEN = re.compile(r"\s*(?:[/;|\n]|,(?!\d{1,2}\b)|\bou\b|\bet\b|\s-\s)\s*", re.IGNORECASE)
#: A number with its zero eaten by a spreadsheet: 320168430.
_NO_ZERO = re.compile(r"^[1-9]\d{8}$")
#: What French departments beyond the sea are called from elsewhere, where a number says so itself.
_OVERSEAS = {"971": "GP", "972": "MQ", "973": "GF", "974": "RE", "976": "YT", "975": "PM", "987": "PF", "988": "NC"}


def phone(value: Any, name: str, note: Note, *, postcode: str = "") -> str:
    """The first telephone number of a cell, as it is read aloud in France; the other ones are noted."""
    raw = as_text(value).strip()
    if not raw or raw == "0":
        return ""
    numbers = [found for part in _BETWEEN.split(raw) if (found := _one_phone(part, postcode))]
    if not numbers and (found := _one_phone(raw, postcode)):
        numbers.append(found)
    if not numbers:
        note(name, _("“%(value)s” is not a telephone number") % {"value": raw[:60]})
        return ""
    if others := [number for number in dict.fromkeys(numbers) if number != numbers[0]]:
        note(
            name,
            _("only the first telephone number was kept; left out: %(others)s") % {"others": ", ".join(others)[:80]},
        )
    return numbers[0]


def _one_phone(value: str, postcode: str) -> str:
    part = value.replace("(0)", "").strip(" .:()\t")
    part = re.sub(r"^(?:t[ée]l(?:[ée]phone)?|fixe|standard)\b[\s.:]*", "", part, flags=re.IGNORECASE)
    digits = re.sub(r"\D", "", part)
    if not digits or len(re.sub(r"[\d\s.\-+()/]", "", part)) > 3:
        return ""
    region = _OVERSEAS.get(postcode[:3], "FR")
    spelled = f"0{digits}" if _NO_ZERO.match(digits) and not part.startswith("+") else part
    if digits.startswith("0033"):
        spelled = "+33" + digits[4:].lstrip("0")
    elif digits.startswith("330") and len(digits) == 12:
        spelled = "+33" + digits[3:]
    elif digits.startswith("33") and len(digits) == 11:
        spelled = "+" + digits
    try:
        parsed = phonenumbers.parse(spelled, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed) and region != "FR":
        try:
            parsed = phonenumbers.parse(spelled, "FR")
        except phonenumbers.NumberParseException:
            return ""
    if phonenumbers.is_valid_short_number_for_region(parsed, "FR"):
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return ""
    try:
        return phone_for_display(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    except ValidationError:
        return ""


_MAIL = re.compile(r"[^\s<>()\[\],;:|/\"]+@[^\s<>()\[\],;:|/\"@]+\.[^\s<>()\[\],;:|/\"@.]+")


def email(value: Any, name: str, note: Note, *, limit: int = 254) -> str:
    """The first mail address of a cell; the other ones are noted."""
    raw = as_text(value).strip()
    if not raw or raw.casefold() in ("mailto:", "http://", "https://"):
        return ""
    found: list[str] = []
    for candidate in _MAIL.findall(raw.replace("mailto:", " ").replace("MAILTO:", " ")):
        try:
            validate_email(candidate.strip(".'"))
        except ValidationError:
            continue
        if len(candidate) <= limit:
            found.append(candidate.strip(".'"))
    if not found:
        note(name, _("“%(value)s” is not a mail address") % {"value": raw[:60]})
        return ""
    if others := [address for address in dict.fromkeys(found) if address != found[0]]:
        note(name, _("only the first mail address was kept; left out: %(others)s") % {"others": ", ".join(others)[:80]})
    return found[0]


_check_url = URLValidator(schemes=["http", "https"])
_HOST = re.compile(r"^(?:www\.)?[a-z0-9](?:[a-z0-9-]*\.)+[a-z]{2,12}(?:[/?#:]\S*)?$", re.IGNORECASE)


def url(value: Any, name: str, note: Note, *, limit: int = 500) -> str:
    """The first web address of a cell, with its scheme; only http and https."""
    raw = as_text(value).strip()
    if not raw or raw.casefold() in ("http://", "https://"):
        return ""
    found: list[str] = []
    for part in re.split(r"[\s|;]+|,\s+", raw):
        candidate = part.strip("\"'<>(),")
        candidate = re.sub(r"^(https?):/*(?:https?:/+)?", r"\1://", candidate, flags=re.IGNORECASE)
        if _HOST.match(candidate):
            candidate = f"https://{candidate}"
        if not re.match(r"^https?://", candidate, re.IGNORECASE):
            continue
        try:
            _check_url(candidate)
            urlsplit(candidate)
        except (ValidationError, ValueError):
            continue
        found.append(candidate)
    if not found:
        note(name, _("“%(value)s” is not a web address") % {"value": raw[:60]})
        return ""
    if len(found[0]) > limit:
        note(name, _("the web address is longer than %(limit)d signs") % {"limit": limit})
        return ""
    if found[0] != raw and len(found) == 1 and found[0] in (f"https://{raw}", f"http://{raw}"):
        note(name, _("“https://” was added to the web address"))
    elif len(found) > 1:
        note(
            name,
            _("only the first web address was kept; left out: %(others)s") % {"others": ", ".join(found[1:])[:120]},
        )
    return found[0]


# --- Codes -----------------------------------------------------------------------------------------------------------


def postcode(value: Any, name: str, note: Note) -> str:
    """Five digits; a number that lost its zero gets it back: 1000 is 01000."""
    raw = re.sub(r"[\s\u00a0]", "", as_text(value))
    raw = re.sub(r"^F-?(?=\d{5}$)", "", raw, flags=re.IGNORECASE)
    if not raw:
        return ""
    if raw.isascii() and raw.isdigit() and len(raw) == 4:
        note(name, _("the zero of the postcode was put back"))
        return f"0{raw}"
    if raw.isascii() and raw.isdigit() and len(raw) == 5:
        return raw
    note(name, _("“%(value)s” is not a postcode") % {"value": raw[:20]})
    return ""


def insee(value: Any, name: str, note: Note) -> str:
    """An INSEE code: five characters; the zero that a spreadsheet ate is put back."""
    raw = re.sub(r"\s", "", as_text(value)).upper()
    if not raw:
        return ""
    if raw.isascii() and raw.isdigit() and len(raw) == 4:
        raw = f"0{raw}"
    if re.fullmatch(r"(?:\d{2}|2[AB])\d{3}", raw, re.ASCII):
        return raw
    note(name, _("“%(value)s” is not an INSEE code") % {"value": raw[:20]})
    return ""


def siret(value: Any, name: str, note: Note) -> str:
    """Fourteen digits; what is known to be none (an association's number, zeros) is left out without a word."""
    raw = re.sub(r"[\s.\u00a0]", "", as_text(value))
    if not raw or not raw.strip("0") or re.fullmatch(r"W\w{9}", raw) or len(raw) == 9:
        return ""
    if raw.isascii() and raw.isdigit() and len(raw) == 14:
        return raw
    note(name, _("“%(value)s” is not a SIRET") % {"value": raw[:20]})
    return ""


def parts(value: Any, separators: str = "|;") -> list[str]:
    """The parts of a cell that holds several, or of a list."""
    items: Iterable[Any] = (
        value if isinstance(value, list | tuple) else re.split("[" + re.escape(separators) + "]", as_text(value))
    )
    found = (" ".join(as_text(item).split()) for item in items)
    return list(dict.fromkeys(item for item in found if not is_nothing(item)))
