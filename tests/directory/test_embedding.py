"""The map and the list on other sites: what may be framed and what may not, lines to paste, oEmbed."""

import json
from html import unescape
from urllib.parse import quote

import pytest

from tests.factories import CentreFactory, StructureFactory, ThemeFactory

pytestmark = pytest.mark.django_db

PAGE, MAP, LIST = "/annuaire/integrer/", "/annuaire/integre/carte/", "/annuaire/integre/liste/"
HOSTILE = "\"><script>alert(1)</script>${x}{{ 7 * 7 }}'"


@pytest.fixture
def places(tree):
    health = ThemeFactory(slug="sante", name="Santé", names={"ar": "الصحة"})
    for number in range(12):
        StructureFactory(title=f"Lieu {number:02}", slug=f"un-lieu-{number}", themes=[health])
    return tree


def framing(response):
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";") if " " in part)
    return policy["frame-ancestors"], response.get("X-Frame-Options"), response["Cross-Origin-Resource-Policy"]


@pytest.mark.parametrize("prefix", ["", "/ar"])
def test_what_other_sites_may_show(client, places, prefix):
    for path in (MAP, LIST, f"{MAP}?theme=sante&fond=osm", f"{LIST}?page=2"):
        response = client.get(prefix + path)
        assert response.status_code == 200
        assert framing(response) == ("*", None, "cross-origin")
        assert not response.cookies
        assert "csrf" not in response.content.decode().lower()


def test_every_other_address_refuses(client, places):
    CentreFactory(slug="echo", structure=StructureFactory(slug="pmi"))
    paths = [
        "/", "/annuaire/", PAGE, "/annuaire/carte/", "/annuaire/pmi/", "/annuaire/pmi/carte/", "/annuaire/pmi/autour/",
        "/annuaire/pmi/lieu.geojson", "/annuaire/lieux.geojson", "/annuaire/lieux.geojson?forme=carte",
        "/annuaire/lieux.csv", "/agenda/", "/centres/echo/", "/recherche/", "/contact/", "/nulle-part/",
        "/annuaire/integre/", "/annuaire/integre/autre/", "/admin/login/", "/ar/annuaire/integrer/", "/oembed",
    ]  # fmt: skip
    for path in paths:
        ancestors, old, resources = framing(client.get(path)) if path != "/admin/login/" else ("'self'",) * 3
        response = client.get(path)
        assert response["X-Frame-Options"] == "SAMEORIGIN", path
        if path != "/admin/login/":
            assert (ancestors, old) == ("'self'", "SAMEORIGIN"), path
            assert resources == ("cross-origin" if path == "/oembed" else "same-origin"), path


def test_the_list_in_a_frame(client, places):
    html = client.get(f"/en{LIST}?theme=sante").content.decode()
    assert '<base target="_top">' in html
    assert "<h1>The places: Santé</h1>" in html
    assert "12 places found" in html
    # Its own pages stay in the frame.
    assert f'href="/en{LIST}?theme=sante&amp;page=2" rel="next" target="_self"' in html
    assert 'href="/en/annuaire/?theme=sante"' in html
    assert "<script" not in html


def test_the_map_in_a_frame(client, places):
    html = client.get(f"{MAP}?theme=sante").content.decode()
    assert '<a href="/annuaire/?theme=sante" target="_top">Tout voir sur La Boussole</a>' in html
    assert f'<a href="{MAP}?theme=sante&amp;fond=osm">' in html


def snippet_of(client, path):
    html = client.get(path).content.decode()
    start = html.index('<textarea id="snippet"')
    return unescape(html[html.index(">", start) + 1 : html.index("</textarea>", start)])


def test_the_lines_to_paste(client, places):
    assert snippet_of(client, f"/en{PAGE}?theme=sante&hauteur=450&age=2&ouvert=wed") == (
        f'<iframe src="http://testserver/en{MAP}?theme=sante&amp;age=2&amp;ouvert=wed"'
        ' title="Map of the places – La Boussole" width="100%" height="450" loading="lazy"></iframe>'
    )
    assert 'title="Carte des lieux : Santé – La Boussole"' in snippet_of(client, f"{PAGE}?theme=sante")
    lines = snippet_of(client, f"/ar{PAGE}?vue=liste&theme=sante")
    assert f'src="http://testserver/ar{LIST}?theme=sante" title="الأماكن: الصحة – La Boussole"' in lines


def test_what_can_not_be_read_is_left_out_of_the_lines(client, places):
    response = client.get(PAGE, {"q": HOSTILE, "theme": HOSTILE, "hauteur": "9e9", "vue": HOSTILE, "near": HOSTILE})
    assert response.status_code == 200
    html = response.content.decode()
    assert "<script>alert" not in html
    lines = snippet_of(client, f"{PAGE}?q={quote(HOSTILE)}&hauteur=-1&near=zzz")
    assert 'height="600"' in lines
    assert "near" not in lines
    assert lines.count('"') == 10
    assert lines.count("<") == 2
    assert snippet_of(client, f"{PAGE}?theme=nulle-part").count("?") == 1


# --- oEmbed ----------------------------------------------------------------------------------------------------------


def oembed(client, url, **options):
    response = client.get("/oembed", {"url": url, **options})
    return response, json.loads(response.content)


@pytest.mark.parametrize(
    ("asked", "shown", "title"),
    [
        ("/annuaire/carte/?theme=sante", f"{MAP}?theme=sante", "Carte des lieux : Santé"),
        (MAP, MAP, "Carte des lieux"),
        ("/ar/annuaire/?theme=sante&page=3", f"/ar{LIST}?theme=sante", "الأماكن: الصحة"),
        (f"/en{LIST}", f"/en{LIST}", "The places"),
    ],
)
def test_oembed(client, places, asked, shown, title):
    response, answer = oembed(client, f"http://testserver{asked}", maxwidth="500", maxheight="9999")
    assert response["Content-Type"] == "application/json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert (answer["version"], answer["type"], answer["width"], answer["height"]) == ("1.0", "rich", 500, 600)
    assert answer["title"] == f"{title} – La Boussole"
    assert f'src="http://testserver{shown}"' in unescape(answer["html"])
    assert 'width="500" height="600"' in answer["html"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/annuaire/", "http://testserver.example.org/annuaire/", "javascript:alert(1)", "/annuaire/",
        "http://testserver/contact/", "http://testserver/annuaire/pmi/", "http://testserver@example.org/annuaire/",
        "http://[", "//testserver/annuaire/", "ftp://testserver/annuaire/", "http://testserver/de/annuaire/",
    ],
)  # fmt: skip
def test_oembed_of_what_is_not_ours(client, places, url):
    response, answer = oembed(client, url)
    assert response.status_code == 404
    assert answer["error"]


def test_oembed_of_odd_requests(client, places):
    assert client.get("/oembed").status_code == 400
    assert oembed(client, f"http://testserver{MAP}", format="xml")[0].status_code == 501
    assert client.post("/oembed").status_code == 405
    for size in ("-1", "0", "abc", "٣", "1" * 5_000):
        assert oembed(client, f"http://testserver{MAP}", maxwidth=size)[1]["width"] == 800
    _response, answer = oembed(client, f"http://testserver{MAP}?q={quote(HOSTILE)}")
    assert "<script" not in answer["html"]
    assert answer["html"].count("<") == 2


def test_pages_name_their_oembed(client, places):
    for path in (PAGE, "/annuaire/", "/annuaire/carte/", MAP, LIST):
        html = client.get(path).content.decode()
        (line,) = [line for line in html.splitlines() if "json+oembed" in line]
        address = unescape(line.split('href="')[1].split('"')[0])
        assert json.loads(client.get(address).content)["type"] == "rich"
