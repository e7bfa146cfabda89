"""Receivers that keep roles and rights in step with the database."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.migrations.recorder import MigrationRecorder

from directory.models import StructurePage
from portal.core.sourced import SourcedPage

from .models import CentrePage
from .roles import ensure_centre_permissions, ensure_roles, remove_centre_group

#: Roles are made once this migration is there: ``migrate auth`` alone on a new database has no pages to give rights on.
FIRST_MIGRATION = ("home", "0003_remove_default_roles")
CENTRE_FIELDS = {"title", "structure", "live"}


def grant_roles(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """The migrations have run, or the database was emptied."""
    if using != DEFAULT_DB_ALIAS:
        return
    recorder = MigrationRecorder(connections[using])
    if not recorder.has_table() or FIRST_MIGRATION in recorder.applied_migrations():
        ensure_roles()


def follow_centre(
    sender: type[CentrePage], instance: CentrePage, update_fields: frozenset[str] | None, raw: bool, **kwargs: Any
) -> None:
    """A centre or a translation of one was saved."""
    if not raw and (update_fields is None or CENTRE_FIELDS & update_fields):
        ensure_centre_permissions(instance)


def follow_structure(
    sender: type[StructurePage], instance: StructurePage, created: bool, raw: bool, **kwargs: Any
) -> None:
    """A structure was translated: its centre, if it has one, keeps the new page too."""
    if raw or not created or instance.is_source:
        return
    for centre in CentrePage.objects.sources().filter(structure__translation_key=instance.translation_key):
        ensure_centre_permissions(centre)


def forget_centre(sender: type[CentrePage], instance: CentrePage, **kwargs: Any) -> None:
    """A centre is about to be deleted (not one of its translations)."""
    if instance.is_source:
        remove_centre_group(instance)


def withdraw_converted_alias(
    sender: type[models.Model], instance: models.Model, update_fields: frozenset[str] | None, **kwargs: Any
) -> None:
    """A live alias in another language became a page of its own: a draft, for its text is still French.

    Wagtail and wagtail-localize, which makes such aliases of the parents of a page that it translates, leave it live.
    """
    if (
        update_fields is not None
        and update_fields <= {"alias_of", "alias_of_id"}
        and isinstance(instance, SourcedPage)
        and not instance.is_source
        and instance.alias_of_id is None
        and instance.live
    ):
        instance.live = False
        instance.has_unpublished_changes = True
        sender._default_manager.filter(pk=instance.pk).update(live=False, has_unpublished_changes=True)
