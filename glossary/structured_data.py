"""schema.org description of a word: ``DefinedTerm`` in its ``DefinedTermSet``."""

from typing import Any

from django.http import HttpRequest

from portal.core.sourced import RowPair

from .models import TermPage


def term_data(page: TermPage, request: HttpRequest, definitions: list[RowPair]) -> dict[str, Any]:
    facts = page.facts
    texts = [getattr(pair.text, "text", "") for pair in definitions]
    return {
        "@context": "https://schema.org",
        "@type": "DefinedTerm",
        "@id": facts.get_full_url(request),
        "url": page.get_full_url(request),
        "name": page.title,
        "alternateName": page.spelling_list,
        "description": page.summary or (texts[0] if texts else ""),
        "inLanguage": page.language,
        "inDefinedTermSet": {"@type": "DefinedTermSet", "name": str(facts.get_collection_display())},
    }
