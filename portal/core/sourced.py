"""Pages whose facts live once, on the French page; the rows of other languages hold text only.

A page in another language reads every fact (address, hours, dates, choices) through :attr:`SourcedPage.facts`: nothing
goes stale. A page without translation is shown *in the frame* of the reader's language: translated labels around French
text. See ``docs/decisions/0004-one-source-of-facts.md``.
"""

import copy
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.functional import cached_property
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from modelsearch.signal_handlers import post_save_signal_handler
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Orderable, Page, PageManager, PageViewRestriction, TranslatableMixin
from wagtail.query import PageQuerySet
from wagtail_localize.fields import BaseTranslatableField, SynchronizedField

from .languages import SOURCE_LANGUAGE, code_of_locale, direction, locale_id_of, localize_path
from .sites import site_roots
from .versions import remembered

#: Levels of the tree that a restriction can stand on: no portal is that deep.
MAX_DEPTH = 12
#: More private branches than this are looked up by the database.
MANY_RESTRICTIONS = 20
#: Types whose saved pages are put into the search index later, many at once: see ``indexing.silent_indexing``.
INDEXED_LATER: set[type["SourcedPage"]] = set()


def untouched(*names: str) -> list[BaseTranslatableField]:
    """Fields that wagtail-localize neither translates, nor copies, nor offers to override."""
    return [BaseTranslatableField(name) for name in names]


def path_prefixes(path: str, start_depth: int = 1) -> list[str]:
    """Tree paths of a page and of its ancestors: ``00010002`` gives ``0001`` and ``00010002``."""
    step = Page.steplen
    return [path[:end] for end in range(step * start_depth, len(path) + 1, step)]


def private_paths() -> frozenset[str]:
    """Tree paths of the pages that a restriction stands on. No query when warm."""
    return remembered("private paths", read_private_paths)


def read_private_paths() -> frozenset[str]:
    return frozenset(PageViewRestriction.objects.values_list("page__path", flat=True))


def path_beginnings(name: str) -> list[Substr]:
    """In SQL, what :func:`path_prefixes` gives, for the column ``name`` of the outer query."""
    return [Substr(OuterRef(name), 1, depth * Page.steplen) for depth in range(1, MAX_DEPTH + 1)]


def clear_facts(instance: models.Model, names: tuple[str, ...]) -> None:
    """Empties the fact columns of a row that is not the source."""
    for name in names:
        field = instance._meta.get_field(name)
        if isinstance(field, ParentalManyToManyField):
            setattr(instance, name, [])
        elif isinstance(field, models.Field):
            setattr(instance, field.attname, None if field.null else field.get_default())


class SourcedQuerySet(PageQuerySet):
    """Reads of sourced pages. Lists, search, maps and feeds start from :meth:`visible`, never from translations."""

    def sources(self) -> Self:
        return self.filter(locale_id=locale_id_of(SOURCE_LANGUAGE))

    def translations_into(self, language: str) -> Self:
        """Live rows of a language that hold text of their own (an alias only repeats the French text)."""
        return self.filter(locale_id=locale_id_of(language), live=True, alias_of__isnull=True)

    def public(self) -> Self:
        """Without pages that are private, stand below a private page, or repeat one. No query more, and mostly none
        of its words: a portal has few private branches, which are known."""
        private = private_paths()
        if len(private) <= MANY_RESTRICTIONS:
            below = Q()
            for path in private:
                below |= Q(path__startswith=path) | Q(alias_of__path__startswith=path)
            return self.exclude(below) if private else self.all()
        restrictions = PageViewRestriction.objects
        # Compared with each beginning of the path, not by ``startswith``: SQLite would read every page for every row.
        own = restrictions.filter(page__path__in=path_beginnings("path"))
        repeated = restrictions.filter(page__path__in=path_beginnings("alias_of__path"))
        return self.exclude(Exists(own) | Exists(repeated))

    def visible(self) -> Self:
        """Source pages that an anonymous reader may open."""
        return self.sources().live().public()


SourcedManager = PageManager.from_queryset(SourcedQuerySet)


class SourcedPageForm(WagtailAdminPageForm):
    """On a page that is not the source, only text can be edited: facts, slug and lists of facts are not offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.is_source:
            for name in (*self.instance.FACTS, "slug"):
                self.fields.pop(name, None)
            for name in self.instance.FACT_ROWS:
                self.formsets.pop(name, None)


class SourcedPage(Page):
    """A page whose ``FACTS`` are kept once, on the row in the source language.

    ``FACTS`` names the columns and many-to-many fields that are facts; ``FACT_ROWS`` the child relations that exist on
    the source only. Everything else is text, translated by wagtail-localize.
    """

    FACTS: ClassVar[tuple[str, ...]] = ()
    FACT_ROWS: ClassVar[tuple[str, ...]] = ()
    #: Last parts of fixed addresses below the parent, which no page may take.
    RESERVED_SLUGS: ClassVar[frozenset[str]] = frozenset()

    objects = SourcedManager()
    base_form_class = SourcedPageForm

    #: Language of the frame around an untranslated page; ``None`` for the page's own language.
    frame_language: str | None = None

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.override_translatable_fields = [
            SynchronizedField("slug", overridable=False),
            *untouched(*cls.FACTS, *cls.FACT_ROWS),
        ]

    @property
    def language(self) -> str:
        """Language code of the text of this row."""
        return code_of_locale(self.locale_id)

    @property
    def direction(self) -> str:
        return direction(self.language)

    @property
    def is_source(self) -> bool:
        return self.language == SOURCE_LANGUAGE

    @cached_property
    def facts(self) -> Self:
        """The row that holds the facts. The only way facts are read."""
        if self.is_source:
            return self
        source = type(self)._default_manager.sources().filter(translation_key=self.translation_key).first()
        return source or self

    def in_frame(self, language: str) -> Self:
        """This page as shown in the frame of another language; its addresses follow."""
        page = copy.copy(self)
        page.frame_language = language
        return page

    def in_language(self, language: str) -> Self:
        """The live translation if there is one, else this source page in the frame of the language."""
        if language == SOURCE_LANGUAGE:
            return self
        text = type(self)._default_manager.translations_into(language).filter(translation_key=self.translation_key)
        translated = text.first()
        if translated is None:
            return self.in_frame(language)
        translated.__dict__["facts"] = self
        return translated

    # --- Writing -----------------------------------------------------------------------------------------------------
    def clean(self) -> None:
        super().clean()
        if self.is_source:
            self.clean_facts()

    def clean_facts(self) -> None:
        """Checks of the facts; called on the source row only. Raises ``ValidationError``."""
        from .validation import check_slug_not_reserved

        check_slug_not_reserved(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.is_source:
            source = self.facts
            if source is not self:
                # Children of the tree's root need slugs of their own; below it, slugs are the same in all languages.
                slug: str = source.slug  # type: ignore[has-type] # a column of Wagtail's page
                self.slug = f"{slug}-{self.language}" if source.depth == 2 else slug
            clear_facts(self, self.FACTS)
        super().save(*args, **kwargs)
        if kwargs.get("update_fields") is None and type(self) not in INDEXED_LATER:
            # Rows below the page, tags and many-to-many facts are written after the signal that indexes it.
            post_save_signal_handler(self)

    def copy_for_translation(self, locale: Any, **kwargs: Any) -> Any:
        excluded = [*(kwargs.pop("exclude_fields", None) or []), *self.FACTS, *self.FACT_ROWS]
        return super().copy_for_translation(locale, exclude_fields=excluded, **kwargs)

    @classmethod
    def from_serializable_data(cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False) -> Any:
        """A draft that names a page deleted since loses that name; modelcluster refuses it when the link is PROTECT."""
        if check_fks:
            gone = [
                field.name
                for field in cls._meta.fields
                if field.remote_field
                and field.remote_field.on_delete is models.PROTECT
                and data.get(field.name)
                and not field.related_model._base_manager.filter(pk=data[field.name]).exists()
            ]
            data = {**data, **dict.fromkeys(gone)}
        return super().from_serializable_data(data, check_fks=check_fks, strict_fks=strict_fks)

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        """Pages are born in French; other languages are made by translating."""
        return super().can_create_at(parent) and (
            parent.depth == 1 or code_of_locale(parent.locale_id) == SOURCE_LANGUAGE
        )

    # --- Reading -----------------------------------------------------------------------------------------------------
    def get_url_parts(self, request: HttpRequest | None = None) -> Any:
        """The address of the source page, under the prefix of the row's or the frame's language."""
        source = self.facts
        parts = self.source_url_parts(request) if source is self else source.source_url_parts(request)
        if not parts or parts[2] is None:
            return parts
        site_id, root_url, path = parts
        return site_id, root_url, localize_path(path, self.frame_language or self.language)

    def _get_site_root_paths(self, cache_object: object = None) -> list[Any]:
        """Wagtail's own reads its cache for each page whose address is asked without a request."""
        holder: Any = cache_object or self
        if not hasattr(holder, "_wagtail_cached_site_root_paths"):
            holder._wagtail_cached_site_root_paths = site_roots()
        roots: list[Any] = holder._wagtail_cached_site_root_paths
        return roots

    def source_url_parts(self, request: HttpRequest | None = None) -> Any:
        """``(site id, root URL, path)`` of the French page; the hook for pages with an address outside the tree."""
        return super().get_url_parts(request)

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """Restrictions of this row and of its source, each with its ancestors."""
        prefixes = path_prefixes(self.path or "")
        if self.facts is not self:
            prefixes += path_prefixes(self.facts.path)
        if self.alias_of_id:
            prefixes += path_prefixes(self.alias_of.path)
        if not private_paths().intersection(prefixes):
            return PageViewRestriction.objects.none()
        return PageViewRestriction.objects.filter(page__path__in=prefixes)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        """The preview speaks the language of the row, whatever the editor's."""
        with translation.override(self.language):
            response = super().serve_preview(request, mode_name)
            if isinstance(response, TemplateResponse):
                response.render()
        return response


class SourcedRow(TranslatableMixin, ClusterableModel, Orderable):
    """A row below a page whose text is translated and whose ``FACTS`` stay on the row of the source page."""

    FACTS: ClassVar[tuple[str, ...]] = ()

    class Meta(Orderable.Meta):
        abstract = True
        unique_together = [("translation_key", "locale")]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.override_translatable_fields = untouched(*cls.FACTS)

    @property
    def language(self) -> str:
        return code_of_locale(self.locale_id)

    @property
    def direction(self) -> str:
        return direction(self.language)

    @property
    def is_source(self) -> bool:
        return self.language == SOURCE_LANGUAGE

    def clean(self) -> None:
        super().clean()
        if self.is_source:
            self.clean_facts()

    def clean_facts(self) -> None:
        """Checks of the facts; called on source rows only."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.is_source:
            clear_facts(self, self.FACTS)
        super().save(*args, **kwargs)


class RowPair:
    """A row as shown: facts from the source row, text from its translation if there is one."""

    def __init__(self, facts: SourcedRow, text: SourcedRow) -> None:
        self.facts = facts
        self.text = text


def row_pairs(page: SourcedPage, relation: str) -> list[RowPair]:
    """Rows of a child relation in the order of the source page: one query, two on a translated page."""
    rows = list(getattr(page.facts, relation).all())
    if page.facts is page or not rows:
        return [RowPair(row, row) for row in rows]
    texts = {row.translation_key: row for row in getattr(page, relation).all()}
    return [RowPair(row, texts.get(row.translation_key, row)) for row in rows]


__all__ = [
    "RowPair",
    "SourcedManager",
    "SourcedPage",
    "SourcedQuerySet",
    "SourcedRow",
    "clear_facts",
    "path_prefixes",
    "row_pairs",
    "untouched",
]
