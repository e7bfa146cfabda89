"""Pages of text: what is on a long page, numbers that are never turned around, errors that still lead somewhere."""

import pytest
from django.template import loader
from django.test import RequestFactory

from portal.core import views
from tests import factories

pytestmark = pytest.mark.django_db


def headings(count):
    return [{"type": "heading", "value": {"text": f"Partie {number}"}} for number in range(1, count + 1)]


def main_of(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode().split("<main")[1].split("</main>")[0]


def test_a_long_page_says_what_is_on_it(client, tree):
    paragraph = {"type": "paragraph", "value": {"html": "<p>Du texte.</p>"}}
    factories.StandardPageFactory(slug="longue", body=[paragraph, *headings(4)])
    main = main_of(client, "/longue/")
    outline = main.split('class="outline"')[1].split("</nav>")[0]
    for number in range(1, 5):
        assert f'<a href="#part-{number + 1}">Partie {number}</a>' in outline
        assert f'<h2 id="part-{number + 1}">Partie {number}</h2>' in main


def test_a_short_page_is_read_at_a_glance(client, tree):
    factories.StandardPageFactory(slug="courte", body=headings(3))
    assert 'class="outline"' not in main_of(client, "/courte/")


def test_a_phone_number_is_never_turned_around(client, tree):
    html = '<p>Appelez le 03 20 79 98 70, ou <a href="tel:+33320799870">03 20 79 98 70</a>.</p>'
    page = factories.StandardPageFactory(slug="appeler", body=[{"type": "paragraph", "value": {"html": html}}])
    factories.translate(page, "ar", summary="اتصلوا بالرقم 03 20 79 98 70")
    main = main_of(client, "/ar/appeler/")
    assert main.count("03\u00a020\u00a079\u00a098\u00a070") == 3
    assert "03 20 79 98 70" not in main
    assert "tel:+33320799870" in main


def test_a_lost_reader_finds_a_way(client, tree):
    for prefix in ("", "/ar"):
        main = main_of(client, f"{prefix}/nulle-part/", status=404)
        assert f'action="{prefix}/recherche/"' in main
        assert f'href="{prefix}/annuaire/"' in main


def test_a_failure_needs_no_database(django_assert_num_queries):
    request = RequestFactory().get("/")
    with django_assert_num_queries(0):
        response = views.server_error(request)
    html = response.content.decode()
    assert response.status_code == 500
    assert html == loader.get_template("500.html").render()
    assert html.count('<link rel="stylesheet"') == 3
    assert 'lang="ar" dir="rtl"' in html
    assert "<style" not in html
    assert "style=" not in html
