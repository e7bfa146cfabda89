"""Full-text search over the pages' index: from words to translation keys, best first.

Text is looked for in the reader's language and in French. What is found here is not what may be shown: the caller
filters its visible source pages by these keys, so that a private or unpublished source never shows.

Accents, case and plurals do not matter. The index is the one that modelsearch keeps. In the database it is read
directly: modelsearch's ranking on SQLite takes a time that grows with the square of the hits, and SQLite and PostgreSQL
must answer alike. French stemming is not used: it takes “CAF” and “café” for one word.
"""

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from modelsearch.backends import get_search_backend
from modelsearch.conf import get_app_config
from modelsearch.query import Or, PlainText
from wagtail.models import Locale, Page, get_page_models

from .languages import SOURCE_LANGUAGE
from .sourced import SourcedPage

MAX_WORDS = 12
MAX_WORD_LENGTH = 60
#: What is read of a query: the rest would only be words beyond ``MAX_WORDS``.
MAX_LENGTH = 2000
MAX_HITS = 5000
#: The beginnings of shorter words (CAF, PMI) begin too many others.
MIN_BEGINNING = 4

ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’ʼ]")
DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
WORD = re.compile(r"[^\W_]+")
#: Words that say nothing of what is looked for.
SMALL_WORDS = frozenset(
    "a à au aux avec ce ces cet cette comment d dans de des du elle elles en est et il ils j je l la le les leur leurs"
    " ma mes mon ne nos notre nous on ou où par pas pour quand que quel quelle qui s sa se ses son sur ta tes ton tu un"
    " une vos votre vous y"
    " an and are can for how i in is my of or the to what where who"
    " في من على إلى الى عن مع أو او و أين اين كيف هل ما هذا هذه".split()
)


def find_keys(text: str, language: str, *, limit: int = MAX_HITS) -> list[UUID]:
    """Translation keys of the live pages that hold all the words, else some of them; best first, each once."""
    words = significant_words(text)
    if not words:
        return []
    languages = {SOURCE_LANGUAGE, language}
    find = _engine_keys if settings.USES_SEARCH_ENGINE or connection.vendor not in DIALECTS else _database_keys
    found = find(words, True, languages, limit)
    if not found and len(words) > 1:
        found = find(words, False, languages, limit)
    return list(dict.fromkeys(found))[:limit]


# --- Words -----------------------------------------------------------------------------------------------------------
def significant_words(text: str) -> list[str]:
    """Words of a query in lower case, without elisions and small words; all its words when nothing else is left."""
    plain = unicodedata.normalize("NFC", text[:MAX_LENGTH].lower())
    # Arabic vowel signs, and marks that belong to no letter.
    plain = "".join(character for character in plain if unicodedata.category(character) != "Mn")
    plain = DOTTED.sub(lambda match: match[0].replace(".", ""), ELISION.sub(" ", plain))
    found = [word[:MAX_WORD_LENGTH] for word in WORD.findall(plain)]
    kept = [word for word in found if word not in SMALL_WORDS] or found
    return list(dict.fromkeys(kept))[:MAX_WORDS]


def word_forms(word: str) -> list[str]:
    """The singular and plural forms of a French word, with and without the ligature that keyboards lack."""
    forms = {word}
    if len(word) > 3 and word[-1] in "sx":
        forms.add(word[:-1])
    if len(word) > 4 and word.endswith("aux"):
        forms.add(f"{word[:-3]}al")
    for form in forms.copy():
        if form.endswith("al"):
            forms.add(f"{form[:-2]}aux")
        if form[-1] not in "sx":
            forms.add(f"{form}x" if form.endswith(("au", "eu")) else f"{form}s")
    for form in forms.copy():
        forms |= {form.replace("oe", "œ"), form.replace("œ", "oe")}
    return sorted(forms)


def word_beginning(word: str) -> str:
    """What the words that begin like this one begin with; empty when there would be too many."""
    beginning = word[:-1] if len(word) > MIN_BEGINNING + 1 and word[-1] in "sx" else word
    return beginning if len(beginning) >= MIN_BEGINNING else ""


# --- The index in the database ---------------------------------------------------------------------------------------
class Sqlite:
    """FTS5. Its columns are autocomplete, body and title, in this order: so are their weights."""

    AND, OR, WORD, BEGINNING = " AND ", " OR ", '"{word}"', '"{word}" *'
    TABLES = "{index}_fts AS fts JOIN {index} AS entry ON entry.id = fts.rowid"
    MATCHES = "fts.{index}_fts MATCH %s"
    IN_TITLE = MATCHES
    RANK = "bm25({index}_fts, 0.0, 1.0, 6.0)"

    @staticmethod
    def parameters(expression: str, *, in_title: bool) -> list[str]:
        return [f"{'{title}' if in_title else '{title body}'} : ({expression})"]


class Postgresql:
    """``tsvector`` columns, in which modelsearch gives titles the highest weight."""

    AND, OR, WORD, BEGINNING = " & ", " | ", "'{word}'", "'{word}':*"
    TABLES = "{index} AS entry CROSS JOIN to_tsquery(%s::regconfig, %s) AS query"
    MATCHES = "(entry.title || entry.body) @@ query"
    IN_TITLE = "entry.title @@ query"
    RANK = "ts_rank(entry.title || entry.body, query, 1) DESC"

    @staticmethod
    def parameters(expression: str, *, in_title: bool) -> list[str]:
        return [get_search_backend().config or "simple", expression]


DIALECTS: dict[str, type[Sqlite] | type[Postgresql]] = {"sqlite": Sqlite, "postgresql": Postgresql}


def _database_keys(words: list[str], every_word: bool, languages: set[str], limit: int) -> list[UUID]:
    """Pages with the words in their title, the shortest first; then in their text; then words that begin alike."""
    dialect = DIALECTS[connection.vendor]
    joint = dialect.AND if every_word else dialect.OR
    # Only letters and digits of the reader's stand in the expressions: no syntax of the index can be typed.
    exact = [[dialect.WORD.format(word=form) for form in word_forms(word)] for word in words]
    wider = [
        [*forms, dialect.BEGINNING.format(word=beginning)] if (beginning := word_beginning(word)) else forms
        for word, forms in zip(words, exact, strict=True)
    ]
    exactly, widely = (joint.join(f"({dialect.OR.join(forms)})" for forms in choice) for choice in (exact, wider))
    found = _match(exactly, languages, limit, in_title=True) if every_word else []
    for expression in dict.fromkeys((exactly, widely)):
        if len(found) < limit:
            found += _match(expression, languages, limit)
    return found


def _match(expression: str, languages: set[str], limit: int, *, in_title: bool = False) -> list[UUID]:
    dialect = DIALECTS[connection.vendor]
    index, page, locale = (model._meta.db_table for model in (index_model(), Page, Locale))
    types = sourced_types()
    sql = (
        f"SELECT page.translation_key FROM {dialect.TABLES}"  # noqa: S608 - names of ours and placeholders
        f" JOIN {page} AS page ON page.id = CAST(entry.object_id AS INTEGER)"
        f" JOIN {locale} AS locale ON locale.id = page.locale_id"
        f" WHERE {dialect.IN_TITLE if in_title else dialect.MATCHES}"
        f" AND entry.content_type_id IN ({_places(types)}) AND page.live"
        f" AND locale.language_code IN ({_places(languages)})"
        f" ORDER BY {'length(page.title)' if in_title else dialect.RANK}, page.id LIMIT %s"
    )
    matched = dialect.parameters(expression, in_title=in_title)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(index=index), (*matched, *types, *languages, limit))
        return [key if isinstance(key, UUID) else UUID(key) for (key,) in cursor.fetchall()]


def index_model() -> type[models.Model]:
    """Wagtail keeps modelsearch's index under its own name."""
    model: type[models.Model] = get_app_config().get_model("IndexEntry")
    return model


def _places(values: Iterable[object]) -> str:
    return ", ".join("%s" for _value in values)


def sourced_types() -> list[int]:
    """Content types of the portal's pages; no query when warm."""
    pages = [model for model in get_page_models() if issubclass(model, SourcedPage)]
    return [content_type.pk for content_type in ContentType.objects.get_for_models(*pages).values()]


# --- The engines -----------------------------------------------------------------------------------------------------
def _engine_keys(words: list[str], every_word: bool, languages: set[str], limit: int) -> list[UUID]:
    # The default operator is AND on databases and OR on engines: it is said here.
    query = PlainText(" ".join(words), operator="and") if every_word else Or([PlainText(word) for word in words])
    locales = list(Locale.objects.filter(language_code__in=languages).values_list("pk", flat=True))
    pages = Page.objects.filter(live=True, locale_id__in=locales).only("translation_key")
    return [page.translation_key for page in get_search_backend().search(query, pages)[:limit]]
