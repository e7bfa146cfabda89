"""What the ground floor registers with the admin."""

import json
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.snippets.models import register_snippet

from .languages import SOURCE_LANGUAGE
from .models import Vocabulary
from .readability import EASY, PLAIN, PLAIN_WORDS
from .rich_text import PageLink
from .viewsets import VocabularyGroup

register_snippet(VocabularyGroup)


@hooks.register("before_create_snippet")
def create_words_in_french(request: HttpRequest, model: type[models.Model]) -> HttpResponse | None:
    """A word is born in French and translated from there: else it would have no code, no order and no source."""
    if not issubclass(model, Vocabulary) or request.GET.get("locale", SOURCE_LANGUAGE) == SOURCE_LANGUAGE:
        return None
    messages.error(request, _("Write the word in French first; then choose “Translate” in the list."))
    return redirect(f"wagtailsnippets_{model._meta.app_label}_{model._meta.model_name}:list")


@hooks.register("register_rich_text_features", order=100)
def links_in_the_readers_language(features: FeatureRegistry) -> None:
    features.register_link_type(PageLink)


@hooks.register("insert_editor_js")
def readability_while_writing() -> SafeString:
    """A line below the prose that one writes says whether it is easy to read (``static/js/readability.js``)."""
    return format_html(
        '<script type="module" src="{}" data-readability="{}"></script>',
        static("js/readability.js"),
        json.dumps(readability_words(), ensure_ascii=False),
    )


def readability_words() -> dict[str, Any]:
    """What that line may say; ``verdicts`` from the easiest down, each with the lowest score that it fits."""
    return {
        "verdicts": [
            (80, _("Very easy to read.")),
            (EASY, _("Easy to read.")),
            (PLAIN, _("A little hard to read: shorten the sentences, choose simpler words.")),
            (-1000, _("Hard to read: shorten the sentences, choose simpler words.")),
        ],
        "average": _("{count} words a sentence on average."),
        "one_long": _("One sentence has more than 15 words: “{text}”"),
        "some_long": _("{count} sentences have more than 15 words, the first: “{text}”"),
        "long_words": _("Long words: {words}."),
        "simpler": _("Simpler: {words}."),
        "plain": PLAIN_WORDS,
    }
