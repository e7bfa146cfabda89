"""Names of themes and audiences in the reader's language, read from the cache: every page shows some."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import models, transaction

from .languages import SOURCE_LANGUAGE
from .models import Vocabulary


@dataclass(frozen=True)
class Word:
    """An entry of a vocabulary in one language; ``lang`` says in which one its name is written."""

    pk: int
    slug: str
    name: str
    lang: str
    pictogram: str = ""


def cache_key(model: type[Vocabulary], language: str) -> str:
    return f"vocabulary:{model._meta.label_lower}:{language}"


def words(model: type[Vocabulary], language: str) -> dict[int, Word]:
    """Words by primary key of the source row, in order. No query when warm."""
    key = cache_key(model, language)
    found: dict[int, Word] | None = cache.get(key)
    if found is None:
        translated = dict(
            model._default_manager.filter(locale__language_code=language).values_list("translation_key", "name")
        )
        found = {
            row.pk: Word(
                pk=row.pk,
                slug=row.slug,
                name=translated.get(row.translation_key, row.name),
                # A translation starts as a copy of the French name: until it differs, it is French.
                lang=language if translated.get(row.translation_key, row.name) != row.name else SOURCE_LANGUAGE,
                pictogram=getattr(row, "pictogram", ""),
            )
            for row in model._default_manager.filter(locale__language_code=SOURCE_LANGUAGE)
        }
        cache.set(key, found, timeout=3600)
    return found


def forget_words(sender: type[models.Model], **kwargs: object) -> None:
    """Signal receiver: a word changed. Forgotten now for this transaction, and again once it is committed."""
    from .languages import language_codes

    if not issubclass(sender, Vocabulary):
        return
    vocabulary = sender

    def forget() -> None:
        cache.delete_many([cache_key(vocabulary, code) for code in language_codes()])

    forget()
    transaction.on_commit(forget)


def named(model: type[Vocabulary], rows: Iterable[Vocabulary], language: str) -> list[Word]:
    """The words of some source rows, in the vocabulary's order."""
    known = words(model, language)
    wanted = {row.pk for row in rows}
    return [word for pk, word in known.items() if pk in wanted]
