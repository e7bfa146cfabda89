"""What the tablet of a centre's reception opens: the doors of the portal, in a frame that forgets who was there."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from directory.places import visible_places
from events.models import AgendaPage
from portal.core.hours import Hours, open_state
from portal.core.languages import active_language, localize_path

from ..models import CentrePage

#: Kilometres around the centre where places are looked for first; the visitor may ask for more.
NEAR_KM = 5


@dataclass(frozen=True)
class ReceptionDoor:
    """A large target: its address below the tablet's, its words, how it looks (names of ``papercuts``)."""

    slug: str
    title: str | Promise
    question: str | Promise
    paper: str
    pictogram: str
    shape: str
    ink: str


DOORS = {
    door.slug: door
    for door in (
        ReceptionDoor("agenda", _("What to do"), _("What is on in this house."), "yellow", "calendar", "sun", "orange"),
        ReceptionDoor(
            "annuaire", _("Who can help me"), _("Places and people near here."), "green", "pin", "leaf", "pink"
        ),
        ReceptionDoor("ressources", _("To read, to watch"), _("Between parents."), "pink", "book", "hand", "white"),
        ReceptionDoor("mots", _("A difficult word"), _("Children explain it."), "orange", "bubble", "bird", "yellow"),
        ReceptionDoor("maison", _("This house"), _("Its hours, its activities."), "sand", "home", "dance", "green"),
    )
}


@dataclass(frozen=True)
class OpenDoor:
    """A door of one centre: ``url`` of the tablet's own page, ``inside`` of the page of the portal that it shows."""

    door: ReceptionDoor
    url: str
    inside: str


def reception_contents(page: CentrePage) -> dict[str, Any]:
    """The doors of a centre, and who is behind the desk."""
    facts = page.facts
    structure = visible_places([facts.structure_id]).get(facts.structure_id)
    doors = [
        OpenDoor(DOORS[slug], reverse("reception_door", args=[facts.slug, slug]), inside)
        for slug, inside in insides(facts, structure).items()
    ]
    return {
        "doors": doors,
        "structure": structure,
        "state": open_state(Hours.of(structure), timezone.now()) if structure else None,
        "start_url": reverse("reception", args=[facts.slug]),
        "french_url": localize_path(f"/accueil/{facts.slug}/", "fr"),
    }


def insides(centre: CentrePage, structure: Any) -> dict[str, str]:
    """The address in the portal that each door opens, in the reader's language."""
    own = AgendaPage.objects.visible().child_of(centre).exists()
    near = ""
    if structure and structure.has_position:
        near = f"?near={structure.latitude:.4f},{structure.longitude:.4f}&radius={NEAR_KM}&sort=distance"
    paths = {
        "agenda": f"/centres/{centre.slug}/agenda/" if own else "/agenda/",
        "annuaire": f"/annuaire/{near}",
        "ressources": "/ressources/",
        "mots": "/glossaire/",
        "maison": f"/centres/{centre.slug}/",
    }
    return {slug: localize_path(path, active_language()) for slug, path in paths.items()}
