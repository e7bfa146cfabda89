"""A structure that attacks with every field it has: whatever shows it stays whole, quiet, and as wide as the screen.

The checks of the model are passed by, as a broken import or a stolen account would: updates in the database.
"""

import csv
import io
import json

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection, models
from openpyxl import load_workbook
from post_office.models import Email

from directory.models import Permanence, Service, StructurePage
from portal.core import pdf
from tests.factories import MunicipalityFactory, StructureFactory, ThemeFactory, translate

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

#: What ends a script, an attribute, a template, a comment; what starts a formula; marks of direction; beyond the plane.
ATTACK = (
    "=cmd|' /C calc'!A0 </script></title></style><script>alert(1)</script><img src=x onerror=alert(2)>"
    "<svg onload=alert(3)> ${alert(4)} {{ 7*7 }}{% include 'x' %} \"'`--> ]]> \\u003cscript\\u003e \u202e\u2066\u200f"
    "\u2028\u2029 😀👩‍👩‍👧 javascript:alert(5) %s %(name)s {0} \\ &lt;b&gt; "
)
LENGTH = 10_000
#: Columns that say where a row is, not what it says.
PLACE_IN_THE_TREE = {"slug", "path", "url_path", "translation_key", "latest_revision", "lock"}
WORD = "x" * LENGTH
PUBLIC = (
    "/annuaire/", "/annuaire/?q=cmd", "/annuaire/?commune=59512&choix=tous", "/annuaire/{slug}/",
    "/annuaire/{slug}/?feuille=a5", "/annuaire/carte/", "/annuaire/{slug}/carte/", "/annuaire/a-imprimer/",
    "/annuaire/professionnels/", "/annuaire/integre/liste/", "/annuaire/integre/carte/", "/recherche/?q=cmd", "/",
    "/plan-du-site/",
)  # fmt: skip


def spoiled(model, payload):
    """Each text column of a model, with as much of an attack as the database lets in."""
    found = {}
    for field in model._meta.local_concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
        if not is_text or field.name in PLACE_IN_THE_TREE or field.name.startswith(("source", "position_")):
            continue
        limit = field.max_length if connection.vendor == "postgresql" and field.max_length else LENGTH
        found[field.name] = (payload * (LENGTH // len(payload) + 1))[:limit]
    return found


@pytest.fixture
def hostile(served):
    """One structure of attacks, one of a single endless word; both with services, sessions and tags."""
    town = MunicipalityFactory(insee="59512", name="Roubaix", postcodes="59100", latitude=50.69, longitude=3.17)
    theme = ThemeFactory(slug="pire", name=ATTACK[:80])
    for slug, payload in (("attaque", ATTACK), ("mot", WORD)):
        page = StructureFactory(
            title=payload[:100], slug=slug, municipality=town, themes=[theme], latitude=50.69, longitude=3.17,
            languages=["fr", "ar"], access=["fauteuil"],
        )  # fmt: skip
        page.tags.add(payload[:90])
        page.services.add(Service(name="S", themes=[theme]))
        page.permanences.add(Permanence(role="R"))
        page.save()
        if slug == "attaque":
            arabic = translate(page, "ar", title=payload[:100])
            StructurePage.objects.filter(pk=arabic.pk).update(title=payload[:200], summary=payload[:300])
        values = spoiled(StructurePage, payload) | {"extra": {"id": payload, "lien_source": payload}}
        StructurePage.objects.filter(pk=page.pk).update(**values, title=payload[:250], draft_title=payload[:250])
        Service.objects.filter(page=page).update(
            **spoiled(Service, payload), extra={"thematiques": [payload], "adresse": payload}
        )
        Permanence.objects.filter(page=page).update(**spoiled(Permanence, payload))
    return served


def test_nothing_runs_and_nothing_overflows(hostile, open_page):
    page, _watch = open_page("/annuaire/", viewport={"width": 320, "height": 640})
    addresses = [path.format(slug=slug) for path in PUBLIC for slug in ("attaque", "mot")]
    addresses += ["/ar/annuaire/", "/ar/annuaire/attaque/", "/ar/annuaire/a-imprimer/"]
    for path in dict.fromkeys(addresses):
        response = page.goto(path)
        assert response.status == 200, path
        page.wait_for_load_state("load")
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, (path, width)
        for text in page.locator('script[type="application/ld+json"]').all_text_contents():
            json.loads(text)


def test_the_map_shows_it_as_text(hostile, open_page):
    page, _watch = open_page("/annuaire/carte/")
    page.wait_for_selector(".leaflet-container[data-places]")
    page.locator(".cluster").first.press("Enter")
    pin = page.locator(".pin").first
    pin.press("Enter")
    page.get_by_role("dialog").wait_for()
    assert page.locator(".leaflet-container script, .leaflet-container img[src='x']").count() == 0


def test_editors_meet_no_attack_either(hostile, open_page, client):
    user = get_user_model().objects.create_superuser("chief", "chief@example.org", "secret")
    client.force_login(user)
    page, _watch = open_page("/healthz")
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": hostile.url}])
    attacker = StructurePage.objects.sources().get(slug="attaque")
    lists = f"/admin/pages/{attacker.get_parent().pk}/"
    for path in ("/admin/", lists, f"/admin/pages/{attacker.pk}/edit/", "/annuaire/attaque/"):
        assert page.goto(path).status == 200, path
        page.wait_for_load_state("load")


def test_files_and_machines_get_it_whole(hostile, client):
    attacker = StructurePage.objects.sources().get(slug="attaque")
    collection = json.loads(client.get("/annuaire/lieux.geojson").content)
    assert attacker.title in {feature["properties"]["title"] for feature in collection["features"]}
    table = list(csv.reader(io.StringIO(client.get("/annuaire/lieux.csv").content.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in table} == {len(table[0])}
    book = load_workbook(io.BytesIO(client.get("/annuaire/lieux.xlsx").content))
    cells = [cell for row in table for cell in row]
    cells += [cell.value for sheet in book for row in sheet for cell in row if isinstance(cell.value, str)]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "\t", "\r"))]
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    for name in ("structures", "services"):
        answer = client.get(f"/api/data-inclusion/v1/{name}").json()
        assert answer["total"] == len(answer["items"]) == 2
        for item in answer["items"]:
            links = [value for field, value in item.items() if field.startswith(("lien_", "site_")) and value]
            assert all(link.startswith("http") for link in links)
    if pdf.is_available():
        for language in ("", "/ar"):
            document = client.get(f"{language}/annuaire/annuaire.pdf?commune=59512")
            assert document.content.startswith(b"%PDF-")
            assert not [action for action in (b"/JavaScript", b"/JS", b"/Launch") if action in document.content]


def test_a_mail_says_it_as_plain_text(hostile, client):
    attacker = StructurePage.objects.sources().get(slug="attaque")
    answer = client.post("/contact/", {"message": f"{attacker.title}\r\nBcc: x@example.org", "answer_to": ""})
    assert answer.status_code in (200, 303)
    for sent in [*mail.outbox, *Email.objects.all()]:
        assert "\n" not in sent.subject
        assert "x@example.org" not in [*sent.to, *(sent.cc or []), *(sent.bcc or [])]
