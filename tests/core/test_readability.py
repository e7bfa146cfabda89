"""How easy a text is to read: in Python, and the same in the admin's module."""

import json
from pathlib import Path

import pytest

from portal.core.readability import read, sentences_of, syllables_in, words_of

EXAMPLES = json.loads((Path(__file__).parent / "readability_examples.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("chat", 1), ("table", 1), ("école", 2), ("l’enfant", 2), ("œufs", 1), ("nation", 2), ("prière", 2),
        ("oublier", 3), ("quelqu’un", 1), ("guitare", 2), ("payer", 2), ("travail", 2), ("travaillaient", 3),
        ("accueil", 2), ("août", 1), ("beaucoup", 2), ("les", 1), ("e", 1), ("59", 2), ("peut-être", 2),
        ("administration", 5), ("bibliothèque", 4), ("eau", 1), ("mangeons", 2), ("-", 1),
    ],
)  # fmt: skip
def test_syllables(word, count):
    assert syllables_in(word) == count


def test_words_and_sentences():
    assert words_of("L’accueil, c’est-à-dire 2 places.") == ["L’accueil", "c’est-à-dire", "2", "places"]
    text = "Mme Durand vient. Et vous ? « Oui. » Non…\nUne ligne\n\n!\nFin"
    expected = ["Mme Durand vient.", "Et vous ?", "« Oui.", "Non…", "Une ligne", "Fin"]
    assert [part.strip(" »") for part in sentences_of(text)] == expected


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples(example):
    found = read(example["text"])
    assert (found.words, found.sentences, found.syllables) == (
        example["words"],
        example["sentences"],
        example["syllables"],
    )
    assert found.score == (None if example["score"] is None else pytest.approx(example["score"], abs=0.01))
    assert len(found.long_sentences) == example["long_sentences"]
    assert found.long_words == example["long_words"]


def test_the_formula():
    """Ten words of one syllable each, in one sentence."""
    assert read("Le chat et le chien sont là pour le jour.").score == pytest.approx(207 - 10.15 - 73.6)


@pytest.mark.browser
def test_the_module_of_the_admin_counts_the_same(served, open_page):
    page, _watch = open_page("/plan-du-site/")
    module = "/static/js/readability.js"
    found = page.evaluate(
        "async ([module, texts]) => { const { read } = await import(module); return texts.map(read); }",
        [module, [example["text"] for example in EXAMPLES]],
    )
    for counted, example in zip(found, EXAMPLES, strict=True):
        assert counted["score"] == (None if example["score"] is None else pytest.approx(example["score"], abs=0.01))
        for name in ("words", "sentences", "syllables"):
            assert counted[name] == example[name], example
        assert len(counted["longSentences"]) == example["long_sentences"]
        assert counted["longWords"] == example["long_words"]
    words = ["accueil", "l’écureuil", "peut-être", "59", "œufs"]
    assert page.evaluate(
        "async ([module, words]) => { const { syllablesIn } = await import(module); return words.map(syllablesIn); }",
        [module, words],
    ) == [syllables_in(word) for word in words]
