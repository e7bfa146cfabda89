"""The texts and facts of the demonstration, as written in ``content/*.toml``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "content"

#: One table of a file, as ``tomllib`` reads it.
Record = dict[str, Any]


@cache
def _tables(file: str) -> dict[str, list[Record]]:
    with (FOLDER / f"{file}.toml").open("rb") as stream:
        return tomllib.load(stream)


def records(name: str, *files: str) -> list[Record]:
    """The tables called ``name`` of some files, in order."""
    return [record for file in files for record in _tables(file).get(name, [])]


def months(years: float | None) -> int | None:
    """An age in years as whole months."""
    return None if years is None else round(years * 12)
