"""What became of each row: the report that the contract describes, with details for whoever reads it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: Rows told one by one under each heading; the figures count all of them. Rejected rows are all told.
DETAILS = 1000


class Outcome(StrEnum):
    """What became, or would become, of a row. Every row has exactly one."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    #: Taken in, but somebody should look: a probable duplicate (kept as a draft), a position far from the address…
    FLAGGED = "flagged"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Change:
    """One field, before and after, in the form of ``directory.imports.values.read``."""

    old: Any
    new: Any


@dataclass
class Decision:
    """What is to be done with one row."""

    row: int
    kind: str
    outcome: Outcome
    source_id: str = ""
    title: str = ""
    #: The sheet that is there already, or was made.
    page_id: int | None = None
    changes: dict[str, Change] = field(default_factory=dict)
    #: Fields that the source changed and somebody edited by hand: they stay as they are.
    kept: dict[str, Change] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    #: Sheets that are probably the same place: primary keys.
    duplicates: list[int] = field(default_factory=list)
    #: What was mended or left out: ``(field, sentence)``.
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: Why it is rejected.
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"row": self.row, "id": self.source_id, "title": self.title, "page": self.page_id}
        if self.kind == "service":
            told["kind"] = self.kind
        for name in ("changes", "kept"):
            if fields := getattr(self, name):
                told[name] = {key: [change.old, change.new] for key, change in fields.items()}
        if self.doubts:
            told["doubts"] = self.doubts
        if self.duplicates:
            told["duplicates"] = self.duplicates
        if self.notes:
            told["notes"] = [f"{name}: {sentence}" for name, sentence in self.notes]
        return told


@dataclass
class Report:
    """The figures of one reading of a file, applied or not."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    flagged: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    #: Identifiers that the portal knows from these sources and that the file has not.
    gone: int = 0
    #: How often each mend was made.
    mends: Counter[str] = field(default_factory=Counter)
    details: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gone_rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.created + self.changed + self.unchanged + self.flagged + len(self.rejected)

    def add(self, decision: Decision) -> None:
        for name, sentence in decision.notes:
            self.mends[f"{name}: {_kind_of_mend(sentence)}"] += 1
        if decision.outcome == Outcome.REJECTED:
            self.rejected.append({"row": decision.row, "reason": decision.reason})
            return
        name = decision.outcome.value
        setattr(self, name, getattr(self, name) + 1)
        told = self.details.setdefault(name, [])
        is_worth_telling = decision.outcome != Outcome.UNCHANGED or decision.kept
        if is_worth_telling and len(told) < DETAILS:
            told.append(decision.as_json())

    def as_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "flagged": self.flagged,
            "rejected": self.rejected,
            "gone": self.gone,
            "mends": dict(self.mends.most_common(200)),
            "details": self.details,
            "gone_rows": self.gone_rows,
        }


#: What a sentence quotes from the row.
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|(?<=: ).*$")


def _kind_of_mend(sentence: str) -> str:
    """The sentence without what it quotes, so that equal mends can be counted."""
    return _QUOTED.sub("…", sentence)
