"""What waits for a user: pages to read, translations, sheets to check; and what became of the user's own pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.permissions import policy_registry
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from directory.position_views import checks_for
from events.desk.partners import failing_feeds, waiting_label

from .checks import sheets_to_check

#: The longest list of the desk; what is beyond is counted, and one click away.
SHOWN = 10


@dataclass(frozen=True)
class Waiting:
    label: str
    url: str


@dataclass(frozen=True)
class Piece:
    """A page on somebody's desk; ``step`` and ``comment`` may be empty, ``person`` too when the account is gone."""

    title: str
    kind: str
    url: str
    at: datetime | None
    step: str = ""
    person: str = ""
    comment: str = ""


# --- Counts ----------------------------------------------------------------------------------------------------------
def what_waits(user: AbstractBaseUser) -> list[Waiting]:
    return [
        *waiting_pages(user),
        *waiting_translations(user),
        *waiting_checks(user),
        *waiting_positions(user),
        *waiting_calendars(user),
    ]


def waiting_pages(user: AbstractBaseUser) -> list[Waiting]:
    steps = (
        TaskState.objects.reviewable_by(user)
        .order_by("task__name")
        .values("task_id", "task__name")
        .annotate(pages=Count("pk"))
    )
    report = reverse("wagtailadmin_reports:workflow_tasks")
    return [
        Waiting(
            label=ngettext("%(step)s: %(count)d page", "%(step)s: %(count)d pages", step["pages"])
            % {"step": step["task__name"], "count": step["pages"]},
            url=f"{report}?task={step['task_id']}&status={TaskState.STATUS_IN_PROGRESS}",
        )
        for step in steps
    ]


def waiting_translations(user: AbstractBaseUser) -> list[Waiting]:
    """Of the pages that the user may publish: translations to complete, and complete ones that no reader sees yet."""
    if not user.has_perm("wagtail_localize.submit_translation"):  # type: ignore[attr-defined]
        return []
    own = translations_to_publish(user)
    to_complete = own.filter(is_complete=False).count()
    to_publish = own.filter(is_complete=True, is_live=False).count()
    report = reverse("wagtail_localize:translations_report")
    waiting = []
    if to_complete:
        label = ngettext("%(count)d translation to complete", "%(count)d translations to complete", to_complete)
        waiting.append(Waiting(label % {"count": to_complete}, f"{report}?waiting_for_translation=true"))
    if to_publish:
        label = ngettext("%(count)d translation to publish", "%(count)d translations to publish", to_publish)
        waiting.append(Waiting(label % {"count": to_publish}, f"{report}?waiting_for_translation=false"))
    return waiting


def waiting_checks(user: AbstractBaseUser) -> list[Waiting]:
    count = sheets_to_check(user).count()
    label = ngettext("%(count)d sheet to check", "%(count)d sheets to check", count)
    return [Waiting(label % {"count": count}, reverse("sheets_to_check"))] if count else []


def waiting_positions(user: AbstractBaseUser) -> list[Waiting]:
    count = checks_for(user).count()
    label = ngettext("%(count)d position to check", "%(count)d positions to check", count)
    return [Waiting(label % {"count": count}, reverse("positions_to_check"))] if count else []


def waiting_calendars(user: AbstractBaseUser) -> list[Waiting]:
    """Partners' calendars that have failed for a day."""
    count = failing_feeds(user)
    return [Waiting(waiting_label(count), reverse("partner_calendars"))] if count else []


def translations_to_publish(user: AbstractBaseUser) -> QuerySet[Translation]:
    """Translations, each with ``is_complete`` and ``is_live``, whose page the user may publish."""
    pages = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "publish")
    page = pages.filter(translation_key=OuterRef("source__object_id"), locale_id=OuterRef("target_locale_id"))
    done = StringTranslation.objects.filter(
        translation_of_id=OuterRef("string_id"),
        context_id=OuterRef("context_id"),
        locale_id=OuterRef("_locale_id"),
        has_error=False,
    )
    # Named first: an OuterRef of the outermost query can't be written inside the innermost one.
    to_do = StringSegment.objects.annotate(_locale_id=OuterRef("target_locale_id")).filter(
        ~Exists(done), source_id=OuterRef("source_id")
    )
    found: QuerySet[Translation] = Translation.objects.filter(Exists(page), enabled=True).annotate(
        is_complete=~Exists(to_do), is_live=Exists(page.filter(live=True))
    )
    return found


# --- Pages -----------------------------------------------------------------------------------------------------------
def pages_to_review(user: AbstractBaseUser) -> list[Piece]:
    """What the user may approve or send back, the oldest first, ``SHOWN`` at most."""
    states = (
        TaskState.objects.reviewable_by(user)
        .select_related("task", "revision", "workflow_state__requested_by")
        .prefetch_related("revision__content_object")
        .order_by("started_at")[:SHOWN]
    )
    return [
        piece(page, at=state.started_at, step=state.task.name, person=state.workflow_state.requested_by)
        for state in states
        if isinstance(page := state.revision.content_object, Page)
    ]


def own_pages(user: AbstractBaseUser) -> tuple[list[Piece], list[Piece]]:
    """The user's own pages in the validation: those sent back, and those that wait for others; the newest first."""
    mine = Page.objects.filter(owner_id=user.pk).values_list("pk", flat=True)
    states = (
        WorkflowState.objects.active()
        .filter(Q(requested_by_id=user.pk) | Q(object_id__in=[str(pk) for pk in mine]))
        .select_related("current_task_state__task", "current_task_state__finished_by")
        .prefetch_related("content_object")
        .order_by("-current_task_state__started_at")
    )
    back, away = [], []
    for state in states[: 2 * SHOWN]:
        page, task = state.content_object, state.current_task_state
        if not isinstance(page, Page) or task is None:
            continue
        if state.status == WorkflowState.STATUS_NEEDS_CHANGES:
            back.append(piece(page, at=task.finished_at, person=task.finished_by, comment=task.comment))
        else:
            away.append(piece(page, at=task.started_at, step=task.task.name))
    return back[:SHOWN], away[:SHOWN]


def own_drafts(user: AbstractBaseUser) -> list[Piece]:
    """Pages that the user began, and that were neither published nor sent to validation; the newest first."""
    drafts = (
        Page.objects.filter(owner_id=user.pk, live=False, alias_of__isnull=True, first_published_at__isnull=True)
        .exclude(pk__in=in_validation())
        .order_by("-latest_revision_created_at")
    )
    return [piece(page, at=page.latest_revision_created_at) for page in drafts[: SHOWN // 2]]


def in_validation() -> list[int]:
    """Ids of the pages that are being validated: few at any time."""
    ids: Iterable[str] = WorkflowState.objects.active().values_list("object_id", flat=True)
    return [int(value) for value in ids if value.isdecimal()]


def piece(page: Page, *, at: datetime | None, step: str = "", person: object = None, comment: str = "") -> Piece:
    return Piece(
        title=page.get_admin_display_title(),
        kind=str(page.page_type_display_name),
        url=reverse("wagtailadmin_pages:edit", args=[page.pk]),
        at=at,
        step=step,
        person=name_of(person),
        comment=comment,
    )


def name_of(person: object) -> str:
    return (getattr(person, "get_full_name", str)() or str(person)) if person else ""
