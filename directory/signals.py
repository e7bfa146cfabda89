"""A sheet was saved: its address may be one to look up."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Revision

from . import positions
from .models import StructurePage

#: Columns that make a sheet's address another one, or shown.
WATCHED = frozenset({"address", "postcode", "municipality", "live"})


def look_up_address(
    sender: type[StructurePage], instance: StructurePage, update_fields: Any = None, raw: bool = False, **kwargs: Any
) -> None:
    if not raw and (update_fields is None or WATCHED & set(update_fields)):
        positions.enqueue(instance)


def look_up_address_of_draft(sender: type[Revision], instance: Revision, raw: bool = False, **kwargs: Any) -> None:
    """Of a sheet that is not published yet, what counts is its last draft."""
    if raw or instance.content_type_id != ContentType.objects.get_for_model(StructurePage).pk:
        return
    if instance.content.get("address") and not instance.content.get("live"):
        positions.enqueue(instance.as_object())
