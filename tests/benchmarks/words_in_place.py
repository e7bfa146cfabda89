"""Words explained in place: 500 words with their spellings, an article of 5,000 words. ``make bench``.

Computed once per text and process; what is measured is that computation, never what is remembered of it.
"""

import random
import time

from django.utils import translation
from django.utils.html import escape

from glossary.explained import Word, Words
from portal.core.prose import Prose

WORDS, ARTICLE, ROUNDS = 500, 5_000, 40
LIMIT_MS = 5.0
SYLLABLES = "ba bé cha cou da di è fa gue ja la lé ma moi na né on pa pé ra ré sa sou ta té ui va vé".split()
COMMON = "le la les de des du et à pour avec vous votre est un une dans sur qui ne pas plus c’est l’école".split()


def seconds(action):
    """CPU of one run, the best of some rounds."""
    best = float("inf")
    for _round in range(ROUNDS):
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return best


def made_up(chance, syllables):
    return "".join(chance.choice(SYLLABLES) for _number in range(syllables))


def glossary(chance):
    """Words of two to four syllables, a fifth of them of two words, five spellings each."""
    words = []
    for number in range(WORDS):
        name = made_up(chance, 2 + number % 3)
        if number % 5 == 0:
            name = f"{name} {made_up(chance, 3)}"
        names = (name, f"{name}s", f"la {name}", *(made_up(chance, 3) for _number in range(3)))
        words.append(Word.of(str(number), f"mot-{number}", names, "Ce que le mot veut dire.", f"/{number}/"))
    return tuple(words)


def article(chance, words):
    """Paragraphs of 60 words: half common ones, a word of the glossary in every twenty."""
    written = [
        chance.choice(words).names[0]
        if number % 20 == 0
        else chance.choice(COMMON)
        if number % 2
        else made_up(chance, 2 + number % 3)
        for number in range(ARTICLE)
    ]
    paragraphs = [" ".join(written[place : place + 60]) for place in range(0, ARTICLE, 60)]
    return "".join(f"<p><b>Alors.</b> {escape(text)}</p>" for text in paragraphs)


def test_an_article():
    chance = random.Random(4)
    rows = glossary(chance)
    words = Words("fr", rows)
    html = article(chance, rows)
    marked = Prose()

    def mark():
        words.known.clear()
        marked.marked.clear()
        words.mark(html, marked)

    with translation.override("fr"):
        taken = seconds(mark)
        reference = seconds(lambda: escape(html))
        remembered = seconds(lambda: words.mark(html, Prose()))
        built = seconds(lambda: Words("fr", rows))
    print(
        f"\n{WORDS} words, article of {ARTICLE} words ({len(html) // 1024} KB), {len(marked.marked)} marked: "
        f"{taken * 1000:.2f} ms of CPU, {taken / reference:.0f} x escaping it; remembered {remembered * 1e6:.0f} µs; "
        f"words made ready once in {built * 1000:.0f} ms"
    )
    assert marked.marked
    assert taken * 1000 < LIMIT_MS
