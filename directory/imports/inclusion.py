"""data.inclusion v1: structures and services, in JSON (its envelope, a list, both lists in one file), CSV or XLSX.

Schemas: https://www.data.inclusion.gouv.fr/schemas/. What our fields can't hold exactly is kept in ``extra``, so that
nothing is lost on the way out; the name of a person (``contact_nom_prenom``) is never read.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from ..enums import Referrer, ServiceKind, WayIn, WelcomeMode
from ..inclusion import (
    AUDIENCES,
    KIND_NETWORKS,
    MAX_DESCRIPTION,
    MAX_SCHEDULE,
    OTHER_KIND,
    PLACE,
    SEPARATOR,
    THEMES,
    audiences_of,
    cost_of,
    kept_of_service,
    kept_of_structure,
    kind_of,
    split_description,
    split_schedule,
    themes_of,
)
from ..inclusion_hours import split
from ..networks import NETWORKS
from . import mending
from .drafts import MAX_LOCAL_ID, Draft, Town, identity
from .errors import RowError
from .hours import MAX_HOURS, MAX_WORDS
from .mapped import set_point
from .places import point
from .readers import Row

STRUCTURES, SERVICES = "structures", "services"
DEFAULT_SOURCE = "data-inclusion"
#: Lists that CSV and XLSX write in one cell.
LISTS = frozenset(
    "reseaux_porteurs thematiques publics modes_accueil modes_mobilisation mobilisable_par zone_eligibilite".split()
)
_NETWORKS = frozenset(code for code, _name in NETWORKS)


class InclusionFormat:
    """Structures, services, or both."""

    name = "data-inclusion"

    def __init__(self) -> None:
        self.groups: list[str] = []
        #: Places of the structures of the file, to tell a service that is elsewhere.
        self.places: dict[str, dict[str, Any]] = {}

    def chooses(self, groups: list[str]) -> None:
        known = [group for group in groups if group in (STRUCTURES, SERVICES)]
        # One list under another name (``items``, ``data``) holds what its rows say.
        self.groups = known or groups[:1]

    def missing(self, columns: list[str]) -> list[str]:
        return [name for name in ("id", "nom", "date_maj") if name not in columns]

    def wants(self, row: Row) -> bool:
        return row.group.casefold() in self.groups

    def draft(self, row: Row) -> Draft:
        """The row in our words. Raises ``RowError``."""
        if "" in row.values:
            raise RowError(_("this row has more cells than there are columns, or is no object"))
        record = {name: cell(name, value) for name, value in row.values.items() if isinstance(name, str)}
        is_service = row.group == SERVICES or (row.group != STRUCTURES and "structure_id" in record)
        return self.service(record) if is_service else self.structure(record)

    # --- Structures --------------------------------------------------------------------------------------------------
    def structure(self, record: dict[str, Any]) -> Draft:
        draft = begun("structure", record)
        note, values = draft.note, draft.values
        values["title"] = text(record.get("nom"), "title", note, limit=150)
        if not values["title"]:
            raise RowError(_("there is no name"))
        networks = [code for code in listed(record, "reseaux_porteurs") if code in _NETWORKS]
        left_out(listed(record, "reseaux_porteurs"), networks, "networks", note)
        values["networks"] = sorted(networks)
        kind = kind_of(networks)
        # A kind that is a network itself says so when it goes out again: only what came in may.
        values["kind"] = kind if KIND_NETWORKS.get(kind) in (None, *networks) else OTHER_KIND
        whole = text(record.get("description"), "description", note, limit=MAX_DESCRIPTION)
        values["summary"], values["description"] = split_description(whole)
        read_common(record, draft)
        read_place(record, draft)
        values["siret"] = mending.siret(record.get("siret"), "siret", note)
        values["website"] = mending.url(record.get("site_web"), "website", note)
        values["acceslibre_url"] = mending.url(record.get("accessibilite_lieu"), "acceslibre_url", note)
        found = split(mending.as_text(record.get("horaires_accueil")))
        values["opening_hours"] = fitting(found.opening_hours, draft)
        values["hours_text"] = text(found.hours_text, "hours_text", note, limit=MAX_WORDS)
        values["holiday_hours"] = found.holiday_hours
        values["closed_from"] = found.closed_from.isoformat() if found.closed_from else None
        values["closed_until"] = found.closed_until.isoformat() if found.closed_until else None
        values["notice"] = text(found.notice, "notice", note, limit=300)
        values["extra"] = kept_of_structure(record)
        self.places[draft.source_id] = {name: record.get(name) for name in PLACE}
        return draft

    # --- Services ----------------------------------------------------------------------------------------------------
    def service(self, record: dict[str, Any]) -> Draft:
        draft = begun("service", record)
        note, values = draft.note, draft.values
        structure = mending.as_text(record.get("structure_id")).strip()
        if not structure:
            raise RowError(_("the service does not say its structure (structure_id)"))
        draft.structure_id = structure if SEPARATOR in structure else identity(draft.source, structure)
        values["name"] = text(record.get("nom"), "name", note, limit=150)
        if not values["name"]:
            raise RowError(_("there is no name"))
        kind = mending.as_text(record.get("type")).strip()
        values["kind"] = kind if kind in ServiceKind.values else ""
        values["description"] = text(record.get("description"), "description", note, limit=10_000)
        values["themes"] = sorted(themes_of(listed(record, "thematiques")))
        values["audiences"] = sorted(audiences_of(listed(record, "publics")))
        values["audience_note"] = text(record.get("publics_precisions"), "audience_note", note, limit=1000)
        words = text(record.get("frais_precisions"), "cost_note", note, limit=500)
        values["cost"], values["cost_note"] = cost_of(mending.as_text(record.get("frais")) or None, words)
        values["conditions"] = text(record.get("conditions_acces"), "conditions", note, limit=5000)
        values["booking"] = text(record.get("mobilisation_precisions"), "booking", note, limit=1000)
        for name, theirs, known in (
            ("modes", "modes_accueil", WelcomeMode.values),
            ("mobilisation", "modes_mobilisation", WayIn.values),
            ("referrers", "mobilisable_par", Referrer.values),
        ):
            codes = [code for code in listed(record, theirs) if code in known]
            left_out(listed(record, theirs), codes, name, note)
            values[name] = sorted(codes)
        read_common(record, draft)
        values["url"] = mending.url(record.get("lien_mobilisation"), "url", note, limit=2083)
        found = split(mending.as_text(record.get("horaires_accueil")))
        whole = mending.as_text(record.get("horaires_accueil"))
        values["opening_hours"] = fitting(
            whole if found.holiday_hours or found.closed_from else found.opening_hours, draft
        )
        said = text(found.hours_text, "hours_text", note, limit=MAX_SCHEDULE + MAX_WORDS)
        values["schedule"], said = split_schedule(said)
        values["hours_text"] = text(said, "hours_text", note, limit=MAX_WORDS)
        values["extra"] = kept_of_service(valid(record, note), self.places.get(draft.structure_id, {}))
        return draft


def begun(kind: Any, record: Mapping[str, Any]) -> Draft:
    """A draft with its identity. Raises ``RowError`` without one."""
    local = " ".join(mending.as_text(record.get("id")).split())
    source = slugify(mending.as_text(record.get("source")))[:60].strip("-") or DEFAULT_SOURCE
    # As exports write it, the identifier begins with its source: the limit is that of what follows.
    length = len(local.removeprefix(f"{source}{SEPARATOR}"))
    if not length or length > MAX_LOCAL_ID or not local.isprintable():
        raise RowError(_("there is no identifier (%(columns)s)") % {"columns": "id"})
    return Draft(kind, source, identity(source, local), {})


def read_common(record: Mapping[str, Any], draft: Draft) -> None:
    """What structures and services have in common."""
    note, values = draft.note, draft.values
    postcode = mending.as_text(record.get("code_postal"))
    values["phone"] = mending.phone(record.get("telephone"), "phone", note, postcode=postcode)
    values["email"] = mending.email(record.get("courriel"), "email", note)
    values["source_url"] = mending.url(record.get("lien_source"), "source_url", note, limit=2083)
    day = mending.day(record.get("date_maj"), "source_updated_on", note)
    values["source_updated_on"] = day.isoformat() if day else None


def read_place(record: Mapping[str, Any], draft: Draft) -> None:
    note, values = draft.note, draft.values
    values["address"] = text(record.get("adresse"), "address", note, limit=200)
    values["address_complement"] = text(record.get("complement_adresse"), "address_complement", note, limit=200)
    values["postcode"] = mending.postcode(record.get("code_postal"), "postcode", note)
    draft.town = Town(
        insee=mending.insee(record.get("code_insee"), "municipality", note),
        name=text(record.get("commune"), "municipality", note, limit=80),
        postcode=values["postcode"],
    )
    place = draft.town.insee or values["postcode"]
    found = point(record.get("latitude"), record.get("longitude"), place, note)
    if found.doubt:
        draft.doubts.append(found.doubt)
    set_point(values, found.latitude, found.longitude)


def fitting(opening_hours: str, draft: Draft) -> str:
    if len(opening_hours) <= MAX_HOURS:
        return opening_hours
    draft.note("opening_hours", _("the opening hours are too long and were left out"))
    return ""


def cell(name: str, value: Any) -> Any:
    """A cell of a table as JSON would have it."""
    if name not in LISTS or isinstance(value, list):
        if mending.is_nothing(value) and not isinstance(value, list):
            return None
        return mending.as_text(value) if isinstance(value, str) else value
    text = mending.as_text(value).strip()
    if text.startswith("["):
        try:
            parsed = json.loads(text.replace("'", '"'))
        except (ValueError, RecursionError):
            parsed = None
        if isinstance(parsed, list):
            return [mending.as_text(item) for item in parsed]
    if text.startswith("{") and text.endswith("}"):  # an array as PostgreSQL writes it
        text = text[1:-1].replace('"', "")
    return mending.parts(text, "|;,") or None


_ZONES = re.compile(r"\w{2,3}|\w{5}|\d{9}|france", re.ASCII)


def valid(record: Mapping[str, Any], note: mending.Note) -> dict[str, Any]:
    """A record of a service with only what its schema allows, for what is kept as it is to be said again one day."""
    clean = dict(record)
    for name, known in (("thematiques", THEMES), ("publics", AUDIENCES)):
        if isinstance(clean.get(name), list):
            clean[name] = [code for code in listed(record, name) if code in known]
            left_out(listed(record, name), clean[name], name, note)
    zones = [mending.as_text(zone) for zone in clean["zone_eligibilite"] or []] if "zone_eligibilite" in clean else []
    clean["zone_eligibilite"] = [zone for zone in zones if _ZONES.fullmatch(zone)] or None
    weeks = mending.number(clean.get("nombre_semaines"), "nombre_semaines", note)
    clean["nombre_semaines"] = int(weeks) if weeks and weeks >= 1 and weeks.is_integer() else None
    hours = mending.number(clean.get("volume_horaire_hebdomadaire"), "volume_horaire_hebdomadaire", note)
    clean["volume_horaire_hebdomadaire"] = hours if hours is not None and hours >= 0 else None
    for name, mend in (("code_postal", mending.postcode), ("code_insee", mending.insee)):
        if name in clean:
            clean[name] = mend(clean[name], name, note) or None
    for name in ("commune", "adresse", "complement_adresse"):
        if name in clean:
            clean[name] = text(clean[name], name, note, limit=200) or None
    for name, limit in (("latitude", 90), ("longitude", 180)):
        if name in clean:
            degrees = mending.number(clean[name], name, note)
            clean[name] = degrees if degrees is not None and abs(degrees) <= limit else None
    return clean


def text(value: Any, name: str, note: mending.Note, *, limit: int) -> str:
    return mending.text(value, name, note, limit=limit, as_is=True)


def listed(record: Mapping[str, Any], name: str) -> list[str]:
    value = record.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def left_out(said: list[str], kept: list[str], name: str, note: mending.Note) -> None:
    if others := [code for code in said if code not in kept]:
        note(name, _("“%(value)s” is not in the list") % {"value": ", ".join(others)[:80]})
