"""What the admin refuses beyond Wagtail's permissions. Decisions only: ``wagtail_hooks`` tells the editor."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models, router
from django.db.models import ProtectedError, Q
from django.db.models.deletion import Collector
from wagtail.models import Page
from wagtail_localize.models import Translation

from directory.models import StructurePage

from .models import CentrePage

SomeUser: TypeAlias = AbstractBaseUser | AnonymousUser


# --- Making and removing ---------------------------------------------------------------------------------------------
def is_section(model: type[Page]) -> bool:
    """Whether pages of this type hold pages of other types: home page, lists, agendas, centres."""
    return bool(set(model.clean_subpage_models()) - {model})


def publishes_below(user: SomeUser, page: Page) -> bool:
    """Whether the user may publish the pages below ``page`` (the root of the tree included)."""
    return bool(page.permissions_for_user(user).can_reorder_children())


def may_create(user: SomeUser, parent: Page, model: type[Page]) -> bool:
    """Sections of the site are opened by who publishes there; other pages by who may add them."""
    return not is_section(model) or publishes_below(user, parent)


def may_remove(user: SomeUser, page: Page) -> bool:
    """Whether the user may delete or move a page, on top of what Wagtail checks.

    Wagtail lets whoever may *change* pages delete everybody's drafts, and whoever may publish *one* page delete it: a
    centre editor would so throw away the drafts of others, or the page of the centre itself. Here it takes the right to
    publish where the page stands, or to be the author of drafts.
    """
    parent = page.get_parent()
    if parent is not None and publishes_below(user, parent):
        return True
    branch = page.get_descendants(inclusive=True)
    return not branch.exclude(owner_id=user.pk, live=False).exists()


def who_needs(pages: Iterable[Page]) -> list[models.Model]:
    """What keeps pages, or pages below them, from being deleted: the centre of a structure, the events at a place."""
    branches = Q()
    for page in pages:
        branches |= Q(path__startswith=page.path)
    collector = Collector(using=router.db_for_write(Page))
    try:
        collector.collect(Page.objects.filter(branches) if branches else Page.objects.none())
    except ProtectedError as error:
        return sorted(error.protected_objects, key=str)
    return []


# --- Publishing ------------------------------------------------------------------------------------------------------
def missing_texts(row: Any) -> int:
    """How many texts of the source have no translation yet, for a page or vocabulary entry that is being translated.

    0 for a source, and for a page whose translation was stopped: its editor writes it by hand.
    """
    translation = Translation.objects.filter(
        source__object_id=row.translation_key, target_locale_id=row.locale_id, enabled=True
    ).first()
    return missing_segments(translation) if translation else 0


def missing_segments(translation: Translation) -> int:
    total, translated = translation.get_progress()
    return int(total - translated)


def may_publish_structure(user: SomeUser, centre: CentrePage) -> bool:
    """Whether the user may publish a centre with the structure it names.

    The editors of a centre may publish on its structure: by naming another one they would give themselves this right.
    """
    structure: StructurePage | None = centre.structure
    return structure is None or bool(structure.facts.permissions_for_user(user).can_publish())
