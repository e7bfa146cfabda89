"""What all kinds of demonstration pages share: made once each, translated once each, left alone ever after."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from django.db import models
from wagtail.models import Locale, Orderable, Page

from home.seeding.bodies import body_value
from home.seeding.pages import publish_below
from home.seeding.translations import translate, wants_translation
from portal.core.languages import SOURCE_LANGUAGE, language_codes
from portal.core.models import Audience, Municipality, Theme
from portal.core.sourced import SourcedPage, SourcedRow

from .records import Record, months
from .tally import Tally
from .vocabularies import by_slug

SomePage = TypeVar("SomePage", bound=SourcedPage)


class Family(Generic[SomePage]):
    """Pages of one type, each from one record. A page is known by its slug among the French pages of its type."""

    label: ClassVar[str]
    model: ClassVar[type[Any]]
    #: Type of the one page below which all of them stand; families that stand below several override ``parent``.
    index_model: ClassVar[type[Any]]

    def records(self) -> list[Record]:
        raise NotImplementedError

    def parent(self, record: Record) -> Page:
        """The page below which a new page goes."""
        return self.index

    def build(self, record: Record) -> SomePage:
        """A new page with its facts, its French texts and its rows, not saved."""
        raise NotImplementedError

    def write_texts(self, page: SomePage, record: Record, texts: Record) -> None:
        """Puts the texts of one language on a page with French ones. Raises ``KeyError`` when one is missing."""
        raise NotImplementedError

    def key(self, page: SomePage) -> str:
        return str(page.slug)

    # --- What records name by code -----------------------------------------------------------------------------------
    @cached_property
    def index(self) -> Page:
        index: Page = self.index_model.objects.sources().get()
        return index

    @cached_property
    def themes(self) -> dict[str, Theme]:
        return by_slug(Theme)

    @cached_property
    def audiences(self) -> dict[str, Audience]:
        return by_slug(Audience)

    @cached_property
    def municipalities(self) -> dict[str, Municipality]:
        return {municipality.insee: municipality for municipality in Municipality.objects.all()}

    def set_audience(self, page: Any, record: Record) -> None:
        """Themes, audiences and ages, for the types that have them all."""
        page.themes = [self.themes[slug] for slug in record["themes"]]
        page.audiences = [self.audiences[slug] for slug in record["audiences"]]
        page.age_min_months = months(record.get("age_min"))
        page.age_max_months = months(record.get("age_max"))

    # --- Loading -----------------------------------------------------------------------------------------------------
    def load(self, *, dry_run: bool) -> Tally:
        """Makes what is missing. Each page is made in one transaction, and so is each translation."""
        tally = Tally()
        pages = self.existing()
        missing = [record for record in self.records() if record["slug"] not in pages]
        tally.created, tally.kept = len(missing), len(self.records()) - len(missing)
        if not dry_run:
            pages |= self.create(missing)
        for record in self.records():
            page = pages.get(record["slug"])
            for locale, texts in translations_of(record):
                if page is None:  # it would have been made
                    tally.translated += 1
                elif wants_translation(page, locale):
                    tally.translated += 1
                    if not dry_run:
                        self.translate(page, locale, record, texts)
        return tally

    def existing(self) -> dict[str, SomePage]:
        return {self.key(page): page for page in self.model.objects.sources()}

    def create(self, missing: Iterable[Record]) -> dict[str, SomePage]:
        return {record["slug"]: publish_below(self.parent(record), self.build(record)) for record in missing}

    def translate(self, page: SomePage, locale: Locale, record: Record, texts: Record) -> None:
        translate(page, locale, lambda copy: self.write_texts(copy, record, texts))


def translations_of(record: Record) -> Iterator[tuple[Locale, Record]]:
    """The languages that a record has texts in, beside French."""
    for locale in Locale.objects.filter(language_code__in=language_codes()):
        if locale.language_code != SOURCE_LANGUAGE and locale.language_code in record:
            yield locale, record[locale.language_code]


def set_rows(page: SourcedPage, relation: str, rows: Iterable[Orderable]) -> None:
    """Gives a new page its child rows, numbered as an editor's form numbers them."""
    numbered = list(rows)
    for place, row in enumerate(numbered):
        row.sort_order = place
    setattr(page, relation, numbered)


def copy_texts(row: models.Model, texts: Record, *names: str) -> None:
    """Replaces each of these fields that says something in French."""
    for name in names:
        if getattr(row, name):
            setattr(row, name, texts[name].strip())


def copy_row_texts(page: SourcedPage, relation: str, texts: Iterable[Record], *names: str) -> None:
    """The same for the child rows of a page, in their order."""
    rows: list[SourcedRow] = list(getattr(page, relation).all())
    for row, row_texts in zip(rows, texts, strict=True):
        copy_texts(row, row_texts, *names)


def body_of(family: str, record: Record, texts: Record) -> list[dict[str, Any]]:
    """The body of a page in one language; its blocks have the same identifiers in all of them."""
    return body_value(texts.get("body", []), key=f"{family}/{record['slug']}")
