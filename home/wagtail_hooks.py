"""What the portal adds to the admin: refusals with a friendly word, a shorter menu, what waits on the home page."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, re_path, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.home import RecentEditsPanel
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail_localize.models import Translation
from wagtail_localize.views.convert import convert_to_alias
from wagtail_localize.views.edit_translation import user_can_edit_instance
from wagtail_localize.views.update_translations import UpdateTranslationsView

from . import guards
from .desk import checks
from .desk.panels import NextStepsPanel, OwnPagesPanel, WaitingPanel
from .desk.views import CoverageView, GuideView, SheetsToCheckView, guide_picture
from .models import CentrePage

BEFORE_LOCALIZE = -1
AFTER_ALL = 1000


def refuse(request: HttpRequest, message: str, to: str, *args: Any) -> HttpResponse:
    messages.error(request, message)
    return redirect(to, *args)


# --- Making and removing pages ---------------------------------------------------------------------------------------
@hooks.register("before_create_page")
def guard_creation(request: HttpRequest, parent: Page, model: type[Page]) -> HttpResponse | None:
    if guards.may_create(request.user, parent, model):
        return None
    message = _("Only those who publish here may open a section: ask an editor for it.")
    return refuse(request, message, "wagtailadmin_explore", parent.pk)


@hooks.register("before_delete_page")
def guard_deletion(request: HttpRequest, page: Page) -> HttpResponse | None:
    message = removal_refusal(request.user, [page]) or needed_refusal([page])
    return refuse(request, message, "wagtailadmin_explore", page.get_parent().pk) if message else None


@hooks.register("before_move_page")
def guard_move(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    message = removal_refusal(request.user, [page])
    return refuse(request, message, "wagtailadmin_explore", page.get_parent().pk) if message else None


@hooks.register("before_copy_page")
def guard_copy(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Aliases repeat a page in another language; beside it, they would repeat facts that are unique."""
    if request.method != "POST" or not request.POST.get("alias"):
        return None
    message = _("A page can't be repeated as an alias here: copy it, or link to it.")
    return refuse(request, message, "wagtailadmin_explore", page.get_parent().pk)


@hooks.register("before_bulk_action")
def guard_bulk_action(
    request: HttpRequest, action_type: str, objects: list[models.Model], action: Any
) -> HttpResponse | None:
    pages = [item for item in objects if isinstance(item, Page)]
    checks: dict[str, Callable[[], str]] = {
        "delete": lambda: removal_refusal(request.user, pages) or needed_refusal(pages),
        "move": lambda: removal_refusal(request.user, pages),
        "publish": lambda: publishing_refusal(request.user, published_by(action, pages)),
    }
    message = checks[action_type]() if pages and action_type in checks else ""
    return refuse(request, message, action.next_url) if message else None


def removal_refusal(user: guards.SomeUser, pages: Iterable[Page]) -> str:
    for page in pages:
        if not guards.may_remove(user, page):
            return _("“%(title)s” is not yours to move or delete: ask an editor, or take it offline if you may.") % {
                "title": page.get_admin_display_title()
            }
    return ""


def needed_refusal(pages: list[Page]) -> str:
    needed_by = guards.who_needs(pages)
    if not needed_by:
        return ""
    shown = [f"{row} ({row._meta.verbose_name})" for row in needed_by[:3]]
    if more := len(needed_by) - len(shown):
        shown.append(ngettext("%(count)d other page", "%(count)d other pages", more) % {"count": more})
    return _("“%(title)s” can't be deleted, because it is needed elsewhere: %(needed_by)s. Change that first.") % {
        "title": ", ".join(page.get_admin_display_title() for page in pages),
        "needed_by": ", ".join(shown),
    }


# --- Publishing ------------------------------------------------------------------------------------------------------
@hooks.register("before_publish_page")
def guard_publishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    message = publishing_refusal(request.user, [page])
    return refuse(request, message, "wagtailadmin_pages:edit", page.pk) if message else None


@hooks.register("before_edit_page", order=BEFORE_LOCALIZE)
@hooks.register("before_edit_snippet", order=BEFORE_LOCALIZE)
def guard_publishing_of_translation(request: HttpRequest, row: Any) -> HttpResponse | None:
    """wagtail-localize's own editor publishes without asking ``before_publish_page``."""
    if request.method != "POST" or request.POST.get("action") != "publish":
        return None
    message = missing_message(row, guards.missing_texts(row)) if hasattr(row, "translation_key") else ""
    return refuse(request, message, request.path) if message else None


def published_by(action: Any, pages: list[Page]) -> list[Page]:
    """The pages that a bulk action publishes, as in their latest revisions."""
    if action.cleaned_form.cleaned_data.get("include_descendants"):
        pages = [*pages, *(below for page in pages for below in page.get_descendants().not_live())]
    return [page.get_latest_revision_as_object() for page in pages]


def publishing_refusal(user: guards.SomeUser, pages: Iterable[Page]) -> str:
    for page in pages:
        if message := missing_message(page, guards.missing_texts(page)):
            return message
        if isinstance(page, CentrePage) and page.is_source and not guards.may_publish_structure(user, page):
            return _(
                "“%(title)s” names a structure that you may not publish. The draft is kept: send it to validation, and "
                "an editor will publish it."
            ) % {"title": page.get_admin_display_title()}
    return ""


def missing_message(row: Any, missing: int) -> str:
    if not missing:
        return ""
    return ngettext(
        "“%(title)s” can't be published yet in this language (%(language)s): %(count)d text is not translated.",
        "“%(title)s” can't be published yet in this language (%(language)s): %(count)d texts are not translated.",
        missing,
    ) % {"title": row, "language": row.locale.get_display_name(), "count": missing}


# --- Translating -----------------------------------------------------------------------------------------------------
class GuardedUpdateTranslations(UpdateTranslationsView):
    """wagtail-localize publishes all translations of a page at once, whoever asks and whatever is translated.

    Here it takes the right to edit the source, and only what is complete and the user's to publish is published.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not user_can_edit_instance(request.user, self.get_object().get_source_instance()):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        is_to_publish = form.cleaned_data["publish_translations"]
        form.cleaned_data["publish_translations"] = False
        response = super().form_valid(form)
        if is_to_publish:
            for translation in self.object.translations.filter(enabled=True).select_related("target_locale"):
                self.publish(translation)
        return response

    def publish(self, translation: Translation) -> None:
        row = translation.get_target_instance()
        if message := missing_message(row, guards.missing_segments(translation)):
            messages.warning(self.request, message)
        elif not isinstance(row, Page) or row.permissions_for_user(self.request.user).can_publish():
            # What does not pass the checks of the page is shown, text by text, in the editor of the translation.
            with suppress(ValidationError):
                translation.save_target(user=self.request.user, publish=True)
        else:
            message = _("“%(title)s” was not published: ask an editor.") % {"title": row.get_admin_display_title()}
            messages.warning(self.request, message)


def guarded_convert_to_alias(request: HttpRequest, page_id: int) -> HttpResponse:
    """A page turned into an alias changes for readers at once: it takes the right to publish, not only to edit."""
    if not get_object_or_404(Page, pk=page_id).permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    response: HttpResponse = convert_to_alias(request, page_id)
    return response


@hooks.register("register_admin_urls", order=BEFORE_LOCALIZE)
def guarded_urls() -> list[URLPattern]:
    """At the addresses of wagtail-localize's views, and found before these."""
    return [
        path("localize/update/<int:translation_source_id>/", GuardedUpdateTranslations.as_view()),
        path("localize/page/<int:page_id>/convert_to_alias/", guarded_convert_to_alias),
    ]


# --- Menus and home page ---------------------------------------------------------------------------------------------
def is_publisher(user: guards.SomeUser) -> bool:
    """Whether the user publishes somewhere."""
    return bool(policy_registry.get_by_type(Page).user_has_permission(user, "publish"))


@hooks.register("construct_reports_menu")
def trim_reports(request: HttpRequest, items: list[MenuItem]) -> None:
    """Reports are for those who answer for pages."""
    if not is_publisher(request.user):
        items.clear()


@hooks.register("register_reports_menu_item")
def checks_in_reports() -> MenuItem:
    return MenuItem(_lazy("Sheets to check"), reverse_lazy("sheets_to_check"), icon_name="check", order=10)


@hooks.register("register_reports_menu_item")
def coverage_in_reports() -> MenuItem:
    return MenuItem(_lazy("What is missing where"), reverse_lazy("coverage"), icon_name="table", order=20)


@hooks.register("register_log_actions")
def name_the_check(actions: Any) -> None:
    actions.register_action(checks.CHECKED, _lazy("Check"), _lazy("Facts checked"))


@hooks.register("construct_help_menu")
def trim_help(request: HttpRequest, items: list[MenuItem]) -> None:
    """Wagtail's news and its guide stand on other sites, in English."""
    items[:] = [item for item in items if "://" not in str(item.url)]


@hooks.register("register_help_menu_item")
def guide_in_help() -> MenuItem:
    return MenuItem(_lazy("The editor's guide"), reverse_lazy("editor_guide"), icon_name="help", order=10)


@hooks.register("construct_homepage_summary_items", order=AFTER_ALL)
def no_counts_of_pages(request: HttpRequest, items: list[Any]) -> None:
    """How many pages and pictures there are tells an editor nothing."""
    items.clear()


@hooks.register("construct_homepage_panels", order=AFTER_ALL)
def set_the_desk(request: HttpRequest, panels: list[Any]) -> None:
    """Of Wagtail's panels only one's last edits: what waits is shown by ours, in a bounded number of queries."""
    panels[:] = [
        WaitingPanel(),
        OwnPagesPanel(),
        NextStepsPanel(),
        *(panel for panel in panels if isinstance(panel, RecentEditsPanel)),
    ]


@hooks.register("register_admin_urls")
def urls_of_the_desk() -> list[URLPattern]:
    return [
        path("a-verifier/", SheetsToCheckView.as_view(), name="sheets_to_check"),
        path("manques/", CoverageView.as_view(), name="coverage"),
        path("guide/", GuideView.as_view(), name="editor_guide"),
        re_path(r"^guide/([\w-]+\.png)$", guide_picture, name="editor_guide_picture"),
    ]
