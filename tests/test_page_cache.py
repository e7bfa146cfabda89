"""The page cache: never one stale, foreign or private answer, and nothing kept that must not be."""

import gzip
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import brotli
import pytest
import time_machine
from django.core.handlers.wsgi import WSGIRequest
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.http.response import ResponseHeaders
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page, PageViewRestriction, Site

from directory.models import Service
from events.models import Occurrence
from glossary.models import Definition
from portal.core import page_cache, page_store, versions
from portal.core.models import Funder, Municipality, PortalSettings, Theme
from portal.core.moments import PARIS, changes_at
from portal.users.models import User
from tests import factories


@pytest.fixture(autouse=True)
def on(settings, tmp_path):
    settings.PAGE_CACHE = True
    settings.PAGE_CACHE_FOLDER = str(tmp_path)
    return tmp_path


class AtTheBorder(ClientHandler):
    """Django's test client in front of the WSGI border, as servers are: what it does not give is the stack's."""

    def __call__(self, environ):
        made, began = [], []

        def stack(environ, start_response):
            made.append(super(AtTheBorder, self).__call__(environ))
            return []

        body = b"".join(page_cache.Border(stack)(environ, lambda *answer: began.append(answer)))
        if made:
            return made[0]
        ((line, headers),) = began
        response = HttpResponse(body, status=int(line.partition(" ")[0]))
        response.headers = ResponseHeaders(dict(headers))
        assert len(response.headers) == len(headers)
        response.wsgi_request = WSGIRequest(environ)
        response.is_from_border = True
        return response


@pytest.fixture
def client():
    client = Client()
    client.handler = AtTheBorder()
    return client


@pytest.fixture
def portal(commits_at_once, tree):
    """A tree with something on each page; every write counts at once, as in a process of its own."""
    tree.theme = factories.ThemeFactory(slug="sante", name="Santé", names={"ar": "الصحة"})
    tree.structure = factories.StructureFactory(
        title="La Rotonde", slug="pmi", themes=[tree.theme], opening_hours="Mo-Su 09:00-12:00"
    )
    tree.event = factories.EventFactory(title="Café", slug="cafe", structure=tree.structure)
    tree.term = factories.TermFactory(title="Nuage", slug="nuage")
    return tree


def is_kept(client, path, **headers):
    """Whether the answer comes without a query, hence from the cache. Asks once before."""
    assert client.get(path, **headers).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, **headers).status_code == 200
    return not captured.captured_queries


def text(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


# --- What is kept ----------------------------------------------------------------------------------------------------

KEPT = (
    *("/", "/annuaire/", "/annuaire/pmi/", "/ar/annuaire/pmi/", "/agenda/?vue=mois", "/recherche/?q=rotonde"),
    *("/plan-du-site/", "/sitemap.xml", "/annuaire/lieux.geojson", "/annuaire/lieux.csv?theme=sante"),
)


def test_the_second_reader_costs_no_query(client, portal):
    for path in KEPT:
        first = client.get(path)
        with CaptureQueriesContext(connection) as captured:
            second = client.get(path)
        assert not captured.captured_queries, path
        assert second.content == first.content
        assert dict(second.headers) == dict(first.headers)
        assert first["Cache-Control"] == "no-cache"
        assert first["X-Accel-Expires"] == "@1"  # nginx keeps it, and asks again at every use
        assert first["Vary"] == "Accept-Encoding"
        assert first["ETag"].startswith('"')
        assert not first.cookies
        assert first["Content-Security-Policy"]
        assert first["X-Content-Type-Options"] == "nosniff"


def test_forms_nonces_and_machines_are_not(client, portal):
    for path in ("/contact/", "/annuaire/carte/", "/annuaire/pmi/carte/", "/robots.txt", "/healthz"):
        page = client.get(path, HTTP_ACCEPT_ENCODING="gzip")
        assert page.status_code == 200, path
        assert not page.has_header("ETag")
        assert not page.has_header("Content-Encoding"), "a secret must not be compressed with what a stranger wrote"
    assert not list(page_store._files())


def test_an_error_is_not(client, portal):
    assert client.get("/annuaire/inconnu/").status_code == 404
    factories.StructureFactory(slug="inconnu", title="Enfin")
    assert "Enfin" in text(client, "/annuaire/inconnu/")


def test_a_preview_is_neither_given_a_kept_page_nor_kept(client, portal):
    public = text(client, "/annuaire/pmi/")
    draft = portal.structure.specific
    draft.title = "Brouillon"
    for _time in range(2):
        assert "Brouillon" in draft.make_preview_request().content.decode()
    assert text(client, "/annuaire/pmi/") == public


def test_somebody_with_a_session_passes_by(client, portal):
    assert is_kept(client, "/annuaire/pmi/")
    for cookie in ("sessionid=abc", "messages=abc"):
        assert not is_kept(client, "/annuaire/pmi/", HTTP_COOKIE=cookie)
    assert is_kept(client, "/annuaire/pmi/", HTTP_COOKIE="other=1; csrftoken=abc")


def test_what_a_session_shows_is_not_kept(client, portal):
    restrict(portal.glossary)
    client.force_login(User.objects.create_user("membre", password="x"))
    response = client.get("/glossaire/nuage/")
    assert "Nuage" in response.content.decode()
    assert "private" in response["Cache-Control"]
    assert client.get("/annuaire/pmi/")["Cache-Control"] == "private, no-cache"
    assert not client.get("/annuaire/pmi/").has_header("X-Accel-Expires")
    assert Client().get("/glossaire/nuage/").status_code == 302


def test_nor_is_a_page_behind_a_password(client, portal):
    PageViewRestriction.objects.create(page=portal.glossary, restriction_type="password", password="x")
    client.get("/glossaire/nuage/")
    assert not list(page_store._files())


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "a=b"},
        {"Cache-Control": "private"},
        {"Cache-Control": "no-store"},
        {"Vary": "Cookie"},
        {"Vary": "User-Agent, Accept-Encoding"},
        {"Content-Type": "text/plain"},
        {"Content-Encoding": "gzip"},
        {"Content-Security-Policy": "script-src 'nonce-abc'"},
    ],
)
def test_an_answer_says_that_it_is_not_for_everybody(headers):
    response = HttpResponse("x")
    request = RequestFactory().get("/")
    assert page_cache.is_for_everybody(request, response)
    if cookie := headers.pop("Set-Cookie", None):
        response.set_cookie(*cookie.split("="))
    for name, value in headers.items():
        response[name] = value
    assert not page_cache.is_for_everybody(request, response)


# --- Parameters ------------------------------------------------------------------------------------------------------


def test_an_unknown_parameter_is_answered_anew_and_keeps_nothing(client, portal):
    text(client, "/annuaire/")
    before = len(list(page_store._files()))
    for number in range(3):
        assert not is_kept(client, f"/annuaire/?inconnu={number}")
    assert len(list(page_store._files())) == before
    assert "inconnu" not in text(client, "/annuaire/")


def test_trackers_are_taken_off_the_address(client, portal):
    plain = text(client, "/annuaire/?theme=sante")
    with CaptureQueriesContext(connection) as captured:
        tracked = text(client, "/annuaire/?utm_source=lettre&theme=sante&fbclid=x")
    assert tracked == plain
    assert not captured.captured_queries


def test_known_parameters_are_part_of_the_address(client, portal):
    factories.StructureFactory(title="Ailleurs", slug="ailleurs")
    assert "Ailleurs" in text(client, "/annuaire/")
    assert "Ailleurs" not in text(client, "/annuaire/?theme=sante")
    assert "Ailleurs" in text(client, "/annuaire/?theme=")


def test_every_parameter_of_a_form_is_known():
    """A new filter that is not listed would never be cached."""
    from portal.core.filters import FilterForm

    def forms(base):
        for form in base.__subclasses__():
            yield form
            yield from forms(form)

    names = {name for form in forms(FilterForm) for name in form.uses if form.__module__.partition(".")[0] != "tests"}
    assert names <= page_cache.KNOWN_PARAMETERS


def test_hosts_and_schemes_have_pages_of_their_own(client, portal):
    for options in ({}, {"HTTP_HOST": "autre.example"}, {"secure": True}):
        html = client.get("/", **options).content.decode()
        host = options.get("HTTP_HOST", "testserver")
        assert f'href="{"https" if options.get("secure") else "http"}://{host}/ar/"' in html


def test_the_preferred_language_changes_nothing(client, portal):
    assert is_kept(client, "/")
    with CaptureQueriesContext(connection) as captured:
        arabic = client.get("/", HTTP_ACCEPT_LANGUAGE="ar")
    assert not captured.captured_queries
    assert '<html lang="fr"' in arabic.content.decode()


# --- Revalidation, HEAD, compression ---------------------------------------------------------------------------------


def test_revalidation(client, portal):
    etag = client.get("/annuaire/pmi/")["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        response = client.get("/annuaire/pmi/", HTTP_IF_NONE_MATCH=known)
        assert response.status_code == 304
        assert response.content == b""
        assert response["ETag"] == etag
        assert client.head("/annuaire/pmi/", HTTP_IF_NONE_MATCH=known).status_code == 304
    assert client.get("/annuaire/pmi/", HTTP_IF_NONE_MATCH='"other"').status_code == 200
    Page.objects.filter(pk=portal.structure.pk).update(title="La Grande Rotonde")
    changed = client.get("/annuaire/pmi/", HTTP_IF_NONE_MATCH=etag)
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_an_answer_that_is_not_kept_has_an_etag_too(client, portal):
    etag = client.get("/annuaire/?inconnu=1")["ETag"]
    assert client.get("/annuaire/?inconnu=1", HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_head(client, portal):
    for first in ("HEAD", "GET"):
        client.generic(first, "/annuaire/?theme=sante")
        head = client.head("/annuaire/?theme=sante")
        full = client.get("/annuaire/?theme=sante")
        assert head.content == b""
        assert dict(head.headers) == dict(full.headers)
        assert int(head["Content-Length"]) == len(full.content)
        assert "theme=sante" in full.content.decode(), "the links to other languages keep the filters"
        rename_theme(portal)


ACCEPTED = [
    ("gzip, deflate, br", "br"),
    ("br;q=1.0, gzip;q=0.5", "br"),
    ("gzip", "gzip"),
    ("gzip, br;q=0", "gzip"),
    ("gzip;q=0", None),
    ("identity", None),
    ("", None),
    ("br;q=x", "br"),
]


def test_compression(client, portal):
    plain = client.get("/annuaire/").content
    etags = set()
    for accepted, used in ACCEPTED:
        for _time in range(2):
            response = client.get("/annuaire/", HTTP_ACCEPT_ENCODING=accepted)
            assert response.headers.get("Content-Encoding") == used, accepted
            assert response["Vary"] == "Accept-Encoding"
            assert int(response["Content-Length"]) == len(response.content)
            unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[used](response.content)
            assert unpacked == plain
            etags.add(response["ETag"])
    assert len(etags) == 3


# --- The border ------------------------------------------------------------------------------------------------------


def test_the_border_gives_what_the_stack_gives(client, portal):
    """Every kind of answer, header by header; the stack's own test client does not pass the border."""
    stack, path = Client(), "/annuaire/?theme=sante"
    etag = client.get(path, HTTP_ACCEPT_ENCODING="br")["ETag"]
    for method in ("GET", "HEAD"):
        for headers in (
            {},
            {"HTTP_ACCEPT_ENCODING": "br"},
            {"HTTP_ACCEPT_ENCODING": "gzip"},
            {"HTTP_IF_NONE_MATCH": "*"},
        ):
            made = stack.generic(method, path, **headers)
            given = client.generic(method, path, **headers)
            assert hasattr(given, "is_from_border"), headers
            assert not hasattr(made, "is_from_border")
            assert (given.status_code, given.content) == (made.status_code, made.content)
            assert dict(given.headers) == dict(made.headers)
    assert client.get(path, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=etag).status_code == 304
    assert client.get(path, HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=etag).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "a=b; sessionid=x"},
        {"HTTP_COOKIE": "\u3000sessionid=x".encode().decode("latin-1")},  # Django's parser strips such a space
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_HOST": "autre.example"},
        {"wsgi.url_scheme": "https"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"QUERY_STRING": "inconnu=1"},
        {"SCRIPT_NAME": "/sous"},
        {"REQUEST_METHOD": "POST"},
    ],
)
def test_what_the_border_leaves_to_the_stack(client, portal, settings, headers):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert is_kept(client, "/annuaire/pmi/")
    assert hasattr(client.get("/annuaire/pmi/"), "is_from_border")
    assert not hasattr(client.get("/annuaire/pmi/", **headers), "is_from_border")


def test_an_address_is_kept_under_its_decoded_path(client, portal):
    """``é`` in UTF-8, and the two letters that its bytes would be in Latin-1, are two addresses."""
    client.get("/annuaire/pmi/")
    for path in ("/annuaire/\u00e9/", "/annuaire/\u00c3\u00a9/"):
        kept = page_store.Stored(versions.read(), 1e12, [], path.encode())
        page_store.save(f"identity http://testserver:80{path}?", kept)
    for path in ("/annuaire/\u00e9/", "/annuaire/\u00c3\u00a9/"):
        for asker in (client, Client()):
            assert asker.get(path).content.decode() == path


def test_a_kept_page_says_https_once_and_for_all(client, portal, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    client.handler = AtTheBorder()  # which reads that setting once
    for _time in range(2):
        secure = client.get("/annuaire/pmi/", HTTP_X_FORWARDED_PROTO="https")
        assert secure["Strict-Transport-Security"] == "max-age=60"
        assert not client.get("/annuaire/pmi/").has_header("Strict-Transport-Security")
    assert hasattr(secure, "is_from_border")


# --- Changes ---------------------------------------------------------------------------------------------------------


def publish(portal):
    portal.term.title = "Nuage nouveau"
    portal.term.save_revision().publish()


def publish_again(portal):
    portal.term.title = "Nuage ancien"
    portal.term.save_revision().publish()


def unpublish(word):
    word.unpublish()


def delete(word):
    Page.objects.get(pk=word.pk).delete()


def restrict(word):
    PageViewRestriction.objects.create(page=word, restriction_type="login")


def rename_portal(portal):
    row = PortalSettings.for_site(portal.site)
    row.portal_name = "La Rose des vents"
    row.save()


def add_funder(portal):
    Funder.objects.create(portal=PortalSettings.for_site(portal.site), name="La CAF")


def rename_theme(portal):
    Theme.objects.filter(pk=portal.theme.pk).update(name="Bien-être")


def translate_theme(portal):
    Theme.objects.filter(translation_key=portal.theme.translation_key, locale__language_code="ar").update(
        name="العافية"
    )


def rename_town(portal):
    town = Municipality.objects.get(insee="59512")
    town.name = "Roubaix-Centre"
    town.save()


def translate(portal):
    factories.translate(portal.structure, "ar", title="مركز الأمومة")


def add_service(portal):
    Service.objects.create(page=portal.structure, name="Pesée", locale=portal.structure.locale)


def cancel_dates(portal):
    Occurrence.objects.filter(event=portal.event).update(status="cancelled")


def write_raw(portal):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailcore_page SET title = 'Rotonde centrale' WHERE id = %s", [portal.structure.pk])


def draw(portal):
    image = get_image_model().objects.create(title="Un nuage", file=get_test_image_file(filename="nuage.png"))
    Definition.objects.filter(page=portal.term).update(drawing=image)


def menu(portal):
    portal.glossary.title = "Lexique"
    portal.glossary.save()


CHANGES = [
    (publish, "/glossaire/nuage/", "Nuage nouveau"),
    (publish_again, "/glossaire/", "Nuage ancien"),
    (rename_portal, "/", "La Rose des vents"),
    (add_funder, "/annuaire/", "La CAF"),
    (rename_theme, "/annuaire/pmi/", "Bien-être"),
    (translate_theme, "/ar/annuaire/pmi/", "العافية"),
    (rename_town, "/annuaire/pmi/", "Roubaix-Centre"),
    (translate, "/ar/annuaire/pmi/", "مركز الأمومة"),
    (add_service, "/annuaire/pmi/", "Pesée"),
    (cancel_dates, "/agenda/", "Annulé"),
    (write_raw, "/annuaire/lieux.geojson", "Rotonde centrale"),
    (draw, "/glossaire/nuage/", ".webp"),
    (menu, "/agenda/cafe/", "Lexique"),
]


# Wagtail leaves the temporary files of its renditions to the garbage collector.
unclosed = pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning"
)


@unclosed
def test_a_change_is_seen_at_once(client, portal):
    for change, path, shown in CHANGES:
        assert is_kept(client, path), path
        assert shown not in text(client, path), f"{change.__name__} proves nothing"
        change(portal)
        assert shown in text(client, path), f"{change.__name__}: {path}"


def test_what_is_withdrawn_is_gone_at_once(client, portal):
    other, third = (
        factories.TermFactory(title="Brume", slug="brume"),
        factories.TermFactory(title="Pluie", slug="pluie"),
    )
    for change, word, status in ((unpublish, portal.term, 404), (delete, other, 404), (restrict, third, 302)):
        path = f"/glossaire/{word.slug}/"
        pages = [f"{language}/recherche/?q={word.slug}" for language in ("", "/ar")] + ["/sitemap.xml", "/glossaire/"]
        for page in (path, f"/ar{path}", *pages):
            assert is_kept(client, page), page
        change(word)
        for page in (path, f"/ar{path}"):
            assert client.get(page).status_code == status, change.__name__
        for page in pages:
            assert path not in text(client, page), change.__name__


def test_a_page_that_moves(client, portal):
    page = factories.StandardPageFactory(title="La fumée", slug="fumee")
    centre = factories.CentreFactory(slug="echo")
    assert is_kept(client, "/fumee/")
    page.move(centre, "last-child")
    assert client.get("/fumee/").status_code in (301, 404)
    assert "La fumée" in text(client, "/centres/echo/fumee/")


def test_a_redirect_takes_the_place_of_a_page(client, portal):
    assert is_kept(client, "/glossaire/nuage/")
    portal.term.unpublish()
    Redirect.objects.create(old_path="/glossaire/nuage", redirect_link="/glossaire/", is_permanent=False)
    assert client.get("/glossaire/nuage/").status_code == 302


@unclosed
def test_a_picture_that_is_replaced(client, portal):
    draw(portal)
    assert is_kept(client, "/glossaire/nuage/")
    before = text(client, "/glossaire/nuage/")
    image = get_image_model().objects.get()
    image.file = get_test_image_file(filename="autre.png")
    image.save()
    image.renditions.all().delete()
    after = text(client, "/glossaire/nuage/")
    assert "/autre" in after
    assert after != before


def test_documents_sites_and_locales_count(portal):
    seen = {versions.read()}
    get_document_model().objects.create(title="Dépliant", file="x.pdf")
    seen.add(versions.read())
    Site.objects.update(site_name="Autre")
    seen.add(versions.read())
    portal.home.locale.save()
    seen.add(versions.read())
    assert len(seen) == 4


def test_what_was_begun_before_a_change_is_not_shown_after_it(portal):
    """A slow page: it reads, somebody publishes, then it is kept."""
    slow = page_cache.PageCache(lambda request: (versions.bump(), HttpResponse("old"))[1])
    fast = page_cache.PageCache(lambda request: HttpResponse("new"))
    request = RequestFactory().get("/", HTTP_HOST="testserver")
    assert slow(request).content == b"old"
    assert fast(request).content == b"new"
    assert slow(request).content == b"new"


# --- The clock -------------------------------------------------------------------------------------------------------


def at(*parts):
    return datetime(2026, 11, 24, *parts, tzinfo=PARIS)


def test_a_door_opens_and_closes(client, portal):
    with time_machine.travel(at(8, 59, 59), tick=False) as clock:
        assert is_kept(client, "/annuaire/pmi/")
        for path in ("/annuaire/pmi/", "/annuaire/"):
            assert "Fermé" in text(client, path)
        assert "La Rotonde" not in text(client, "/annuaire/?ouvert=now")
        clock.move_to(at(9))
        for path in ("/annuaire/pmi/", "/annuaire/"):
            assert "Fermé" not in text(client, path)
        assert "La Rotonde" in text(client, "/annuaire/?ouvert=now")
        clock.move_to(at(11, 59, 59))
        assert is_kept(client, "/annuaire/pmi/")
        assert "Fermé" not in text(client, "/annuaire/pmi/")
        clock.move_to(at(12))
        assert "Fermé" in text(client, "/annuaire/pmi/")
        assert "La Rotonde" not in text(client, "/annuaire/?ouvert=now")


def test_an_event_ends(client, portal):
    factories.EventFactory(
        title="Matinée", slug="matinee", structure=portal.structure, starts_at=at(10), ends_at=at(11)
    )
    paths = ("/", "/agenda/", "/recherche/?q=matinée", "/plan-du-site/")
    with time_machine.travel(at(10, 59, 59), tick=False) as clock:
        for path in paths:
            assert is_kept(client, path)
            assert "Matinée" in text(client, path), path
        past = text(client, "/agenda/matinee/")
        clock.move_to(at(11))
        for path in paths:
            assert "/agenda/matinee/" not in text(client, path), path
        assert text(client, "/agenda/matinee/") != past


def test_today_turns_at_midnight_in_paris(client, portal):
    factories.NewsFactory(title="Demain", slug="demain", published_on=at(0).date() + timedelta(days=1))
    with time_machine.travel(at(23, 59, 59), tick=False) as clock:
        for path in ("/actualites/", "/annuaire/pmi/"):
            assert is_kept(client, path)
        assert "Demain" not in text(client, "/actualites/")
        tuesday = text(client, "/annuaire/pmi/")
        clock.shift(timedelta(seconds=1))
        assert "Demain" in text(client, "/actualites/")
        assert text(client, "/annuaire/pmi/") != tuesday


def test_publishing_at_an_hour(client, portal):
    portal.term.title = "Nuage du soir"
    portal.term.go_live_at = timezone.now() + timedelta(hours=1)
    portal.term.save_revision().publish()
    portal.structure.expire_at = timezone.now() + timedelta(hours=1)
    portal.structure.save_revision().publish()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert is_kept(client, "/annuaire/pmi/")
        assert is_kept(client, "/glossaire/")
        clock.shift(timedelta(hours=1, seconds=1))
        call_command("publish_scheduled", stdout=StringIO())
        assert "Nuage du soir" in text(client, "/glossaire/")
        assert client.get("/annuaire/pmi/").status_code == 404


def test_the_first_instant_wins():
    """Whatever notes it, however deep."""
    calls = []

    def view(request):
        calls.append(request)
        changes_at(at(10))
        changes_at(at(9, 30))
        return HttpResponse("x")

    cache = page_cache.PageCache(view)
    request = RequestFactory().get("/", HTTP_HOST="testserver")
    with time_machine.travel(at(9), tick=False) as clock:
        cache(request)
        clock.move_to(at(9, 29, 59))
        cache(request)
        assert len(calls) == 1
        clock.move_to(at(9, 30))
        cache(request)
        assert len(calls) == 2


# --- The store -------------------------------------------------------------------------------------------------------


def test_a_broken_store_fails_no_request(client, portal, on, caplog):
    path = "/annuaire/pmi/"
    text(client, path)
    (file,) = page_store._files()
    Path(file.path).write_bytes(b"not json\n")
    assert "La Rotonde" in text(client, path)
    with Path(file.path).open("rb+") as cut:
        cut.truncate(2000)
    assert "La Rotonde" in text(client, path)


def test_a_full_disk_fails_no_request(client, portal, monkeypatch, caplog):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert "La Rotonde" in text(client, "/annuaire/pmi/")
    assert not list(page_store._files())
    assert "can't be kept" in caplog.text


def test_the_store_is_bounded(client, portal, monkeypatch):
    monkeypatch.setattr(page_store, "MAX_ENTRIES", 10)
    monkeypatch.setattr(page_store, "BETWEEN_COUNTS", 5)
    monkeypatch.setattr(page_store, "_since_count", 0)
    for number in range(40):
        page_store.save(f"key {number}", page_store.Stored("v", 1e12, [], b"x"))
    assert len(list(page_store._files())) <= 15
    assert page_store.load("key 39", "v").body == b"x"
    monkeypatch.setattr(page_store, "MAX_BYTES", 10)
    page_store.make_room()
    assert sum(file.size for file in page_store._files()) <= 10
    monkeypatch.setattr(page_store, "MAX_BODY", 10)
    page_store.save("long", page_store.Stored("v", 1e12, [], b"x" * 11))
    assert page_store.load("long", "v") is None


def test_what_is_out_of_date_is_swept(client, portal):
    text(client, "/annuaire/pmi/")
    text(client, "/glossaire/nuage/")
    assert page_store.sweep() == 0
    rename_portal(portal)
    text(client, "/annuaire/pmi/")
    assert page_store.sweep() == 1
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert page_store.sweep() == 1
    assert not list(page_store._files())
