"""What a list shows: source pages, each with its text in the reader's language where there is one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from .languages import SOURCE_LANGUAGE, active_language, direction, localize_path
from .sourced import SourcedPage


@dataclass(frozen=True)
class Entry:
    """A source page (``facts``) and its text: a translation, or the source itself, in the frame of a language."""

    facts: SourcedPage
    text: SourcedPage
    frame: str

    @property
    def title(self) -> str:
        return self.text.title

    @property
    def summary(self) -> str:
        return getattr(self.text, "summary", "")

    @property
    def lang(self) -> str:
        """Language code of the text."""
        return self.text.language

    @property
    def dir(self) -> str:
        return direction(self.lang)

    @property
    def is_foreign(self) -> bool:
        """The text is in another language than the frame: it must be marked."""
        return self.lang != self.frame

    def url_for(self, request: HttpRequest | None) -> str:
        parts = self.facts.get_url_parts(request)
        return localize_path(parts[2], self.frame) if parts and parts[2] else ""


def make_entries(sources: Iterable[SourcedPage], language: str | None = None) -> list[Entry]:
    """Entries in the order of the sources; one more query per page type in another language than the source."""
    pages = list(sources)
    frame = language or active_language()
    texts: dict[object, SourcedPage] = {}
    if frame != SOURCE_LANGUAGE:
        keys_by_model: dict[type[SourcedPage], list[object]] = {}
        for page in pages:
            keys_by_model.setdefault(type(page), []).append(page.translation_key)
        for model, keys in keys_by_model.items():
            rows = model._default_manager.translations_into(frame).public().filter(translation_key__in=keys)
            for row in rows.defer_streamfields():
                texts[row.translation_key] = row
    return [Entry(facts=page, text=texts.get(page.translation_key, page), frame=frame) for page in pages]
