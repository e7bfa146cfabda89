"""The roles of the admin, and what each may do: Wagtail's own groups, permissions and workflow, nothing beside them.

Four roles for the whole portal, and one group per centre that adds the right to publish below this centre and on its
structure. Names are French because they are data, which administrators read. Whoever keeps a centre's site is a member
of ``CENTRE_EDITOR`` (enter the admin, propose anywhere) *and* of the group of the centre (publish there).

What is granted here is granted again after each migration (see ``home.signals.grant_roles``); rights that
administrators add are kept. To restrict a role for good, make another group.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)
from wagtail_localize.models import Translation

from directory.models import StructurePage

from .models import CentrePage

if TYPE_CHECKING:
    from django.db.models import QuerySet

ADMINISTRATOR = "Administrateurs"
EDITOR = "Éditeurs"
CENTRE_EDITOR = "Éditeurs de centre"
CONTRIBUTOR = "Contributeurs"
ROLES = (ADMINISTRATOR, EDITOR, CENTRE_EDITOR, CONTRIBUTOR)

WORKFLOW = "Validation"
#: Steps of the workflow with who may approve each. Whoever approves the last one must have the right to publish, else
#: Wagtail refuses the approval without a word.
STEPS = (
    ("Relecture", (CENTRE_EDITOR, EDITOR, ADMINISTRATOR)),
    ("Publication", (EDITOR, ADMINISTRATOR)),
)

CENTRE_GROUP_PREFIX = f"{CENTRE_EDITOR} – "
GROUP_NAME_LENGTH = 150


def _every(app: str, *models: str, actions: tuple[str, ...] = ("add", "change", "delete")) -> tuple[str, ...]:
    return tuple(f"{app}.{action}_{model}" for model in models for action in actions)


_ACCESS = ("wagtailadmin.access_admin",)
_TRANSLATE = ("wagtail_localize.submit_translation",)
_EDITOR = (
    *_ACCESS,
    *_TRANSLATE,
    *_every("core", "theme", "audience", "municipality", "territory", "schoolholiday"),
    *_every("wagtailredirects", "redirect"),
)
# Nobody but a superuser may change Wagtail's locales: a language of the portal is a line of its settings, and the
# locale's page offers a synchronisation that would copy facts into all languages.
_ADMINISTRATOR = (
    *_EDITOR,
    "core.change_portalsettings",
    *_every("users", "user"),
    *_every("auth", "group"),
    *_every("wagtailcore", "site", "workflow", "task"),
)
GLOBAL_PERMISSIONS = {
    ADMINISTRATOR: _ADMINISTRATOR,
    EDITOR: _EDITOR,
    CENTRE_EDITOR: (*_ACCESS, *_TRANSLATE),
    CONTRIBUTOR: _ACCESS,
}

# With "add" alone, one changes and deletes one's own pictures and files.
_OWN_FILES = (
    *_every("wagtailimages", "image", actions=("add", "choose")),
    *_every("wagtaildocs", "document", actions=("add", "choose")),
)
_ALL_FILES = (*_OWN_FILES, *_every("wagtailimages", "image"), *_every("wagtaildocs", "document"))
#: On the root collection.
COLLECTION_PERMISSIONS = {
    ADMINISTRATOR: (*_ALL_FILES, *_every("wagtailcore", "collection")),
    EDITOR: _ALL_FILES,
    CENTRE_EDITOR: _OWN_FILES,
    CONTRIBUTOR: _OWN_FILES,
}

#: On the root of the tree. "add" alone also means: change one's own pages, and delete them while they are drafts.
PAGE_PERMISSIONS = {
    ADMINISTRATOR: ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
    EDITOR: ("add", "change", "publish", "lock", "unlock"),
    CENTRE_EDITOR: ("add", "change"),
    CONTRIBUTOR: ("add",),
}
CENTRE_ACTIONS = ("add", "change", "publish")
STRUCTURE_ACTIONS = ("change", "publish")


@transaction.atomic
def ensure_roles() -> None:
    """Creates the groups, their permissions and the workflow where they are missing. Idempotent.

    Without a root page or a root collection (an emptied database), what hangs on these is left out.
    """
    root, collection = Page.get_first_root_node(), Collection.get_first_root_node()
    permissions = find_permissions(
        {
            *(name for role in ROLES for name in (*GLOBAL_PERMISSIONS[role], *COLLECTION_PERMISSIONS[role])),
            *(name for role in ROLES for name in _page_permissions(PAGE_PERMISSIONS[role])),
        }
    )
    groups = {}
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role)
        groups[role] = group
        group.permissions.add(*(permissions[name] for name in GLOBAL_PERMISSIONS[role]))
        if collection:
            GroupCollectionPermission.objects.bulk_create(
                [
                    GroupCollectionPermission(group=group, collection=collection, permission=permissions[name])
                    for name in COLLECTION_PERMISSIONS[role]
                ],
                ignore_conflicts=True,
            )
        if root:
            _grant(group, [root.pk], PAGE_PERMISSIONS[role], permissions)
    if root and not Workflow.objects.filter(name=WORKFLOW).exists():
        _create_workflow(root, groups)


def _create_workflow(root: Page, groups: dict[str, Group]) -> None:
    """Only where there is none of this name: what administrators made of theirs is left alone."""
    workflow = Workflow.objects.create(name=WORKFLOW)
    for order, (name, roles) in enumerate(STEPS):
        task = GroupApprovalTask.objects.create(name=name)
        task.groups.set([groups[role] for role in roles])
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=order)
    WorkflowPage.objects.get_or_create(page=root, defaults={"workflow": workflow})


# --- Centres ---------------------------------------------------------------------------------------------------------
def centre_group(centre: CentrePage) -> Group | None:
    """The group of a centre's editors: the one of our naming that holds rights on the (French) page of the centre."""
    return Group.objects.filter(name__startswith=CENTRE_GROUP_PREFIX, page_permissions__page_id=centre.facts.pk).first()


def centre_group_name(centre: CentrePage) -> str:
    """Name of the group of a centre's editors, such as “Éditeurs de centre – Echo”; 150 characters at most.

    Two centres of the same title are told apart by the number of the page.
    """
    source = centre.facts
    name = _fit(f"{CENTRE_GROUP_PREFIX}{source.title}", GROUP_NAME_LENGTH)
    own = centre_group(source)
    others = Group.objects.exclude(pk=own.pk) if own else Group.objects.all()
    if others.filter(name=name).exists():
        number = f" ({source.pk})"
        name = _fit(name, GROUP_NAME_LENGTH - len(number)) + number
    return name


@transaction.atomic
def ensure_centre_permissions(centre: CentrePage) -> None:
    """Brings the group of a centre in step with the centre: its name, and its rights in all languages. Idempotent.

    What counts is the row in the database, not the draft in hand. The right on a structure follows the *published*
    centre only, because a draft may name any structure: until then the group keeps what it had, if it still fits.
    Rights on other pages, given by administrators, are kept.
    """
    source = CentrePage.objects.sources().filter(translation_key=centre.translation_key).first()
    if source is None:
        return
    permissions = find_permissions(_page_permissions(CENTRE_ACTIONS))
    name, group = centre_group_name(source), centre_group(source)
    if group is None:
        group = Group.objects.create(name=name)
    elif group.name != name:
        group.name = name
        group.save(update_fields=["name"])

    centres = _rows_of(CentrePage, source.translation_key)
    structures = _rows_of(StructurePage, source.structure.translation_key) if source.structure else []
    _grant(group, centres, CENTRE_ACTIONS, permissions)
    _of_other_centres_and_structures(group, [*centres, *structures]).delete()
    if source.live or GroupPagePermission.objects.filter(group=group, page_id__in=structures).exists():
        _grant(group, structures, STRUCTURE_ACTIONS, permissions)


@transaction.atomic
def remove_centre_group(centre: CentrePage) -> None:
    """To be called while the rights of the group are still there to find it."""
    if group := centre_group(centre):
        group.delete()


def _of_other_centres_and_structures(group: Group, page_ids: list[int]) -> "QuerySet[GroupPagePermission]":
    types = ContentType.objects.get_for_models(CentrePage, StructurePage).values()
    return GroupPagePermission.objects.filter(group=group, page__content_type__in=types).exclude(page_id__in=page_ids)


def _rows_of(model: type[Page], translation_key: object) -> list[int]:
    """Primary keys of a page in all its languages."""
    return list(model._default_manager.filter(translation_key=translation_key).values_list("pk", flat=True))


# --- Permissions -----------------------------------------------------------------------------------------------------
def find_permissions(names: Iterable[str]) -> dict[str, Permission]:
    """Permissions by name (``app_label.codename``), created by Django on the spot where they are not there yet."""
    wanted = set(names)
    found = _read_permissions(wanted)
    if wanted - found.keys():
        for config in apps.get_app_configs():
            create_permissions(config, verbosity=0)
        # This one is in no model, only in a migration of wagtail-localize: it would not survive an emptied database.
        Permission.objects.get_or_create(
            content_type=ContentType.objects.get_for_model(Translation),
            codename="submit_translation",
            defaults={"name": "Can submit translations"},
        )
        found = _read_permissions(wanted)
    if missing := wanted - found.keys():
        raise LookupError(f"These permissions exist in no application: {', '.join(sorted(missing))}")
    return found


def _read_permissions(names: set[str]) -> dict[str, Permission]:
    codenames = {name.partition(".")[2] for name in names}
    rows = Permission.objects.filter(codename__in=codenames).select_related("content_type")
    by_name = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    return {name: by_name[name] for name in names if name in by_name}


def _page_permissions(actions: Iterable[str]) -> list[str]:
    return [f"wagtailcore.{action}_page" for action in actions]


def _grant(group: Group, page_ids: Iterable[int], actions: Iterable[str], permissions: dict[str, Permission]) -> None:
    rows = [
        GroupPagePermission(group=group, page_id=page_id, permission=permissions[name])
        for page_id in page_ids
        for name in _page_permissions(actions)
    ]
    GroupPagePermission.objects.bulk_create(rows, ignore_conflicts=True)


def _fit(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
