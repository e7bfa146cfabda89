"""Sheets whose facts nobody has checked for long: a wrong telephone number sends a family away."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.models import Page
from wagtail.permissions import policy_registry

from directory.models import ResourcePage, StructurePage
from portal.core.sourced import SourcedQuerySet

from ..guards import SomeUser

#: Hours and telephone numbers change with each school year.
CHECKED_EVERY = timedelta(days=365)
NEVER = date(1, 1, 1)
CHECKED_MODELS = (StructurePage, ResourcePage)


def sheets_to_check(user: SomeUser) -> QuerySet[Page]:
    """Published French sheets of places and resources, not checked for a year, that the user may publish.

    The least known first: never checked, then the oldest check. ``checked_on`` is given with each (``NEVER`` for none).
    """
    limit = timezone.localdate() - CHECKED_EVERY
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


def with_dates(pages: Iterable[Page]) -> list[tuple[Page, date | None]]:
    """Each page with the day of its last check, ``None`` for never."""
    return [(page, None if page.checked_on == NEVER else page.checked_on) for page in pages]
