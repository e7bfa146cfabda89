"""Signal receivers: rows of other languages keep in step with their source page, and a new site gets its settings."""

from typing import Any

from django.db import models, transaction
from wagtail.models import Page, Site

from .languages import SOURCE_LANGUAGE, code_of_locale
from .models import PortalSettings, Vocabulary
from .sourced import SourcedPage


def follow_slug(sender: type[Page], instance: Page, **kwargs: Any) -> None:
    """The slug of a source page changed: its translations take it."""
    if not isinstance(instance, SourcedPage) or not instance.is_source:
        return

    def follow() -> None:
        for row in (
            type(instance)._default_manager.filter(translation_key=instance.translation_key).exclude(pk=instance.pk)
        ):
            row.save()

    transaction.on_commit(follow)


def delete_translations(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """A source page or word was deleted: text without facts is nothing."""
    is_source = (isinstance(instance, SourcedPage) and instance.is_source) or (
        isinstance(instance, Vocabulary) and code_of_locale(instance.locale_id) == SOURCE_LANGUAGE
    )
    if is_source:
        key = getattr(instance, "translation_key")  # noqa: B009 - both kinds have one, which types can't tell
        for row in sender._default_manager.filter(translation_key=key).exclude(pk=instance.pk):
            row.delete()


def give_settings(sender: type[Site], instance: Site, *, raw: bool = False, **kwargs: Any) -> None:
    """A site was saved: its settings are there before anybody looks at a page, so that no reading ever writes them."""
    if not raw:  # else from a file that holds the settings too
        PortalSettings.objects.get_or_create(site=instance)
