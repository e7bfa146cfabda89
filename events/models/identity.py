"""Who an event is for calendars (RFC 5545), and where it was imported from."""

from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_uid() -> str:
    """A ``UID`` that no other calendar gives: ``UUID@domain`` (RFC 7986, section 5.3)."""
    return f"{uuid4()}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}"


class IdentityMixin(models.Model):
    """``UID``, ``SEQUENCE`` and ``LAST-MODIFIED``, kept by the portal; the identity in the feed it came from."""

    #: Kept by the portal: neither a draft, nor a copy brings back or takes along an older value.
    KEPT: ClassVar[tuple[str, ...]] = (
        "uid",
        "sequence",
        "last_modified",
        "published_state",
        "source",
        "source_uid",
        "source_url",
        "source_updated_on",
        "gone_on",
    )
    IDENTITY_FACTS: ClassVar[tuple[str, ...]] = (*KEPT, "locked_fields")

    uid = models.CharField(max_length=255, blank=True, editable=False, db_index=True)
    #: Rises with each change that subscribers must see: dates, state, place.
    sequence = models.PositiveIntegerField(default=0, editable=False)
    last_modified = models.DateTimeField(null=True, editable=False)
    #: What subscribers were last told, see :mod:`events.changes`.
    published_state = models.CharField(max_length=80, blank=True, editable=False)

    source = models.CharField(
        _("comes from"),
        max_length=200,
        blank=True,
        editable=False,
        help_text=_("The calendar that this event was imported from. Empty for one that was written here."),
    )
    source_uid = models.CharField(max_length=500, blank=True, editable=False)
    #: The page of the event at its source.
    source_url = models.URLField(max_length=500, blank=True, editable=False)
    source_updated_on = models.DateField(null=True, blank=True, editable=False)
    #: Names of fields that somebody edited here: imports leave them.
    locked_fields = models.JSONField(default=list, blank=True, editable=False)
    gone_on = models.DateField(
        _("left its source on"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Since this day, the calendar that it came from no longer has it: look whether it takes place."),
    )

    class Meta:
        abstract = True

    def keep_identity(self) -> None:
        """Gives a new event its ``UID``."""
        self.uid = self.uid or new_uid()

    def take_kept(self, other: Any) -> None:
        """Takes the values of ``KEPT`` of another state of this event."""
        for name in self.KEPT:
            setattr(self, name, getattr(other, name))
