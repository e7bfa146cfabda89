"""The places of a map, small enough for ten thousand of them: one GeoJSON feature for each main theme.

A feature is a ``MultiPoint`` (RFC 7946, 3.1.3) whose properties are columns in the order of its points. What a popup
says of one place is asked for when it opens (:func:`place_feature`). The full form, one feature a place with all that
the portal publishes of it, is :func:`directory.exports.geojson`.
"""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from portal.core.entries import make_entries
from portal.core.enums import PositionPrecision
from portal.core.hours import Hours, open_state
from portal.core.languages import SOURCE_LANGUAGE, active_language
from portal.core.models import Theme
from portal.core.sourced import SourcedPage
from portal.core.templatetags.portal_tags import opening
from portal.core.vocabulary import named, words

from . import exports
from .models import StructurePage
from .querysets import StructureQuerySet

#: Decimals of a degree: about a metre.
DECIMALS = 5


@dataclass(frozen=True)
class PlacedRow:
    """What a map shows of a page before its popup opens."""

    pk: int
    translation_key: Any
    slug: str
    title: str
    latitude: float
    longitude: float
    precision: str


def compact_geojson(found: StructureQuerySet, language: str) -> str:
    """The places that have a position: three queries, four in another language, and no page object."""
    rows = found.with_position().order_by("title", "pk")
    columns = ("pk", "translation_key", "slug", "title", "latitude", "longitude", "position_precision")
    themes = main_themes(StructurePage, found.order_by().values("pk"), language)
    return collection(itertools.starmap(PlacedRow, rows.values_list(*columns)), StructurePage, themes, language)


def collection(rows: Iterable[PlacedRow], model: type[SourcedPage], themes: dict[int, str], language: str) -> str:
    """Pages of one type in the small form, in the order of the rows; ``themes`` as :func:`main_themes` gives them.

    Features are in the order of the vocabulary; the last has ``""`` as its theme, for the places that have none.
    Columns are ``slugs`` and ``titles``; ``approximate`` and ``translated`` number the points whose place is known by
    its municipality only, and those whose title is in the reader's language when that is not the source language.
    """
    titles = translated_titles(model, language)
    groups: dict[str, dict[str, Any]] = {word.slug: new_group(word.slug) for word in words(Theme, language).values()}
    groups[""] = new_group("")
    for row in rows:
        group = groups[themes.get(row.pk, "")]
        columns_of_group, points = group["properties"], group["geometry"]["coordinates"]
        if row.precision == PositionPrecision.MUNICIPALITY:
            columns_of_group["approximate"].append(len(points))
        if row.translation_key in titles:
            columns_of_group["translated"].append(len(points))
        points.append([round(row.longitude, DECIMALS), round(row.latitude, DECIMALS)])
        columns_of_group["slugs"].append(row.slug)
        columns_of_group["titles"].append(titles.get(row.translation_key, row.title))
    features = [group for group in groups.values() if group["geometry"]["coordinates"]]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))


def new_group(theme: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "MultiPoint", "coordinates": []},
        "properties": {"theme": theme, "slugs": [], "titles": [], "approximate": [], "translated": []},
    }


def main_themes(model: Any, pks: Any, language: str) -> dict[int, str]:
    """The code of the first theme of each page, in the vocabulary's order, by the page's primary key.

    ``pks`` are primary keys of pages of one type, or a query for them.
    """
    vocabulary = words(Theme, language)
    rank = {pk: number for number, pk in enumerate(vocabulary)}
    best: dict[int, int] = {}
    page_id = f"{model._meta.model_name}_id"
    links = model.themes.through.objects.filter(**{f"{page_id}__in": pks})
    for page, theme in links.values_list(page_id, "theme_id"):
        if theme in rank and (page not in best or rank[theme] < rank[best[page]]):
            best[page] = theme
    return {page: vocabulary[theme].slug for page, theme in best.items()}


def translated_titles(model: type[SourcedPage], language: str) -> dict[Any, str]:
    """Titles of all the pages of a type that have a text in a language, by translation key; empty for the source."""
    if language == SOURCE_LANGUAGE:
        return {}
    rows = model._default_manager.translations_into(language).public()
    return dict(rows.values_list("translation_key", "title"))


def place_feature(page: StructurePage, request: HttpRequest) -> dict[str, Any]:
    """A place as in the full GeoJSON, with what a popup adds: themes in words, the way there, open or closed now."""
    entry = make_entries([page])[0]
    facts: Any = entry.facts
    feature = exports.feature(entry, request)
    state = open_state(Hours.of(facts), timezone.now())
    feature["properties"] |= {
        "theme_labels": [word.name for word in named(Theme, facts.themes.all(), active_language())],
        "directions": facts.directions_url,
        "state": opening(state),
        "is_open": state.is_open if state else None,
    }
    return feature
