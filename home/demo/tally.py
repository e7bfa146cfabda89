"""What a run did to one family of content."""

from dataclasses import dataclass


@dataclass
class Tally:
    created: int = 0
    kept: int = 0
    translated: int = 0

    def __str__(self) -> str:
        parts = [f"{self.created} made"]
        if self.translated:
            parts.append(f"{self.translated} translated")
        if self.kept:
            parts.append(f"{self.kept} kept")
        return ", ".join(parts)
