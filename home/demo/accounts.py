"""One account per role, for whoever tries the portal."""

from dataclasses import dataclass
from functools import cache

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from home.models import CentrePage
from home.roles import ADMINISTRATOR, CENTRE_EDITOR, CONTRIBUTOR, EDITOR, centre_group

from .tally import Tally

PASSWORD = "demo-boussole"  # noqa: S105 - printed by `make demo`
CENTRE = "echo"


@dataclass(frozen=True)
class DemoAccount:
    """``role`` is what the role is called in French, for people; ``group`` is the role's group."""

    username: str
    role: str
    group: str
    password: str = PASSWORD
    is_superuser: bool = False
    centre: str = ""


DEMO_ACCOUNTS = (
    DemoAccount("admin", "Administration", ADMINISTRATOR, is_superuser=True),
    DemoAccount("editeur", "Édition", EDITOR),
    DemoAccount("centre", "Édition d’un centre (Echo)", CENTRE_EDITOR, centre=CENTRE),
    DemoAccount("contributeur", "Contribution", CONTRIBUTOR),
)


def load_accounts(*, dry_run: bool) -> Tally:
    """Makes the missing accounts, each with its groups. An account that exists keeps its password and its rights."""
    users = get_user_model()._default_manager
    tally = Tally()
    for account in DEMO_ACCOUNTS:
        if users.filter(username=account.username).exists():
            tally.kept += 1
            continue
        tally.created += 1
        if not dry_run:
            _create(account)
    return tally


@cache
def _hashed(password: str) -> str:
    """Hashed once for all accounts that share it: it is no secret, and hashing is slow on purpose."""
    return make_password(password)


@transaction.atomic
def _create(account: DemoAccount) -> None:
    user = get_user_model()._default_manager.create(
        username=account.username,
        password=_hashed(account.password),
        first_name=account.role,
        is_superuser=account.is_superuser,
    )
    groups = [Group.objects.get(name=account.group)]
    if account.centre:
        own = centre_group(CentrePage.objects.sources().get(slug=account.centre))
        groups += [own] if own else []
    user.groups.set(groups)
