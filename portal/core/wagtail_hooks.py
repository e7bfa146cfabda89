"""What the ground floor registers with the admin."""

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.snippets.models import register_snippet

from .languages import SOURCE_LANGUAGE
from .models import Vocabulary
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
