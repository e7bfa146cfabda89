"""What an event of a source becomes before anybody compares it with the portal."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MAX_UID = 500


@dataclass(frozen=True)
class SaidPlace:
    """Where it takes place, in the words of a source; each may be empty."""

    #: Name and address in one text, as calendars write it.
    text: str = ""
    name: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    insee: str = ""
    latitude: float | None = None
    longitude: float | None = None
    online_url: str = ""

    def as_json(self) -> list[Any]:
        """For the comparison with what was said last time."""
        texts = [self.text, self.name, self.address, self.postcode, self.town, self.insee]
        return [*texts, self.latitude, self.longitude, self.online_url]


@dataclass
class EventDraft:
    """One event in our words: ``values`` are those that the source owns, in the form of ``values.read``."""

    uid: str
    values: dict[str, Any]
    sequence: int = 0
    #: The place as the source writes it; ``values`` have it once it was looked for in the directory.
    place: SaidPlace = field(default_factory=SaidPlace)
    #: Free words: those that are themes here become themes, the others tags.
    words: list[str] = field(default_factory=list)
    #: Who organises it, looked for in the directory; the name of a person is never kept.
    organizer: str = ""
    #: What was mended or left out: ``(field, sentence)``.
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: What a human being should look at.
    doubts: list[str] = field(default_factory=list)

    def note(self, name: str, sentence: str) -> None:
        self.notes.append((name, sentence))

    @property
    def title(self) -> str:
        return str(self.values.get("title") or "")


def made_uid(parts: Iterable[str]) -> str:
    """An identity for an event that its source gives none: it stays the same as long as these parts do."""
    return f"sans-uid-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:24]}"
