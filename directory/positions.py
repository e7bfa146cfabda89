"""Positions of the sheets: when the geocoder is asked, what of its answer is believed, what an editor must look at.

A sheet is asked about after it was saved, from the task queue, so that no outage is ever felt by whoever saves. What
became of it stands in ``PositionCheck``: the work can be interrupted anywhere and goes on where it stopped. A point
that an editor placed (``position_source=editeur``) or that came with an open directory is never replaced.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import task
from wagtail.models import Revision

from portal.core.enums import PositionPrecision, PositionSource

from .address_base import Candidate, GeocoderUnavailable
from .geocoding import ask_patiently, is_on, normalised, towns
from .models import PositionCheck, StructurePage

State = PositionCheck.State
#: An editor has decided: asking everything anew leaves these alone.
DECIDED = (State.ACCEPTED, State.REFUSED)
#: From this score on an answer that suits is believed without an editor; how it was chosen: decision 0017.
ENOUGH_SCORE = 0.6
#: An answer further than this from the centre of its municipality (kilometres) is wrong: Arles, the widest, spans 40.
FARTHEST_KM = 30
#: Seconds that a task may wait between two attempts.
PATIENCE = 3.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(days=1)

#: ``PositionCheck.problem`` of what is to be asked again although it is known: kept answers do not count.
ANEW = "anew"
#: Why an answer was not simply believed.
PROBLEMS = {
    "score": _("The answer is uncertain."),
    "elsewhere": _("The answer is in another municipality than the sheet."),
    "town-only": _("Only the town was found, not the street."),
    "nothing": _("Nothing was found for this address."),
    "off": _("No service is set up to look addresses up."),
    "down": _("The service that looks addresses up does not answer."),
    "slow": _("The service that looks addresses up is too slow."),
    "busy": _("The service that looks addresses up asks to wait."),
    "nonsense": _("The service that looks addresses up gave an answer that can't be read."),
}


class Outcome(StrEnum):
    """What became of one sheet."""

    PLACED = "placed"
    WAITING = "waiting"
    NOTHING = "nothing"
    #: Nothing to ask: already known, an editor's own point, or no address.
    SKIPPED = "skipped"
    #: The service can't be asked now; the sheet is noted for later.
    LATER = "later"


@dataclass(frozen=True)
class Place:
    """A point as a sheet keeps it."""

    latitude: float | None
    longitude: float | None
    precision: str
    source: str
    score: float | None

    def as_fields(self) -> dict[str, Any]:
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "position_precision": self.precision,
            "position_source": self.source,
            "position_score": self.score,
        }


NOWHERE = Place(None, None, "", "", None)


# --- The address -----------------------------------------------------------------------------------------------------

_NOISE = re.compile(r"\b(?:BP|CS|TSA)\s*\d+\b|\bcedex(?:\s*\d+)?\b", re.IGNORECASE)
_KINDS = (
    "rue|avenue|av|boulevard|bd|place|pl|all[ée]e|chemin|route|impasse|square|quai|cours|r[ée]sidence|cit[ée]|voie|"
    "sentier|passage|ruelle|rond-point|parvis|esplanade|chauss[ée]e|faubourg|mail"
)
_STREET = re.compile(
    rf"(?:\b\d+(?:\s*[-/]\s*\d+)?\s*(?:bis|ter|quater|[a-d])?\s*,?\s*)?\b(?:{_KINDS})\b", re.IGNORECASE
)


def address_key(page: StructurePage) -> str:
    """What the position of a sheet depends on; empty when it has no address to look up."""
    words = normalised(page.address)
    town = page.municipality.insee if page.municipality else ""
    return f"{words}|{page.postcode}|{town}"[:400] if words and (page.postcode or town) else ""


def question_of(page: StructurePage) -> str:
    return " ".join(part for part in (page.address, page.postcode, str(page.municipality or "")) if part)


def street_part(address: str) -> str:
    """An address from its number or the kind of its street on: “Centre Féron-Vrau CS 90255 291 boulevard…” begins at
    291. Without a known kind of street, all of it but for post boxes."""
    plain = _NOISE.sub(" ", address)
    found = _STREET.search(plain)
    return " ".join((plain[found.start() :] if found else plain).split())


# --- What is to be asked ---------------------------------------------------------------------------------------------


def wants_position(page: StructurePage) -> bool:
    """Whether a sheet's position is the geocoder's affair at all. No query."""
    if not page.is_source or page.alias_of_id or not (page.address and (page.postcode or page.municipality_id)):
        return False
    return not page.has_position or page.position_source == PositionSource.GEOCODER


def is_to_ask(page: StructurePage, check: PositionCheck | None) -> bool:
    """Whether the address of a sheet is still to be looked up."""
    if not wants_position(page):
        return False
    if check is None:
        # A position found elsewhere, such as in an export of another portal, comes with its score.
        return not page.has_position or page.position_score is None
    if check.state == State.PENDING or check.asked != address_key(page):
        return True
    # A form that was open meanwhile put back what it had read.
    is_lost = check.state == State.PLACED and (page.latitude, page.longitude) != (check.latitude, check.longitude)
    return is_lost or (not page.has_position and check.state == State.WAITING)


def as_edited(page: StructurePage) -> StructurePage:
    """The sheet whose address counts: what readers see, or the draft of what they do not see yet."""
    edited: StructurePage = page if page.live else page.get_latest_revision_as_object()
    return edited


def perhaps_to_ask() -> Any:
    """Sheets among which those to ask are, in a stable order, with what :func:`is_to_ask` looks at."""
    return (
        StructurePage.objects.sources()
        .filter(alias_of__isnull=True)
        .filter(Q(latitude__isnull=True) | Q(position_source=PositionSource.GEOCODER) | Q(live=False))
        .select_related("municipality", "position_check")
        .order_by("pk")
    )


def check_of(page: StructurePage) -> PositionCheck | None:
    return getattr(page, "position_check", None) if page.pk else None


# --- Asking ----------------------------------------------------------------------------------------------------------


@task()
def geocode_structure(pk: int) -> str:
    """Task: the position of one sheet, if it is still to be looked up. Gives an :class:`Outcome`."""
    page = StructurePage.objects.select_related("municipality", "position_check").filter(pk=pk).first()
    return Outcome.SKIPPED.value if page is None else geocode(page, patience=PATIENCE, attempts=2).value


def geocode(page: StructurePage, *, patience: float, attempts: int = 3, is_dry: bool = False) -> Outcome:
    """Looks the address of a sheet up and writes what came of it: position, or what an editor must look at.

    ``is_dry`` asks, even what is known, and writes nothing. Never raises for the service's sake.
    """
    edited, check = as_edited(page), check_of(page)
    if not address_key(edited) or not (is_to_ask(edited, check) or (is_dry and wants_position(edited))):
        return Outcome.SKIPPED
    fresh = check is not None and check.problem == ANEW
    try:
        answer = best_answer(edited, patience=patience, attempts=attempts, fresh=fresh)
        problem = "nothing" if answer is None else problem_of(edited, answer)
        town = town_of(edited, answer, patience) if problem else None
    except GeocoderUnavailable as error:
        if not is_dry:
            postpone(edited, error)
        return Outcome.LATER
    return state_for(problem) if is_dry else settle(edited, answer, problem, town)


def state_for(problem: str) -> Outcome:
    if not problem:
        return Outcome.PLACED
    return Outcome.NOTHING if problem == "nothing" else Outcome.WAITING


def best_answer(page: StructurePage, *, patience: float, attempts: int, fresh: bool = False) -> Candidate | None:
    """The likeliest candidate for a sheet: one that suits before one that does not, then by score."""
    found = ask_patiently(question_of(page), patience=patience, attempts=attempts, fresh=fresh)
    best = choose(page, found)
    shorter = street_part(page.address)
    if (best is None or problem_of(page, best)) and normalised(shorter) != normalised(page.address):
        town = " ".join(part for part in (page.postcode, str(page.municipality or "")) if part)
        found = ask_patiently(f"{shorter} {town}", patience=patience, attempts=attempts, fresh=fresh)
        best = choose(page, [*([best] if best else []), *found])
    return best


def choose(page: StructurePage, found: Iterable[Candidate]) -> Candidate | None:
    return min(found, key=lambda one: (not suits(page, one), -one.score), default=None)


def suits(page: StructurePage, answer: Candidate) -> bool:
    """Whether an answer lies in the sheet's municipality, by its code or postcode and by its point."""
    town = page.municipality
    if town is not None:
        codes = {page.postcode, *town.postcodes.split()} - {""}
        if answer.citycode != town.insee and answer.postcode not in codes:
            return False
        if town.latitude is not None and town.longitude is not None:
            return answer.distance_km(town.latitude, town.longitude) <= FARTHEST_KM
        return True
    centres = [known.centre for known in towns().values() if known.centre and page.postcode in known.postcodes]
    is_there = not centres or any(answer.distance_km(*centre) <= FARTHEST_KM for centre in centres)
    return answer.postcode == page.postcode and is_there


def problem_of(page: StructurePage, answer: Candidate) -> str:
    """Why an answer is not believed, a key of :data:`PROBLEMS`; empty when it is."""
    if not suits(page, answer):
        return "elsewhere"
    if precision_of(answer) == PositionPrecision.MUNICIPALITY:
        return "town-only"
    return "" if answer.score >= ENOUGH_SCORE else "score"


def precision_of(answer: Candidate) -> str:
    """The kind of an answer as a sheet knows it."""
    kinds = {"housenumber": PositionPrecision.HOUSE_NUMBER, "municipality": PositionPrecision.MUNICIPALITY}
    return str(kinds.get(answer.kind, PositionPrecision.STREET))


def town_of(page: StructurePage, answer: Candidate | None, patience: float) -> tuple[float, float] | None:
    """The centre of a sheet's municipality, in degrees: from the portal's list, else from the geocoder."""
    town = page.municipality
    if town is not None and town.latitude is not None and town.longitude is not None:
        return town.latitude, town.longitude
    if answer is not None and answer.kind == "municipality" and suits(page, answer):
        return answer.latitude, answer.longitude
    words = " ".join(part for part in (page.postcode, str(town or "")) if part)
    found = [one for one in ask_patiently(words, patience=patience, attempts=1) if one.kind == "municipality"]
    best = choose(page, found)
    return (best.latitude, best.longitude) if best and suits(page, best) else None


# --- Writing ---------------------------------------------------------------------------------------------------------


def settle(page: StructurePage, answer: Candidate | None, problem: str, town: tuple[float, float] | None) -> Outcome:
    """Writes what an answer means for a sheet, unless its address has changed or somebody placed it meanwhile."""
    outcome, asked = state_for(problem), address_key(page)
    found: dict[str, Any] = {"label": "", "latitude": None, "longitude": None, "precision": "", "score": None}
    place = NOWHERE
    if answer is not None:
        found = {
            "label": answer.label,
            "latitude": answer.latitude,
            "longitude": answer.longitude,
            "precision": precision_of(answer),
            "score": round(answer.score, 4),
        }
    if answer is not None and not problem:
        place = Place(answer.latitude, answer.longitude, found["precision"], PositionSource.GEOCODER, found["score"])
    elif town:
        place = Place(*town, PositionPrecision.MUNICIPALITY, PositionSource.GEOCODER, found["score"] or 0.0)
    with transaction.atomic():
        if not put(page.pk, place, asked=asked):
            return Outcome.SKIPPED
        values = {"asked": asked, "state": outcome.value, "problem": problem, "attempts": 0, "next_at": None, **found}
        PositionCheck.objects.update_or_create(structure_id=page.pk, defaults=values)
    return outcome


def postpone(page: StructurePage, error: GeocoderUnavailable) -> None:
    """Notes that the service could not be asked, and from when it is worth trying again: later each time."""
    check = PositionCheck.objects.filter(structure_id=page.pk).first() or PositionCheck(structure_id=page.pk)
    check.attempts = min(check.attempts + 1, 1000)
    pause = min(FIRST_PAUSE * 2 ** min(check.attempts - 1, 12), LONGEST_PAUSE)
    check.asked, check.state, check.problem = address_key(page), State.PENDING, error.reason
    check.next_at = timezone.now() + max(pause, timedelta(seconds=error.retry_after or 0))
    check.save()


def put(pk: int, place: Place, *, asked: str | None = None, user: Any = None) -> bool:
    """Gives a sheet a position, and its draft the same one so that publishing does not undo it. In a transaction.

    With ``asked``, only where the address is still that one and no editor has placed the sheet since. Says whether
    anything was written.
    """
    page: Any = StructurePage.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if page is None:
        return False
    edited = as_edited(page)
    if asked is not None and (address_key(edited) != asked or not wants_position(edited)):
        return False
    fields = place.as_fields()
    if not page.live or any(getattr(page, name) != value for name, value in fields.items()):
        for name, value in fields.items():
            setattr(page, name, value)
        page.save(update_fields=list(fields), clean=False, user=user, log_action="wagtail.edit" if user else None)
    revision = page.latest_revision
    if revision is not None and _is_same_address(revision, edited) and (asked is None or _is_free(revision)):
        revision.content |= fields
        Revision.objects.filter(pk=revision.pk).update(content=revision.content)
    return True


def _is_same_address(revision: Revision, page: StructurePage) -> bool:
    kept = revision.content
    return (kept.get("address"), kept.get("postcode"), kept.get("municipality")) == (
        page.address,
        page.postcode,
        page.municipality_id,
    )


def _is_free(revision: Revision) -> bool:
    kept = revision.content
    return kept.get("latitude") is None or kept.get("position_source") == PositionSource.GEOCODER


# --- After a sheet was saved -----------------------------------------------------------------------------------------


def enqueue(page: StructurePage) -> None:
    """Puts a sheet into the queue once what was saved is committed; costs nothing where there is nothing to ask."""
    if is_on() and wants_position(page):
        pk = page.pk
        transaction.on_commit(lambda: _enqueue_if_asked(pk), robust=True)


def _enqueue_if_asked(pk: int) -> None:
    page = StructurePage.objects.select_related("municipality", "position_check").filter(pk=pk).first()
    if page is not None and is_to_ask(as_edited(page), check_of(page)):
        geocode_structure.enqueue(pk)
