"""Export → import into an empty portal → export: the same records, but for their dates."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from directory.imports.engine import apply
from directory.imports.formats import format_named
from directory.models import ImportedRecord, StructurePage
from portal.core.models import Municipality
from tests.directory.test_inclusion_export import places  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def exported(client):
    found = {}
    for name in ("structures", "services"):
        items = client.get(f"/api/data-inclusion/v1/{name}", {"size": 100}).json()["items"]
        found |= {(item["id"], key): value for item in items for key, value in item.items() if key != "date_maj"}
    return found


def differences(one, other):
    return {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}


@pytest.mark.usefixtures("places")
def test_out_and_in_again(client, tmp_path):
    structures = client.get("/api/data-inclusion/v1/structures").json()
    services = client.get("/api/data-inclusion/v1/services").json()
    before = exported(client)
    assert len({key for key, _name in before}) == 5
    for page in StructurePage.objects.all():
        page.delete()
    Municipality.objects.all().delete()
    assert not ImportedRecord.objects.exists()
    for name, content in (("structures", structures), ("services", services)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        report = apply(path, format_named("data-inclusion"))
        assert (report.created, report.rejected) == (report.read, [])
    assert differences(before, exported(client)) == {}
    again = apply(path, format_named("data-inclusion"))
    assert again.unchanged == again.read


@pytest.mark.usefixtures("places")
def test_the_file_of_the_command(client, tmp_path):
    """Both lists in one file, as ``export_structures`` writes them."""
    before = exported(client)
    path = tmp_path / "all.json"
    call_command("export_structures", str(path), stdout=StringIO())
    for page in StructurePage.objects.all():
        page.delete()
    report = apply(path, format_named("data-inclusion"))
    assert (report.created, report.rejected) == (5, [])
    assert differences(before, exported(client)) == {}
