"""How easy a French text is to read: the formula of Kandel and Moles, sentences that are too long, rare words.

``207 - 1.015 * words per sentence - 73.6 * syllables per word`` (Kandel and Moles, 1958, after Flesch): 100 is a
child's book, 70 a popular newspaper, below 50 a legal text. ``static/js/readability.js`` computes the same while an
editor writes; both are tested against the same examples.
"""

import re
from dataclasses import dataclass, field

#: FALC, the European rules of easy-to-read texts, asks for one idea a sentence.
LONGEST_SENTENCE = 15
LONGEST_WORD = 12
#: Fewer words are a label or a title, not a sentence.
SHORTEST_SENTENCE = 4
EASY, PLAIN = 72, 60

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+")
END = re.compile(r"(?<=[.!?…])[\s»”]+(?=[A-ZÀ-Þ«“(\d])|\n+")
ABBREVIATIONS = re.compile(r"\b(M|Mme|Mlle|Dr|St|Ste|ex|tél|av|bd|n)\.(?=\s)")
VOWELS = "aeiouyàâäéèêëîïôöùûü"
# Spoken vowels written with several letters; a lone “i” glides into the vowel after it.
NUCLEUS = re.compile(rf"eau|ieu|oui|oei|i?ou|[aeo]i|[aeo]u|où|oû|oî|aî|eû|ui|i[aeéèêo]|[{VOWELS}]")
SPELLINGS = (
    (re.compile("œ|æ"), "e"),
    (re.compile("aoû"), "ou"),
    (re.compile("qu"), "k"),
    (re.compile("gu(?=[eéèêiy])"), "g"),
    (re.compile("ge(?=[aou])"), "j"),
    (re.compile("(?<=[cg])ue(?=il)"), "e"),
    (re.compile(f"(?<=[aeou])ill(?=[{VOWELS}])"), "j"),
    (re.compile(f"(?<=[aeu])il(?![{VOWELS}l])"), "j"),
    (re.compile(f"(?<=[{VOWELS}])y(?=[{VOWELS}])"), "j"),
    # “pri-ère”, “ou-bli-er”: two consonants keep the vowels apart.
    (re.compile("(?<=[bcdfgptv][lr])i(?=[aeéèo])"), "i."),
    (re.compile("aient$"), "ai"),
)
MUTE = re.compile("es?$")
#: Words of offices that have a plain neighbour.
PLAIN_WORDS = {
    "afin de": "pour",
    "bénéficier": "avoir, recevoir",
    "cependant": "mais",
    "conformément": "selon",
    "consulter": "lire, voir",
    "dans le cadre de": "pour",
    "dispositif": "aide",
    "effectuer": "faire",
    "en cas de": "si",
    "formulaire": "page à remplir",
    "le cas échéant": "si besoin",
    "modalités": "comment faire",
    "néanmoins": "mais",
    "nécessite": "il faut",
    "notamment": "par exemple",
    "préalablement": "avant",
    "procéder à": "faire",
    "soumettre": "envoyer",
    "tarification": "prix",
    "toutefois": "mais",
    "ultérieurement": "plus tard",
    "usager": "personne",
    "veuillez": "(dites simplement quoi faire)",
}


@dataclass(frozen=True)
class Reading:
    """What was counted. ``score`` is ``None`` for a text without a whole sentence."""

    words: int
    sentences: int
    syllables: int
    score: float | None
    long_sentences: list[str] = field(default_factory=list)
    long_words: list[str] = field(default_factory=list)


def words_of(text: str) -> list[str]:
    return WORD.findall(text)


def sentences_of(text: str) -> list[str]:
    """Sentences and lines of a text, those of a few words too."""
    whole = ABBREVIATIONS.sub(r"\1", text)
    return [part.strip() for part in END.split(whole) if WORD.search(part)]


def syllables_in(word: str) -> int:
    """Spoken syllables: “l’enfant” counts as “enfant”, a final mute e is not heard."""
    low = word.lower().replace("’", "'")
    low = low.split("'")[-1] or low
    if "-" in low:
        return sum(syllables_in(part) for part in low.split("-") if part) or 1
    if low.isdigit():
        return len(low)
    for pattern, sound in SPELLINGS:
        low = pattern.sub(sound, low)
    heard = MUTE.sub("", low)
    return max(1, len(NUCLEUS.findall(heard)) or len(NUCLEUS.findall(low)))


def read(text: str) -> Reading:
    """Counts a plain text, one paragraph a line."""
    sentences = [(sentence, words_of(sentence)) for sentence in sentences_of(text)]
    whole = [(sentence, words) for sentence, words in sentences if len(words) >= SHORTEST_SENTENCE]
    words = sum(len(found) for _sentence, found in whole)
    syllables = sum(syllables_in(word) for _sentence, found in whole for word in found)
    every = {part for _sentence, found in sentences for word in found for part in re.split(r"['’-]", word)}
    return Reading(
        words=words,
        sentences=len(whole),
        syllables=syllables,
        score=207 - 1.015 * words / len(whole) - 73.6 * syllables / words if whole else None,
        long_sentences=[sentence for sentence, found in whole if len(found) > LONGEST_SENTENCE],
        long_words=sorted({part.lower() for part in every if len(part) > LONGEST_WORD}),
    )
