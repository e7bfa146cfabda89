"""PDF from the portal's HTML: tagged, in its language, with its own fonts; nothing but the portal's files is read."""

import re
import threading
import zlib

import pytest
from django.conf import settings

from portal.core import pdf

PAGE = """<!DOCTYPE html><html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="/static/css/pdf.css"></head><body><h1>{title}</h1><h2>{text}</h2>{more}</body></html>"""


@pytest.fixture(autouse=True)
def _needs_pango():
    if not pdf.is_available():
        pytest.skip("Pango is not installed (Debian packages: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)")


def page(lang="fr", title="Annuaire", text="Lieux", more=""):
    return PAGE.format(lang=lang, dir="rtl" if lang == "ar" else "ltr", title=title, text=text, more=more)


def objects_of(content):
    """All that a PDF says of itself, its compressed objects included."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    found = [content]
    for stream in streams:
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_a_document_is_accessible():
    said = objects_of(pdf.pdf_of(page()))
    assert said.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Marked true", b"/Lang (fr)", b"/Outlines", b"pdfuaid"):
        assert mark in said, mark
    assert b"/DisplayDocTitle true" in said
    assert b"Annuaire" in said or "Annuaire".encode("utf-16-be") in said


def test_arabic_is_drawn_with_the_font_that_is_shipped():
    said = objects_of(pdf.pdf_of(page("ar", "دليل الأماكن", "الصحة")))
    assert b"/Lang (ar)" in said
    fonts = set(re.findall(rb"/BaseFont /([\w+-]+)", said))
    assert any(b"Noto-Sans-Arabic" in font for font in fonts), fonts
    assert all(b"Lexend" in font or b"Noto-Sans-Arabic" in font for font in fonts), fonts


def test_only_files_of_the_portal_are_read(tmp_path, caplog):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    asked = (
        secret.as_uri(),
        "file:///etc/passwd",
        "http://127.0.0.1:1/x.png",
        "/static/../manage.py",
        "/static/%2e%2e/%2e%2e/manage.py",
        "//evil.example/x.png",
        "/admin/",
        "data:text/html,x",
    )
    read = []
    fetch = pdf.own_files().fetch

    class Watched(pdf.own_files()):
        def fetch(self, url, headers=None):
            answer = fetch(self, url, headers)
            read.append(url)
            return answer

    more = "".join(f'<img alt="" src="{url}">' for url in asked)
    content = pdf.engine().HTML(string=page(more=more), base_url=pdf.BASE_URL, url_fetcher=Watched()).write_pdf()
    assert content.startswith(b"%PDF-")
    assert read
    assert all(url.startswith(f"{pdf.BASE_URL}static/") for url in read), read


@pytest.mark.parametrize("name", ["../manage.py", "css/../../manage.py", "/etc/passwd", "", "css", "css/none.css"])
def test_no_file_above_the_folders_is_found(name):
    assert pdf.file_of(f"{pdf.BASE_URL}{settings.STATIC_URL.lstrip('/')}{name}") is None
    assert pdf.file_of(f"{pdf.BASE_URL}{settings.MEDIA_URL.lstrip('/')}{name}") is None


def test_one_document_at_a_time(monkeypatch):
    monkeypatch.setattr(pdf, "PATIENCE", 0.01)
    with pdf._turn:
        refused = []

        def ask():
            try:
                pdf.pdf_of(page())
            except pdf.BusyError:
                refused.append(True)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert refused == [True]
    assert pdf.pdf_of(page())


def test_without_pango_there_is_no_pdf(monkeypatch, caplog):
    """WeasyPrint raises OSError on import where Pango is missing."""
    import builtins

    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    pdf.engine.cache_clear()
    try:
        assert not pdf.is_available()
        with pytest.raises(RuntimeError, match="is_available"):
            pdf.pdf_of(page())
    finally:
        monkeypatch.undo()
        pdf.engine.cache_clear()
    assert pdf.is_available()
