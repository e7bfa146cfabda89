"""“Near…”: a point from what a reader typed, or from their browser."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Municipality
from .versions import remembered

MAX_RADIUS_KM = 100
DEFAULT_RADIUS_KM = 5
RADII_KM = (1, 2, 5, 10, 20, 50)
COORDINATES = re.compile(r"^\s*(-?\d{1,2}(?:\.\d{1,15})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*$")
POSTCODE = re.compile(r"\b\d{5}\b")


@dataclass(frozen=True)
class Point:
    """A point that results are near to: WGS 84 degrees, with its name for the reader."""

    latitude: float
    longitude: float
    label: str
    #: Given as numbers, by the reader's browser: nobody reads them.
    is_here: bool = False
    #: What the reader must know about it, in a sentence.
    note: str = ""


#: Gives the point of an address, with a note when it is only near it; ``None`` when it can't be told. Never raises.
Locator = Callable[[str], Point | None]
_locators: list[Locator] = []


def register_locator(locator: Locator) -> None:
    """The directory, a floor above, knows how to look for an address."""
    if locator not in _locators:
        _locators.append(locator)


class NearField(forms.CharField):
    """``lat,lon``, an address, a postcode or a municipality's name; gives a :class:`Point`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=200, **kwargs)

    def clean(self, value: Any) -> Point | None:
        text = super().clean(value)
        if not text:
            return None
        point = here(text) or town_called(text) or located(text)
        if point is None:
            raise ValidationError(_("This place is not known."))
        return point


def here(text: str) -> Point | None:
    """Coordinates."""
    if not (match := COORDINATES.match(text)):
        return None
    latitude, longitude = float(match[1]), float(match[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Point(latitude, longitude, gettext("Around you"), is_here=True)


def located(text: str) -> Point | None:
    """An address that somebody knows."""
    # Numbers alone are no address: a postcode that no town has, coordinates that are nowhere.
    if not re.search(r"[^\W\d_]{2}", text):
        return None
    return next((found for locate in _locators if (found := locate(text))), None)


# --- Towns -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Towns:
    by_name: dict[str, Point]
    by_postcode: dict[str, Point]


def towns() -> Towns:
    """The municipalities whose middle is known. No query when warm."""
    return remembered("towns", read_towns)


def read_towns() -> Towns:
    rows = Municipality.objects.order_by("name", "insee")
    found = Towns({}, {})
    for name, postcodes, latitude, longitude in rows.values_list("name", "postcodes", "latitude", "longitude"):
        if latitude is None or longitude is None:
            continue
        point = Point(latitude, longitude, name)
        found.by_name.setdefault(plain(name), point)
        for postcode in postcodes.split():
            found.by_postcode.setdefault(postcode, point)
    return found


def plain(name: str) -> str:
    """A name as it is compared: “Saint-André-lez-Lille” and “st andre lez lille” are one."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe"))
    words = re.findall(r"[^\W_]+", "".join(letter for letter in letters if not unicodedata.combining(letter)))
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


def town_called(text: str) -> Point | None:
    """A town by its whole name, its postcode, or both."""
    words = plain(text).split()
    codes = [word for word in words if POSTCODE.fullmatch(word)]
    name = " ".join(word for word in words if word not in codes)
    if name:
        return towns().by_name.get(name)
    return towns().by_postcode.get(codes[0]) if codes else None
