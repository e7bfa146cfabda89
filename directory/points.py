"""The places of a map, small enough for ten thousand of them: one GeoJSON feature for each main theme.

A feature is a ``MultiPoint`` (RFC 7946, 3.1.3) whose properties are columns in the order of its points. What a popup
says of one place is asked for when it opens (:func:`place_feature`). The full form, one feature a place with all that
the portal publishes of it, is :func:`directory.exports.geojson`.
"""

import json
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from portal.core.entries import make_entries
from portal.core.enums import PositionPrecision
from portal.core.hours import Hours, open_state
from portal.core.languages import SOURCE_LANGUAGE, active_language
from portal.core.models import Theme
from portal.core.templatetags.portal_tags import opening
from portal.core.vocabulary import named, words

from . import exports
from .models import StructurePage
from .querysets import StructureQuerySet

#: Decimals of a degree: about a metre.
DECIMALS = 5


def compact_geojson(found: StructureQuerySet, language: str) -> str:
    """The places that have a position: three queries, four in another language, and no page object.

    Features are in the order of the vocabulary; the last has ``""`` as its theme, for the places that have none.
    Columns are ``slugs`` and ``titles``; ``approximate`` and ``translated`` number the points whose place is known by
    its municipality only, and those whose title is in the reader's language when that is not the source language.
    """
    themes = main_themes(found, language)
    titles = translated_titles(language)
    rows = found.with_position().order_by("title", "pk")
    groups: dict[str, dict[str, Any]] = {word.slug: new_group(word.slug) for word in words(Theme, language).values()}
    groups[""] = new_group("")
    columns = ("pk", "translation_key", "slug", "title", "latitude", "longitude", "position_precision")
    for pk, key, slug, title, latitude, longitude, precision in rows.values_list(*columns):
        group = groups[themes.get(pk, "")]
        columns_of_group, points = group["properties"], group["geometry"]["coordinates"]
        if precision == PositionPrecision.MUNICIPALITY:
            columns_of_group["approximate"].append(len(points))
        if key in titles:
            columns_of_group["translated"].append(len(points))
        points.append([round(longitude, DECIMALS), round(latitude, DECIMALS)])
        columns_of_group["slugs"].append(slug)
        columns_of_group["titles"].append(titles.get(key, title))
    features = [group for group in groups.values() if group["geometry"]["coordinates"]]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))


def new_group(theme: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "MultiPoint", "coordinates": []},
        "properties": {"theme": theme, "slugs": [], "titles": [], "approximate": [], "translated": []},
    }


def main_themes(found: StructureQuerySet, language: str) -> dict[int, str]:
    """The code of the first theme of each place, in the vocabulary's order, by the place's primary key."""
    vocabulary = words(Theme, language)
    rank = {pk: number for number, pk in enumerate(vocabulary)}
    best: dict[int, int] = {}
    links: Any = StructurePage.themes.through.objects.filter(structurepage__in=found.order_by().values("pk"))
    for page, theme in links.values_list("structurepage_id", "theme_id"):
        if theme in rank and (page not in best or rank[theme] < rank[best[page]]):
            best[page] = theme
    return {page: vocabulary[theme].slug for page, theme in best.items()}


def translated_titles(language: str) -> dict[Any, str]:
    """Titles of all the sheets that have a text in a language, by translation key; empty for the source language."""
    if language == SOURCE_LANGUAGE:
        return {}
    rows = StructurePage.objects.translations_into(language).public()
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
