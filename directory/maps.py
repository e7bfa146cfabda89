"""The maps: HTML documents of their own, made by folium, with Leaflet served by the portal.

Such a document holds no text of a sheet but its title, as HTML: the browser asks for the points
(:mod:`directory.points`), ``static/js/places-map.js`` shows them, and asks for what a popup says when it opens.
Importing folium takes a second: views import this module when they need it.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

import folium
from branca.element import CssLink, Figure, JavascriptLink, MacroElement
from csp.constants import NONCE, SELF
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import escape
from django.utils.translation import gettext as _
from folium.elements import JSCSSMixin
from folium.plugins import MarkerCluster
from folium.template import Template
from jinja2 import Environment

from portal.core.languages import direction
from portal.core.models import Theme
from portal.core.papercuts import sprite_url
from portal.core.tiles import tiles_origin
from portal.core.vocabulary import words

#: What a map without any place shows: latitude, longitude and zoom of metropolitan France.
NOWHERE = (46.6, 2.4, 6)
MAX_ZOOM = 19
#: Papers of the pins, one theme after the other: classes of map.css. A pin has its theme's pictogram too.
INKS = ("green", "yellow", "pink", "orange", "night")
#: The pictogram of the places that have no theme, and of the themes that have none.
NO_PICTOGRAM = "home"

DOCUMENT = """\
<!DOCTYPE html>
<html lang="{{ this.language }}" dir="{{ this.direction }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{{ this.title }}{% if this.contents.purpose %} ({{ this.contents.purpose }}){% endif %} –\
 {{ this.contents.portal_name }}</title>
<link rel="icon" href="{{ this.icon_url }}" type="image/svg+xml">
{% for language, url in this.contents.alternates %}<link rel="alternate" hreflang="{{ language }}" href="{{ url }}">
{% endfor %}{% if this.contents.oembed_url %}<link rel="alternate" type="application/json+oembed"\
 href="{{ this.contents.oembed_url }}" title="{{ this.title }}">
{% endif %}{% for url in this.stylesheets %}<link rel="stylesheet" href="{{ url }}" nonce="{{ this.nonce }}">
{% endfor %}</head>
<body class="map-document">
<a class="skip" href="#main">{{ this.skip }}</a>
<main id="main" tabindex="-1">
<h1{% if this.contents.title_language != this.language %} lang="{{ this.contents.title_language }}"\
 dir="{{ this.title_direction }}"{% endif %}>{{ this.title }}</h1>
<p class="map-ways">{% for way in this.ways %}<a href="{{ way.url }}"\
{% if way.is_elsewhere %} target="_top"{% endif %}>{{ way.label }}</a> {% endfor %}</p>
{% for sentence in this.contents.sentences %}<p>{{ sentence }}</p>
{% endfor %}<noscript><p>{{ this.without_script }}</p></noscript>
<p class="map-state" id="map-state" role="status"></p>
<div class="map-and-legend">
<details class="legend" id="map-legend" hidden><summary>{{ this.legend_label }}</summary></details>
<div class="map" role="region" aria-label="{{ this.map_label }}" dir="ltr">{{ this.html.render() | safe }}</div>
</div>
</main>
{% for url in this.scripts %}<script src="{{ url }}" nonce="{{ this.nonce }}"></script>
{% endfor %}<script nonce="{{ this.nonce }}">
{{ this.script.render() | safe }}
</script>
</body>
</html>
"""


@dataclass(frozen=True)
class Link:
    url: str
    label: str
    #: Leaves the frame that the map may stand in.
    is_elsewhere: bool = True


@dataclass(frozen=True)
class Here:
    """A point that the places are around; ``radius`` in kilometres."""

    latitude: float
    longitude: float
    label: str
    radius: float


@dataclass(frozen=True)
class MapContents:
    """What a map document shows; plain texts, in the reader's language unless said otherwise."""

    title: str
    title_language: str
    portal_name: str
    #: Where the same places stand as text.
    back: Link
    #: Address of this document with the streets when they are not shown, without them when they are.
    streets_url: str
    shows_streets: bool
    #: Other ways from here.
    ways: list[Link] = field(default_factory=list)
    #: Address of the points, or the one place as a GeoJSON feature.
    points_url: str = ""
    place: dict[str, Any] | None = None
    #: Addresses of the sheets, and of what popups say of them, without the code of the place at the end.
    sheets_url: str = ""
    details_url: str = ""
    here: Here | None = None
    oembed_url: str = ""
    #: ``(name, latitude, longitude)`` of the towns to name while there are no streets.
    towns: list[tuple[str, float, float]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    #: ``(language, address)`` of this document in each language.
    alternates: list[tuple[str, str]] = field(default_factory=list)
    #: Style sheets to read after the portal's own inks.
    stylesheets: list[str] = field(default_factory=list)
    #: What tells it from another document with the same heading.
    purpose: str = ""
    #: Texts of the document's script that are not those of places.
    texts: dict[str, str] = field(default_factory=dict)


def render_map(contents: MapContents, *, language: str, nonce: str) -> str:
    """The HTML document of a map; each script and style in it carries the nonce."""
    document = MapDocument(contents, language=language, nonce=nonce)
    plain_map = PlainMap()
    document.add_child(plain_map)
    if contents.shows_streets:
        plain_map.add_child(folium.TileLayer(settings.MAP_TILES_URL, attr=attribution(), min_zoom=3, max_zoom=MAX_ZOOM))
    cluster = PlaceCluster(show_coverage_on_hover=False, animate=False, max_cluster_radius=60, chunked_loading=True)
    plain_map.add_child(cluster)
    plain_map.add_child(PlacesLayer(plain_map, cluster, config_of(contents, language)))
    html: str = document.render()
    return html


def config_of(contents: MapContents, language: str) -> dict[str, Any]:
    """What ``places-map.js`` is told."""
    return {
        "points": contents.points_url,
        "place": contents.place,
        "sheets": contents.sheets_url,
        "details": contents.details_url,
        "here": asdict(contents.here) if contents.here else None,
        "nowhere": NOWHERE,
        "sprite": sprite_url(),
        "themes": legend(language),
        "towns": [] if contents.shows_streets else contents.towns,
        "lang": language,
        "dir": direction(language),
        "texts": {
            "cluster": _("Number of places here: {count}. Come closer."),
            "approximate": _("The exact place is not known."),
            "sheet": _("See this place"),
            "way": _("Go there"),
            "loading": _("Loading…"),
            "noDetails": _("The details could not be loaded. They are on the sheet of the place."),
            "shown": _("Number of places on the map: {count}."),
            "close": _("Close"),
            "zoomIn": _("Come closer"),
            "zoomOut": _("Go further"),
            "failed": _("The places could not be loaded. They are all in the list."),
            **contents.texts,
        },
    }


def legend(language: str) -> list[dict[str, str]]:
    """How the places of each theme look, in the vocabulary's order; the last stands for those without theme."""
    look = [
        {
            "code": word.slug,
            "name": word.name,
            "lang": word.lang,
            "pictogram": word.pictogram or NO_PICTOGRAM,
            "ink": INKS[number % len(INKS)],
        }
        for number, word in enumerate(words(Theme, language).values())
    ]
    other = {"code": "", "name": _("Other places"), "lang": language, "pictogram": NO_PICTOGRAM, "ink": INKS[0]}
    return [*look, other]


# --- What the browser may do -----------------------------------------------------------------------------------------


def map_policy(*, shows_streets: bool, is_embedded: bool = False) -> dict[str, list[Any]]:
    """Directives of the content security policy instead of the portal's: a nonce, and tiles once they are asked for.

    A map that is made for other sites may stand in their frames.
    """
    origin = tiles_origin(settings.MAP_TILES_URL) if shows_streets else ""
    return {
        "script-src": [NONCE],
        "style-src": [NONCE],
        "img-src": [SELF, "data:", *([origin] if origin else [])],
        **({"frame-ancestors": ["*"]} if is_embedded else {}),
    }


def attribution() -> str:
    """Whom the streets come from, as HTML; with the link that OpenStreetMap asks for."""
    name = escape(settings.MAP_TILES_ATTRIBUTION)
    if "OpenStreetMap" not in name:
        return name
    return f'<a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">{name}</a>'


def streets_link(contents: MapContents) -> Link | None:
    if not settings.MAP_TILES_URL:
        return None
    if contents.shows_streets:
        return Link(contents.streets_url, _("Hide the streets"), is_elsewhere=False)
    source = settings.MAP_TILES_ATTRIBUTION.removeprefix("©").strip()
    label = _("Show the streets (images from %(source)s)") % {"source": source}
    return Link(contents.streets_url, label, is_elsewhere=False)


# --- Elements of folium ----------------------------------------------------------------------------------------------


class MapDocument(Figure):
    """A whole document around one map: landmark, title, the way back to the list, a nonce on each script and style."""

    _template = Environment(autoescape=True).from_string(DOCUMENT)

    def __init__(self, contents: MapContents, *, language: str, nonce: str) -> None:
        super().__init__(title=contents.title)
        self.contents = contents
        self.language = language
        self.direction = direction(language)
        self.title_direction = direction(contents.title_language)
        self.nonce = nonce
        streets = streets_link(contents)
        self.ways = [contents.back, *contents.ways, *([streets] if streets else [])]
        self.legend_label = _("What the colours and drawings mean")
        self.icon_url = static("img/icon.svg")
        self.map_label = _("Map")
        self.skip = _("Go to the content")
        self.without_script = _("The map needs JavaScript. The list has the same places.")

    @property
    def stylesheets(self) -> list[str]:
        """Those that the elements of the map asked for, then the portal's."""
        own = [static("css/tokens.css"), *self.contents.stylesheets, static("css/map.css")]
        return [child.url for child in self.header._children.values() if isinstance(child, CssLink)] + own

    @property
    def scripts(self) -> list[str]:
        return [child.url for child in self.header._children.values() if isinstance(child, JavascriptLink)]


class PlainMap(folium.Map):
    """A map without folium's inline styles, its ban on zooming, and its third-party files.

    It has no view of its own, so that the first images asked for are those around the places.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}<div id="{{ this.get_name() }}"></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {{ this.options|tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__(
            tiles=None,
            zoom_control=False,  # added by places-map.js, in the reader's language
            zoom_animation=False,
            fade_animation=False,
            marker_zoom_animation=False,
        )
        del self.options["zoom"]
        # An option of folium's tiles only, but clusters need it on the map.
        self.options["max_zoom"] = MAX_ZOOM
        self.default_js = [("leaflet", static("vendor/leaflet/leaflet.js"))]
        self.default_css = [("leaflet_css", static("vendor/leaflet/leaflet.css"))]


class PlaceCluster(MarkerCluster):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        folder = "vendor/leaflet.markercluster"
        self.default_js = [("markercluster", static(f"{folder}/leaflet.markercluster.js"))]
        self.default_css = [("markercluster_css", static(f"{folder}/MarkerCluster.css"))]


class PlacesLayer(JSCSSMixin, MacroElement):
    """Hands a map, its cluster and a configuration over to ``places-map.js``."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        portalMap.show({{ this.names | join(", ") }}, {{ this.config }});
        {% endmacro %}
        """
    )

    def __init__(self, plain_map: PlainMap, cluster: PlaceCluster, config: dict[str, Any]) -> None:
        super().__init__()
        self._name = "PlacesLayer"
        self.names = [plain_map.get_name(), cluster.get_name()]
        self.config = script_json(config)
        self.default_js = [("places_map", static("js/places-map.js"))]


JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'`${}%#"}


def script_json(value: Any) -> str:
    """JSON for an inline script: no text in it can end the script, nor be a template.

    branca renders what a macro gave as a template once more: ``{{ … }}`` in a text would be evaluated on the server.
    """
    return JSON_STRING.sub(lambda text: text[0].translate(ESCAPES), json.dumps(value))
