"""Where an event takes place: a sheet of the directory when that is certain, else the words of its source."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from directory.imports.mappings import normal
from directory.imports.values import Writer
from directory.models import StructurePage
from portal.core.enums import PositionPrecision, PositionSource
from portal.core.languages import SOURCE_LANGUAGE

from .drafts import EventDraft, SaidPlace

_POSTCODE = re.compile(r"\b(\d{5})\b\s*([^,;\n(]*)")
_STREET = re.compile(
    r"(?:\d+\s*(?:bis|ter|quater|[a-d])?[\s,-]|rue\b|avenue\b|boulevard\b|place\b|all[ée]e\b|chemin\b|quai\b|square\b)",
    re.IGNORECASE,
)
#: Two names as like as this (rapidfuzz, 0 to 100) are those of one place that stands at one address.
LIKE_NAME = 80


@dataclass(frozen=True)
class Sheet:
    pk: int
    title: str
    street: str
    postcode: str
    insee: str


class Places:
    """Looks places up in the directory. ``default`` is the structure of a centre, for what says no place."""

    def __init__(self, writer: Writer, default: int | None) -> None:
        self.writer = writer
        self.default = default
        self.by_title: dict[str, list[Sheet]] = defaultdict(list)
        self.by_street: dict[str, list[Sheet]] = defaultdict(list)
        rows = StructurePage.objects.sources().live().filter(gone_on=None)
        for pk, title, address, postcode, insee in rows.values_list(
            "pk", "title", "address", "postcode", "municipality__insee"
        ):
            sheet = Sheet(pk, normal(title), normal(address), postcode, insee or "")
            self.by_title[sheet.title].append(sheet)
            if sheet.street:
                self.by_street[sheet.street].append(sheet)

    def settle(self, draft: EventDraft) -> None:
        """Puts the place into the values of an event."""
        said = split(draft.place)
        insee = self.insee_of(said)
        values: dict[str, Any] = {
            "structure": self.structure_of(said, insee),
            "online_url": said.online_url,
            "place_name": "",
            "address": "",
            "postcode": "",
            "municipality": "",
            "latitude": None,
            "longitude": None,
            "position_precision": "",
            "position_source": "",
        }
        has_words = bool(said.name or said.address)
        if values["structure"] is None and (has_words or said.latitude is not None):
            values |= {
                "place_name": said.name or (said.town if not said.address else ""),
                "address": said.address,
                "postcode": said.postcode,
                "municipality": insee,
            }
            if said.latitude is not None:
                values |= {
                    "latitude": said.latitude,
                    "longitude": said.longitude,
                    "position_precision": PositionPrecision.HOUSE_NUMBER.value,
                    "position_source": PositionSource.DIRECTORY.value,
                }
        elif values["structure"] is None and not said.online_url:
            values["structure"] = self.default
        if not (values["structure"] or values["place_name"] or values["address"] or values["online_url"]):
            with translation.override(SOURCE_LANGUAGE):  # what is kept is French
                values["place_name"] = _("Place to be confirmed")
            draft.note("place_name", _("its source does not say where it takes place"))
        draft.values |= values
        draft.values["organizer"] = self.named(normal(draft.organizer), "", "") if draft.organizer else None

    def insee_of(self, said: SaidPlace) -> str:
        towns = self.writer.municipalities
        if said.insee in towns:
            return said.insee
        same = [town for town in towns.values() if said.postcode and said.postcode in town.postcodes.split()]
        named = [town for town in same or towns.values() if said.town and normal(town.name) == normal(said.town)]
        for found in (named, same):
            if len(found) == 1:
                return str(found[0].insee)
        return ""

    def structure_of(self, said: SaidPlace, insee: str) -> int | None:
        """The sheet of a place, when there is no doubt; ``None`` otherwise."""
        return self.named(normal(said.name), said.postcode, insee) or self.at_address(said, insee)

    def named(self, name: str, postcode: str, insee: str) -> int | None:
        """The only sheet of this name, in the town that is said if one is."""
        found = [sheet for sheet in self.by_title.get(name, []) if agrees(sheet, postcode, insee)] if name else []
        return found[0].pk if len(found) == 1 else None

    def at_address(self, said: SaidPlace, insee: str) -> int | None:
        """The only sheet at this address, unless what stands there has another name."""
        street = normal(said.address)
        if not street or not (said.postcode or insee):
            return None
        found = [sheet for sheet in self.by_street.get(street, []) if agrees(sheet, said.postcode, insee)]
        if said.name:
            name = normal(said.name).replace("-", " ")
            found = [sheet for sheet in found if fuzz.token_set_ratio(name, sheet.title.replace("-", " ")) >= LIKE_NAME]
        return found[0].pk if len(found) == 1 else None


def agrees(sheet: Sheet, postcode: str, insee: str) -> bool:
    """Whether a sheet stands in the town that is said."""
    if insee and sheet.insee:
        return insee == sheet.insee
    return not (postcode and sheet.postcode) or postcode == sheet.postcode


def split(said: SaidPlace) -> SaidPlace:
    """Name, street, postcode and town of a place that is told in one text."""
    if not said.text:
        return said
    text = said.text
    postcode = town = ""
    if matches := list(_POSTCODE.finditer(text)):
        postcode, town = matches[-1][1], matches[-1][2].strip(" -.")
        text = text[: matches[-1].start()] or text[matches[-1].end() :]
    parts = [part for piece in re.split(r"[,;\n]|\s[-–]\s", text) if (part := piece.strip(" ()"))]
    # “12, rue des Lilas” is one address.
    for place in range(len(parts) - 1):
        if re.fullmatch(r"\d+(?:-\d+)?\s*(?:bis|ter)?", parts[place]):
            parts[place : place + 2] = [f"{parts[place]} {parts[place + 1]}", ""]
    parts = [part for part in parts if part]
    streets = [place for place, part in enumerate(parts) if _STREET.match(part)]
    address = parts[streets[0]] if streets else ""
    before = parts[: streets[0]] if streets else parts
    after = parts[streets[0] + 1 :] if streets else []
    if after and not town:
        town = next((part for part in after if normal(part) != "france"), "")
    name = ", ".join(before)
    return SaidPlace(
        text=said.text,
        name=name[:150],
        address=address[:200],
        postcode=postcode,
        town=town[:80],
        latitude=said.latitude,
        longitude=said.longitude,
        online_url=said.online_url,
    )
