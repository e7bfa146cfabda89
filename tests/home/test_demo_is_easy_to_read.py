"""What the demonstration says in French, and what the interface says, is easy to read."""

import re
import tomllib
from html import unescape

import polib
import pytest

from home.portal_texts import DEFAULT_PAGES
from portal.core.readability import LONGEST_SENTENCE, SHORTEST_SENTENCE, read, sentences_of, words_of
from tests.tree import ROOT, reads_files_only

pytestmark = reads_files_only

CONTENT = sorted((ROOT / "home" / "demo" / "content").glob("*.toml"))
PROSE = {
    "summary", "description", "text", "html", "easy_text", "example", "booking", "conditions", "access_conditions",
    "answer", "question", "items", "registration_note", "status_note",
}  # fmt: skip
BLOCK_ENDS = re.compile(r"</(?:p|li|h\d)>|<br ?/?>")


def prose(value, key=""):
    """Every French text below a record of a content file, as plain lines."""
    if isinstance(value, str):
        return [unescape(re.sub("<[^>]*>", "", BLOCK_ENDS.sub("\n", value)))] if key in PROSE else []
    if isinstance(value, list):
        return [text for part in value for text in prose(part, key)]
    if isinstance(value, dict):
        return [text for name, part in value.items() if name not in ("en", "ar") for text in prose(part, name)]
    return []


def texts_of(path):
    return prose(tomllib.loads(path.read_text(encoding="utf-8")))


def share_of_long_sentences(text):
    sizes = [len(words_of(sentence)) for sentence in sentences_of(text)]
    whole = [size for size in sizes if size >= SHORTEST_SENTENCE]
    return sum(size > LONGEST_SENTENCE for size in whole) / len(whole)


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: path.stem)
def test_content(path):
    text = "\n".join(texts_of(path))
    if not sentences_of(text):
        return  # lists of names
    assert read(text).score >= 74
    assert share_of_long_sentences(text) <= 0.1


def test_each_page_of_law():
    """Where texts are heaviest: what one may do, what is kept, who answers for it."""
    pages = tomllib.loads((ROOT / "home/demo/content/pages.toml").read_text(encoding="utf-8"))["page"]
    read_pages = {page["slug"]: read("\n".join(prose(page))) for page in pages}
    assert {slug: found.score for slug, found in read_pages.items() if found.words > 30 and found.score < 70} == {}


def test_a_new_portal():
    """What a new portal says before its editors write: a page of law may name the law."""
    for page in DEFAULT_PAGES:
        found = read("\n".join(prose({"summary": page.french.summary, "items": list(page.french.body)})))
        assert found.words < 30 or found.score >= 72, (page.slug, found)
        assert found.long_sentences == [], page.slug


def test_easy_texts():
    """One idea a sentence, one sentence a line, no long word but names."""
    for path in CONTENT:
        for record in next(iter(tomllib.loads(path.read_text(encoding="utf-8")).values())):
            text = record.get("easy_text", "").strip()
            if text:
                found = read(text)
                assert found.score >= 80, (record["slug"], found)
                assert found.long_sentences == [], record["slug"]
                assert all(len(sentences_of(line)) <= 2 for line in text.splitlines()), record["slug"]


def test_interface():
    catalogue = polib.pofile(str(ROOT / "portal" / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    texts = [text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values())]
    text = re.sub(r"%\(\w+\)[sd]|\{\w+\}|<[^>]*>", "x", "\n".join(texts))
    assert read(text).score >= 72
    assert share_of_long_sentences(text) <= 0.1
