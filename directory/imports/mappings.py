"""Which column of a family of files becomes which of our fields: shipped as TOML, or saved by editors as rows.

Both hold the same *rules*, a plain dict::

    name = "annuaire-dila"            # the code that an import is started with
    label = "…"                       # in words
    source = "annuaire-dila"          # of all its rows; identifiers are source--localid
    source_column = "source"          # where each row says its own; else ``source``
    licence = "Licence Ouverte 2.0"
    list = "structures"               # the list or sheet to read, where a file has several
    required = ["adresse"]            # columns without which it is another file, beside those of name and identifier
    id = ["id"]                       # the column that identifies a row; several make an identifier together

    [[field]]
    to = "phone"                      # one of TARGETS
    from = ["contact_phone"]          # columns; "geo.latitude" reaches into an object, "website.0" into a list
    join = ", "                       # all of them, one after the other; else the first that says something
    split = ";|"                      # signs between several values in a cell
    values = {mairie = "mairie"}      # their words and ours; accents, capitals and blanks do not matter
    default = "autre"                 # when a word is not in ``values``, or the cells are empty
    prefix = "Équipement : "          # put before a text

    [constants]                       # the same for all rows
    themes = ["droits"]
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.enums import Access, Cost, Language, PositionPrecision

from ..enums import StructureKind
from ..models import ImportMapping, StructurePage
from ..networks import NETWORKS
from .errors import MappingError
from .mending import is_nothing

SHIPPED = Path(__file__).parent / "shipped"


@dataclass(frozen=True)
class Target:
    """Where a column can go. ``kind`` says how its values are mended; ``choices`` are the codes that it takes."""

    kind: str
    label: Any
    limit: int = 0
    choices: tuple[str, ...] = ()


def _model_target(name: str, kind: str, choices: tuple[str, ...] = ()) -> Target:
    column = StructurePage._meta.get_field(name)
    return Target(kind, column.verbose_name, getattr(column, "max_length", None) or 0, choices)  # type: ignore[union-attr]


@cache
def targets() -> dict[str, Target]:
    """All fields that a column can go to, by name, in the order in which a screen offers them."""
    kinds = {
        "title": "text",
        "summary": "text",
        "description": "lines",
        "phone": "phone",
        "email": "email",
        "website": "url",
        "access_conditions": "lines",
        "way_there": "lines",
        "notice": "text",
        "address": "text",
        "address_complement": "text",
        "postcode": "postcode",
        "position_score": "number",
        "cost_note": "text",
        "siret": "siret",
        "acceslibre_url": "url",
        "source_url": "url",
        "source_updated_on": "day",
        "licence": "text",
    }
    choices: dict[str, tuple[str, tuple[str, ...]]] = {
        "kind": ("choice", tuple(StructureKind.values)),
        "cost": ("choice", tuple(Cost.values)),
        "position_precision": ("choice", tuple(PositionPrecision.values)),
        "languages": ("codes", tuple(Language.values)),
        "access": ("codes", tuple(Access.values)),
        "networks": ("codes", tuple(code for code, _name in NETWORKS)),
        "themes": ("words", ()),
        "audiences": ("words", ()),
    }
    return {
        **{name: _model_target(name, kind) for name, kind in kinds.items()},
        **{name: _model_target(name, kind, codes) for name, (kind, codes) in choices.items()},
        "latitude": Target("raw", gettext_lazy("latitude")),
        "longitude": Target("raw", gettext_lazy("longitude")),
        "insee": Target("insee", gettext_lazy("INSEE code")),
        "town": Target("text", gettext_lazy("name of the municipality"), 80),
        "full_address": Target("text", gettext_lazy("address, postcode and town in one cell"), 300),
        "address_lines": Target("raw", gettext_lazy("lines of the address")),
        "hours": Target("raw", gettext_lazy("opening hours, in words or in OpenStreetMap’s form")),
        "hours_of_days": Target("raw", gettext_lazy("opening hours, four columns a day from Monday on")),
    }


@dataclass(frozen=True)
class Rule:
    """One ``[[field]]`` of a mapping."""

    to: str
    columns: tuple[str, ...]
    join: str | None = None
    split: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    default: Any = None
    prefix: str = ""

    def raw(self, row: Mapping[str, Any]) -> Any:
        """What the row says: the value of the first column that says something, or all joined by ``join``."""
        found = [value for column in self.columns if not is_nothing(value := lookup(row, column))]
        if self.join is not None:
            return found
        return found[0] if found else None


@dataclass(frozen=True)
class ColumnMapping:
    """Rules that were checked."""

    name: str
    label: str
    source: str
    rules: tuple[Rule, ...]
    id_columns: tuple[str, ...] = ()
    licence: str = ""
    group: str = ""
    source_column: str = ""
    required: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> set[str]:
        """All columns that it reads."""
        return {*self.id_columns, *(column for rule in self.rules for column in rule.columns)}


def normal(value: Any) -> str:
    """A word of a source as it is compared: no accents, no capitals, no signs."""
    return slugify(str(value))


def lookup(row: Mapping[str, Any], column: str) -> Any:
    """The value of a column, by its name or by its path: ``geo.latitude``."""
    if column in row:
        return row[column]
    value: Any = row
    for part in column.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def parse(rules: Mapping[str, Any]) -> ColumnMapping:
    """Checks rules as written in TOML or saved by the screen. Raises ``MappingError`` in one sentence."""
    try:
        name, source = str(rules["name"]), str(rules.get("source") or rules["name"])
        written = rules.get("field") or []
        parsed = tuple(_rule(each) for each in written)
        id_columns = tuple(str(column) for column in rules.get("id") or ())
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise MappingError(_("This mapping is not complete: %(detail)s.") % {"detail": error}) from error
    if not slugify(source) or len(source) > 60:
        raise MappingError(_("The code of the source must be short, such as “mairie-lille”."))
    if not any(rule.to == "title" for rule in parsed):
        raise MappingError(_("Say which column is the name of the place."))
    constants = dict(rules.get("constants") or {})
    for target in constants:
        _check_target(target)
    return ColumnMapping(
        name=name,
        label=str(rules.get("label") or name),
        source=slugify(source),
        rules=parsed,
        id_columns=id_columns,
        licence=str(rules.get("licence") or ""),
        group=str(rules.get("list") or "").casefold(),
        source_column=str(rules.get("source_column") or ""),
        required=tuple(str(column) for column in rules.get("required") or ()),
        constants=constants,
    )


def _rule(written: Mapping[str, Any]) -> Rule:
    to = str(written["to"])
    _check_target(to)
    columns = written["from"]
    columns = (columns,) if isinstance(columns, str) else tuple(str(column) for column in columns)
    if not columns:
        raise MappingError(_("“%(field)s” has no column.") % {"field": to})
    values = {normal(theirs): ours for theirs, ours in (written.get("values") or {}).items()}
    choices = targets()[to].choices
    for ours in [*values.values(), *([written["default"]] if written.get("default") else [])]:
        for code in ours if isinstance(ours, list) else [ours]:
            if choices and code not in choices and code:
                raise MappingError(_("“%(value)s” is no value of “%(field)s”.") % {"value": code, "field": to})
    return Rule(
        to=to,
        columns=columns,
        join=written.get("join"),
        split=str(written.get("split") or ""),
        values=values,
        default=written.get("default"),
        prefix=str(written.get("prefix") or ""),
    )


def _check_target(name: str) -> None:
    if name not in targets():
        raise MappingError(_("There is no field “%(field)s” that a column could go to.") % {"field": name})


# --- Where they are --------------------------------------------------------------------------------------------------


def shipped_names() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def mapping_names() -> list[str]:
    """The codes of all mappings: those that come with the portal, then those that editors saved."""
    own = ImportMapping.objects.order_by("name").values_list("name", flat=True)
    return [*shipped_names(), *(name for name in own if name not in shipped_names())]


def shipped_rules(name: str) -> dict[str, Any]:
    with (SHIPPED / f"{name}.toml").open("rb") as stream:
        return {"name": name, **tomllib.load(stream)}


def mapping_named(name: str) -> ColumnMapping:
    """A mapping by its code. One that an editor saved under the name of a shipped one comes first.

    Raises ``MappingError``, which names those that exist.
    """
    saved = ImportMapping.objects.filter(name=name).first()
    if saved is not None:
        return parse({**saved.rules, "name": saved.name, "label": saved.label})
    if name in shipped_names():
        return parse(shipped_rules(name))
    raise MappingError(
        _("There is no mapping “%(name)s”. These exist: %(names)s.")
        % {"name": name, "names": ", ".join(mapping_names())}
    )


def fitting(columns: set[str]) -> Iterator[str]:
    """Mappings whose columns are all, or nearly all, in a file: what a screen proposes first."""
    for name in mapping_names():
        try:
            wanted = {column.split(".")[0] for column in mapping_named(name).columns if "{" not in column}
        except MappingError:
            continue
        if wanted and len(wanted & columns) >= 0.7 * len(wanted):
            yield name
