"""What a row becomes before anybody compares it with the portal."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.text import slugify

SEPARATOR = "--"
#: Characters of an identifier within its source.
MAX_LOCAL_ID = 130
Kind = Literal["structure", "service"]


def identity(source: str, local_id: str) -> str:
    """The identifier of a row in the whole world: ``annuaire-dila--caf-59350-01``."""
    prefix = f"{source}{SEPARATOR}"
    return local_id if local_id.startswith(prefix) else f"{prefix}{local_id}"


def local_id_of(parts: list[str]) -> str:
    """An identifier for the rows of a source that gives none: made of a name and an address, it stays the same."""
    whole = slugify(" ".join(parts))
    if len(whole) <= MAX_LOCAL_ID:
        return whole
    tail = hashlib.sha256(whole.encode()).hexdigest()[:10]
    return f"{whole[: MAX_LOCAL_ID - 11].strip('-')}-{tail}"


@dataclass
class Town:
    """The municipality of a row, as the source says it; each may be empty."""

    insee: str = ""
    name: str = ""
    postcode: str = ""
    #: Whether the name may be that of the town whose post office keeps the mail (“Lille Cedex 9”).
    is_postal: bool = False


@dataclass
class Draft:
    """One row in our words: ``values`` are those that the source owns, in the form of ``values.read``."""

    kind: Kind
    source: str
    source_id: str
    values: dict[str, Any]
    town: Town = field(default_factory=Town)
    #: For a service: the identifier of its structure.
    structure_id: str = ""
    #: What was mended or left out: ``(field, sentence)``.
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: What a human being should look at.
    doubts: list[str] = field(default_factory=list)

    def note(self, name: str, sentence: str) -> None:
        self.notes.append((name, sentence))

    @property
    def title(self) -> str:
        return str(self.values.get("title") or self.values.get("name") or "")
