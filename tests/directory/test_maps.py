"""The map documents: self-hosted, silent towards third parties until asked, safe whatever the sheets say."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from directory.maps import script_json, tiles_origin
from tests.factories import AudienceFactory, MunicipalityFactory, StructureFactory, ThemeFactory, create_many, translate

MAP = "/annuaire/carte/"
TILES = "tile.openstreetmap.org"
HOSTILE = (
    "${alert(1)}",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    """ "quoted' `and` \\ back """.strip(),
    "{{ 7 * 7 }} {% raw %} {# note #}",
    "\u202eSLR \u200fmarks\u200e \u2028line",
)


class Document(HTMLParser):
    """What a test reads in an HTML document: elements with their attributes, and the text of each kind of element."""

    def __init__(self, response):
        super().__init__()
        self.elements, self.texts, self._open = [], {}, []
        self.html = response.content.decode()
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data):
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data.strip())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def config(self):
        """What the one inline script hands over to ``places-map.js``."""
        call = re.search(r"portalMap\.show\(\w+, \w+, (.*)\);", self.html)
        return json.loads(call[1])


def policy_of(response):
    directives = (part.strip().split(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


@pytest.fixture
def places(tree):
    lille = MunicipalityFactory(insee="59350", name="Lille", postcodes="59000", latitude=50.63, longitude=3.06)
    clinic = StructureFactory(title="PMI Moulins", slug="pmi-moulins", kind="pmi", municipality=lille, latitude=50.62)
    translate(clinic, "ar", title="مركز حماية الأمومة")
    StructureFactory(title="Centre Écho", slug="centre-echo")
    StructureFactory(
        title="Sans adresse", slug="sans-adresse", latitude=None, longitude=None, position_precision="",
        position_source="",
    )  # fmt: skip
    return clinic


# --- The document ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("prefix", "language", "direction"), [("", "fr", "ltr"), ("/en", "en", "ltr"), ("/ar", "ar", "rtl")]
)
def test_a_map_is_a_whole_document(client, places, prefix, language, direction):
    response = client.get(f"{prefix}{MAP}?kind=pmi&page=3&nothing=1")
    assert response.status_code == 200
    assert "Set-Cookie" not in response
    document = Document(response)
    assert document.html.startswith("<!DOCTYPE html>")
    assert document.all("html") == [{"lang": language, "dir": direction}]
    assert {"name": "robots", "content": "noindex"} in document.all("meta")
    viewport = next(meta["content"] for meta in document.all("meta") if meta.get("name") == "viewport")
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport
    assert len(document.all("main")) == len(document.all("h1")) == len(document.all("noscript")) == 1
    assert document.texts["title"][0].startswith(document.texts["h1"][0])
    # The same filters, without the number of a page of the list and what is no filter.
    assert {"href": f"{prefix}/annuaire/?kind=pmi", "target": "_top"} in document.all("a")
    assert {"href": f"{prefix}{MAP}?kind=pmi&fond=osm"} in document.all("a")
    assert document.config["points"] == f"{prefix}/annuaire/lieux.geojson?kind=pmi&forme=carte"
    assert document.config["details"] == document.config["sheets"] == f"{prefix}/annuaire/"
    assert document.config["towns"] == [["Lille", 50.63, 3.06]]


@pytest.mark.django_db
def test_each_script_and_style_carries_a_nonce_of_its_own_answer(client, places):
    nonces = set()
    for path in (MAP, MAP, "/annuaire/pmi-moulins/carte/"):
        response = client.get(path)
        document, policy = Document(response), policy_of(response)
        parts = [*document.all("script"), *document.all("style")]
        parts += [link for link in document.all("link") if link["rel"] == "stylesheet"]
        assert len(parts) >= 8
        (nonce,) = {part.get("nonce") for part in parts}
        assert policy["script-src"] == policy["style-src"] == [f"'nonce-{nonce}'"]
        assert policy["default-src"] == ["'none'"]
        assert policy["connect-src"] == ["'self'"]
        assert policy["frame-ancestors"] == ["'self'"]
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        # Nothing that a nonce could not cover.
        assert not [
            one for _tag, one in document.elements if "style" in one or any(name.startswith("on") for name in one)
        ]
        nonces.add(nonce)
    assert len(nonces) == 3


@pytest.mark.django_db
def test_only_the_map_has_a_nonce(client, places):
    for path in ("/annuaire/", "/annuaire/lieux.geojson", "/annuaire/lieux.csv"):
        assert "nonce" not in client.get(path)["Content-Security-Policy"]
    for path in (MAP, f"{MAP}?fond=osm", "/annuaire/"):
        assert "unsafe" not in client.get(path)["Content-Security-Policy"]


@pytest.mark.django_db
def test_no_third_party_before_the_visitor_asks(client, places):
    for query in ("", "?fond=", "?fond=yes", "?fond=OSM", "?kind=pmi"):
        response = client.get(MAP + query)
        own = response.content.decode().replace('href="http://testserver/', "")  # the same map in each language
        own = own.replace("oembed?url=http%3A%2F%2Ftestserver%2F", "")
        assert "http" not in own
        links = [one.get("src") or one.get("href") for _tag, one in Document(response).elements]
        assert not [link for link in links if link and link.startswith("//")]
        assert policy_of(response)["img-src"] == ["'self'", "data:"]


@pytest.mark.django_db
def test_the_streets_once_asked_for(client, places):
    response = client.get(f"{MAP}?fond=osm&kind=pmi")
    document = Document(response)
    assert policy_of(response)["img-src"] == ["'self'", "data:", f"https://{TILES}"]
    assert f"https://{TILES}/{{z}}/{{x}}/{{y}}.png" in document.html
    assert r"\u00a9 OpenStreetMap" in document.html
    # Back to a plain map, and to the list: neither remembers the streets.
    assert {"href": f"{MAP}?kind=pmi"} in document.all("a")
    assert {"href": "/annuaire/?kind=pmi", "target": "_top"} in document.all("a")
    assert document.config["points"] == "/annuaire/lieux.geojson?kind=pmi&forme=carte"
    # The images name the towns.
    assert document.config["towns"] == []


@pytest.mark.django_db
def test_the_tiles_of_another_server(client, places, settings):
    settings.MAP_TILES_URL, settings.MAP_TILES_ATTRIBUTION = "https://{s}.tiles.example.org/{z}/{x}/{y}.png", "© <IGN>"
    assert "(images from &lt;IGN&gt;)" in client.get("/en" + MAP).content.decode()
    response = client.get(f"{MAP}?fond=osm")
    assert "https://*.tiles.example.org" in policy_of(response)["img-src"]
    assert "openstreetmap" not in response.content.decode().lower()
    settings.MAP_TILES_URL = "/tiles/{z}/{x}/{y}.png"
    assert policy_of(client.get(f"{MAP}?fond=osm"))["img-src"] == ["'self'", "data:"]
    settings.MAP_TILES_URL = ""
    assert "fond=osm" not in client.get(MAP).content.decode()
    assert "tileLayer" not in client.get(f"{MAP}?fond=osm").content.decode()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "https://tile.openstreetmap.org"),
        ("http://127.0.0.1:8080/{z}/{x}/{y}.png", "http://127.0.0.1:8080"),
        ("https://{s}.tile.example.org/{z}/{x}/{y}{r}.png", "https://*.tile.example.org"),
        ("https://tile-{s}.example.org/{z}/{x}/{y}.png", "https://*.example.org"),
        ("//tile.example.org/{z}.png", "https://tile.example.org"),
        ("/tiles/{z}/{x}/{y}.png", ""),
        ("", ""),
    ],
)
def test_the_origin_of_tiles(url, origin):
    assert tiles_origin(url) == origin


@pytest.mark.django_db
def test_what_the_map_can_not_show_is_said(client, places):
    text = client.get(f"/en{MAP}?age=old&kind=nothing").content.decode()
    assert "2 places on this map." in text
    assert "1 place is in the list only" in text
    assert "– old<" in text
    assert "– nothing<" in text
    empty = Document(client.get(f"/en{MAP}?q=zzzzzz"))
    assert "0 places on this map." in empty.html


@pytest.mark.django_db
def test_colours_of_a_portal_of_its_own(client, places, tree):
    from portal.core.models import PortalSettings

    own = {"portal_name": "Boussole du Nord", "ink_green": "#123456"}
    PortalSettings.objects.update_or_create(site=tree.site, defaults=own)
    document = Document(client.get(MAP))
    assert any("/couleurs-" in link["href"] for link in document.all("link"))
    assert "Boussole du Nord" in document.texts["title"][0]


# --- The map of a place ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_map_of_a_place(client, places):
    document = Document(client.get("/annuaire/pmi-moulins/carte/"))
    assert document.texts["h1"] == ["PMI Moulins"]
    assert {"href": "/annuaire/pmi-moulins/", "target": "_top"} in document.all("a")
    told = document.config["place"]["properties"]
    assert (told["title"], told["directions"]) == ("PMI Moulins", f"geo:50.62,{places.longitude}")
    assert {"href": told["directions"], "target": "_top"} in document.all("a")
    assert document.config["points"] == ""
    arabic = Document(client.get("/ar/annuaire/pmi-moulins/carte/"))
    assert arabic.texts["h1"] == ["مركز حماية الأمومة"]
    foreign = Document(client.get("/ar/annuaire/centre-echo/carte/"))
    assert foreign.all("h1") == [{"lang": "fr", "dir": "ltr"}]


def private(page):
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


@pytest.mark.django_db
def test_places_that_have_no_map(client, places, tree):
    StructureFactory(slug="brouillon", live=False)
    private(StructureFactory(slug="prive"))
    for slug in ("brouillon", "prive", "sans-adresse", "nowhere", "x" * 300):
        assert client.get(f"/annuaire/{slug}/carte/").status_code == 404
    private(places.get_translation(tree.homes["ar"].locale))
    assert client.get("/ar/annuaire/pmi-moulins/carte/").status_code == 404
    assert client.get("/annuaire/pmi-moulins/carte/").status_code == 200
    for hide in (lambda: private(tree.directory), tree.directory.unpublish):
        hide()
        for path in (MAP, f"/ar{MAP}", "/annuaire/pmi-moulins/carte/"):
            assert client.get(path).status_code == 404
        PageViewRestriction.objects.all().delete()


@pytest.mark.django_db
def test_maps_are_only_read(client, places):
    for path in (MAP, "/annuaire/pmi-moulins/carte/"):
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_odd_filters_are_left_out(client, places):
    for query in (
        "near=%27&q=%22",
        "age=1e999&near=inf,inf",
        f"q={'x' * 10_000}",
        "fond=osm&fond=%22",
        "q=%7B%7B7*7%7D%7D",
    ):
        for path in (MAP, "/annuaire/pmi-moulins/carte/"):
            assert client.get(f"{path}?{query}").status_code == 200, query
    assert client.get(f"{MAP}?q=%00").status_code == 400


# --- Hostile texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text_in_a_script(text):
    written = script_json({"title": text, "nested": [{"a": {"b": {}}}]})
    assert json.loads(written) == {"title": text, "nested": [{"a": {"b": {}}}]}
    assert written.isascii()
    for danger in ("<", "${", "{{", "{%", "{#", "`", "'"):
        assert danger not in written


@pytest.mark.django_db
def test_hostile_texts_stay_texts_in_the_document(client, tree):
    for number, text in enumerate(HOSTILE):
        StructureFactory(title=text, slug=f"lieu-{number}", address=text)
        document = Document(client.get(f"/annuaire/lieu-{number}/carte/"))
        assert document.texts["h1"] == [text]
        told = document.config["place"]["properties"]
        assert (told["title"], told["address"]) == (text, text)
        assert document.html.count("<script") == document.html.count("</script>") == 4
        assert "49" not in document.texts["h1"][0]
        # Filters come back in the document's addresses and notes.
        document = Document(client.get(MAP, {"q": text, "kind": text}))
        assert document.html.count("<script") == document.html.count("</script>") == 4


# --- What the portal ships -------------------------------------------------------------------------------------------

VENDOR = Path(django_settings.BASE_DIR) / "static" / "vendor"


def test_shipped_files_have_their_licence_and_no_source_map():
    for name in ("leaflet", "leaflet.markercluster"):
        assert {"LICENSE", "VERSION"} <= {path.name for path in (VENDOR / name).iterdir()}
    for path in VENDOR.rglob("*.*"):
        if path.suffix in (".js", ".css"):
            assert "sourceMappingURL" not in path.read_text(encoding="utf-8")


def test_static_files_can_be_hashed(tmp_path):
    """The storage of production refuses an address in a style sheet or a script that leads nowhere."""
    shutil.copytree(VENDOR.parent, tmp_path / "static")
    storage = ManifestStaticFilesStorage(location=tmp_path / "static")
    names = [
        path.relative_to(tmp_path / "static").as_posix() for path in (tmp_path / "static").rglob("*") if path.is_file()
    ]
    source = FileSystemStorage(location=tmp_path / "static")
    faults = [
        (name, done)
        for name, _hashed, done in storage.post_process({name: (source, name) for name in names})
        if done not in (True, False)
    ]
    assert faults == []


# --- Cost ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.slow
def test_the_number_of_queries_does_not_depend_on_the_places(client, tree):
    """Of the maps and of the exports, and the size of the map neither."""
    health, parents = ThemeFactory(slug="sante", names={"ar": "الصحة"}), AudienceFactory()
    facts = {"themes": [health], "audiences": [parents]}
    addresses = (MAP, "/annuaire/un-lieu/carte/", "/annuaire/lieux.geojson", "/annuaire/lieux.csv")
    paths = [f"{language}{path}?theme=sante" for language in ("", "/ar") for path in addresses]

    def queries(path):
        client.get(path)  # warm
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    StructureFactory(slug="un-lieu", **facts)
    for page in create_many(StructureFactory, 9, **facts)[:3]:
        translate(page, "ar", title=f"مكان {page.pk}")
    few = {path: queries(path) for path in paths}
    size = len(client.get(MAP).content)
    create_many(StructureFactory, 190, **facts)
    assert {path: queries(path) for path in paths} == few
    assert max(few.values()) <= 12, few
    # The points come from elsewhere: the document stays as small as it was.
    assert len(client.get(MAP).content) - size < 20
