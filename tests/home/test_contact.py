"""The contact page: a message leaves through the outbox, and nothing that was typed is ever lost."""

import re
from html import unescape

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from post_office.models import Email
from wagtail.models import Site

from portal.core.models import PortalSettings
from tests import factories
from tests.browser import axe

pytestmark = pytest.mark.django_db

MESSAGE = "Bonjour,\r\nje cherche une place en crèche."


@pytest.fixture
def portal(tree):
    portal = PortalSettings.for_site(Site.objects.get(is_default_site=True))
    portal.contact_email = "accueil@centres.example"
    portal.save()
    return portal


def main_of(response):
    return unescape(response.content.decode()).split("<main")[1].split("</main>")[0]


def send(client, message=MESSAGE, path="/contact/", **fields):
    return client.post(path, {"message": message, "answer_to": "", "homepage": "", **fields})


def test_the_form(client, portal):
    for path, language in (("/contact/", "fr"), ("/en/contact/", "en"), ("/ar/contact/", "ar")):
        response = client.get(path)
        assert response.status_code == 200
        html = main_of(response)
        assert f'action="{path}"' in html
        assert re.search(r'<label for="contact-message">', html)
        assert re.search(r"<div hidden>\s*<label[^>]*>[^<]+</label>\s*<input[^>]*homepage", html)
        assert "no-store" in response["Cache-Control"]
        assert list(response.cookies) == ["csrftoken"]
        assert response["Content-Language"] == language
    assert client.head("/contact/").status_code == 200
    assert client.put("/contact/").status_code == 405


def test_a_message_begun_by_another_page(client, portal):
    html = main_of(client.get("/contact/", {"message": 'Que veut dire « <b>"FALC"</b> » ?' + "x" * 600}))
    typed = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", html, re.DOTALL)[1]
    assert typed.startswith('Que veut dire « <b>"FALC"</b> » ?')
    assert len(typed) == 500
    assert "<b>" not in client.get("/contact/", {"message": "<b>"}).content.decode()


def test_a_message_leaves(client, portal):
    response = send(client, path="/ar/contact/", answer_to="06 12 34 56 78")
    assert response.status_code == 303
    assert response["Location"] == "/ar/contact/?envoye=1"
    email = Email.objects.get()
    assert email.to == ["accueil@centres.example"]
    assert email.message.startswith("Bonjour,\nje cherche une place en crèche.\n")
    assert "06 12 34 56 78" in email.message
    assert not email.headers
    html = main_of(client.get(response["Location"]))
    assert 'role="status"' in html
    assert "<form" not in html
    assert Email.objects.count() == 1


def test_an_address_can_be_answered_to(client, portal):
    send(client, answer_to="lina@example.org")
    assert Email.objects.get().headers == {"Reply-To": "lina@example.org"}


def test_what_cannot_be_an_address_is_only_text(client, portal):
    for given_text in ("lina@example.org\nBcc: all@example.org", "appelez le soir", "a@b, c@d", "<lina@example.org>"):
        assert send(client, answer_to=given_text).status_code == 303
    for email in Email.objects.all():
        assert email.to == ["accueil@centres.example"]
        assert not email.headers
        assert email.bcc == []


def test_without_an_address_of_the_portal(client, portal, settings):
    portal.contact_email = ""
    portal.save()
    assert send(client).status_code == 303
    assert Email.objects.get().to == [settings.DEFAULT_FROM_EMAIL]


def test_programs_are_thanked_and_ignored(client, portal):
    assert send(client, homepage="https://casino.example").status_code == 303
    assert not Email.objects.exists()


@pytest.mark.parametrize("message", ["", "   \r\n ", "x" * 4001])
def test_a_refused_message_comes_back(client, portal, message):
    response = send(client, message=message, answer_to="lina@example.org")
    assert response.status_code == 200
    html = main_of(response)
    assert 'role="alert"' in html
    assert '<a href="#contact-message">' in html
    area = re.search(r"<textarea[^>]*>", html)[0]
    assert 'aria-invalid="true"' in area
    assert 'aria-describedby="contact-message-error"' in area
    assert 'id="contact-message-error"' in html
    assert 'value="lina@example.org"' in html
    assert message.strip() in html
    assert not Email.objects.exists()


def test_a_long_way_to_answer_comes_back(client, portal):
    response = send(client, answer_to="y" * 121)
    html = main_of(response)
    assert response.status_code == 200
    assert 'aria-describedby="contact-answer_to-error contact-answer_to-help"' in html
    assert "je cherche une place en crèche." in html


def test_line_breaks_count_for_one(client, portal):
    assert send(client, message="a\r\n" * 2000).status_code == 303


def test_five_messages_an_hour(client, portal, settings):
    settings.RATELIMIT_ENABLE = True
    with time_machine.travel("2026-11-20 10:00:00+00:00", tick=False) as clock:
        assert send(client, message="").status_code == 200
        for _number in range(5):
            assert send(client).status_code == 303
        response = send(client, answer_to="lina@example.org")
        assert response.status_code == 429
        html = main_of(response)
        assert 'role="alert"' in html
        assert "je cherche une place en crèche." in html
        assert 'value="lina@example.org"' in html
        assert client.get("/contact/").status_code == 200
        assert client.post("/contact/", {"message": "x"}, REMOTE_ADDR="192.0.2.7").status_code == 303
        clock.shift(3700)
        assert send(client).status_code == 303
    assert Email.objects.count() == 7


def test_forms_of_other_sites_are_refused(portal):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/contact/", {"message": "x"}).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', strict.get("/contact/").content.decode())[1]
    answer = strict.post("/contact/", {"message": "x", "csrfmiddlewaretoken": token})
    assert answer.status_code == 303


def test_the_text_around_the_form_is_translated(client, portal, tree):
    factories.translate(tree.contact, "ar", title="اتصلوا بنا", summary="نحن هنا")
    html = main_of(client.get("/ar/contact/"))
    assert "<h1>اتصلوا بنا</h1>" in html
    assert send(client, path="/ar/contact/")["Location"] == "/ar/contact/?envoye=1"


@hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=st.text(max_size=200), answer_to=st.text(max_size=150))
def test_any_text(client, portal, message, answer_to):
    message, answer_to = (text.encode("utf-8", "replace").decode() for text in (message, answer_to))
    assert send(client, message=message, answer_to=answer_to).status_code in (200, 303)


@pytest.mark.browser
def test_in_a_browser(served, open_page):
    page, _watch = open_page("/ar/contact/?message=سؤال")
    assert axe(page) == []
    message = page.locator("#contact-message")
    assert message.input_value() == "سؤال"
    assert not page.locator("#contact-homepage").is_visible()
    message.fill(" ")
    page.locator("#contact-answer_to").fill("lina@example.org")
    page.locator("form.contact button").click()
    page.locator("[role=alert]").wait_for()
    page.wait_for_load_state()
    assert axe(page) == []
    page.locator("[role=alert] a").click()
    assert page.evaluate("document.activeElement.id") == "contact-message"
    assert page.locator("#contact-answer_to").input_value() == "lina@example.org"
    message.fill("أين الحضانة؟")
    page.locator("form.contact button").click()
    page.wait_for_url("**/ar/contact/?envoye=1")
    assert axe(page) == []
    assert Email.objects.count() == 1
