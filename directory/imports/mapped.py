"""Rows of any table, through a mapping of its columns."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from ..enums import StructureKind
from . import mending
from .drafts import MAX_LOCAL_ID, Draft, Town, identity, local_id_of
from .errors import RowError
from .hours import DAYS, hours, hours_of_days
from .mappings import ColumnMapping, Rule, lookup, normal, targets
from .places import is_postal_town, point, split_address, street_of, town_name
from .readers import Row

#: Words of a rule that mean several values.
LISTS = frozenset({"codes", "words"})


class MappedFormat:
    """A file whose columns a mapping names."""

    name = "mapped"

    def __init__(self, mapping: ColumnMapping) -> None:
        self.mapping = mapping
        self.groups: list[str] = []

    def chooses(self, groups: list[str]) -> None:
        """Told the lists or sheets of the file; rows of others are not read."""
        wanted = self.mapping.group
        self.groups = [wanted] if wanted in groups else groups[:1]

    def missing(self, columns: list[str]) -> list[str]:
        """Columns of names and identifiers that the file has not: then it is another file."""
        title = next(rule for rule in self.mapping.rules if rule.to == "title")
        known = set(columns)
        needed = [title.columns, *((column,) for column in (*self.mapping.id_columns, *self.mapping.required))]
        return [any_of[0] for any_of in needed if not any(c in known or c.split(".")[0] in known for c in any_of)]

    def wants(self, row: Row) -> bool:
        return row.group.casefold() in self.groups

    def draft(self, row: Row) -> Draft:
        """The row in our words. Raises ``RowError``."""
        if "" in row.values:
            raise RowError(_("this row has more cells than there are columns, or is no object"))
        return _Reading(self.mapping, row.values).draft()


class _Reading:
    """One row on its way."""

    def __init__(self, mapping: ColumnMapping, row: Mapping[str, Any]) -> None:
        self.mapping = mapping
        self.row = row
        self.found = Draft("structure", self.source(), "", {})
        self.town = Town()

    def draft(self) -> Draft:
        draft = self.found
        by_target: dict[str, list[Rule]] = {}
        for rule in self.mapping.rules:
            by_target.setdefault(rule.to, []).append(rule)
        draft.source_id = self.identifier()
        for name, rules in by_target.items():
            if name not in _LATER:
                draft.values[name] = self.value(name, rules)
        self.address(by_target)
        if "phone" in by_target:
            draft.values["phone"] = self.phone(by_target["phone"])
        if "hours" in by_target:
            self.set_hours(*hours(self.first(by_target["hours"]), "opening_hours", draft.note))
        if "hours_of_days" in by_target:
            self.set_hours(*hours_of_days(self.days(by_target["hours_of_days"][0]), "opening_hours", draft.note))
        if "latitude" in by_target and "longitude" in by_target:
            self.position(by_target)
        self.constants()
        if not draft.values.get("title"):
            raise RowError(_("there is no name"))
        draft.values["kind"] = draft.values.get("kind") or StructureKind.OTHER.value
        if self.mapping.licence and "licence" not in draft.values:
            draft.values["licence"] = self.mapping.licence
        draft.town = self.town
        return draft

    def source(self) -> str:
        said = mending.as_text(lookup(self.row, self.mapping.source_column)) if self.mapping.source_column else ""
        return slugify(said)[:60].strip("-") or self.mapping.source

    def identifier(self) -> str:
        columns = self.mapping.id_columns or next(r.columns for r in self.mapping.rules if r.to == "title")
        parts = [mending.as_text(lookup(self.row, column)).strip() for column in columns]
        if not any(parts):
            raise RowError(_("there is no identifier (%(columns)s)") % {"columns": ", ".join(columns)})
        local = " ".join(parts[0].split()) if len(columns) == 1 and self.mapping.id_columns else local_id_of(parts)
        if not local or len(local) > MAX_LOCAL_ID or not local.isprintable():
            raise RowError(_("the identifier can't be used"))
        return identity(self.found.source, local)

    # --- Values ------------------------------------------------------------------------------------------------------
    def first(self, rules: list[Rule]) -> Any:
        return next((value for rule in rules if not mending.is_nothing(value := rule.raw(self.row))), None)

    def value(self, name: str, rules: list[Rule]) -> Any:
        kind = targets()[name].kind
        if kind in LISTS:
            return sorted({code for rule in rules for code in self.codes(rule, name)})
        if kind == "choice":
            return next((code for rule in rules if (code := self.choice(rule))), "")
        if kind in ("text", "lines"):
            pieces = [piece for rule in rules if (piece := self.text(rule, name))]
            limit = targets()[name].limit or 200
            return mending.cut("\n\n".join(dict.fromkeys(pieces)), name, self.found.note, limit)
        raw = self.first(rules)
        if isinstance(raw, list):
            raw = " ".join(mending.as_text(item) for item in raw)
        note = self.found.note
        if kind == "day":
            day = mending.day(raw, name, note)
            return day.isoformat() if day else None
        if kind == "url":
            return mending.url(raw, name, note, limit=targets()[name].limit or 500)
        mend = {"email": mending.email, "siret": mending.siret, "number": mending.number}[kind]
        return mend(raw, name, note)

    def codes(self, rule: Rule, name: str) -> list[str]:
        """Our codes for the words of a cell."""
        raw = rule.raw(self.row)
        words = mending.parts(raw, rule.split) if rule.split else mending.parts([raw] if raw is not None else [])
        found: list[str] = []
        for word in words:
            ours = rule.values.get(normal(word), rule.default)
            if ours is None and not rule.values:
                ours = word
            found += [str(code) for code in (ours if isinstance(ours, list) else [ours]) if code]
        choices = targets()[name].choices
        return [code for code in found if not choices or code in choices]

    def choice(self, rule: Rule) -> str:
        """Our code for the word of a cell. Where a cell holds several words, the first known kind, but no cost that is
        only one of several."""
        raw = mending.as_text(rule.raw(self.row)).strip()
        words = mending.parts(raw, rule.split) if rule.split else [raw]
        choices = targets()[rule.to].choices
        codes = [rule.values.get(normal(word), word if word in choices else None) for word in words if word]
        if rule.to == "cost":
            return str(codes[0] or "") if len(set(codes)) == 1 else ""
        return str(next((code for code in codes if code), None) or rule.default or "")

    def text(self, rule: Rule, name: str) -> str:
        raw = rule.raw(self.row)
        target = targets()[name]
        limit = target.limit or 200
        if isinstance(raw, list) and rule.join is not None:
            cells = [part for cell in raw for part in (mending.parts(cell, rule.split) if rule.split else [cell])]
            mended = [mending.text(cell, name, self.found.note, limit=limit, lines=True) for cell in cells]
            piece = rule.join.join(dict.fromkeys(part for part in mended if part))
        else:
            piece = mending.text(raw, name, self.found.note, limit=limit, lines=target.kind == "lines")
        return f"{rule.prefix}{piece}" if piece else ""

    def phone(self, rules: list[Rule]) -> str:
        """The first cell that holds a number."""
        cells = [lookup(self.row, column) for rule in rules for column in rule.columns]
        said = [cell for cell in cells if not mending.is_nothing(cell)]
        postcode = str(self.found.values.get("postcode") or "")
        for cell in said:
            if number := mending.phone(cell, "phone", self.found.note, postcode=postcode):
                return number
        return ""

    # --- What takes several columns ----------------------------------------------------------------------------------
    def address(self, rules: dict[str, list[Rule]]) -> None:
        values, note = self.found.values, self.found.note
        if "full_address" in rules:
            raw = mending.text(self.first(rules["full_address"]), "address", note, limit=400)
            street, postcode, town = split_address(raw)
            values["address"] = mending.cut(street, "address", note, 200)
            values["postcode"] = postcode
            self.town.name = town
        if "address_lines" in rules:
            raw = self.first(rules["address_lines"])
            lines = raw if isinstance(raw, list) else mending.as_text(raw).splitlines()
            street, more = street_of([mending.text(line, "address", note, limit=200) for line in lines])
            values["address"] = street
            values["address_complement"] = mending.cut(more, "address_complement", note, 200)
        if "postcode" in rules:
            code = mending.postcode(self.first(rules["postcode"]), "postcode", note)
            values["postcode"] = code or values.get("postcode", "")
        if "insee" in rules:
            self.town.insee = mending.insee(self.first(rules["insee"]), "municipality", note)
        if "town" in rules:
            raw = mending.text(self.first(rules["town"]), "municipality", note, limit=80)
            self.town.is_postal = is_postal_town(raw)
            self.town.name = town_name(raw) or self.town.name
        self.town.postcode = values.get("postcode", "")

    def days(self, rule: Rule) -> list[list[Any]]:
        """The cells of each day: the columns are named with ``{jour}``."""
        return [[lookup(self.row, column.format(jour=day)) for column in rule.columns] for day in DAYS]

    def set_hours(self, opening_hours: str, words: str) -> None:
        self.found.values["opening_hours"] = opening_hours
        self.found.values["hours_text"] = words

    def position(self, rules: dict[str, list[Rule]]) -> None:
        values = self.found.values
        place = self.town.insee or str(values.get("postcode") or "")
        found = point(self.first(rules["latitude"]), self.first(rules["longitude"]), place, self.found.note)
        if found.doubt:
            self.found.doubts.append(found.doubt)
        set_point(values, found.latitude, found.longitude)

    def constants(self) -> None:
        for name, value in self.mapping.constants.items():
            if isinstance(value, list):
                self.found.values[name] = sorted({*self.found.values.get(name, []), *value})
            elif not self.found.values.get(name):
                self.found.values[name] = value


#: Targets that several columns make together, or that wait for another one.
_LATER = frozenset(
    "full_address address_lines postcode insee town phone hours hours_of_days latitude longitude".split()
)


def set_point(values: dict[str, Any], latitude: float | None, longitude: float | None) -> None:
    values["latitude"], values["longitude"] = latitude, longitude
    values["position_source"] = "annuaire" if latitude is not None else ""
    if latitude is None:
        values["position_precision"] = ""
        values["position_score"] = None
