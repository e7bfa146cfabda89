"""Files are read whatever they are, or refused in one sentence, in bounded time and memory."""

import io
import tracemalloc
import zipfile
from datetime import datetime

import openpyxl
import pytest

from directory.imports import json_files, readers
from directory.imports.errors import UnreadableFileError
from tests.directory.import_files import write_json, write_table


def read(path):
    readers.check(path)
    return [(row.number, row.group, row.values) for row in readers.rows(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_tables_of_any_encoding_and_separator(tmp_path, encoding, separator):
    text = f'id;nom;ville\r\n1;École d’été;Lille\r\n\r\n2;"Crèche{separator}halte";Mons-en-Barœul\r\n'.replace(
        ";", separator
    )
    rows = read(write_table(tmp_path, text, encoding=encoding))
    assert rows == [
        (2, "", {"id": "1", "nom": "École d’été", "ville": "Lille"}),
        (4, "", {"id": "2", "nom": f"Crèche{separator}halte", "ville": "Mons-en-Barœul"}),
    ]


def test_json_lists_envelopes_and_lines(tmp_path):
    one, two = {"id": 1, "nom": "É"}, {"id": 2, "nom": "B", "more": {"a": [1]}}
    expected = [(1, "", one), (2, "", two)]
    assert read(write_json(tmp_path, [one, two])) == expected
    assert read(write_json(tmp_path, [one, two], encoding="cp1252")) == expected
    assert read(write_json(tmp_path, [one, two], encoding="utf-16")) == expected
    assert read(write_json(tmp_path, {"total": 2, "items": [one, two]})) == [(n, "items", v) for n, _g, v in expected]
    both = read(write_json(tmp_path, {"services": [one], "structures": [two]}))
    assert both == [(1, "services", one), (1, "structures", two)]
    assert read(write_json(tmp_path, one)) == [(1, "", one)]
    lines = write_table(tmp_path, '\ufeff{"id": 1, "nom": "É"}\r\n\r\n{"id": 2, "nom": "B", "more": {"a": [1]}}\r\n')
    assert read(lines) == [(1, "", one), (3, "", two)]


def spreadsheet(path, rows, title="Feuille"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_spreadsheets(tmp_path):
    day = datetime(2026, 2, 23)  # noqa: DTZ001 - as spreadsheets have them
    path = spreadsheet(
        tmp_path / "a.xlsx",
        [["Lieux de la ville"], [], ["id", "nom", day, "nom"], [1.0, "École", day, None], [], ["a", "=1+1", None, "x"]],
    )
    assert read(path) == [
        (4, "feuille", {"id": 1, "nom": "École", "date_maj": day}),
        # A formula that no program has computed holds nothing.
        (6, "feuille", {"id": "a", "nom": None, "date_maj": None, "nom (2)": "x"}),
    ]


def packed(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path.read_bytes()


def entity(folder):
    """A spreadsheet whose texts name an entity: what bombs are made of."""
    spreadsheet(folder / "plain.xlsx", [["id", "nom"], ["1", "a"]])
    with zipfile.ZipFile(folder / "plain.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    start = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>"
    parts["xl/workbook.xml"] = start + parts["xl/workbook.xml"].split(b"?>", 1)[-1]
    return packed(folder / "entity.xlsx", parts)


def damaged(folder):
    """A spreadsheet whose archive is whole, with a part that can't be unpacked."""
    path = spreadsheet(folder / "d.xlsx", [["id", "nom"], ["1", "a"]])
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/theme/theme1.xml")
    content = bytearray(path.read_bytes())
    start = part.header_offset + 30 + len(part.filename)
    content[start : start + 200] = b"\xff" * 200
    return bytes(content)


def broken_files(folder):
    whole = b'[{"id": 1, "nom": "A"}, {"id": 2, "nom": "B"}]'
    sheet = spreadsheet(folder / "s.xlsx", [["id", "nom"], ["1", "a"]]).read_bytes()
    return {
        "nothing": b"",
        "blanks": b" \n\n ",
        "an empty list": b"[]",
        "an empty object": b"{}",
        "a number": b"42",
        "truncated JSON": whole[:30],
        "JSON without its end": whole[:-1],
        "not a number": b'[{"id": NaN}]',
        "truncated NDJSON": b'{"id": 1, "nom": "A"}\n{"id": 2, "nom": "A"}\n{"id": 3, "n',
        "deep JSON": b"[" * 100_000,
        "deep NDJSON": b'{"id": 1}\n' + b'{"a":' * 100_000,
        "a deep object": b'[{"a":' + b"[" * 5000 + b"]" * 5000 + b"}]",
        "an endless number": b'{"id": %s, "nom": "A"}\n' % (b"9" * 5000),
        "one huge value": b'[{"id": 1, "nom": "' + b"x" * (json_files.MAX_OBJECT + 1000) + b'"}]',
        "a huge line": b"id;nom\n1;" + b"x" * 2_000_000,
        "a huge cell": b'id;nom\n1;"' + b"x\n" * 200_000,
        "words": b"hello world\nthis is\nno table\n",
        "a web page": b"<!doctype html><p>404",
        "bytes": bytes(range(256)) * 100,
        "an old spreadsheet": b"\xd0\xcf\x11\xe0" + bytes(100),
        "a PDF": b"%PDF-1.7",
        "gzip": b"\x1f\x8b\x08" + bytes(50),
        "another archive": packed(folder / "a.zip", {"a.txt": "a"}),
        "half an archive": sheet[: len(sheet) // 2],
        "a spreadsheet of nothing": packed(folder / "b.xlsx", {"xl/workbook.xml": "<x/>"}),
        "a bomb": packed(
            folder / "c.xlsx", {"xl/workbook.xml": "<x/>", "xl/worksheets/sheet1.xml": b"0" * 160_000_000}
        ),
        "entities": entity(folder),
        "a damaged part": damaged(folder),
    }


def test_broken_files_are_refused_in_a_sentence(tmp_path):
    for name, content in broken_files(tmp_path).items():
        path = tmp_path / "file"
        path.write_bytes(content)
        tracemalloc.start()
        try:
            with pytest.raises(UnreadableFileError) as refusal:
                read(path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        sentence = str(refusal.value)
        assert len(sentence) > 15, name
        assert str(tmp_path) not in sentence, name
        assert peak < 60_000_000, (name, peak)


def test_too_large_too_long_or_missing(tmp_path, monkeypatch):
    path = write_table(tmp_path, "id;nom\n" + "".join(f"{n};Lieu {n}\n" for n in range(50)))
    monkeypatch.setattr(readers, "MAX_ROWS", 49)
    with pytest.raises(UnreadableFileError, match="49"):
        readers.check(path)
    monkeypatch.setattr(readers, "MAX_FILE_BYTES", 100)
    with pytest.raises(UnreadableFileError):
        readers.check(path)
    with pytest.raises(UnreadableFileError):
        readers.check(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFileError):
        readers.check(tmp_path)


@pytest.mark.parametrize("kind", ["lines", "list", "table"])
def test_memory_does_not_grow_with_the_file(tmp_path, kind):
    """15 MB are read with less than 8."""
    one = '{"id": %d, "nom": "' + "x" * 3000 + '"}'
    count = 5000
    path = tmp_path / "file"
    with path.open("w") as stream:
        stream.write({"lines": "", "list": "[", "table": "id;nom\n"}[kind])
        for number in range(count):
            row = f"{number};{'x' * 3000}" if kind == "table" else one % number
            stream.write(row + ("," if kind == "list" and number < count - 1 else "") + "\n")
        stream.write("]" if kind == "list" else "")
    tracemalloc.start()
    try:
        content = readers.check(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert content.rows == count
    assert peak < 8_000_000


def test_stray_bytes_do_not_change_the_encoding(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(
        ("id;nom\n" + "".join(f"{n};Crèche d’été n°{n}\n" for n in range(200))).encode() + b"200;Caf\xe9\n"
    )
    rows = read(path)
    assert rows[0][2]["nom"] == "Crèche d’été n°0"
    assert rows[-1][2]["nom"] == "Caf\ufffd"


def test_a_spreadsheet_that_claims_a_million_rows(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "nom"])
    book.active["A1048576"] = "far"
    stream = io.BytesIO()
    book.save(stream)
    path = tmp_path / "far.xlsx"
    path.write_bytes(stream.getvalue())
    assert [row[0] for row in read(path)] == [1_048_576]
