"""Headers of every answer, and addresses that nobody types."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from portal.core import middleware
from portal.core.middleware import RefuseNullBytes, SecurityHeaders

NO_PERSON_TYPES_THESE = [
    ("/%00", ""),
    ("/annuaire/%00/", ""),
    ("/", "q=%00"),
    ("/", "q=cr%00eche"),
    ("/", "%00=1"),
    ("/", "q=%ff"),
    ("/", "q=cr%E8che"),
    ("/", "q=%ED%A0%80"),
]
STRANGE_BUT_READABLE = [
    ("/", "q=100%"),
    ("/", "q=%zz"),
    ("/", "q=%"),
    ("/", "q=%2500"),
    ("/", "q=cr%C3%A8che&q=%22"),
    ("/", "q=%EF%BF%BD"),
    ("/%2500", ""),
    ("/%ff", ""),
    ("/%D8%A3/", ""),
]


def get(path, query, **environ):
    return RefuseNullBytes(lambda request: HttpResponse("reached"))(
        RequestFactory().get(path, QUERY_STRING=query, **environ)
    )


@pytest.fixture
def page(monkeypatch):
    """Stands for the template 400.html, so as to test the middleware alone."""
    monkeypatch.setattr(middleware, "render_to_string", lambda name, request: f"{name} {request.LANGUAGE_CODE}")


@pytest.mark.parametrize(("path", "query"), NO_PERSON_TYPES_THESE)
def test_null_bytes_and_broken_text_are_refused(page, path, query):
    response = get(path, query)
    assert response.status_code == 400
    assert response.content == b"400.html fr"
    assert response["Content-Language"] == "fr"


@pytest.mark.parametrize(("path", "query"), STRANGE_BUT_READABLE)
def test_anything_readable_passes(page, path, query):
    assert get(path, query).content == b"reached"


def test_raw_bytes_in_the_query_are_refused_when_broken(page):
    assert get("/", "q=cr\xe8che").status_code == 400
    assert get("/", "q=cr\xc3\xa8che").content == b"reached"
    assert get("/", "q=\x00").status_code == 400


def test_a_null_byte_in_a_cookie_is_refused(page):
    assert get("/", "", HTTP_COOKIE='sessionid="\\000aaaaaaaaaaaa"').status_code == 400
    assert get("/", "", HTTP_COOKIE='sessionid="aaaaaaaaaaaa"').content == b"reached"


def test_the_page_is_in_the_language_of_the_address(page):
    assert get("/ar/annuaire/", "q=%00").content == b"400.html ar"
    assert get("/en/%00", "").content == b"400.html en"


def test_a_page_that_cannot_be_rendered_is_no_server_error(monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ValueError("broken")

    monkeypatch.setattr(middleware, "render_to_string", broken)
    response = get("/en/", "q=%00")
    assert response.status_code == 400
    assert '<html lang="en">' in response.content.decode()
    assert "400.html" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "query"), NO_PERSON_TYPES_THESE)
@pytest.mark.parametrize("language", ["", "/en", "/ar"])
def test_the_whole_portal_refuses_with_all_headers(client, path, query, language):
    response = client.get(language + path, QUERY_STRING=query)
    assert response.status_code == 400
    assert_headers(response)
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "query"), STRANGE_BUT_READABLE)
def test_the_whole_portal_answers_what_is_readable(client, path, query):
    assert client.get(path, QUERY_STRING=query).status_code in {200, 301, 404}


def assert_headers(response):
    policy = response["Permissions-Policy"]
    assert "geolocation=(self)" in policy
    assert "fullscreen=(self)" in policy
    assert "camera=()" in policy
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.django_db
def test_headers_of_a_public_page_and_of_the_admin(client):
    public, admin = client.get("/healthz"), client.get("/admin/login/")
    for response in (public, admin):
        assert response.status_code == 200
        assert_headers(response)
    assert "unsafe-inline" not in public["Content-Security-Policy"]
    policy = dict(part.strip().split(" ", 1) for part in admin["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == "'self' 'unsafe-inline'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["img-src"] == "'self' data: blob:"
    assert policy["frame-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert "http" not in admin["Content-Security-Policy"]


def test_a_view_keeps_its_own_headers_and_policy():
    def view(request):
        response = HttpResponse(headers={"Cross-Origin-Resource-Policy": "cross-origin"})
        response._csp_replace = {"script-src": ["'none'"]}
        return response

    response = SecurityHeaders(view)(RequestFactory().get("/admin/"))
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response._csp_replace == {"script-src": ["'none'"]}


def test_an_address_that_only_begins_like_the_admin_is_public():
    response = SecurityHeaders(lambda request: HttpResponse())(RequestFactory().get("/administration/"))
    assert not hasattr(response, "_csp_replace")
