"""A father finds what is on this Wednesday for his child of seven, near Tourcoing, and puts it in his calendar."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from icalendar import Calendar
from playwright.sync_api import expect

from portal.core.moments import PARIS
from tests import factories
from tests.browser import axe

pytestmark = pytest.mark.browser


@pytest.fixture
def wednesday(served):
    """Of the five that there are on a Wednesday, one is for a child of seven and near. The clock of the server only."""
    # Ticking: the test's own waits need a clock that goes on.
    with time_machine.travel("2026-11-24T10:00:00+01:00", tick=True):
        town = factories.MunicipalityFactory(
            insee="59599", name="Tourcoing", postcodes="59200", latitude=50.724, longitude=3.161
        )
        near = factories.StructureFactory(title="Maison du parc", municipality=town, latitude=50.72, longitude=3.16)
        far = factories.StructureFactory(title="Maison lointaine", latitude=50.2, longitude=3.2)
        start, end = (datetime(2026, 11, 25, hour, tzinfo=PARIS) for hour in (14, 16))
        rows = (
            ("Atelier cuisine", near, 72, 132), ("Bébés dans l’eau", near, None, 36), ("Club ados", near, 144, None),
            ("Jeux de société", far, 36, None),
        )  # fmt: skip
        for title, place, low, high in rows:
            event = factories.EventFactory(
                title=title, structure=place, age_min_months=low, age_max_months=high, starts_at=start, ends_at=end,
                rrule="FREQ=WEEKLY;COUNT=3",
            )  # fmt: skip
            if title == "Atelier cuisine":
                factories.translate(event, "ar", title="ورشة الطبخ")
                served.slug = event.slug
        yield served


def go_to(page, is_there):
    """What fulfils a condition of JavaScript on the focused element takes the focus, by Tab only."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"(element => {is_there})(document.activeElement)"):
            return
    raise AssertionError(f"Tab does not lead to {is_there}")


def events(page):
    return page.locator(".slots h3 a")


@pytest.mark.parametrize(
    ("prefix", "question", "title"), [("", "Ce mercredi", "Atelier cuisine"), ("/ar", "هذا الأربعاء", "ورشة الطبخ")]
)
def test_by_keyboard(wednesday, open_page, prefix, question, title):
    page, _watch = open_page(f"{prefix}/agenda/", viewport={"width": 1280, "height": 800})
    go_to(page, f"element.textContent === {question!r}")
    page.keyboard.press("Enter")
    page.wait_for_url("**vue=jour&date=2026-11-25")
    expect(events(page)).to_have_count(4)
    go_to(page, "element.name === 'near'")
    page.keyboard.type("Tourcoing")
    go_to(page, "element.name === 'age'")
    # Leaving the field was enough, and the focus has gone on.
    expect(events(page)).to_have_count(3)
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(events(page)).to_have_text([title])
    expect(page.locator("#results-title")).to_be_focused()
    assert parse_qs(urlsplit(page.url).query) == {
        "vue": ["jour"], "date": ["2026-11-25"], "near": ["Tourcoing"], "age": ["7"],
    }  # fmt: skip
    assert page.locator("a[data-map-frame]").get_attribute("href").endswith(urlsplit(page.url).query)
    assert axe(page) == []
    go_to(page, "element.matches('.slots a')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{prefix}/agenda/{wednesday.slug}/")
    go_to(page, "element.href && element.href.endsWith('/event.ics')")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    calendar = Calendar.from_ical(download.value.path().read_bytes())
    assert calendar.walk("VEVENT")[0].decoded("DTSTART") == datetime(2026, 11, 25, 14, tzinfo=PARIS)


def test_without_javascript(wednesday, open_page):
    page, _watch = open_page("/agenda/", java_script_enabled=False, viewport={"width": 320, "height": 640})
    page.get_by_role("link", name="Ce mercredi").click()
    page.locator(".finder summary").click()
    assert page.locator(".near button").is_hidden()
    page.locator("#filter-near").fill("59200")
    page.locator("#filter-age").fill("7")
    page.locator(".picks button[type=submit]").click()
    expect(events(page)).to_have_text(["Atelier cuisine"])
    assert "date=2026-11-25" in page.url
    events(page).click()
    assert page.locator("a[href$='/event.ics']").first.is_visible()
    for view in ("mois", "semaine"):
        page.goto(f"/agenda/?vue={view}")
        page.set_viewport_size({"width": 320, "height": 640})
        days = page.get_by_role("listitem").filter(has=page.get_by_role("heading", level=2, name="25"))
        expect(days).to_contain_text("Atelier cuisine")
