"""Which agendas a user works on, and what of them the user may see and change."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page

from ..models import AgendaPage, EventPage
from ..rooms import Conflict


@dataclass(frozen=True)
class OwnAgenda:
    """An agenda with what the user may do below it. ``label`` names its centre, or the whole portal."""

    page: AgendaPage
    label: str
    may_add: bool
    may_change: bool
    may_publish: bool


@dataclass(frozen=True)
class OwnAgendas:
    """The agendas that a user works on: those where the user may add or change events."""

    user: Any
    agendas: list[OwnAgenda] = field(default_factory=list)
    #: Whether these are all agendas of the portal.
    is_all: bool = False

    @cached_property
    def by_path(self) -> dict[str, OwnAgenda]:
        return {agenda.page.path: agenda for agenda in self.agendas}

    def of(self, event: EventPage) -> OwnAgenda | None:
        """The agenda that an event stands in; ``None`` when it is not one of these."""
        return self.by_path.get(event.path[: -Page.steplen])

    def numbered(self, number: str) -> OwnAgenda | None:
        return next((agenda for agenda in self.agendas if str(agenda.page.pk) == number), None)

    @property
    def addable(self) -> list[OwnAgenda]:
        return [agenda for agenda in self.agendas if agenda.may_add]

    def may_change(self, event: EventPage) -> bool:
        """As Wagtail's ``can_edit``, without a query."""
        agenda = self.of(event)
        return agenda is not None and (agenda.may_change or (agenda.may_add and event.owner_id == self.user.pk))

    def may_see(self, event: EventPage) -> bool:
        """What is public, and the drafts that the user may change."""
        return event.live or self.may_change(event)

    def url_of(self, event: EventPage) -> str:
        """Where the user changes an event, or else reads it; empty for a draft of somebody else."""
        if self.may_change(event):
            return reverse("wagtailadmin_pages:edit", args=[event.pk])
        return f"/agenda/{event.slug}/" if event.live else ""

    def below(self, prefix: str = "") -> Q:
        """Events of these agendas, for a queryset of events, or of what names an event as ``prefix``."""
        found = Q(pk__in=[])
        if self.is_all:
            return Q()
        for agenda in self.agendas:
            found |= Q(**{f"{prefix}path__startswith": agenda.page.path})
        return found


def agendas_of(user: Any) -> OwnAgendas:
    """The agendas of a user: two queries, beside those for the user's rights."""
    pages = list(AgendaPage.objects.sources().order_by("path"))
    parents = Page.objects.filter(path__in=[page.path[: -Page.steplen] for page in pages])
    names = {parent.path: parent for parent in parents}
    found = []
    for page in pages:
        rights = page.permissions_for_user(user)
        may_change = user.is_superuser or "change" in rights.permissions
        may_add = bool(rights.can_add_subpage())
        if may_add or may_change:
            parent = names[page.path[: -Page.steplen]]
            # Right below the home page stands the agenda of the whole portal, known by its own name.
            label = page.title if parent.depth == 2 else parent.title
            may_publish = bool(rights.can_publish_subpage())
            found.append(OwnAgenda(page, label, may_add, may_change, may_publish))
    return OwnAgendas(user, found, is_all=len(found) == len(pages))


@dataclass(frozen=True)
class Clash:
    """A conflict as one user may read it: of others' drafts only that there is one. ``title`` and ``url`` may be
    empty."""

    conflict: Conflict
    other: EventPage
    title: str
    url: str

    @property
    def starts_at(self) -> datetime:
        return self.conflict.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.conflict.ends_at


def clashes(event: EventPage, conflicts: list[Conflict], own: OwnAgendas) -> list[Clash]:
    """The conflicts of an event, each with the other event."""
    found = []
    for conflict in conflicts:
        other = conflict.other.event if conflict.one.event == event else conflict.one.event
        found.append(Clash(conflict, other, other.title if own.may_see(other) else "", own.url_of(other)))
    return found


class AgendaScreen(WagtailAdminTemplateMixin, TemplateView):
    """A screen for who works on an agenda."""

    header_icon = "date"

    @cached_property
    def own(self) -> OwnAgendas:
        return agendas_of(self.request.user)

    def may_enter(self) -> bool:
        return bool(self.own.agendas)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_enter():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": self.request.path, "label": self.get_page_title()}]
