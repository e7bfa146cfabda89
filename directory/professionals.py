"""Who does what: the page where a professional looks for the right colleague, by theme and territory, to print."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.core.entries import Entry, make_entries
from portal.core.filters import FilterForm, LenientChoicesField, theme_choices
from portal.core.languages import active_language
from portal.core.models import Territory, Theme
from portal.core.paging import page_of
from portal.core.versions import remembered
from portal.core.vocabulary import Word, words

from .models import Service, StructurePage
from .querysets import StructureQuerySet
from .views import readable_index

#: One sheet of paper or two; the rest is on the next page.
ROWS_PER_PAGE = 40


def territory_choices() -> list[tuple[str, str]]:
    return list(Territory.objects.values_list("slug", "name"))


class ProfessionalsForm(FilterForm):
    uses = ("theme", "territoire", "page")

    theme = LenientChoicesField(choices=theme_choices, label=_("Theme"))
    territoire = LenientChoicesField(choices=territory_choices, label=_("Territory"))
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)


@dataclass(frozen=True)
class Colleague:
    """A place, and the names of its services that answer for the theme (all of them without a theme)."""

    entry: Entry
    services: list[str]


@require_safe
def professionals(request: HttpRequest) -> HttpResponse:
    """Themes with the number of their places; for a theme, its places town by town with what they do."""
    readable_index()
    form = ProfessionalsForm.from_request(request)
    found = places_in(form.values["territoire"])
    context: dict[str, Any] = {"form": form, "territories": form.checked("territoire")}
    if slugs := form.values["theme"]:
        page = page_of(places_about(found, slugs).order_by("municipality__name", "title", "pk"), form.values["page"],
                       ROWS_PER_PAGE)  # fmt: skip
        context |= {"results": page, "rows": colleagues(list(page.object_list), slugs), "total": page.paginator.count}
        context["shown"] = [word for word in words(Theme, active_language()).values() if word.slug in slugs]
    else:
        key = ("professionals", tuple(form.values["territoire"]), active_language())
        context["themes"] = remembered(key, lambda: counted_themes(found))
    return render(request, "directory/professionals.html", context)


def places_in(territories: list[str]) -> StructureQuerySet:
    """Visible places of some territories, or everywhere."""
    found: StructureQuerySet = StructurePage.objects.visible()
    if not territories:
        return found
    towns = Territory.objects.filter(slug__in=territories).values("municipalities")
    return found.filter(municipality__in=towns)


def places_about(found: StructureQuerySet, slugs: list[str]) -> StructureQuerySet:
    """Those that answer for one of the themes, or have a service that does."""
    own = StructurePage.objects.filter(themes__slug__in=slugs).values("pk")
    through_services = Service.objects.filter(themes__slug__in=slugs).values("page")
    return found.filter(Q(pk__in=own) | Q(pk__in=through_services))


def counted_themes(found: StructureQuerySet) -> list[tuple[Word, int]]:
    """Every theme with the number of places that answer for it: three queries."""
    held = {(pk, theme) for pk, theme in found.values_list("pk", "themes") if theme}
    here = set(found.values_list("pk", flat=True))
    held |= {(pk, theme) for pk, theme in Service.objects.values_list("page", "themes") if theme and pk in here}
    totals = Counter(theme for _pk, theme in held)
    return [(word, totals[word.pk]) for word in words(Theme, active_language()).values()]


def colleagues(pages: list[StructurePage], slugs: list[str]) -> list[Colleague]:
    """Rows of the table, with the services' names in French: professionals know them so."""
    services = Service.objects.prefetch_related("themes").order_by("sort_order", "pk")
    rows = (
        StructurePage.objects.filter(pk__in=[page.pk for page in pages])
        .select_related("municipality")
        .defer_streamfields()
        .prefetch_related(Prefetch("services", services))
    )
    known = {row.pk: row for row in rows}
    wanted = set(slugs)

    def named(row: StructurePage) -> list[str]:
        own = list(row.services.all())
        about = [one.name for one in own if wanted & {theme.slug for theme in one.themes.all()}]
        return about or [one.name for one in own if not one.themes.all()]

    return [Colleague(entry, named(known[entry.facts.pk])) for entry in make_entries(known[page.pk] for page in pages)]
