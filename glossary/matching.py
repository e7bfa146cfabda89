"""Where the words of the glossary stand in a text: whole words, in each language's own way of bending them.

Built for speed: a text is cut into words once, in lower case; each is looked up in one table of first words, and only
the few that are found there are looked at closely.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

#: A word as it is written: letters and digits, Arabic vowel signs and the kashida included.
WORD = re.compile(r"[^\W_][\w\u0640\u064b-\u0652\u0670]*")
SPLIT = re.compile(f"({WORD.pattern})")
#: What may stand between two words of one expression: a space of any kind, a hyphen, an apostrophe.
JOINT = re.compile(r"[ \u00a0\u202f\n'’ʼ\u2010\u2011-]\0*\s?")
APOSTROPHES = "'’ʼ"
HYPHENS = "-\u2010\u2011"
#: French words that lose their vowel before an apostrophe; in other cases it stands inside a word (“aujourd’hui”).
ELISIONS = frozenset("l d j m n s t c qu jusqu lorsqu puisqu quoiqu quelqu presqu".split())
#: Little words in front of an expression that are no part of it: “la box”, “the cloud”.
ARTICLES = {
    "fr": frozenset("le la les l un une des du d".split()),
    "en": frozenset("the a an".split()),
}
#: Arabic particles written in one piece with the next word, the article among them.
ARABIC_PREFIXES = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ف", "فال", "ك", "كال", "ول", "ولل", "وب", "وبال", "ه")
ARABIC_SIGNS = re.compile("[\u0640\u064b-\u0652\u0670]")
#: A word shorter than this is never found without its accents: “dé” is not “de”.
SHORTEST_WITHOUT_ACCENTS = 5
LONGEST_ACRONYM = 6


#: A name may say a thing twice: “PMI (protection maternelle et infantile)”, “صندوق الإعانات – CAF”.
PARTS = re.compile(r"\s[–—/]\s|[()،,;:]")


def is_acronym(words: list[str]) -> bool:
    return len(words) == 1 and 1 < len(words[0]) <= LONGEST_ACRONYM and words[0].isupper()


def unaccented(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


@dataclass(frozen=True)
class Form:
    """One way to write a term: the words after the first, each with its variants."""

    term: int
    rest: tuple[frozenset[str], ...]
    #: “RAM” is found in capitals only: in small letters it may be another word.
    in_capitals: bool


class Matcher:
    """Finds terms in texts of one language. ``terms`` gives a number and the spellings of each."""

    def __init__(self, language: str, terms: Iterable[tuple[int, Iterable[str]]]) -> None:
        self.language = language
        self.first_words: dict[str, list[Form]] = {}
        for number, spellings in terms:
            names = [part for spelling in spellings for part in PARTS.split(spelling)]
            # Of “PMI”, the spellings “pmi” and “p.m.i” are acronyms too.
            has_acronym = any(is_acronym(WORD.findall(name)) for name in names)
            for name in names:
                self._add(number, name, has_acronym)
        for forms in self.first_words.values():
            forms.sort(key=lambda form: -len(form.rest))

    def _add(self, number: int, name: str, has_acronym: bool) -> None:
        words = WORD.findall(name)
        articles = ARTICLES.get(self.language, frozenset())
        while len(words) > 1 and words[0].lower() in articles:
            words = words[1:]
        if all(len(word) == 1 for word in words):
            return
        first, *rest = (self.variants(word.lower(), is_first=not place) for place, word in enumerate(words))
        in_capitals = is_acronym(words) or (has_acronym and len(words) == 1 and len(words[0]) <= LONGEST_ACRONYM)
        form = Form(number, tuple(frozenset(variants) for variants in rest), in_capitals)
        for variant in first:
            forms = self.first_words.setdefault(variant, [])
            if form not in forms:
                forms.append(form)

    def variants(self, word: str, *, is_first: bool) -> set[str]:
        """Other ways to write one word: its plural, without accents, after the particles of Arabic."""
        if self.language == "ar":
            return arabic_variants(word, is_first=is_first)
        found = {word}
        if len(word) >= SHORTEST_WITHOUT_ACCENTS:
            found.add(unaccented(word))
        plural = french_plurals if self.language == "fr" else english_plurals
        return found.union(*(plural(form) for form in found))

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """``(start, end, term)`` of each expression of the text, the longest at each place, from left to right."""
        lower = text.lower()
        if len(lower) != len(text):
            lower = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)
        pieces = SPLIT.split(lower)  # what stands between words, and words, in turn
        words = pieces[1::2]
        if self.language == "ar":
            words = [ARABIC_SIGNS.sub("", word) for word in words]
        known = self.first_words
        if known.keys().isdisjoint(words):
            return
        starts = list(accumulate(map(len, pieces)))[0::2]
        end = 0
        for place, word in enumerate(words):
            if word in known and (start := starts[place]) >= end and self.stands_alone(lower, start, before=True):
                after_word = start + len(pieces[2 * place + 1])
                for form in known[word]:
                    stop = self.end_of(form, lower, after_word)
                    if stop and not (form.in_capitals and not text[start : max(stop - 1, start + 2)].isupper()):
                        yield start, stop, form.term
                        end = stop
                        break

    def end_of(self, form: Form, text: str, place: int) -> int:
        """Where a form that begins before ``place`` ends; 0 when the text goes on otherwise."""
        for variants in form.rest:
            joint = JOINT.match(text, place)
            word = WORD.match(text, joint.end()) if joint else None
            if not word:
                return 0
            bare = ARABIC_SIGNS.sub("", word[0]) if self.language == "ar" else word[0]
            if bare not in variants:
                return 0
            place = word.end()
        return place if self.stands_alone(text, place, before=False) else 0

    def stands_alone(self, text: str, place: int, *, before: bool) -> bool:
        """Whether the word that begins (``before``) or ends at ``place`` is part of no longer word and no address."""
        if before:
            if not place:
                return True
            near = text[:place].rstrip("\0")[-1:] if text[place - 1] == "\0" else text[place - 1]
            if near in APOSTROPHES:
                if self.language != "fr":
                    return place < 2 or not text[place - 2].isalnum()
                previous = re.search(r"(\w*)['’ʼ]\0*$", text[max(0, place - 20) : place])
                return previous is None or not previous[1] or previous[1] in ELISIONS
            return near not in "@/_." and not (near in HYPHENS and place > 1 and text[place - 2].isalnum())
        near, after = text[place : place + 1], text[place + 1 : place + 2]
        if near and near in HYPHENS + "." + (APOSTROPHES if self.language == "fr" else ""):
            return not after.isalnum()
        return not near or near not in "@/_"


def french_plurals(word: str) -> set[str]:
    """The plurals that one hears of as a child: -s, -x after au, eu and ou, -aux for -al."""
    if word[-1:] in "sxz":
        return set()
    found = {f"{word}s"}
    if word.endswith(("au", "eu", "ou")):
        found.add(f"{word}x")
    if word.endswith("al"):
        found.add(f"{word[:-2]}aux")
    return found


def english_plurals(word: str) -> set[str]:
    if word.endswith(("s", "x", "ch", "sh")):
        return {f"{word}es"}
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return {f"{word[:-1]}ies", f"{word}s"}
    return {f"{word}s"}


def arabic_variants(word: str, *, is_first: bool) -> set[str]:
    """With and without the article; the first word of an expression after conjunctions and prepositions too."""
    bare = ARABIC_SIGNS.sub("", word)
    stem = bare.removeprefix("ال") if len(bare) > 4 else bare
    return {prefix + stem for prefix in (ARABIC_PREFIXES if is_first else ("", "ال"))}
