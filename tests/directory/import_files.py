"""Files to import, for tests: the shared ones, and small ones of their own."""

import json
from pathlib import Path

import pytest

PLACES = Path(__file__).parents[2].parent / "shared" / "data" / "places"


def shared(name):
    """A shared file; the test is skipped where these are not."""
    path = PLACES / name
    if not path.exists():
        pytest.skip("only on a machine with the open data of ../shared/data/places")
    return path


def place(number, **values):
    """One object of the family ``annuaire-dila``, at a place of its own."""
    return {
        "id": f"mairie-59350-{number}",
        "nom": f"Maison {number}",
        "type": "mairie",
        "codeinsee": "59350",
        "contact_phone": f"+33 3 20 00 00 {number:02d}",
        "contact_email": f"lieu{number}@example.org",
        "latitude": str(50.60 + number / 200),
        "longitude": str(3.02 + number / 300),
        "update": "2015-04-30",
        "writeAddress": {"addressLocality": "Lille", "postalCode": "59000", "streetAddress": [f"{number} rue Neuve"]},
        **values,
    }


def write_lines(folder, places, name="places.ndjson"):
    path = folder / name
    path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in places), encoding="utf-8")
    return path


def write_json(folder, data, name="places.json", encoding="utf-8"):
    path = folder / name
    path.write_bytes(json.dumps(data, ensure_ascii=False).encode(encoding))
    return path


def write_table(folder, text, name="places.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path
