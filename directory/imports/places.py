"""Addresses and points of sources."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .mending import Note, number

#: Boxes around the parts of France, in degrees: ``south, north, west, east``, by the beginnings of postcodes.
FRANCE = (41.2, 51.3, -5.4, 9.8)
OVERSEAS = {
    "971": (15.7, 18.2, -63.3, -60.9),
    "972": (14.3, 15.0, -61.3, -60.7),
    "973": (2.0, 6.0, -54.7, -51.5),
    "974": (-21.5, -20.8, 55.1, 55.9),
    "975": (46.7, 47.2, -56.5, -56.0),
    "976": (-13.1, -12.5, 44.9, 45.4),
    "986": (-14.5, -13.1, -178.3, -176.0),
    "987": (-28.0, -7.8, -155.0, -134.0),
    "988": (-23.0, -19.0, 158.0, 172.5),
}


@dataclass(frozen=True)
class Point:
    """Degrees (WGS 84); ``doubt`` is set when a human should look, and the point is then not used."""

    latitude: float | None = None
    longitude: float | None = None
    doubt: str = ""


def inside(latitude: float, longitude: float, postcode: str = "") -> bool:
    """Whether a point is in the part of France that a postcode is of; without one, in any part."""
    boxes = [FRANCE, *OVERSEAS.values()]
    if postcode:
        boxes = [OVERSEAS.get(postcode[:3], FRANCE)]
    return any(south <= latitude <= north and west <= longitude <= east for south, north, west, east in boxes)


def point(latitude: Any, longitude: Any, postcode: str, note: Note) -> Point:
    """The point of a row: decimal commas mended, turned round when the two stand in each other's column."""
    first, second = number(latitude, "latitude", note), number(longitude, "longitude", note)
    if first is None and second is None:
        return Point()
    if first is None or second is None:
        return Point(doubt=_("the position has only one of latitude and longitude"))
    if first == 0 and second == 0:
        note("latitude", _("the position 0, 0 was left out"))
        return Point()
    if inside(first, second, postcode):
        return Point(first, second)
    if inside(second, first, postcode):
        note("latitude", _("latitude and longitude stood in each other’s place"))
        return Point(second, first)
    return Point(
        doubt=_("the position %(latitude)s, %(longitude)s is not where the address is")
        % {"latitude": first, "longitude": second}
    )


_TOWN = re.compile(
    r"^(?P<street>.*?)[\s,;–—-]*\b(?P<postcode>\d{5}|\d{2}\s\d{3})\s+(?P<town>[^\d\n]{2,80})$", re.DOTALL
)
_CEDEX = re.compile(r"\s*\bcedex\b.*$", re.IGNORECASE)


def split_address(value: str) -> tuple[str, str, str]:
    """``(street, postcode, town)`` of an address on one line; postcode and town are empty when it does not say them."""
    match = _TOWN.match(_CEDEX.sub("", value).strip())
    if not match:
        return value.strip(" ,-"), "", ""
    postcode = match["postcode"].replace(" ", "")
    return match["street"].strip(" ,;-–—"), postcode, town_name(match["town"])


def town_name(value: str) -> str:
    """A town without “Cedex 9”."""
    return _CEDEX.sub("", " ".join(value.split())).strip(" ,-")


def is_postal_town(value: str) -> bool:
    return bool(_CEDEX.search(value))


_STREET = re.compile(
    r"^\d|\b(?:rue|avenue|av\.?|boulevard|bd|bld|place|pl\.?|chemin|route|all[ée]e|impasse|quai|cours|square|all[ée]es|"
    r"voie|ruelle|faubourg|sentier|mail|esplanade|rond-point|promenade|passage|lieu-dit|hameau|résidence|parvis)\b",
    re.IGNORECASE,
)
_POST_BOX = re.compile(r"^(?:BP|CS|TSA|B\.P\.)\s*\d", re.IGNORECASE)


def street_of(lines: list[str]) -> tuple[str, str]:
    """``(street, complement)`` of the lines of an address: the line that names a street, and the other ones."""
    clean = [" ".join(line.split()) for line in lines if line and line.strip()]
    if not clean:
        return "", ""
    numbered = [line for line in clean if re.match(r"^\d", line) and _STREET.search(line[2:])]
    named = numbered or [line for line in clean if _STREET.search(line) and not _POST_BOX.match(line)]
    if not named:
        usable = [line for line in clean if not _POST_BOX.match(line)] or clean
        return usable[-1], ", ".join(line for line in clean if line != usable[-1])
    street = named[-1]
    return street, ", ".join(line for line in clean if line != street)
