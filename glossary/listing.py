"""What the glossary's list shows: words by collection, in the alphabetical order of the titles that the reader sees."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm
from portal.core.languages import SOURCE_LANGUAGE, active_language
from portal.core.models import Theme
from portal.core.paging import page_of
from portal.core.textsearch import find_keys
from portal.core.versions import remembered
from portal.core.vocabulary import words

from .enums import COLLECTION_NOTES, Collection
from .forms import TermFilterForm
from .models import TermPage
from .querysets import TermQuerySet

#: A light page; the alphabet leads to the others.
PER_PAGE = 40


@dataclass(frozen=True)
class Title:
    """A word before its page is read: key, collection, the letter that it stands under, what it is sorted by."""

    pk: int
    collection: str
    letter: str
    order: tuple[int, bool, str]

    @property
    def anchor(self) -> str:
        """Where its letter begins: ``numerique-a``, in plain letters for all alphabets."""
        return f"{self.collection}-{self.letter.lower() if self.letter.isascii() else format(ord(self.letter), 'x')}"


@dataclass(frozen=True)
class Letter:
    """A letter to jump to: the address of the first word that begins with it, on this page of the list or another."""

    letter: str
    url: str


@dataclass(frozen=True)
class Word:
    """A word in the list; ``letter`` is set on the first one of each letter, ``anchor`` names its place."""

    entry: Entry
    letter: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Choice:
    """A link to the same list with one filter."""

    label: str | Promise
    url: str
    is_on: bool
    lang: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Shelf:
    """A collection in the list."""

    code: str
    label: str | Promise
    note: str | Promise
    letters: list[Letter]
    words: list[Word]


def term_listing(request: HttpRequest) -> dict[str, Any]:
    """Context of the glossary: words by collection, in alphabetical order. The whole list is read once per version."""
    form = TermFilterForm.from_request(request)
    return remembered(("glossary", form.path), lambda: _listing(form)) if form.is_plain else _listing(form)


def _listing(form: FilterForm) -> dict[str, Any]:
    values = form.values
    found: TermQuerySet = form.narrow(TermPage.objects.visible())
    if values["q"]:
        found = found.filter(translation_key__in=find_keys(values["q"], active_language()))
    titles = sorted_titles(found)
    page = page_of(titles, values["page"], PER_PAGE)
    return {
        "form": form,
        "results": page,
        "total": page.paginator.count,
        "shelves": shelves(form, titles, page),
        "collections": collection_choices(form),
        "themes": theme_choices(form),
    }


# --- Alphabet --------------------------------------------------------------------------------------------------------
def sorted_titles(found: TermQuerySet) -> list[Title]:
    """All the words found, in order: one query, one more in another language than the source.

    In Arabic the words that are not translated come after the others.
    """
    language = active_language()
    rows = list(found.values_list("pk", "translation_key", "collection", "title"))
    shown: dict[object, str] = {}
    if language != SOURCE_LANGUAGE:
        texts = TermPage.objects.translations_into(language).public()
        shown = dict(texts.filter(translation_key__in=[row[1] for row in rows]).values_list("translation_key", "title"))
    ranks = {code: rank for rank, code in enumerate(Collection.values)}
    titles = []
    for pk, key, collection, french in rows:
        bare = folded(shown.get(key, french))
        is_foreign = language == "ar" and not "\u0600" <= bare[:1] <= "\u06ff"
        titles.append(Title(pk, collection, first_letter(bare), (ranks.get(collection, len(ranks)), is_foreign, bare)))
    return sorted(titles, key=lambda title: (title.order, title.pk))


def folded(title: str) -> str:
    """What a title is sorted by: no case, no accent, and in Arabic neither vowel signs, hamza, nor article."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(sign))
    bare = bare.lstrip("«»“”\"'’ ")
    return bare[2:] if bare.startswith("ال") and len(bare) > 3 else bare


def first_letter(bare: str) -> str:
    """The letter that a folded title stands under; ``0`` for figures and signs."""
    return bare[0].upper() if bare and bare[0].isalpha() else "0"


# --- Shelves ---------------------------------------------------------------------------------------------------------
def shelves(form: FilterForm, titles: list[Title], page: Page) -> list[Shelf]:
    """The collections that have words on this page of the list, with all the letters of the whole list."""
    here = list(page.object_list)
    rows = TermPage.objects.in_bulk([title.pk for title in here])
    entries = {entry.facts.pk: entry for entry in make_entries(rows.values())}
    # Read from the end: the first word of each letter is the one that stays.
    firsts = {title.anchor: (place, title) for place, title in reversed(list(enumerate(titles)))}
    made = []
    for collection in Collection:
        shown = [title for title in here if title.collection == collection.value and title.pk in entries]
        if not shown:
            continue
        letters = []
        for place, title in reversed(firsts.values()):
            if title.collection == collection.value:
                number = place // PER_PAGE + 1
                base = "" if number == page.number else form.url_with("page", str(number))
                letters.append(Letter(title.letter, f"{base}#{title.anchor}"))
        listed = []
        for title in shown:
            is_first = firsts[title.anchor][1] is title
            listed.append(Word(entries[title.pk], title.letter, title.anchor) if is_first else Word(entries[title.pk]))
        made.append(Shelf(collection.value, collection.label, COLLECTION_NOTES[collection], letters, listed))
    return made


# --- Filters as links ------------------------------------------------------------------------------------------------
def collection_choices(form: FilterForm) -> list[Choice]:
    """Both glossaries, then each."""
    on = form.values["kind"]
    return [
        Choice(label=_("All the words"), url=form.url_without("kind"), is_on=not on),
        *(Choice(choice.label, form.url_with("kind", choice.value), on == [choice.value]) for choice in Collection),
    ]


def theme_choices(form: FilterForm) -> list[Choice]:
    """The themes that some visible word is about."""
    counts = Counter(TermPage.objects.visible().filter(themes__isnull=False).values_list("themes", flat=True))
    on = form.values["theme"]
    return [
        Choice(word.name, form.url_with("theme", word.slug), on == [word.slug], lang=word.lang, count=counts[pk])
        for pk, word in words(Theme, active_language()).items()
        if counts[pk]
    ]
