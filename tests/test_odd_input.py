"""Odd input never gives a server error: malformed filters, NUL, quotes, long texts, unknown languages."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories

pytestmark = pytest.mark.django_db

PATHS = (
    "/", "/annuaire/", "/annuaire/carte/", "/annuaire/lieux.geojson", "/annuaire/lieux.csv", "/ressources/",
    "/glossaire/", "/agenda/", "/centres/", "/actualites/", "/recherche/", "/plan-du-site/", "/contact/",
)  # fmt: skip
NAMES = (
    "q", "theme", "kind", "audience", "age", "commune", "near", "radius", "cost", "langue", "access", "ouvert", "from",
    "to", "type", "sort", "page", "vue", "date", "fond", "message", "lire",
)  # fmt: skip
VALUES = (
    "'", '"', "''\"\"", "%00", "a\x00b", "x" * 10_000, "-1", "1e309", "NaN", "Infinity", "0x10", "２", "١٢",
    "<script>",
    "${7*7}", "{{ 7 }}", "../../etc/passwd", "\u202e\u200f", "😀" * 50, "AND OR NOT", "NEAR(", "*", '"*', ":",
    "9" * 400,
    "0000-00-00", "2026-13-45", "2026-02-30", "99999-01-01", "50.6,", "91,181", "1,2,3", " ", "\r\nX: y",
    "null",
)  # fmt: skip


@pytest.fixture
def site(tree):
    factories.StructureFactory(slug="pmi", title="PMI")
    factories.EventFactory(slug="cafe")
    factories.TermFactory(slug="nuage")


@pytest.fixture
def quiet(client):
    client.raise_request_exception = False
    return client


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/annuaire/", "/agenda/", "/recherche/"])
def test_each_filter_alone(quiet, site, path):
    """One filter at a time, so that none hides behind another that empties the list."""
    for number, name in enumerate(NAMES):
        # Every value meets every path, and every filter some values: all pairs would take minutes.
        for value in VALUES[number % 3 :: 3]:
            response = quiet.get(path, {name: value})
            assert response.status_code in (200, 400, 404), (path, name, value[:40], response.status_code)


@pytest.mark.parametrize("path", PATHS)
def test_all_filters_at_once(quiet, site, path):
    for value in VALUES:
        assert quiet.get(path, dict.fromkeys(NAMES, value)).status_code < 500, (path, value[:40])
    assert quiet.get(path, {"theme": ["x"] * 2_000}).status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/%00", "/annuaire/%00/", "/annuaire/'/", '/annuaire/"/', "/%ff%fe/", "/annuaire/%E9/", "/xx/", "/zz/annuaire/",
        "/ar/ar/", "/en/admin/", "/annuaire/" + "a" * 3_000 + "/", "/annuaire/../../", "//", "///annuaire//",
        "/%2e%2e/",
        "/agenda/%00/", "/agenda/été/", "/annuaire/pmi/carte/%00", "/glossaire/" + "é" * 500 + "/", "/media/../x",
        "/documents/999/x", "/annuaire/pmi/?%00", "/recherche/?q=%", "/recherche/?q=%ZZ", "/recherche/?%00=1", "/?=",
    ],
)  # fmt: skip
def test_odd_addresses(quiet, site, path):
    response = quiet.generic("GET", path.split("?")[0], QUERY_STRING=path.partition("?")[2])
    assert response.status_code in (200, 301, 302, 400, 404), (path, response.status_code)


@pytest.mark.parametrize("accept", ["xx", "*" * 500, "ar;q=nan", "\x00", "fr-FR;q=0.1,'"])
def test_the_language_of_the_browser_changes_nothing(quiet, site, accept):
    response = quiet.get("/annuaire/", headers={"accept-language": accept})
    assert response.status_code == 200
    assert '<html lang="fr"' in response.content.decode()


def test_a_huge_form_field_is_refused(site):
    client = Client(raise_request_exception=False, enforce_csrf_checks=False)
    response = client.post("/contact/", {"message": "x" * 5_000_000})
    assert response.status_code in (400, 413)
    assert "<h1" in response.content.decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods(quiet, site, method):
    for path in PATHS:
        assert quiet.generic(method, path).status_code < 500, (method, path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS),
    query=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=300), max_size=5),
    language=st.sampled_from(["", "/ar", "/en"]),
)
def test_any_text_in_any_filter(quiet, site, path, query, language):
    assert quiet.get(language + path, query).status_code in (200, 400, 404)
