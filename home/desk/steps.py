"""What a user can do next, one click each: what the role is for, on the pages where the user may do it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail.permissions import policy_registry

from directory.models import DirectoryIndexPage, ResourceIndexPage
from events.models import AgendaPage
from glossary.models import GlossaryIndexPage
from portal.core.holidays import ends_soon
from portal.core.models import PortalSettings, SchoolHoliday
from portal.core.sourced import SourcedQuerySet

from ..guards import publishes_below
from ..models import CentrePage, NewsIndexPage
from ..roles import CENTRE_GROUP_PREFIX

#: Sections stand right below the home page, which stands below the root.
SECTION_DEPTH = 3


@dataclass(frozen=True)
class Step:
    label: str
    url: str
    icon: str
    note: str = ""


@dataclass(frozen=True)
class StepGroup:
    heading: str
    steps: list[Step] = field(default_factory=list)


def next_steps(user: AbstractUser) -> list[StepGroup]:
    """Groups with at least one step, from the nearest to the widest: own centres, whole portal, upkeep, settings."""
    sections = find_sections()
    groups = [
        *(StepGroup(centre.title, list(steps)) for centre, steps in centre_steps(user, sections)),
        StepGroup(whole_portal_heading(user), list(portal_steps(user, sections))),
        StepGroup(_("Keep it right"), list(upkeep_steps(user))),
        StepGroup(_("The portal itself"), list(settings_steps(user))),
    ]
    return [group for group in groups if group.steps]


def find_sections() -> dict[type[Page], Page]:
    """The portal's lists, by type: main agenda, directory, resources, glossary, news."""
    models = (AgendaPage, DirectoryIndexPage, ResourceIndexPage, GlossaryIndexPage, NewsIndexPage)
    types = ContentType.objects.get_for_models(*models)
    by_type = {content_type.pk: model for model, content_type in types.items()}
    rows = SourcedQuerySet(Page).sources().filter(depth=SECTION_DEPTH, content_type__in=by_type).order_by("-path")
    return {by_type[page.content_type_id]: page for page in rows}


def add_url(model: str, parent: Page) -> str:
    app, name = model.split(".")
    return reverse("wagtailadmin_pages:add", args=[app, name, parent.pk])


def edit_url(page: Page, place: str = "") -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk]) + place


# --- A centre --------------------------------------------------------------------------------------------------------
def own_centres(user: AbstractUser) -> list[CentrePage]:
    """Centres of the groups that the user is in."""
    centres = CentrePage.objects.sources().filter(
        group_permissions__group__user=user, group_permissions__group__name__startswith=CENTRE_GROUP_PREFIX
    )
    return list(centres.select_related("structure").distinct().order_by("title"))


def centre_steps(user: AbstractUser, sections: dict[type[Page], Page]) -> Iterator[tuple[CentrePage, Iterator[Step]]]:
    centres = own_centres(user)
    below = Q()
    for centre in centres:
        below |= Q(path__startswith=centre.path)
    agendas = list(AgendaPage.objects.sources().filter(below)) if centres else []
    for centre in centres:
        agenda = next((one for one in agendas if one.path.startswith(centre.path)), None)
        yield centre, steps_of_centre(user, centre, agenda, sections.get(NewsIndexPage))


def steps_of_centre(
    user: AbstractUser, centre: CentrePage, agenda: AgendaPage | None, news: Page | None
) -> Iterator[Step]:
    if agenda:
        yield Step(_("Add an event"), add_url("events.eventpage", agenda), "date", _("Once, or every week."))
    else:
        label = _("Open the centre's agenda")
        yield Step(label, add_url("events.agendapage", centre), "date", _("Then you can add events to it."))
    if centre.structure and centre.structure.permissions_for_user(user).can_edit():
        url = edit_url(centre.structure, "#id_opening_hours")
        yield Step(_("Correct the hours or the telephone"), url, "time", _("They are kept once, and shown everywhere."))
    if news and news.permissions_for_user(user).can_add_subpage():
        yield Step(_("Write a piece of news"), add_url("home.newspage", news), "doc-full", _("Name your centre in it."))
    yield Step(_("Add an activity"), add_url("home.activitypage", centre), "group", _("What you offer all year round."))
    yield Step(_("Change the centre's page"), edit_url(centre), "edit", _("Presentation, pictures, useful links."))
    if centre.live:
        yield Step(_("The screen of the hall"), reverse("hall", args=[centre.slug]), "view", _("For the television."))
        url = reverse("reception", args=[centre.slug])
        yield Step(_("The tablet of the reception"), url, "mobile-alt", _("For visitors; it forgets them."))


# --- The whole portal ------------------------------------------------------------------------------------------------
def whole_portal_heading(user: AbstractUser) -> str:
    root = Page.get_first_root_node()
    publishes = root is not None and publishes_below(user, root)
    return _("For the whole portal") if publishes else _("Propose to the whole portal")


def portal_steps(user: AbstractUser, sections: dict[type[Page], Page]) -> Iterator[Step]:
    wanted = (
        (AgendaPage, "events.eventpage", _("An event"), "date", _("A workshop, an outing, a meeting.")),
        (NewsIndexPage, "home.newspage", _("A piece of news"), "doc-full", _("What changes, what is new.")),
        (DirectoryIndexPage, "directory.structurepage", _("A place"), "home", _("Who can help, where, when.")),
        (ResourceIndexPage, "directory.resourcepage", _("A resource"), "doc-empty", _("To read, to print, to watch.")),
        (GlossaryIndexPage, "glossary.termpage", _("A word"), "openquote", _("A word that is hard to understand.")),
    )
    for section, model, label, icon, note in wanted:
        parent = sections.get(section)
        if parent and parent.permissions_for_user(user).can_add_subpage():
            yield Step(label, add_url(model, parent), icon, note)
    if sections.get(AgendaPage):
        note = _("What is on, by month or week; rooms taken twice.")
        yield Step(_("The calendar of events"), reverse("event_calendar"), "calendar-alt", note)


# --- Upkeep and settings ---------------------------------------------------------------------------------------------
def upkeep_steps(user: AbstractUser) -> Iterator[Step]:
    if not policy_registry.get_by_type(Page).user_has_permission(user, "publish"):
        return
    note = _("Sheets that nobody has checked for a year.")
    yield Step(_("Check addresses and hours"), reverse("sheets_to_check"), "check", note)
    if user.has_perm("wagtail_localize.submit_translation"):
        note = _("Texts in English and in Arabic.")
        yield Step(_("Translate"), reverse("wagtail_localize:translations_report"), "wagtail-localize-language", note)
    if user.has_perm("core.add_schoolholiday") and ends_soon(timezone.localdate()):
        url = reverse(f"wagtailsnippets_{SchoolHoliday._meta.app_label}_{SchoolHoliday._meta.model_name}:list")
        note = _("The dates that the portal knows end soon: the hours “during school holidays” need the next ones.")
        yield Step(_("Add the school holidays"), url, "calendar-alt", note)
    yield Step(_("Pictures"), reverse("wagtailimages:index"), "image", _("Each with its author and its right."))


def settings_steps(user: AbstractUser) -> Iterator[Step]:
    if policy_registry.get_by_type(PortalSettings).user_has_permission(user, "change"):
        url = reverse("wagtailsettings:edit", args=["core", "portalsettings"])
        yield Step(_("Name, colours, contact"), url, "site", _("What is shown at the top and the foot of each page."))
    if user.has_perm("users.add_user"):
        yield Step(_("People"), reverse("wagtailusers_users:index"), "user", _("Accounts, and what each may do."))
    if user.has_perm("core.change_theme"):
        url = reverse("wagtailsnippets_core_theme:list")
        yield Step(_("Themes"), url, "tag", _("The words by which readers filter lists."))
