"""Names of themes and audiences in the reader's language, kept in memory: every page shows some."""

from collections.abc import Iterable
from dataclasses import dataclass

from .languages import SOURCE_LANGUAGE, code_of_locale
from .models import Vocabulary
from .versions import remembered


@dataclass(frozen=True)
class Word:
    """An entry of a vocabulary in one language; ``lang`` says in which one its name is written."""

    pk: int
    slug: str
    name: str
    lang: str
    pictogram: str = ""


def words(model: type[Vocabulary], language: str) -> dict[int, Word]:
    """Words by primary key of the source row, in order. No query when warm; not to be changed."""
    return remembered(("words", model, language), lambda: read_words(model, language))


def read_words(model: type[Vocabulary], language: str) -> dict[int, Word]:
    rows = list(model._default_manager.filter(locale__language_code__in={SOURCE_LANGUAGE, language}))
    sources = [row for row in rows if code_of_locale(row.locale_id) == SOURCE_LANGUAGE]
    translated = {row.translation_key: row.name for row in rows if code_of_locale(row.locale_id) == language}
    return {
        row.pk: Word(
            pk=row.pk,
            slug=row.slug,
            name=translated.get(row.translation_key, row.name),
            # A translation starts as a copy of the French name: until it differs, it is French.
            lang=language if translated.get(row.translation_key, row.name) != row.name else SOURCE_LANGUAGE,
            pictogram=getattr(row, "pictogram", ""),
        )
        for row in sources
    }


def named(model: type[Vocabulary], rows: Iterable[Vocabulary], language: str) -> list[Word]:
    """The words of some source rows, in the vocabulary's order."""
    known = words(model, language)
    wanted = {row.pk for row in rows}
    return [word for pk, word in known.items() if pk in wanted]
