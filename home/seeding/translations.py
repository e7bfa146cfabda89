"""Translations written by code, kept where editors find them: in the translation editor of wagtail-localize."""

import json
from collections import defaultdict, deque
from collections.abc import Callable

from django.db import transaction
from wagtail.models import Locale
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments
from wagtail_localize.strings import StringValue

from portal.core.indexing import index_gathered
from portal.core.sourced import SourcedPage

from .pages import mark_published

#: Puts the texts of another language on a copy of the French page, which is never saved.
Write = Callable[[SourcedPage], None]


class UnpairedTextError(Exception):
    """A text of the French page and its translation have not the same shape; the text says where."""


def is_translated(page: SourcedPage, locale: Locale) -> bool:
    """Whether the page has a translation that was published one day. An alias only repeats the French text."""
    return (
        type(page)
        ._default_manager.filter(
            translation_key=page.translation_key,
            locale=locale,
            alias_of__isnull=True,
            first_published_at__isnull=False,
        )
        .exists()
    )


def wants_translation(page: SourcedPage, locale: Locale) -> bool:
    """Whether texts written beside the first French ones still fit: nobody has translated the page or changed it."""
    return not is_translated(page, locale) and page.revisions.count() == 1


@transaction.atomic
def translate(page: SourcedPage, locale: Locale, write: Write) -> None:
    """Translates a live French page and publishes the translation, whole or not at all.

    Strings that somebody has translated already are kept. Untranslated parents are repeated as aliases, which readers
    never see. Raises ``UnpairedTextError`` when ``write`` gives texts that do not match the page.
    """
    published = type(page)._default_manager.get(pk=page.pk)  # its rows have their numbers in the database
    source, _created = TranslationSource.update_or_create_from_instance(published)
    Translation.objects.get_or_create(source=source, target_locale=locale)
    keep_strings(source, locale, write)
    # Published here and not by wagtail-localize, which waits for the commit: a crash between would leave a draft.
    translated, _created = source.create_or_update_translation(locale, publish=False, copy_parent_pages=True)
    mark_published(translated, translated.latest_revision)
    index_gathered()


def keep_strings(source: TranslationSource, locale: Locale, write: Write) -> None:
    """Keeps the translation of each string of a source."""
    copy = source.as_instance()
    write(copy)
    translated: dict[str, deque[StringSegmentValue]] = defaultdict(deque)
    for value in extract_segments(copy):
        if isinstance(value, StringSegmentValue):
            translated[value.path].append(value)
    rows = []
    for segment in StringSegment.objects.filter(source=source).select_related("string", "context").order_by("order"):
        path = segment.context.path
        if not translated[path]:
            raise UnpairedTextError(f"{source.object_repr}: {path} has no translation ({locale.language_code})")
        value = translated[path].popleft()
        rows.append(
            StringTranslation(
                translation_of=segment.string,
                locale=locale,
                context=segment.context,
                data=_checked(segment, value),
                translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
            )
        )
    if left := [path for path, values in translated.items() if values]:
        raise UnpairedTextError(f"{source.object_repr}: {', '.join(left)} has no French text ({locale.language_code})")
    StringTranslation.objects.bulk_create(rows, ignore_conflicts=True)


def _checked(segment: StringSegment, value: StringSegmentValue) -> str:
    """The HTML of a translated string. Raises when its links are not those of the French string, in the same order."""
    if json.loads(segment.attrs) != value.attrs:
        raise UnpairedTextError(f"{segment.context.path}: other links in “{value.string.data}”")
    return str(StringValue.from_translated_html(value.string.data).data)
