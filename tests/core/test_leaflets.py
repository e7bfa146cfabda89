"""Leaflets, shares, the manifest and the worker: what the server says of them."""

import json
import re
from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno

from home.models import StandardPage
from portal.core.hours import week
from portal.core.leaflets import PAPERS, cut, cut_paragraphs, day_ranges
from portal.core.models import BasePage, PortalSettings
from portal.core.sharing import shares
from tests import factories

LONG = "Une phrase courte. Une autre phrase, un peu plus longue ! Et la troisième ? Fin."


# --- Cutting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("characters", "kept"),
    [
        (len(LONG), LONG),
        (len(LONG) - 1, "Une phrase courte. Une autre phrase, un peu plus longue ! Et la troisième ?"),
        (60, "Une phrase courte. Une autre phrase, un peu plus longue !"),
        (30, "Une phrase courte."),
        (15, "Une phrase …"),
    ],
)
def test_a_text_is_cut_after_a_sentence(characters, kept):
    assert cut(LONG, characters) == kept


def test_arabic_is_cut_after_a_question():
    assert cut("ما هذا السؤال؟ هذا جواب طويل جدا لا مكان له هنا.", 30) == "ما هذا السؤال؟"


def test_paragraphs_stop_where_the_room_ends():
    room = 150
    kept = cut_paragraphs(["Premier paragraphe.", "Deuxième. " * 10, "Troisième."], room)
    assert kept[0] == "Premier paragraphe."
    assert kept[1].endswith("Deuxième.")
    assert len(kept) == 2
    assert len("".join(kept)) <= room
    # Rather a paragraph less than half a sentence.
    assert cut_paragraphs(["Un.", "mot " * 60], 100) == ["Un."]


def test_equal_days_are_put_together():
    ranges = day_ranges(week("Mo-Fr 09:00-12:00; Sa 10:00-12:00", date(2026, 12, 1)))
    assert [(item.first.day.isoweekday(), item.last.day.isoweekday(), len(item.spans)) for item in ranges] == [
        (1, 5, 1),
        (6, 6, 1),
        (7, 7, 0),
    ]


# --- Sharing ---------------------------------------------------------------------------------------------------------


def test_messages_carry_title_and_address_whole():
    ways = shares("Crèche & jeux : 100 % « gratuits » #1 + thé", "https://boussole.example/ar/annuaire/creche/")
    text = "Crèche & jeux : 100 % « gratuits » #1 + thé\nhttps://boussole.example/ar/annuaire/creche/"
    whatsapp = urlsplit(ways.whatsapp)
    assert (whatsapp.scheme, whatsapp.netloc) == ("https", "wa.me")
    assert parse_qs(whatsapp.query)["text"][0].endswith(text)
    sms = ways.sms.removeprefix("sms:?&body=")
    assert unquote(sms).endswith(text)
    assert not re.search(r"[&+#\s]", sms)
    mail = parse_qs(urlsplit(ways.mail).query)
    assert mail["subject"] == ["Crèche & jeux : 100 % « gratuits » #1 + thé"]
    assert mail["body"][0].endswith("\r\nhttps://boussole.example/ar/annuaire/creche/\r\n")


@pytest.mark.django_db
@pytest.mark.parametrize(("prefix", "words"), [("", "Voici une page"), ("/en", "Here is a page"), ("/ar", "هذه صفحة")])
def test_a_page_is_shared_in_the_language_of_the_reader(client, tree, prefix, words):
    factories.StructureFactory(title="PMI", slug="pmi")
    html = client.get(f"{prefix}/annuaire/pmi/").content.decode()
    link = re.search(r'href="(https://wa\.me/[^"]+)"', html)[1].replace("&amp;", "&")
    assert parse_qs(urlsplit(link).query)["text"][0].endswith(f"PMI\nhttp://testserver{prefix}/annuaire/pmi/")
    assert words in parse_qs(urlsplit(link).query)["text"][0]


# --- Leaflets --------------------------------------------------------------------------------------------------------


@pytest.fixture
def pages(tree):
    PortalSettings.objects.update_or_create(
        site=tree.site, defaults={"contact_name": "Fédération", "contact_phone": "03 20 79 98 70"}
    )
    structure = factories.StructureFactory(title="PMI", slug="pmi", phone="03 20 26 04 11")
    centre = factories.CentreFactory(title="Écho", slug="echo")
    return {
        "structure": structure,
        "centre": centre,
        "event": factories.EventFactory(title="Café", slug="cafe", structure=structure),
        "term": factories.TermFactory(title="Nuage", slug="nuage", definition="C’est pas dans le ciel."),
        "resource": factories.ResourceFactory(title="Sommeil", slug="sommeil"),
        "activity": factories.ActivityFactory(title="Couture", slug="couture", parent=centre),
        "news": factories.NewsFactory(title="Fête", slug="fete"),
        "page": factories.StandardPageFactory(title="À propos", slug="a-propos"),
    }


def leaflet(client, page, paper="a5", prefix=""):
    response = client.get(f"{prefix}{page.get_url_parts()[2]}?feuille={paper}")
    assert response.status_code == 200
    assert "leaflet.html" in [template.name for template in response.templates]
    return response.content.decode()


@pytest.mark.parametrize("paper", PAPERS)
def test_every_type_has_a_leaflet(client, pages, paper):
    for page in pages.values():
        html = leaflet(client, page, paper, prefix="/ar")
        assert '<html lang="ar" dir="rtl">' in html
        assert '<meta name="robots" content="noindex">' in html
        assert f"css/leaflet-{paper}.css" in html
        assert re.search(rf'<h1 lang="fr" dir="ltr">\s*{page.title}', html)
        assert "03 20 79 98 70" in html
        address = f"http://testserver/ar{page.get_url_parts()[2]}"
        modules = re.search(r'class="qrline"[^>]* d="([^"]+)"', html)[1]
        assert modules in segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=2)
        assert re.search(r'<link rel="icon" href="data:image/svg\+xml,[^" ]+"', html)
        # The other languages are the same leaflet.
        assert f'href="{page.get_url_parts()[2]}?feuille={paper}"' in html


def test_a_leaflet_says_the_facts(client, pages):
    structure = leaflet(client, pages["structure"])
    assert "03 20 26 04 11" in structure
    assert "60 rue d’Oran, 59100 Roubaix" in structure
    assert "14\u00a0h – 18\u00a0h" in structure
    event = leaflet(client, pages["event"])
    assert "14\u00a0h – 16\u00a0h" in event
    assert "PMI" in event
    assert "C’est pas dans le ciel." in leaflet(client, pages["term"])
    assert "Le mercredi de 14 h à 16 h" in leaflet(client, pages["activity"])


def test_other_values_show_the_page(client, pages):
    for value in ("", "a3", "a5/../a4", "A5"):
        response = client.get("/annuaire/pmi/", {"feuille": value})
        assert response.status_code == 200
        assert "leaflet.html" not in [template.name for template in response.templates]
    # Lists have no leaflet.
    assert b"leaflet-qr" not in client.get("/annuaire/?feuille=a5").content


def test_every_page_type_says_which_leaflet(db):
    templates = {model.leaflet_template for model in factories.every_page_model() if issubclass(model, BasePage)}
    assert "components/leaflet_text.html" in templates
    assert all(name.endswith(".html") for name in templates)


# --- The device ------------------------------------------------------------------------------------------------------


def test_the_manifest(client, tree):
    PortalSettings.objects.update_or_create(
        site=tree.site, defaults={"portal_name": "Le Phare", "area": "Douai", "ink_green": "#0b3d91"}
    )
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"].startswith("application/manifest+json")
    manifest = json.loads(response.content)
    assert manifest["name"] == "Le Phare – Douai"
    assert manifest["short_name"] == "Le Phare"
    assert manifest["theme_color"] == "#0b3d91"
    assert (manifest["lang"], manifest["start_url"], manifest["scope"]) == ("fr", "/", "/")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    html = client.get("/ar/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in html


def test_icons_are_as_large_as_they_say(tree, client):
    from django.contrib.staticfiles import finders
    from PIL import Image

    icons = json.loads(client.get("/manifest.webmanifest").content)["icons"]
    for icon in [*icons, {"src": "/static/img/icon-180.png", "sizes": "180x180"}]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        with Image.open(path) as image:
            assert "x".join(map(str, image.size)) == icon["sizes"]


@pytest.mark.parametrize("path", ["/manifest.webmanifest", "/garder.js"])
def test_machine_addresses_exist_at_the_root_only(client, tree, path):
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405
    for language in ("en", "ar"):
        assert client.get(f"/{language}{path}", follow=True).status_code == 404


def test_the_worker_is_always_asked_for_again(client, db):
    response = client.get("/garder.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize("prefix", ["", "/en", "/ar"])
def test_the_list_of_what_is_kept(client, tree, prefix):
    response = client.get(f"{prefix}/sur-cet-appareil/")
    assert response.status_code == 200
    assert not response.cookies
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_its_address_is_reserved(tree):
    from django.core.exceptions import ValidationError

    page = StandardPage(title="Ici", slug="sur-cet-appareil", locale=tree.home.locale)
    with pytest.raises(ValidationError) as caught:
        page.clean_facts()
    assert "slug" in caught.value.message_dict
