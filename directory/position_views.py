"""Screens of the admin about positions: those to check, and the look-up that the page editor asks for."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from django.views.generic import ListView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page
from wagtail.permissions import policy_registry

from portal.core.enums import PositionPrecision, PositionSource
from portal.core.models import Municipality

from . import positions
from .address_base import GeocoderUnavailable
from .geocoding import ask_patiently, normalised
from .models import PositionCheck, StructurePage

PER_PAGE = 30
#: Seconds that an editor waits for a look-up when the service asks to wait.
PATIENCE = 1.0
State = positions.State


def checks_for(user: Any) -> Any:
    """What an editor must look at, of the sheets that they may publish: the doubtful first, then what failed."""
    own = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "publish")
    unclear = Q(state__in=[State.WAITING, State.NOTHING]) | Q(state=State.PENDING, attempts__gt=0)
    return (
        PositionCheck.objects.filter(unclear, structure__in=own.values("pk"))
        .exclude(structure__position_source=PositionSource.EDITOR)
        .select_related("structure__municipality")
        .order_by("-state", "structure__title")
    )


class PositionsToCheckView(WagtailAdminTemplateMixin, ListView):
    """One line for each sheet whose position is doubtful: accept the proposed point, place another, or refuse it."""

    template_name = "directory/admin/positions_to_check.html"
    page_title = gettext_lazy("Positions to check")
    header_icon = "globe"
    paginate_by = PER_PAGE
    page_kwarg = "p"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": self.request.path, "label": self.get_page_title()}]

    def get_queryset(self) -> Any:
        return checks_for(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rows = [
            {
                "check": check,
                "sheet": check.structure,
                "why": positions.PROBLEMS.get(check.problem, ""),
                "precision": dict(PositionPrecision.choices).get(check.precision, ""),
                "may_accept": check.state == State.WAITING and check.problem != "elsewhere",
                "may_refuse": check.state != State.PENDING,
            }
            for check in context["object_list"]
        ]
        return {**context, "rows": rows}

    def post(self, request: HttpRequest) -> HttpResponse:
        check = get_object_or_404(PositionCheck.objects.select_related("structure"), pk=_number(request, "check"))
        sheet: Any = check.structure
        if not sheet.permissions_for_user(request.user).can_publish():
            raise PermissionDenied
        said = decide(check, request.POST.get("decision", ""), request.user)
        if said:
            messages.success(request, f"{sheet.get_admin_display_title()}: {said}")
        else:
            messages.error(request, _("This has changed meanwhile: look at it again."))
        return redirect(request.get_full_path())


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0


def decide(check: PositionCheck, decision: str, user: Any) -> str:
    """Does what an editor decided about a doubtful position; says it in a few words, empty when it can't be done."""
    if decision == "accept":
        return _("the point is accepted.") if accept(check.pk, user) else ""
    if decision == "refuse":
        return _("the point is refused, the town stays.") if refuse(check.pk) else ""
    if decision == "again":
        PositionCheck.objects.filter(pk=check.pk).update(state=State.PENDING, problem=positions.ANEW, next_at=None)
        positions.geocode_structure.enqueue(check.structure_id)
        return _("the address is looked up again.")
    return ""


@transaction.atomic
def accept(pk: int, user: Any) -> bool:
    """The proposed point becomes that of the sheet, unless the address changed since, or somebody placed it."""
    check = PositionCheck.objects.select_for_update().filter(pk=pk, state=State.WAITING).first()
    if check is None or check.latitude is None:
        return False
    place = positions.Place(check.latitude, check.longitude, check.precision, PositionSource.GEOCODER, check.score)
    if not positions.put(check.structure_id, place, asked=check.asked, user=user):
        return False
    check.state, check.problem = State.ACCEPTED, ""
    check.save()
    return True


@transaction.atomic
def refuse(pk: int) -> bool:
    """The proposed point is wrong: readers go on seeing the municipality until somebody places the sheet."""
    return bool(
        PositionCheck.objects.filter(pk=pk, state__in=[State.WAITING, State.NOTHING]).update(state=State.REFUSED)
    )


@require_GET
def find_position(request: HttpRequest) -> JsonResponse:
    """Candidates for the address in the page editor: ``{candidates: [{label, kind, score, latitude, longitude,
    precision}]}``, the likeliest first; 503 when the service does not answer."""
    given = request.GET.get("municipality", "")
    town = Municipality.objects.filter(pk=int(given)).first() if given.isascii() and given.isdigit() else None
    sheet = StructurePage(
        address=request.GET.get("address", "")[:200], postcode=request.GET.get("postcode", "")[:5], municipality=town
    )
    if len(normalised(sheet.address)) < 3:
        return JsonResponse({"candidates": []})
    try:
        found = ask_patiently(positions.question_of(sheet), patience=PATIENCE, attempts=1)
    except GeocoderUnavailable:
        return JsonResponse({"candidates": [], "error": "unavailable"}, status=503)
    kinds = dict(PositionPrecision.choices)
    return JsonResponse(
        {
            "candidates": [
                {
                    "label": one.label,
                    "kind": str(kinds[PositionPrecision(positions.precision_of(one))]),
                    "score": f"{one.score:.0%}",
                    "latitude": one.latitude,
                    "longitude": one.longitude,
                    "precision": positions.precision_of(one),
                }
                for one in sorted(found, key=lambda one: (not positions.suits(sheet, one), -one.score))
            ]
        }
    )
