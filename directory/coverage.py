"""What is missing where: how many places each territory or town has for each theme."""

from collections import Counter
from dataclasses import dataclass

from portal.core.languages import active_language
from portal.core.models import Municipality, Territory, Theme
from portal.core.vocabulary import Word, words

from .models import Service, StructurePage
from .querysets import StructureQuerySet


@dataclass(frozen=True)
class Area:
    """A territory or a town, its places by theme in the order of :attr:`Coverage.themes`, and all its places."""

    name: str
    #: Filters of the directory that show its places: ``commune=59350&commune=…``.
    query: str
    totals: list[tuple[Word, int]]
    total: int

    @property
    def missing(self) -> int:
        """How many themes nobody answers for."""
        return sum(not count for _theme, count in self.totals)


@dataclass(frozen=True)
class Coverage:
    themes: list[Word]
    areas: list[Area]


def coverage_of(*, by_town: bool) -> Coverage:
    """Visible places by theme, theirs or one of their services', in each territory, or in each town of a territory.

    A place counts once for a theme. Six queries, whatever there is.
    """
    structures: StructureQuerySet = StructurePage.objects.visible()
    towns = dict(structures.filter(municipality__isnull=False).values_list("pk", "municipality"))
    held = {(pk, theme) for pk, theme in structures.values_list("pk", "themes") if theme}
    # In Python: a comparison with all the visible places would read them once more for each service.
    held |= {(pk, theme) for pk, theme in Service.objects.values_list("page", "themes") if theme and pk in towns}
    counts = Counter((towns[pk], theme) for pk, theme in held if pk in towns)
    everywhere = Counter(towns.values())
    themes = list(words(Theme, active_language()).values())

    def area(name: str, members: list[Municipality]) -> Area:
        return Area(
            name=name,
            query="&".join(f"commune={town.insee}" for town in members),
            totals=[(theme, sum(counts[town.pk, theme.pk] for town in members)) for theme in themes],
            total=sum(everywhere[town.pk] for town in members),
        )

    if by_town:
        wanted = Municipality.objects.filter(pk__in=set(towns.values())) | Municipality.objects.filter(
            territories__isnull=False
        )
        return Coverage(themes, [area(town.name, [town]) for town in wanted.distinct()])
    territories = Territory.objects.prefetch_related("municipalities")
    return Coverage(themes, [area(one.name, list(one.municipalities.all())) for one in territories])
