"""The words of the glossary explained where they are met in the texts of a page.

Which words there are is read by each process once after each change, under the version that all pages share; a process
keeps what it built from them, and the texts that it marked, until the words change. So a page asks the database for
nothing. Decision 0012 says why.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _

from portal.core.languages import active_language, direction, language_codes, localize_path
from portal.core.markup import change_prose, plain_copy
from portal.core.prose import Prose
from portal.core.versions import remembered

from .matching import Matcher
from .models import Definition, TermPage

LONGEST = 240
SENTENCE_END = re.compile(r"(?<=[.!?…؟])\s+")
#: Marked texts that a process keeps.
MEMORY = 2_000


@dataclass(frozen=True)
class Word:
    """A word as explained in one language: ``names`` are what it is called, its title first; the rest is HTML.

    ``path`` is the French address of its page.
    """

    key: str
    slug: str
    names: tuple[str, ...]
    name: str
    short: str
    path: str

    @classmethod
    def of(cls, key: str, slug: str, names: Iterable[str], short: str, path: str) -> "Word":
        """From plain texts."""
        every = tuple(names)
        return cls(key, escape(slug), every, escape(every[0]), escape(short), escape(path))


class Labels:
    """What the explanations of a language say around the meaning, in the language of the frame. All is HTML."""

    def __init__(self, language: str, frame: str) -> None:
        self.frame = frame
        self.spoken = format_html(' lang="{}" dir="{}"', frame, direction(frame)) if frame != language else ""
        self.more = escape(_("More about this word"))
        self.close = escape(_("Close"))


@dataclass
class Words:
    """The words of one language, ready to be found; what they gave for each text is remembered."""

    language: str
    words: tuple[Word, ...]
    matcher: Matcher = field(init=False)
    labels: dict[str, Labels] = field(init=False, default_factory=dict)
    known: dict[tuple[Any, ...], tuple[str, tuple[str, ...]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.matcher = Matcher(self.language, enumerate(word.names for word in self.words))

    def mark(self, html: str, prose: Prose) -> str:
        frame = active_language()
        memory = (html, frozenset(prose.marked), frame)
        found = self.known.get(memory)
        if found is None:
            if len(self.known) >= MEMORY:
                self.known.clear()
            if frame not in self.labels:
                self.labels[frame] = Labels(self.language, frame)
            marked, labels = set(prose.marked), self.labels[frame]
            text = change_prose(html, self.language, lambda text: self._mark_text(text, marked, labels))
            found = self.known[memory] = text, tuple(str(key) for key in marked - prose.marked)
        prose.marked.update(found[1])
        return found[0]

    def _mark_text(self, text: str, marked: set[Any], labels: Labels) -> str:
        parts: list[str] = []
        place = 0
        for start, end, number in self.matcher.find(plain_copy(text)):
            word = self.words[number]
            if word.key not in marked:
                marked.add(word.key)
                parts += (text[place:start], explained(text[start:end], word, labels))
                place = end
        return "".join((*parts, text[place:])) if parts else text


def explained(text: str, word: Word, labels: Labels) -> str:
    """A word of a text with its explanation, which style sheets show on focus or when it is tapped.

    The word leads to the explanation right after it, so that a phone without JavaScript, however old, shows it on a
    tap; the explanation leads to the page of the word, and back. ``text`` is HTML, as are the parts of ``word``.
    """
    slug = word.slug
    return (
        f'<span class="word" data-word><a class="word-met" id="mot-{slug}-ici" href="#mot-{slug}" '
        f'aria-describedby="mot-{slug}-sens">{text}</a><span class="word-note" id="mot-{slug}" hidden>'
        f'<span id="mot-{slug}-sens">{word.short}</span> <a href="{localize_path(word.path, labels.frame)}" '
        f'aria-label="{labels.more} – {word.name}"{labels.spoken}>{labels.more}</a> '
        f'<a href="#mot-{slug}-ici"{labels.spoken}>{labels.close}</a></span></span>'
    )


def short_definition(summary: str, definition: str) -> str:
    """What a word means in one breath: its summary, else the first sentence of its first definition. Plain text."""
    text = " ".join((summary or SENTENCE_END.split(definition.strip(), maxsplit=1)[0]).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]}…"


# --- Which words there are -------------------------------------------------------------------------------------------
_kept: dict[str, Words] = {}


def words_in(language: str) -> Words:
    """The words of a language; one query after a change, none else."""
    words = remembered("explained words", read_words).get(language, ())
    kept = _kept.get(language)
    # Most changes of the portal change no word: what was built and marked stays.
    if kept is None or (kept.words is not words and kept.words != words):
        kept = _kept[language] = Words(language, words)
    kept.words = words  # equal; the same object is compared faster next time
    return kept


def read_words() -> dict[str, tuple[Word, ...]]:
    """The words that an anonymous reader may open, by language, in one query."""
    definition = Definition.objects.filter(page=OuterRef("pk")).order_by("sort_order").values("text")[:1]
    rows = (
        TermPage.objects.filter(live=True, alias_of__isnull=True)
        .public()
        .annotate(first_definition=Subquery(definition))
        .defer("search_description", "seo_title", "draft_title", "search_image")
        .order_by("title", "pk")
    )
    pages = list(rows)
    sources = {page.translation_key: page for page in pages if page.is_source and not page.is_ambiguous}
    found: dict[str, list[Word]] = {}
    for page in pages:
        source = sources.get(page.translation_key)
        parts = source.source_url_parts() if source else None
        short = short_definition(page.summary, page.first_definition or "")
        if source and parts and parts[2] and short:
            names = [page.title, *page.spelling_list]
            if page is not source:
                # A translation starts with the French spellings, which may be other words in its language.
                names = [name for name in names if name not in source.spelling_list]
            word = Word.of(str(page.translation_key), source.slug, names, short, parts[2])
            found.setdefault(page.language, []).append(word)
    return {code: tuple(found.get(code, ())) for code in language_codes()}


# --- In a page -------------------------------------------------------------------------------------------------------
def explain_words(html: str, language: str, prose: Prose) -> str:
    """Annotator: marks each word where it is first met in a page, but not on the page that explains it."""
    if not prose.notes.get("words"):
        prose.notes["words"] = True
        if isinstance(prose.page, TermPage):
            prose.marked.add(str(prose.page.translation_key))
    return words_in(language).mark(html, prose)


__all__ = ["explain_words", "read_words", "short_definition"]
