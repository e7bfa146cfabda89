"""The columns of a file become ours: a form made of the file itself, saved as a mapping that serves again."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from ..enums import StructureKind
from ..imports import readers
from ..imports.errors import MappingError
from ..imports.mappings import normal, parse, targets
from ..imports.mending import is_nothing
from ..models import ImportMapping

#: Rows that are looked at to show columns, samples and words.
LOOKED_AT = 2_000
MAX_COLUMNS = 120
MAX_WORDS = 60
SAMPLES = 3
LIKELY = 92
#: Words that files use for our fields, beside the fields' own names.
KNOWN_AS = {
    "title": "nom name lieu libelle intitule raison-sociale structure denomination",
    "kind": "type categorie typologie nature",
    "phone": "telephone tel phone",
    "email": "mail courriel email adresse-mail",
    "website": "site-web site-internet url web",
    "address": "adresse rue voie adresse-postale",
    "postcode": "code-postal cp",
    "town": "ville commune",
    "insee": "code-insee codeinsee insee",
    "latitude": "latitude lat y",
    "longitude": "longitude lon lng x",
    "hours": "horaires horaire horaires-ouverture",
    "description": "description presentation",
    "siret": "siret pivot",
    "source_updated_on": "date-maj maj derniere-maj mise-a-jour",
    "access_conditions": "conditions-acces conditions",
}


@dataclass
class Column:
    """A column of the file as the screen shows it."""

    number: int
    name: str
    samples: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)

    @property
    def proposed(self) -> str:
        """The field that its name resembles most; empty when none does."""
        known = {word: target for target, words in KNOWN_AS.items() for word in words.split()}
        name = normal(self.name)
        if name in known:
            return known[name]
        spelled = {word: word.replace("-", " ") for word in known}
        found = process.extractOne(
            name.replace("-", " "), spelled, scorer=fuzz.token_set_ratio, score_cutoff=LIKELY, processor=None
        )
        return known[found[2]] if found else ""


def columns_of(path: Path) -> list[Column]:
    """Columns with samples, from the first rows. Raises ``UnreadableFileError``."""
    found: dict[str, Column] = {}
    for row in islice(readers.rows(path), LOOKED_AT):
        for name, value in flat(row.values):
            column = found.get(name)
            if column is None:
                if len(found) >= MAX_COLUMNS:
                    continue
                column = found[name] = Column(len(found), name)
            if is_nothing(value):
                continue
            text = str(value).strip()[:80]
            if len(column.samples) < SAMPLES and text not in column.samples:
                column.samples.append(text)
            if len(column.words) <= MAX_WORDS:
                column.words[text] += 1
    return list(found.values())


def flat(values: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Columns by their path: an object inside a row is opened once, as ``geo.latitude``."""
    for name, value in values.items():
        if isinstance(value, dict) and not before:
            yield from flat(value, f"{name}.")
        elif name:
            yield f"{before}{name}", ", ".join(map(str, value)) if isinstance(value, list) else value


class MappingForm(forms.Form):
    """Name, source, and for each column where it goes. ``rules`` is what :mod:`directory.imports.mappings` reads."""

    label = forms.CharField(
        label=_("Name of this mapping"),
        max_length=120,
        help_text=_("In words, such as “Équipements de la mairie de Lille”. It serves again for the next file."),
    )
    source = forms.CharField(
        label=_("Code of the source"),
        max_length=60,
        help_text=_("Short, such as “mairie-lille”. A sheet is found again by it and by its identifier."),
    )
    licence = forms.CharField(
        label=_("Licence of the source"),
        max_length=200,
        required=False,
        help_text=_("Under which right the data is lent, such as “Licence Ouverte 2.0”."),
    )
    default_kind = forms.ChoiceField(
        label=_("Kind, where no word decides"), choices=StructureKind.choices, initial=StructureKind.OTHER
    )

    def __init__(self, *args: Any, columns: list[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        choices = [("", _("Leave it")), *((name, capfirst(str(target.label))) for name, target in targets().items())]
        taken: set[str] = set()
        for column in columns:
            proposed = column.proposed if column.proposed not in taken else ""
            taken.add(proposed)
            self.fields[f"to-{column.number}"] = forms.ChoiceField(
                choices=choices, required=False, initial=proposed, label=column.name
            )
            self.fields[f"id-{column.number}"] = forms.BooleanField(
                required=False, initial=normal(column.name) in ("id", "identifiant", "uid"), label=column.name
            )
        for word in self.kind_words():
            self.fields[word_field(word)] = forms.ChoiceField(
                choices=[("", _("As above")), *StructureKind.choices], required=False, label=word
            )

    def target_of(self, column: Column) -> str:
        name = f"to-{column.number}"
        given = self.data.get(name) if self.is_bound else self.get_initial_for_field(self.fields[name], name)
        return str(given or "")

    def kind_words(self) -> list[str]:
        """The words of the columns that say the kind: each may become one of ours."""
        found: dict[str, None] = {}
        for column in self.columns:
            if self.target_of(column) == "kind" and len(column.words) <= MAX_WORDS:
                found.update(dict.fromkeys(column.words))
        return list(found)[:MAX_WORDS]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the template: a column, where it goes, whether it identifies the row."""
        return [
            {"column": column, "to": self[f"to-{column.number}"], "id": self[f"id-{column.number}"]}
            for column in self.columns
        ]

    @property
    def words(self) -> list[Any]:
        return [self[word_field(word)] for word in self.kind_words()]

    def clean_source(self) -> str:
        code = slugify(self.cleaned_data["source"])
        if not code:
            raise ValidationError(_("Write letters and digits, such as “mairie-lille”."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                parse(self.rules(cleaned))
            except MappingError as error:
                raise ValidationError(str(error)) from error
            if not any(cleaned.get(f"id-{column.number}") for column in self.columns):
                raise ValidationError(_("Tick the column that identifies a row: its number, or name and address."))
        return cleaned

    def rules(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        by_target: dict[str, list[str]] = {}
        for column in self.columns:
            if target := cleaned.get(f"to-{column.number}"):
                by_target.setdefault(target, []).append(column.name)
        fields: list[dict[str, Any]] = []
        for target, names in by_target.items():
            rule: dict[str, Any] = {"to": target, "from": names}
            if len(names) > 1 and targets()[target].kind in ("text", "lines"):
                rule["join"] = "\n" if targets()[target].kind == "lines" else ", "
            if target == "kind":
                words = {word: cleaned.get(word_field(word)) for word in self.kind_words()}
                rule |= {
                    "default": cleaned["default_kind"],
                    "values": {word: ours for word, ours in words.items() if ours},
                }
            fields.append(rule)
        constants = {} if "kind" in by_target else {"kind": cleaned["default_kind"]}
        return {
            "name": cleaned["source"],
            "label": cleaned["label"],
            "source": cleaned["source"],
            "licence": cleaned["licence"],
            "id": [column.name for column in self.columns if cleaned.get(f"id-{column.number}")],
            "field": fields,
            "constants": constants,
        }

    def save(self) -> ImportMapping:
        """The mapping, new or written again under the same code."""
        rules = self.rules(self.cleaned_data)
        mapping, _is_new = ImportMapping.objects.update_or_create(
            name=rules["source"], defaults={"label": rules["label"], "rules": rules}
        )
        return mapping


def word_field(word: str) -> str:
    return f"word-{slugify(word)[:80] or 'x'}"


def initial_of(mapping: ImportMapping, columns: Iterable[Column]) -> dict[str, Any]:
    """What the form shows of a saved mapping, for these columns."""
    rules = mapping.rules
    initial: dict[str, Any] = {
        "label": mapping.label,
        "source": rules.get("source", mapping.name),
        "licence": rules.get("licence", ""),
        "default_kind": (rules.get("constants") or {}).get("kind", StructureKind.OTHER),
    }
    by_name = {name: rule for rule in rules.get("field", []) for name in rule["from"]}
    for column in columns:
        rule = by_name.get(column.name)
        initial[f"to-{column.number}"] = rule["to"] if rule else ""
        initial[f"id-{column.number}"] = column.name in (rules.get("id") or [])
        if rule and rule["to"] == "kind":
            initial["default_kind"] = rule.get("default") or initial["default_kind"]
            initial |= {word_field(word): ours for word, ours in (rule.get("values") or {}).items()}
    return initial
