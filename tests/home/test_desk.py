"""The editor's desk: what waits, one's own pages, what to do next by role, sheets to check; in few queries."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from events.models import AgendaPage
from home import roles
from portal.core.models import PortalSettings, SchoolHoliday
from tests import factories

pytestmark = pytest.mark.django_db

HOME = reverse("wagtailadmin_home")
#: Of the whole screen, session and menus included, warm.
QUERIES = 60


@pytest.fixture
def login(client, tree):
    """Logs a user of these groups in; gives the user."""

    def login(*groups):
        user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}")
        user.groups.set(Group.objects.filter(name__in=groups))
        client.force_login(user)
        return user

    return login


@pytest.fixture
def desk(client):
    """The home page as a soup; ``desk(id)`` gives the text of a panel, empty when it is not there."""

    def desk(panel):
        found = BeautifulSoup(client.get(HOME).content, "html.parser").select_one(f"#{panel}-section")
        return found.get_text(" ", strip=True) if found else ""

    return desk


def links(client):
    soup = BeautifulSoup(client.get(HOME).content, "html.parser")
    return {link["href"].split("#")[0]: link.get_text(" ", strip=True) for link in soup.select("#next-steps-section a")}


def draft_of(author, title, *, sent=False):
    page = factories.StandardPageFactory(title=title, live=False, owner=author)
    page.save_revision(user=author)
    if sent:
        page.get_workflow().start(page, author)
    return page


# --- The brand -------------------------------------------------------------------------------------------------------


def test_the_admin_bears_the_name_of_the_portal(client, login, tree):
    portal = PortalSettings.for_site(tree.site)
    portal.portal_name, portal.contact_phone = "Boussole du Nord", "03 20 79 98 70"
    portal.save()
    door = BeautifulSoup(client.get(reverse("wagtailadmin_login")).content, "html.parser")
    assert "Boussole du Nord" in door.title.text
    assert "Boussole du Nord" in door.h1.text
    assert door.select_one("a[href^='tel:']")
    login(roles.EDITOR)
    html = client.get(HOME).content.decode()
    assert "<title>Tableau de bord - Boussole du Nord</title>" in " ".join(html.split())
    assert "icon.svg" in html
    assert "Wagtail" not in BeautifulSoup(html, "html.parser").select_one("main").get_text()


# --- What waits ------------------------------------------------------------------------------------------------------


def test_own_pages_by_what_became_of_them(client, login, desk):
    author = login(roles.CONTRIBUTOR)
    draft_of(author, "Page commencée")
    draft_of(author, "Page envoyée", sent=True)
    back = draft_of(author, "Page à reprendre", sent=True)
    reviewer = get_user_model().objects.create_user("relectrice", first_name="Relecture")
    reviewer.groups.add(Group.objects.get(name=roles.EDITOR))
    back.current_workflow_task_state.reject(user=reviewer, comment="Il manque l’heure.")
    draft_of(reviewer, "Page d’une autre")

    assert "Page commencée" in desk("drafts")
    assert "Page envoyée" in desk("objects-in-workflow")
    assert "Page à reprendre" in desk("sent-back")
    assert "Il manque l’heure." in desk("sent-back")
    assert "Relecture" in desk("sent-back")
    html = client.get(HOME).content.decode()
    assert "Page d’une autre" not in html
    for title in ("Page commencée", "Page envoyée", "Page à reprendre"):
        assert html.count(f">{title}</a>") == 1, title


def test_pages_to_read_come_oldest_first_with_their_author(client, login, desk):
    author = get_user_model().objects.create_user("auteur", first_name="Atelier")
    for number in range(12):
        draft_of(author, f"Proposition n°{number} ", sent=True)
    login(roles.EDITOR)
    text = desk("awaiting-review")
    assert [f"n°{number} " in text for number in range(12)] == [True] * 10 + [False] * 2
    assert "Atelier" in text
    assert "12 pages" in desk("waiting")


# --- Sheets to check -------------------------------------------------------------------------------------------------


def test_sheets_to_check_are_those_that_one_publishes(client, login, desk, tree):
    today = timezone.localdate()
    centre = factories.CentreFactory(title="Echo", structure=factories.StructureFactory(title="Lieu d’Echo"))
    old = factories.StructureFactory(title="Vieille fiche", checked_on=today - timedelta(days=366))
    factories.StructureFactory(title="Fiche fraîche", checked_on=today - timedelta(days=365))
    factories.StructureFactory(title="Brouillon", live=False)
    factories.translate(old, "ar", title="قديم")
    url = reverse("sheets_to_check")

    login(roles.EDITOR)
    text = BeautifulSoup(client.get(url).content, "html.parser").main.get_text(" ", strip=True)
    assert text.index("Lieu d’Echo") < text.index("Vieille fiche")
    assert "jamais vérifiée" in text
    for left_out in ("Fiche fraîche", "Brouillon", "قديم"):
        assert left_out not in text
    assert "2 fiches à vérifier" in desk("waiting")

    login(roles.CENTRE_EDITOR, roles.centre_group_name(centre))
    text = BeautifulSoup(client.get(url).content, "html.parser").main.get_text(" ", strip=True)
    assert "Lieu d’Echo" in text
    assert "Vieille fiche" not in text
    login(roles.CONTRIBUTOR)
    assert "Echo" not in client.get(url).content.decode()


def test_many_sheets_are_paged(client, login):
    with factories.unindexed():
        for number in range(51):
            factories.StructureFactory(title=f"Fiche {number}")
    login(roles.EDITOR)
    url = reverse("sheets_to_check")
    pages = [BeautifulSoup(client.get(url, {"p": page}).content, "html.parser") for page in (1, 2)]
    assert [len(page.select(".desk-pieces li")) for page in pages] == [50, 1]
    assert client.get(url, {"p": "vieux"}).status_code == 404


# --- What to do next -------------------------------------------------------------------------------------------------


def test_each_role_is_led_to_its_work(client, login, tree):
    centre = factories.CentreFactory(title="Echo", structure=factories.StructureFactory(title="Lieu d’Echo"))
    agenda = AgendaPage.objects.child_of(centre).get()
    other = factories.CentreFactory(title="Arbrisseau")
    add = {
        name: reverse("wagtailadmin_pages:add", args=[app, model, parent.pk])
        for name, app, model, parent in (
            ("event", "events", "eventpage", tree.agenda),
            ("own event", "events", "eventpage", agenda),
            ("news", "home", "newspage", tree.news),
            ("word", "glossary", "termpage", tree.glossary),
        )
    }
    hours = reverse("wagtailadmin_pages:edit", args=[centre.structure.pk])
    colours = reverse("wagtailsettings:edit", args=["core", "portalsettings"])
    checks = reverse("sheets_to_check")
    guide_url = reverse("editor_guide")

    login(roles.CONTRIBUTOR)
    found = links(client)
    assert {add["event"], add["news"], add["word"], guide_url} <= found.keys()
    assert not {add["own event"], hours, colours, checks} & found.keys()

    login(roles.CENTRE_EDITOR, roles.centre_group_name(centre))
    found = links(client)
    assert {add["own event"], hours, add["news"], checks, guide_url} <= found.keys()
    assert reverse("wagtailadmin_pages:edit", args=[other.pk]) not in found
    assert colours not in found

    login(roles.EDITOR)
    found = links(client)
    assert {add["event"], add["word"], checks} <= found.keys()
    assert not {add["own event"], colours} & found.keys()

    login(roles.ADMINISTRATOR)
    found = links(client)
    assert {colours, reverse("wagtailusers_users:index"), add["event"]} <= found.keys()


def test_every_step_leads_to_a_screen_that_opens(client, login, tree):
    centre = factories.CentreFactory(title="Echo")
    login(roles.CENTRE_EDITOR, roles.centre_group_name(centre), roles.ADMINISTRATOR)
    followed = links(client)
    followed.pop(reverse("wagtail_localize:translations_report"))  # warns of its own missing order
    assert len(followed) > 12
    for url in followed:
        assert client.get(url, follow=True).status_code == 200, url


def test_a_portal_without_pages_has_a_desk(client, django_user_model):
    Page.objects.filter(depth__gt=1).delete()
    client.force_login(django_user_model.objects.create_superuser("root"))
    assert client.get(HOME).status_code == 200


# --- Queries ---------------------------------------------------------------------------------------------------------


def queries_of_the_desk(client):
    client.get(HOME)
    with CaptureQueriesContext(connection) as captured:
        client.get(HOME)
    return len(captured)


def test_the_desk_takes_as_many_queries_for_much_as_for_little(client, login):
    centre = factories.CentreFactory(title="Echo")
    user = login(roles.CENTRE_EDITOR, roles.centre_group_name(centre), roles.EDITOR)
    author = get_user_model().objects.create_user("auteur")

    def work():
        factories.StructureFactory()
        draft_of(author, "À lire", sent=True)
        draft_of(user, "À moi")
        draft_of(user, "À moi, envoyée", sent=True)
        draft_of(user, "À moi, renvoyée", sent=True).current_workflow_task_state.reject(user=author)

    work()
    few = queries_of_the_desk(client)
    for _ in range(7):
        work()
    assert queries_of_the_desk(client) == few
    assert few <= QUERIES


def test_whoever_keeps_the_holidays_is_told_before_their_dates_end(client, login):
    holidays = reverse("wagtailsnippets_core_schoolholiday:list")
    today = timezone.localdate()
    SchoolHoliday.objects.all().delete()
    SchoolHoliday.objects.create(zone="B", name="Été", start=today, end=today + timedelta(days=80))
    login(roles.CENTRE_EDITOR)
    assert holidays not in links(client)
    login(roles.EDITOR)
    assert holidays in links(client)
    SchoolHoliday.objects.update(end=today + timedelta(days=200))
    assert holidays not in links(client)
