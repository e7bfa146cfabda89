"""An editor changes, previews and publishes one page of each type, in the admin, in a real browser."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import expect
from wagtail.models import Page

from home.roles import ADMINISTRATOR, EDITOR, ensure_roles
from portal.users.models import User
from tests import factories

pytestmark = pytest.mark.browser

WAIT_FOR_WIDTH = """(body, width) => new Promise((done) => {
  const look = () => innerWidth === width ? done(true) : setTimeout(look, 50);
  look();
})"""


@pytest.fixture
def editor_page(served, open_page, client):
    ensure_roles()
    editor = User.objects.create_user("editrice", password="x")
    editor.groups.add(Group.objects.get(name=EDITOR))
    client.force_login(editor)
    page, watch = open_page("/robots.txt", viewport={"width": 1500, "height": 1000})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": served.url}])
    yield page
    # Wagtail answers 400 to a form with a fault, and the browser tells the console.
    watch.faults = [fault for fault in watch.faults if "status of 400" not in fault]


def one_page_of_each_type(tree):
    centre = factories.CentreFactory(slug="echo")
    return [
        tree.home,
        tree.directory,
        tree.resources,
        tree.glossary,
        tree.agenda,
        tree.centres,
        tree.news,
        tree.contact,
        factories.StructureFactory(),
        factories.ResourceFactory(),
        factories.TermFactory(),
        factories.EventFactory(),
        centre,
        factories.ActivityFactory(parent=centre),
        factories.NewsFactory(),
        factories.StandardPageFactory(),
    ]


def wait_for_preview(page, title):
    """The title of the document: the heading of a section is the visitor's question."""
    page.wait_for_function(
        "title => [...document.querySelectorAll('iframe')].some(one => one.contentDocument?.title.includes(title))",
        arg=title,
        timeout=20_000,
    )


def test_change_preview_and_publish(editor_page, served):
    pages = one_page_of_each_type(served)
    assert {type(page) for page in pages} == set(factories.every_page_model())
    for number, edited in enumerate(pages):
        title = f"Un titre tout neuf {number}"
        editor_page.goto(f"/admin/pages/{edited.pk}/edit/")
        toggle = editor_page.locator('[data-side-panel-toggle="preview"]')
        if toggle.get_attribute("aria-expanded") != "true":
            toggle.click()
        wait_for_preview(editor_page, edited.title)
        # Wagtail watches the form from two seconds after the page has loaded; what is typed before is not previewed.
        editor_page.wait_for_timeout(2_500)
        editor_page.locator("#id_title").fill(title)
        wait_for_preview(editor_page, title)

        editor_page.locator("footer [data-w-dropdown-target=toggle]").first.click()
        editor_page.locator("[name=action-publish]").first.click()
        editor_page.wait_for_url("**/admin/pages/*/")
        fresh = Page.objects.get(pk=edited.pk)
        assert fresh.title == title, type(edited).__name__
        assert fresh.live
        assert not fresh.has_unpublished_changes
        assert title in Client().get(edited.get_url_parts()[2]).content.decode(), type(edited).__name__


def test_a_new_structure_from_nothing(editor_page, served):
    factories.ThemeFactory(slug="sante", name="Santé")
    editor_page.goto(f"/admin/pages/add/directory/structurepage/{served.directory.pk}/")
    editor_page.locator("#id_title").fill("PMI toute neuve")
    editor_page.locator("#id_kind").select_option("pmi")
    editor_page.locator("#id_phone").fill("pas un numéro")
    editor_page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    editor_page.locator("[name=action-publish]").first.click()
    expect(editor_page.locator("#id_phone")).to_have_value("pas un numéro")
    expect(editor_page.locator("[data-field-errors] >> text=03 20 16 84 30").first).to_be_visible()
    editor_page.locator("#id_phone").fill("0320168430")
    editor_page.locator("#id_age_min_months").fill("18 mois")
    editor_page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    editor_page.locator("[name=action-publish]").first.click()
    editor_page.wait_for_url("**/admin/pages/*/")
    page = Page.objects.get(title="PMI toute neuve").specific
    assert page.live
    assert page.phone == "03 20 16 84 30"
    assert page.age_min_months == 18


def test_hours_are_typed_in_a_week(editor_page, served):
    """Monday typed, two days as the day above, a third period, a drop-in session added; what is no week stays."""
    sheet = factories.StructureFactory(opening_hours="", holiday_hours="week 1-53/2 Sa 09:00-12:00")
    editor_page.goto(f"/admin/pages/{sheet.pk}/edit/")
    week = editor_page.locator("#id_opening_hours")
    editor_page.locator("#id_opening_hours-mon-0-start").fill("09:00")
    week.locator("[name=opening_hours-mon-0-end]").fill("12:00")
    week.locator("[data-add]").first.click()
    week.locator("[name=opening_hours-mon-2-start]").fill("20:00")
    week.locator("[name=opening_hours-mon-2-end]").fill("00:00")
    week.locator("[name=opening_hours-tue-same]").check()
    week.locator("[name=opening_hours-wed-same]").check()
    expect(week.locator("[name=opening_hours-wed-2-start]")).to_have_value("20:00")
    week.locator("[name=opening_hours-wed-2-start]").fill("")
    week.locator("[name=opening_hours-wed-2-end]").fill("")
    expect(week.locator("[name=opening_hours-wed-same]")).not_to_be_checked()
    week.locator("[name=opening_hours-ph]").select_option("closed")
    expect(editor_page.locator("[name=holiday_hours]")).to_have_value("week 1-53/2 Sa 09:00-12:00")
    editor_page.locator("#id_permanences-ADD").click()
    editor_page.locator("#id_permanences-0-role").fill("Juriste")
    editor_page.locator("[name=permanences-0-opening_hours-thu-0-start]").fill("14:00")
    editor_page.locator("[name=permanences-0-opening_hours-thu-0-end]").fill("16:30")
    editor_page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    editor_page.locator("[name=action-publish]").first.click()
    editor_page.wait_for_url("**/admin/pages/*/")
    sheet.refresh_from_db()
    assert sheet.opening_hours == "Mo,Tu 09:00-12:00,20:00-24:00; We 09:00-12:00; PH off"
    assert sheet.holiday_hours == "week 1-53/2 Sa 09:00-12:00"
    assert sheet.permanences.get().opening_hours == "Th 14:00-16:30"


def test_the_editor_sees_whether_a_text_is_easy_to_read(editor_page, served):
    long = "Nous proposons aux familles du quartier de venir avec leurs enfants chaque mercredi pour un grand goûter."
    sheet = factories.StandardPageFactory(body=[("paragraph", {"html": "<p>Vous pouvez venir avec vos enfants.</p>"})])
    editor_page.goto(f"/admin/pages/{sheet.pk}/edit/")
    hints = editor_page.locator(".readability")
    assert hints.count() == 0
    editor_page.locator("#id_summary").fill("Le centre est ouvert à tous. Vous pouvez venir.")
    expect(hints).to_contain_text("Très facile à lire.")
    editor_page.locator("#id_summary").fill(long)
    expect(hints).to_contain_text("Une phrase dépasse 15 mots : « Nous proposons")
    # The text of a block, written in another kind of field.
    editor_page.locator("[contenteditable=true]").first.click()
    expect(hints.nth(1)).to_have_text("Facile à lire. 6,0 mots par phrase en moyenne.")
    editor_page.keyboard.press("Control+End")
    editor_page.keyboard.type(" " + long)
    expect(hints.nth(1)).to_contain_text("Une phrase dépasse 15 mots")
    # Titles are no prose.
    editor_page.locator("#id_title").fill(long)
    editor_page.wait_for_timeout(1_100)
    assert hints.count() == 2


@pytest.mark.parametrize(("size", "width"), [("phone", 360), ("desktop", 1280)])
def test_the_preview_has_the_width_of_the_device(editor_page, served, size, width):
    editor_page.goto(f"/admin/pages/{served.contact.pk}/edit/")
    toggle = editor_page.locator('[data-side-panel-toggle="preview"]')
    if toggle.get_attribute("aria-expanded") != "true":
        toggle.click()
    preview = editor_page.frame_locator("iframe[title]").first
    expect(preview.locator("h1")).to_have_text(served.contact.title, timeout=20_000)
    editor_page.locator(f"[name=preview-size][value={size}]").check(force=True)
    body = preview.locator("body")
    assert body.evaluate(WAIT_FOR_WIDTH, width)
    # Painted with its style sheets: the policy lets them into the frame.
    assert body.evaluate("() => getComputedStyle(document.querySelector('h1')).fontWeight") >= "600"
    assert body.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_colour_is_written_or_picked(editor_page):
    User.objects.get(username="editrice").groups.add(Group.objects.get(name=ADMINISTRATOR))
    editor_page.goto("/admin/settings/core/portalsettings/")
    text = editor_page.locator("#id_ink_green")
    picker = editor_page.locator("[data-colour]", has=text).locator("[type=color]")
    assert picker.get_attribute("aria-labelledby")
    picker.fill("#123f8c")
    expect(text).to_have_value("#123f8c")
    text.fill("#57c4a8")
    expect(picker).to_have_value("#57c4a8")
    editor_page.get_by_role("button", name="Enregistrer").first.click()
    error = editor_page.locator(".error-message", has_text="La couleur lisible la plus proche est").first
    suggested = re.search(r"#[0-9a-f]{6}", error.inner_text())[0]
    text.fill(suggested)
    editor_page.get_by_role("button", name="Enregistrer").first.click()
    expect(editor_page.locator(".messages .success")).to_be_visible()
    expect(text).to_have_value(suggested)
