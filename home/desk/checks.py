"""Sheets whose facts nobody has checked for long: a wrong telephone number sends a family away."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, Site
from wagtail.permissions import policy_registry

from directory.models import ResourcePage, StructurePage
from portal.core.freshness import stale_before
from portal.core.models import PortalSettings
from portal.core.sourced import SourcedQuerySet

from ..guards import SomeUser
from ..roles import CENTRE_GROUP_PREFIX

#: Action of the log: somebody found the facts of a sheet right.
CHECKED = "portal.checked"
NEVER = date(1, 1, 1)
CHECKED_MODELS = (StructurePage, ResourcePage)


def sheets_to_check(user: SomeUser) -> QuerySet[Page]:
    """Published French sheets of places and resources, not checked for a year, that the user may publish.

    The least known first: never checked, then the oldest check. ``checked_on`` is given with each (``NEVER`` for none).
    """
    limit = stale_before()
    stale = Q()
    dates = []
    for model in CHECKED_MODELS:
        row = model._base_manager.filter(pk=OuterRef("pk"))
        stale |= Q(
            Exists(row.filter(Q(checked_on__isnull=True) | Q(checked_on__lt=limit))),
            content_type=ContentType.objects.get_for_model(model),
        )
        dates.append(row.values("checked_on")[:1])
    editable = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "publish")
    found: QuerySet[Page] = (
        SourcedQuerySet(Page)
        .sources()
        .live()
        .filter(stale, pk__in=editable.values("pk"))
        .annotate(checked_on=Coalesce(*dates, NEVER))
        .order_by("checked_on", "title")
    )
    return found


@transaction.atomic
def mark_checked(page: StructurePage | ResourcePage, user: SomeUser) -> None:
    """Writes today on a published sheet, and which team checked it, where readers see it.

    A draft that waits is kept as it is but for the same two facts: published later, it must not bring the old
    ones back.
    Raises ``PermissionDenied`` when the user may not publish the sheet or somebody else has locked it.
    """
    permissions = page.permissions_for_user(user)
    if not page.live or not page.is_source or not permissions.can_publish() or permissions.page_locked():
        raise PermissionDenied
    facts: dict[str, date | str | bool] = {"checked_on": timezone.localdate()}
    if isinstance(page, StructurePage):
        facts |= {"checked_by": team_of(user), "is_to_check": False}
    draft = page.latest_revision if page.has_unpublished_changes else None
    for name, value in facts.items():
        setattr(page, name, value)
    if draft:
        page.save(update_fields=list(facts))
        draft.content |= {
            name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()
        }
        draft.save(update_fields=["content"])
    else:
        page.save_revision(user=user, changed=False).publish(user=user, log_action=False)
    log(instance=page, action=CHECKED, user=user)


def mark_all_checked(ids: Iterable[str], user: SomeUser) -> tuple[int, list[str]]:
    """How many of these sheets were marked, and the titles of those that the user may not mark."""
    numbers = [int(value) for value in ids if value.isdecimal() and len(value) < 12]
    done, refused = 0, []
    for page in Page.objects.filter(pk__in=numbers).specific():
        try:
            if not isinstance(page, CHECKED_MODELS):
                raise PermissionDenied
            mark_checked(page, user)
        except PermissionDenied:
            refused.append(page.get_admin_display_title())
        else:
            done += 1
    return done, refused


def team_of(user: SomeUser) -> str:
    """Who checked, as readers are told: the centre of the user, else the portal. Never a person."""
    groups = Group.objects.filter(user=user.pk, name__startswith=CENTRE_GROUP_PREFIX).values_list("name", flat=True)
    centres = [name.removeprefix(CENTRE_GROUP_PREFIX) for name in groups[:2]]
    if len(centres) == 1:
        return centres[0][:100]
    site = Site.objects.filter(is_default_site=True).first()
    return PortalSettings.for_site(site).portal_name[:100]


def with_dates(pages: Iterable[Page]) -> list[tuple[Page, date | None]]:
    """Each page with the day of its last check, ``None`` for never."""
    return [(page, None if page.checked_on == NEVER else page.checked_on) for page in pages]
