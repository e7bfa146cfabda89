"""Where words are found in a text, and where they are not."""

import pytest

from glossary.matching import Matcher

FRENCH = [
    (0, ["CAF", "la caf", "kaf", "caisse d'allocations familiales"]),
    (1, ["Crèche", "nid"]),
    (2, ["Assistante maternelle", "nounou"]),
    (3, ["Maternelle"]),
    (4, ["PRE", "pre", "réussite éducative"]),
    (5, ["E-mail", "courriel"]),
    (6, ["Photo d’écran"]),
    (7, ["Réseau", "clé"]),
    (8, ["Journal local"]),
    (9, ["PMI (protection maternelle et infantile)"]),
    (10, ["Arobase", "@", "a"]),
]
ENGLISH = [(0, ["The cloud"]), (1, ["Nursery"]), (2, ["CAF"]), (3, ["Box"])]
ARABIC = [(0, ["الحضانة"]), (1, ["كلمة السر"]), (2, ["CAF – صندوق الإعانات"])]


def found(language, terms, text):
    return [(text[start:end], term) for start, end, term in Matcher(language, terms).find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La CAF paie.", [("CAF", 0)]),
        ("Une crèche, des CRÈCHES, une creche, Crèche.", [("crèche", 1), ("CRÈCHES", 1), ("creche", 1), ("Crèche", 1)]),
        ("l’assistante maternelle", [("assistante maternelle", 2)]),
        ("Les assistantes maternelles et la maternelle", [("assistantes maternelles", 2), ("maternelle", 3)]),
        ("l'école maternelle", [("maternelle", 3)]),
        ("les journaux locaux", [("journaux locaux", 8)]),
        ("des réseaux", [("réseaux", 7)]),
        ("caisse d’allocations familiales", [("caisse d’allocations familiales", 0)]),
        ("Caisse d'Allocations Familiales", [("Caisse d'Allocations Familiales", 0)]),
        ("par e-mail, un courriel", [("e-mail", 5), ("courriel", 5)]),
        ("photos d'écran", [("photos d'écran", 6)]),
        ("La PMI, protection maternelle et infantile", [("PMI", 9), ("protection maternelle et infantile", 9)]),
        ("d’une nounou\u00a0!", [("nounou", 2)]),
        ("(CAF)", [("CAF", 0)]),
    ],
)
def test_french(text, expected):
    assert found("fr", FRENCH, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "un pré vert, une œuvre pré-écrite",  # not “PRE”
        "pre",  # an acronym is written in capitals
        "www.caf.fr, info@caf.fr, #_CAF_ et /caf/",
        "porte-clé, clé-minute",
        "encreche, creches2",  # parts of longer words
        "presqu’CAFé",
        "prof’CAF",  # no elision
        "assistante très maternelles?"[:16],  # the expression stops short
        "un a, un e et un arobas",
        "allocations familiales",
    ],
)
def test_nothing_in_french(text):
    assert found("fr", FRENCH, text) == []


def test_without_accents_only_when_long_enough():
    assert found("fr", FRENCH, "un reseau") == [("reseau", 7)]
    assert found("fr", FRENCH, "un cle") == []


def test_english():
    text = "The clouds of two nurseries; the CAF's boxes, the cloud’s edge."
    words = ["clouds", "nurseries", "CAF", "boxes", "cloud"]
    assert [word for word, _term in found("en", ENGLISH, text)] == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("والحضانة مفتوحة", [("والحضانة", 0)]),
        ("حضانة للأطفال", [("حضانة", 0)]),
        ("للحضانة", [("للحضانة", 0)]),
        ("الحَضَانَة", [("الحَضَانَة", 0)]),
        ("بكلمة السر", [("بكلمة السر", 1)]),
        ("صندوق الإعانات (CAF)", [("صندوق الإعانات", 2), ("CAF", 2)]),
        ("حضانات", []),
        ("المحضانة", []),
    ],
)
def test_arabic(text, expected):
    assert found("ar", ARABIC, text) == expected


def test_signs_that_grow_in_small_letters():
    """“İ” has two signs in small letters: places must not shift."""
    assert found("fr", FRENCH, "İİİ CAF İ crèche") == [("CAF", 0), ("crèche", 1)]
