"""Panels of the admin's home page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext
from wagtail.admin.ui.components import Component
from wagtail.models import Page, TaskState
from wagtail.permissions import policy_registry
from wagtail_localize.models import StringSegment, StringTranslation, Translation


@dataclass(frozen=True)
class Waiting:
    label: str
    url: str


class WaitingPanel(Component):
    """How much waits for the user: pages at each step of the validation, translations. Nothing when nothing waits.

    Wagtail's own panels below it list the pages to review and one's own pages in moderation, one by one.
    """

    name = "waiting"
    template_name = "home/admin/waiting.html"
    order = 100

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        return {"waiting": [*waiting_pages(user), *waiting_translations(user)]}


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
