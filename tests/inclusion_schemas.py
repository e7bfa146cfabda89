"""The JSON schemas of data.inclusion v1, which lie beside the tree, and what they refuse."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

SCHEMAS = Path(__file__).parents[1].parent / "shared" / "data" / "places" / "data_inclusion_v1"
needs_schemas = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="only on a machine with the open data of ../shared/data/places"
)


def schema(name):
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def faults(name, records):
    """What the schema refuses in records, formats included; fields that it does not know; fields that are missing."""
    check = Draft202012Validator(schema(name), format_checker=FormatChecker())
    fields = set(check.schema["properties"])
    found = [
        f"{record['id']}: {fault.json_path} {fault.message[:200]}"
        for record in records
        for fault in check.iter_errors(record)
    ]
    return found + [f"{record['id']}: {sorted(set(record) ^ fields)}" for record in records if set(record) != fields]
