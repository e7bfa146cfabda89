"""The living page of styles, ``/style/`` in development: every component in its states, by day, by night, both ways.

``?scheme=dark|light`` and ``?dir=rtl|ltr`` choose how it is shown. Components that need pages show those of the
database: ``make setup`` first.
"""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from directory.forms import StructureFilterForm
from directory.models import StructurePage
from events.listing import next_dates
from events.models import EventPage
from portal.core.blocks import BodyBlock
from portal.core.context_processors import DOORS, Frame
from portal.core.easy import EasyReading
from portal.core.entries import make_entries
from portal.core.enums import ACCESS_PICTOGRAMS, Access, Cost
from portal.core.filters import Easing
from portal.core.hours import Doubt, OpenState, week
from portal.core.leaflets import PAPERS
from portal.core.moments import PARIS
from portal.core.papercuts import COLLAGES, SHAPES, pictograms
from portal.core.prose import Prose
from portal.core.vocabulary import Word

from .forms import ContactForm
from .gathering import all_centres

INKS = ("green", "yellow", "pink", "orange", "")
HOURS = "Mo-Fr 09:00-12:00,14:00-18:00; PH off"
BODY: list[dict[str, Any]] = [
    {"type": "heading", "value": {"text": "Un titre"}},
    {"type": "paragraph", "value": {"html": "<p>Un texte, avec <a href='/annuaire/'>un lien</a>.</p>"}},
    {"type": "callout", "value": {"title": "Bon à savoir", "text": "C’est gratuit."}},
    {"type": "steps", "value": {"items": ["Appeler", "Venir"]}},
    {"type": "questions", "value": {"items": [{"question": "Où ?", "answer": "Ici."}]}},
    {"type": "quote", "value": {"text": "C’est pas dans le ciel.", "source": "Un groupe d’enfants"}},
    {"type": "link", "value": {"label": "L’annuaire", "page": None, "url": "/annuaire/"}},
]


@require_safe
def style_page(request: HttpRequest) -> HttpResponse:
    return render(request, "home/style.html", samples(request))


def samples(request: HttpRequest) -> dict[str, Any]:
    """What the components are shown with."""
    now = timezone.now()
    today = timezone.localdate()
    structures = make_entries(StructurePage.objects.visible().select_related("municipality")[:3])
    pages = Paginator(range(100), 10).page(2)
    opens = datetime(today.year, today.month, today.day, 18, tzinfo=PARIS)
    message = ContactForm({"message": "", "answer_to": "06"})
    return {
        "scheme": request.GET.get("scheme") if request.GET.get("scheme") in ("dark", "light") else "",
        "dir": request.GET.get("dir") if request.GET.get("dir") in ("rtl", "ltr") else "",
        "inks": INKS,
        "shapes": SHAPES,
        "collages": COLLAGES,
        "pictograms": pictograms(),
        "doors": DOORS,
        "states": [
            OpenState(True, opens),
            OpenState(False, opens),
            OpenState(False, None),
            OpenState(False, opens, closure=True),
            OpenState(True, opens, doubt=Doubt.PUBLIC_HOLIDAY),
        ],
        "marks": [("euro", Cost.FREE.label), *((ACCESS_PICTOGRAMS[code], code.label) for code in Access)],
        "week": week(HOURS, today),
        "entries": structures,
        "paper": PAPERS["a5"],
        "structure": structures[0].facts if structures else None,
        "centres": all_centres()[:3],
        "dates": next_dates(EventPage.objects.visible(), now, 4),
        "form": StructureFilterForm(
            QueryDict("theme=sante&cost=gratuit&age=abc&q=nounou&near=50.63,3.06&choix=cost"), "/style/"
        ),
        "easings": [Easing(_("Health"), "?cost=gratuit", 12), Easing(_("Free"), "?theme=sante", 3)],
        "pages": pages,
        "words": [Word(1, "sante", _("Health"), ""), Word(2, "droits", "Droits", "fr")],
        "body": BodyBlock().to_python(BODY),
        "field": message["message"],
        "easy": EasyReading(True, "?", "?lire=facile", ["Le centre est ouvert.", "Vous pouvez venir."]),
        "prose": Prose(),
        "sentence": "Pour payer la garde, demandez à la CAF.",
        "trail": Frame(request).breadcrumbs(structures[0].facts) if structures else [],
    }
