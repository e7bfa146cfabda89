"""Roles: the matrix role × page × action, the rights of centres, the validation in two steps."""

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Task,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
)
from wagtail.permissions import policy_registry

from home import guards, roles, signals
from home.models import ActivityPage, CentrePage, HomePage, StandardPage
from tests import factories

pytestmark = pytest.mark.django_db


# --- Users and pages -------------------------------------------------------------------------------------------------


def make_user(name, *groups):
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "secret")
    user.groups.set(Group.objects.filter(name__in=groups))
    assert user.groups.count() == len(groups)
    return user


def fresh(user):
    """Without the permissions that the object in hand remembers."""
    return get_user_model().objects.get(pk=user.pk)


@pytest.fixture
def portal(tree):
    """Two centres, with pages of each type below one of them, and some translations of these."""
    tree.echo = factories.CentreFactory(title="Echo", slug="echo")
    tree.other = factories.CentreFactory(title="Arbrisseau", slug="arbrisseau")
    for name, centre in (("own", tree.echo), ("other", tree.other)):
        setattr(tree, f"{name}_activity", factories.ActivityFactory(parent=centre))
        setattr(tree, f"{name}_standard", factories.StandardPageFactory(parent=centre))
        setattr(tree, f"{name}_event", factories.EventFactory(parent=centre.agenda))
    return tree


@pytest.fixture
def users(portal):
    return {
        "administrator": make_user("ada", roles.ADMINISTRATOR),
        "editor": make_user("eddy", roles.EDITOR),
        "centre editor": make_user("cyd", roles.CENTRE_EDITOR, "Éditeurs de centre – Echo"),
        "contributor": make_user("nora", roles.CONTRIBUTOR),
    }


# --- The matrix ------------------------------------------------------------------------------------------------------
#
# One letter per action, "-" where it is refused:
#   S see it in the admin           C create one like it below its parent
#   E edit its draft                P publish     U unpublish     D delete     V submit it to validation

ACTIONS = "SCEPUDV"
ROLES = ("administrator", "editor", "centre editor", "contributor")


def parse(table):
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


# Pages of each type, live, made by somebody else, outside the centre of the centre editor. Sections that are there
# once for the whole portal are made below a second home page.
TYPES = parse("""
    HomePage           | SCEPUDV | SCEPU-V | S-E---V | S------
    DirectoryIndexPage | SCEPUDV | SCEPUDV | S-E---V | S------
    StructurePage      | SCEPUDV | SCEPUDV | SCE---V | SC-----
    ResourceIndexPage  | SCEPUDV | SCEPUDV | S-E---V | S------
    ResourcePage       | SCEPUDV | SCEPUDV | SCE---V | SC-----
    GlossaryIndexPage  | SCEPUDV | SCEPUDV | S-E---V | S------
    TermPage           | SCEPUDV | SCEPUDV | SCE---V | SC-----
    AgendaPage         | SCEPUDV | SCEPUDV | S-E---V | S------
    EventPage          | SCEPUDV | SCEPUDV | SCE---V | SC-----
    CentreIndexPage    | SCEPUDV | SCEPUDV | S-E---V | S------
    CentrePage         | SCEPUDV | SCEPUDV | S-E---V | S------
    ActivityPage       | SCEPUDV | SCEPUDV | SCE---V | SC-----
    NewsIndexPage      | SCEPUDV | SCEPUDV | S-E---V | S------
    NewsPage           | SCEPUDV | SCEPUDV | SCE---V | SC-----
    StandardPage       | SCEPUDV | SCEPUDV | SCE---V | SC-----
    ContactPage        | SCEPUDV | SCEPUDV | SCE---V | SC-----
""")

# Pages around the centre of the centre editor, and drafts. What has pages below it can be deleted by administrators
# only, the structure of a centre by nobody. Pages are born in French: nobody creates one below a translation.
PLACES = parse("""
    own centre                  | SCEPUDV | SCEPU-V | S-EPU-V | S------
    own centre in English       | S-EPUDV | S-EPUDV | S-EPU-V | S------
    own agenda                  | SCEPUDV | SCEPU-V | SCEPU-V | S------
    own event                   | SCEPUDV | SCEPUDV | SCEPUDV | SC-----
    own activity                | SCEPUDV | SCEPUDV | SCEPUDV | SC-----
    own activity in Arabic      | S-EPUDV | S-EPUDV | S-EPUDV | S------
    own standard page           | SCEPUDV | SCEPUDV | SCEPUDV | SC-----
    own sheet                   | SCEPU-V | SCEPU-V | SCEPU-V | SC-----
    own sheet in English        | S-EPUDV | S-EPUDV | S-EPU-V | S------
    other centre                | SCEPUDV | SCEPU-V | S-E---V | S------
    other centre in English     | S-EPUDV | S-EPUDV | S-E---V | S------
    other agenda                | SCEPUDV | SCEPU-V | S-E---V | S------
    other event                 | SCEPUDV | SCEPUDV | SCE---V | SC-----
    other activity              | SCEPUDV | SCEPUDV | SCE---V | SC-----
    other activity in Arabic    | S-EPUDV | S-EPUDV | S-E---V | S------
    other sheet                 | SCEPU-V | SCEPU-V | SCE---V | SC-----
    other sheet in English      | S-EPUDV | S-EPUDV | S-E---V | S------
    draft of somebody else      | SCEP-DV | SCEP-DV | SCE---V | SC-----
    draft of oneself            | SCEP-DV | SCEP-DV | SCE--DV | SCE--DV
    live page of oneself        | SCEPUDV | SCEPUDV | SCE---V | SCE---V
""")


def allowed(user, page):
    """What the admin lets a user do with a page: Wagtail's permissions and the guards of the portal."""
    page = page.specific
    perms, parent = page.permissions_for_user(user), page.get_parent().specific
    others = page.get_siblings(inclusive=False)
    return {
        "S": policy_registry.get_by_type(Page).explorable_instances(user).filter(pk=page.pk).exists(),
        "C": (
            parent.permissions_for_user(user).can_add_subpage()
            and type(page) in parent.creatable_subpage_models()
            # Types of which there may be one: as if this one were not there.
            and (type(page).can_create_at(parent) or may_be_alone(type(page), parent, others))
            and guards.may_create(user, parent, type(page))
        ),
        "E": perms.can_edit(),
        "P": perms.can_publish(),
        "U": perms.can_unpublish(),
        "D": perms.can_delete() and guards.may_remove(user, page) and not guards.who_needs([page]),
        "V": perms.can_edit() and perms.can_submit_for_moderation(),
    }


def may_be_alone(model, parent, others):
    is_french = parent.depth == 1 or parent.locale.language_code == "fr"
    return is_french and model.max_count_per_parent == 1 and not others.type(model).exists()


def code(user, page):
    answers = allowed(user, page)
    return "".join(action if answers[action] else "-" for action in ACTIONS)


def as_table(rows):
    """Lines that show, in a failure, which cell differs."""
    return [" | ".join(row) for row in rows]


def page_of_type(name, tree, home):
    """A live page; ``home`` is a second home page, without sections yet."""
    if name == "HomePage":
        return home
    model = next(model for model in factories.every_page_model() if model.__name__ == name)
    if HomePage in model.clean_parent_page_models():
        return home.add_child(instance=model(title=name, slug=name.lower(), locale=home.locale))
    if name == "CentrePage":
        page = CentrePage(title=name, slug="centre", structure=factories.StructureFactory(), locale=home.locale)
        return tree.centres.add_child(instance=page)
    return {
        "StructurePage": factories.StructureFactory,
        "ResourcePage": factories.ResourceFactory,
        "TermPage": factories.TermFactory,
        "EventPage": factories.EventFactory,
        "ActivityPage": factories.ActivityFactory,
        "NewsPage": factories.NewsFactory,
    }[name]()


def test_the_matrix_has_every_page_type():
    assert [row[0] for row in TYPES] != []
    assert {row[0] for row in TYPES} == {model.__name__ for model in factories.every_page_model()}


def test_matrix_of_page_types(portal, users):
    home = Page.get_first_root_node().add_child(
        instance=HomePage(title="Autre accueil", slug="autre-accueil", locale=portal.home.locale)
    )
    found = []
    for name, *_codes in reversed(TYPES):  # the home page last of all: by then, it has pages below it
        home.refresh_from_db()
        page = page_of_type(name, portal, home)
        found.insert(0, [name, *(code(fresh(users[role]), page) for role in ROLES)])
    assert as_table(found) == as_table(TYPES)


def page_at(name, tree, user):
    whose, _space, rest = name.partition(" ")
    centre = {"own": tree.echo, "other": tree.other}.get(whose)
    if centre:
        what, _in, language = rest.partition(" in ")
        page = {
            "centre": centre,
            "agenda": centre.agenda,
            "event": getattr(tree, f"{whose}_event"),
            "activity": getattr(tree, f"{whose}_activity"),
            "standard page": getattr(tree, f"{whose}_standard"),
            "sheet": centre.structure,
        }[what]
        page = type(page).objects.get(pk=page.pk)
        return factories.translate(page, {"English": "en", "Arabic": "ar"}[language]) if language else page
    owner = user if rest.endswith("oneself") else None
    return factories.StandardPageFactory(title=name, owner=owner, live=whose == "live")


def test_matrix_of_places(portal, users):
    found = []
    for name, *_codes in PLACES:
        codes = [code(fresh(users[role]), page_at(name, portal, users[role])) for role in ROLES]
        found.append([name, *codes])
    assert as_table(found) == as_table(PLACES)


# --- The same through the admin's pages ------------------------------------------------------------------------------


def form_data(html):
    """What a browser would send back from the page editor, whose stream of blocks is written by a script."""
    form = BeautifulSoup(html, "html.parser").select_one("form#page-edit-form")
    data = {"body-count": "0"}
    for field in form.select("input[name], textarea[name], select[name]"):
        if field.name == "select":
            chosen = [option["value"] for option in field.select("option[selected]")]
            data[field["name"]] = chosen if field.has_attr("multiple") else (chosen or [""])[0]
        elif field.get("type") not in ("checkbox", "radio") or field.has_attr("checked"):
            data[field["name"]] = field.get("value", "") if field.name == "input" else field.text.strip()
    return data


def add(client, parent, model, action=None, **texts):
    """Fills in the form of a new page; gives the page, or None when the admin refuses."""
    url = reverse("wagtailadmin_pages:add", args=[model._meta.app_label, model._meta.model_name, parent.pk])
    response = client.get(url)
    if response.status_code != 200:
        return None
    data = {**form_data(response.content), **texts, **({f"action-{action}": "1"} if action else {})}
    response = client.post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    return model.objects.get(slug=texts["slug"])


def edit(client, page, action=None, **texts):
    """Changes a page; gives it as it is afterwards, or None when the admin refuses."""
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    response = client.get(url)
    if response.status_code != 200:
        return None
    data = {**form_data(response.content), **texts, **({f"action-{action}": "1"} if action else {})}
    response = client.post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    return type(page).objects.get(pk=page.pk)


NEW = parse("""
    below the home page   | live  | live  | draft | draft
    below the own centre  | live  | live  | live  | draft
    below another centre  | live  | live  | draft | draft
""")


def test_publishing_a_new_page_in_the_admin(client, portal, users):
    places = {"below the home page": portal.home, "below the own centre": portal.echo}
    found = []
    for number, (place, *_states) in enumerate(NEW):
        row = [place]
        for role in ROLES:
            client.force_login(users[role])
            slug = f"nouveau-{number}-{users[role].pk}"
            page = add(client, places.get(place, portal.other), StandardPage, "publish", title="Nouveau", slug=slug)
            assert page.owner == users[role]
            row.append("live" if page.live else "draft")
        found.append(row)
    assert as_table(found) == as_table(NEW)


EXISTING = parse("""
    own sheet        | live | live | live   | refused
    other sheet      | live | live | draft  | refused
    own activity     | live | live | live   | refused
    other activity   | live | live | draft  | refused
""")


def test_publishing_a_change_in_the_admin(client, portal, users):
    found = []
    for place, *_states in EXISTING:
        page, row = page_at(place, portal, None), [place]
        for role in ROLES:
            client.force_login(users[role])
            title = f"Titre de {role}"
            after = edit(client, page, "publish", title=title)
            if after is None:
                row.append("refused")
                continue
            assert after.get_latest_revision_as_object().title == title
            row.append("live" if after.title == title else "draft")
        found.append(row)
    assert as_table(found) == as_table(EXISTING)


@pytest.mark.parametrize("view", ["unpublish", "delete"])
def test_a_centre_editor_takes_nothing_offline_elsewhere(view, client, portal, users):
    client.force_login(users["centre editor"])
    for page, is_allowed in ((portal.own_activity, True), (portal.other_activity, False)):
        response = client.post(reverse(f"wagtailadmin_pages:{view}", args=[page.pk]))
        assert response.status_code == 302
        gone = not ActivityPage.objects.filter(pk=page.pk, live=True).exists()
        assert gone == is_allowed


def test_a_contributor_writes_changes_and_throws_away_a_draft(client, portal, users):
    client.force_login(users["contributor"])
    page = add(client, portal.home, StandardPage, title="Brouillon", slug="brouillon")
    assert edit(client, page, title="Brouillon corrigé").title == "Brouillon corrigé"
    client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]))
    assert not StandardPage.objects.filter(slug="brouillon").exists()


def test_a_new_home_page_is_for_those_who_publish(client, portal, users):
    root = Page.get_first_root_node()
    url = reverse("wagtailadmin_pages:add", args=["home", "homepage", root.pk])
    for role, status in zip(ROLES, (200, 200, 302, 302), strict=True):
        client.force_login(users[role])
        assert client.get(url).status_code == status, role


# --- The rights of a centre ------------------------------------------------------------------------------------------


def rights(centre):
    """Page → actions, as granted to the group of a centre."""
    found = {}
    for row in roles.centre_group(centre).page_permissions.select_related("page", "permission"):
        found.setdefault(row.page_id, set()).add(row.permission.codename.removesuffix("_page"))
    return found


def test_a_centre_comes_with_its_group(portal):
    echo = portal.echo
    assert roles.centre_group(echo).name == roles.centre_group_name(echo) == "Éditeurs de centre – Echo"
    assert rights(echo) == {echo.pk: {"add", "change", "publish"}, echo.structure_id: {"change", "publish"}}


def test_translations_are_followed_as_they_are_made(portal):
    echo = portal.echo
    english = factories.translate(echo, "en")
    sheet = factories.translate(echo.structure, "ar")
    alias = echo.copy_for_translation(sheet.locale, copy_parents=True, alias=True)
    assert rights(echo) == {
        **{pk: {"add", "change", "publish"} for pk in (echo.pk, english.pk, alias.pk)},
        **{pk: {"change", "publish"} for pk in (echo.structure_id, sheet.pk)},
    }


def test_rights_move_with_the_structure(portal):
    echo = portal.echo
    old, new = echo.structure, factories.StructureFactory()
    translations = [factories.translate(page, "en") for page in (old, new)]
    echo.structure = new
    echo.save()
    assert rights(echo).keys() == {echo.pk, new.pk, translations[1].pk}


def test_a_draft_gives_no_right(portal):
    """Its editors would else name the structure that they want to publish on."""
    echo, wanted = portal.echo, factories.StructureFactory()
    echo.structure = wanted
    echo.save_revision()
    assert wanted.pk not in rights(echo)
    CentrePage.objects.filter(pk=echo.pk).update(live=False)
    offline = CentrePage.objects.get(pk=echo.pk)
    assert offline.structure_id in rights(echo)
    offline.save()
    assert offline.structure_id in rights(echo), "taken offline, a centre keeps its sheet"
    offline.structure = wanted
    offline.save()
    assert wanted.pk not in rights(echo)


def test_a_centre_editor_may_not_take_the_sheet_of_another(client, portal, users):
    wanted = factories.StructureFactory()
    client.force_login(users["centre editor"])
    after = edit(client, portal.echo, "publish", structure=wanted.pk)
    assert after.structure_id == portal.echo.structure_id
    assert after.get_latest_revision_as_object().structure_id == wanted.pk, "what was typed is kept as a draft"
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client.post(f"{url}?id={portal.echo.pk}")
    assert CentrePage.objects.get(pk=portal.echo.pk).structure_id == portal.echo.structure_id
    client.force_login(users["editor"])
    client.post(f"{url}?id={portal.echo.pk}")
    assert CentrePage.objects.get(pk=portal.echo.pk).structure_id == wanted.pk
    assert wanted.pk in rights(portal.echo)


def test_rights_given_by_administrators_stay(portal):
    group = roles.centre_group(portal.echo)
    GroupPagePermission.objects.create(group=group, page=portal.news, permission_type="publish")
    portal.echo.save()
    assert portal.news.pk in rights(portal.echo)


def test_the_group_follows_the_title_and_goes_with_the_centre(portal):
    echo = CentrePage.objects.get(pk=portal.echo.pk)
    group = roles.centre_group(echo)
    factories.translate(echo, "en", title="Echo in English")
    echo.title = "Écho " + "très " * 40
    echo.save()
    group.refresh_from_db()
    assert group.name.startswith("Éditeurs de centre – Écho très")
    assert len(group.name) <= 150
    echo.delete()
    assert not Group.objects.filter(pk=group.pk).exists()
    assert Group.objects.filter(name="Éditeurs de centre – Arbrisseau").exists()


def test_deleting_a_translation_keeps_the_group(portal):
    factories.translate(portal.echo, "en").delete()
    assert roles.centre_group(portal.echo)


@pytest.mark.parametrize("title", ["Echo", "Echo " * 50])
def test_centres_of_the_same_title_have_groups_of_their_own(tree, title):
    centres = [factories.CentreFactory(title=title[:250], slug=f"echo-{number}") for number in range(3)]
    groups = {roles.centre_group(centre) for centre in centres}
    assert len(groups) == 3
    assert all(roles.centre_group(centre).name == roles.centre_group_name(centre) for centre in centres)
    assert max(len(group.name) for group in groups) <= 150


# --- Groups and workflow ---------------------------------------------------------------------------------------------


def everything():
    return {
        "groups": sorted(Group.objects.values_list("name", "permissions__codename")),
        "files": sorted(GroupCollectionPermission.objects.values_list("group__name", "permission__codename")),
        "pages": sorted(GroupPagePermission.objects.values_list("group__name", "page_id", "permission__codename")),
        "steps": list(Workflow.objects.values_list("name", "workflow_tasks__task__name")),
    }


def test_a_fresh_migrate_ends_with_everything_in_place(db):
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)
    workflow = WorkflowPage.objects.get(page=Page.get_first_root_node()).workflow
    assert workflow.name == "Validation"
    steps = {task.name: set(task.specific.groups.values_list("name", flat=True)) for task in workflow.tasks}
    assert list(steps) == ["Relecture", "Publication"]
    assert steps == {name: set(groups) for name, groups in roles.STEPS}
    assert list(Workflow.objects.all()) == [workflow]


def test_whoever_approves_last_may_publish(db):
    for role in roles.STEPS[-1][1]:
        assert "publish" in roles.PAGE_PERMISSIONS[role]


def test_roles_can_be_made_twice(db):
    before = everything()
    roles.ensure_roles()
    assert everything() == before


def test_roles_are_mended_and_additions_kept(db):
    group = Group.objects.get(name=roles.CONTRIBUTOR)
    before = set(group.permissions.all())
    group.permissions.set(Group.objects.get(name=roles.EDITOR).permissions.filter(codename="add_redirect"))
    Group.objects.get(name=roles.EDITOR).delete()
    roles.ensure_roles()
    assert before < set(group.permissions.all())
    assert Group.objects.filter(name=roles.EDITOR).exists()


def test_an_emptied_database_gets_its_roles_back(db):
    before = everything()
    for model in (Workflow, Task, Group, Permission):
        model.objects.all().delete()
    signals.grant_roles(sender=apps.get_app_config("home"), using="default")
    assert everything() == before


def test_a_database_without_pages_is_no_fault(db):
    Group.objects.all().delete()
    Collection.objects.all().delete()
    Page.objects.all().delete()
    roles.ensure_roles()
    assert Group.objects.get(name=roles.EDITOR).permissions.exists()


def test_roles_wait_for_their_migration(db):
    Group.objects.all().delete()
    MigrationRecorder(connection).record_unapplied("home", "0003_remove_default_roles")
    signals.grant_roles(sender=apps.get_app_config("home"), using="default")
    assert not Group.objects.exists()


PERMISSIONS = parse("""
    wagtailadmin.access_admin           | administrator, editor, centre editor, contributor
    wagtail_localize.submit_translation | administrator, editor, centre editor
    core.change_theme                   | administrator, editor
    core.delete_municipality            | administrator, editor
    wagtailredirects.add_redirect       | administrator, editor
    core.change_portalsettings          | administrator
    users.add_user                      | administrator
    auth.change_group                   | administrator
    wagtailcore.change_workflow         | administrator
    wagtailcore.change_locale           |
""")


def test_permissions_of_the_whole_portal(users):
    found = [[name, ", ".join(role for role in ROLES if users[role].has_perm(name))] for name, _who in PERMISSIONS]
    assert as_table(found) == as_table(PERMISSIONS)


SCREENS = parse("""
    /admin/users/                  | administrator
    /admin/groups/                 | administrator
    /admin/sites/                  | administrator
    /admin/workflows/list/         | administrator
    /admin/collections/            | administrator
    /admin/snippets/core/theme/    | administrator, editor
    /admin/redirects/              | administrator, editor
    /admin/images/add/             | administrator, editor, centre editor, contributor
    /admin/documents/add/          | administrator, editor, centre editor, contributor
""")


def test_screens_by_role(client, users):
    found = {path: [] for path, _who in SCREENS}
    for role in ROLES:
        client.force_login(users[role])
        for path, who in found.items():
            if client.get(path).status_code == 200:
                who.append(role)
    assert as_table([path, ", ".join(who)] for path, who in found.items()) == as_table(SCREENS)


# --- Validation in two steps -----------------------------------------------------------------------------------------


def act(client, page, action):
    """Approves or sends back the page's current step in the admin. Gives whether the admin let it happen."""
    state = page.current_workflow_task_state
    client.post(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, state.pk]))
    state.refresh_from_db()
    return state.status != TaskState.STATUS_IN_PROGRESS


@pytest.mark.parametrize("reviewer", ["centre editor", "editor"])
def test_a_proposal_is_reviewed_then_published(reviewer, client, portal, users):
    client.force_login(users["contributor"])
    page = add(client, portal.other, StandardPage, "submit", title="Proposition", slug="proposition")
    assert not page.live
    assert page.current_workflow_task.name == "Relecture"
    assert not act(client, page, "approve"), "not by who proposes"

    client.force_login(users[reviewer])
    assert act(client, page, "approve")
    page = StandardPage.objects.get(pk=page.pk)
    assert not page.live, "one approval publishes nothing"
    assert page.current_workflow_task.name == "Publication"
    client.force_login(users["centre editor"])
    assert not act(client, page, "approve")

    client.force_login(users["editor"])
    assert act(client, page, "approve")
    page = StandardPage.objects.get(pk=page.pk)
    assert page.live
    assert WorkflowState.objects.get(object_id=str(page.pk)).status == WorkflowState.STATUS_APPROVED


def test_a_centre_editor_sends_a_page_elsewhere_no_further_than_step_one(portal, users):
    page = portal.other_standard
    page.title = "Changée"
    page.save_revision(user=users["centre editor"])
    workflow = page.get_workflow()
    workflow.tasks.get(name="Publication").deactivate()
    workflow.start(page, users["centre editor"])
    with pytest.raises(PermissionDenied):
        # Even where "Relecture" has become the last step.
        page.current_workflow_task_state.approve(user=users["centre editor"])
    assert StandardPage.objects.get(pk=page.pk).title != "Changée"


def test_a_centre_editor_publishes_a_proposal_below_the_own_centre(client, portal, users):
    client.force_login(users["contributor"])
    page = add(client, portal.echo, StandardPage, "submit", title="Proposition", slug="proposition")
    client.force_login(users["centre editor"])
    assert edit(client, page, "publish").live
    assert WorkflowState.objects.get(object_id=str(page.pk)).status == WorkflowState.STATUS_CANCELLED


def test_what_is_sent_back_can_be_mended_by_its_author(client, portal, users):
    client.force_login(users["contributor"])
    page = add(client, portal.home, StandardPage, "submit", title="Proposition", slug="proposition")
    assert edit_is_locked(client, page)
    client.force_login(users["editor"])
    assert act(client, page, "reject")
    client.force_login(users["contributor"])
    assert not edit_is_locked(client, page)
    edit(client, page, "submit", title="Mieux")
    assert StandardPage.objects.get(pk=page.pk).current_workflow_task.name == "Relecture"


def edit_is_locked(client, page):
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    return 'name="action-submit"' not in html
