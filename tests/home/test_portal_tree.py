"""The pages that every portal has: made once, in production as in the demonstration."""

import pytest
from django.core.management import call_command
from wagtail.models import Locale, Page, Site

from directory.models import DirectoryIndexPage
from events.models import AgendaPage
from home.models import ContactPage, HomePage, StandardPage
from home.portal_texts import DEFAULT_PAGES, PageTexts, PortalPage
from home.portal_tree import IN_MENUS, SINGLE, ensure_portal_tree, site_address
from tests.home.demo_summary import max_keys, row_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal():
    return ensure_portal_tree()


def source(model):
    return model.objects.sources().get()


def test_a_new_database_becomes_a_portal(portal):
    assert set(portal.created) == {page.slug for page in DEFAULT_PAGES}
    home = source(HomePage)
    assert Site.objects.get(is_default_site=True).root_page_id == home.pk
    assert not Page.objects.filter(title__startswith="Welcome").exists()
    assert {page.slug for page in home.get_children().live()} == {page.slug for page in DEFAULT_PAGES} - {"home"}
    for page in home.get_descendants(inclusive=True).specific():
        page.full_clean()
        assert page.live_revision_id == page.latest_revision_id is not None
    in_menus = {page.slug for page in home.get_children().in_menu()}
    assert in_menus == {"annuaire", "agenda", "ressources", "glossaire", "centres", "actualites"}
    assert {page.kind for page in DEFAULT_PAGES} == SINGLE | {"standard"}
    assert len(in_menus) == len(IN_MENUS)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8123", ("127.0.0.1", 8123)),
        ("https://boussole.example", ("boussole.example", 443)),
        ("http://boussole.example", ("boussole.example", 80)),
    ],
)
def test_the_site_answers_where_the_settings_say(settings, url, address):
    settings.SITE_URL = url
    assert site_address() == address
    ensure_portal_tree()
    site = Site.objects.get(is_default_site=True)
    assert (site.hostname, site.port) == address
    assert source(DirectoryIndexPage).full_url == f"{url}/annuaire/"


def test_the_site_follows_the_settings(settings, portal):
    settings.SITE_URL = "https://ailleurs.example"
    ensure_portal_tree()
    assert Site.objects.get(is_default_site=True).hostname == "ailleurs.example"


def test_again_makes_nothing(portal):
    before = row_counts(), max_keys()
    again = ensure_portal_tree()
    assert (again.created, again.translated, again.kept) == ([], [], len(DEFAULT_PAGES))
    assert (row_counts(), max_keys()) == before


def test_what_editors_changed_is_left_alone(portal):
    directory = source(DirectoryIndexPage)
    directory.title, directory.slug = "Qui peut aider ?", "adresses"
    directory.save_revision().publish()
    source(ContactPage).unpublish()
    assert ensure_portal_tree().created == []
    directory.refresh_from_db()
    assert directory.title == "Qui peut aider ?"
    assert not source(ContactPage).live


def test_a_missing_page_is_made_again(portal):
    StandardPage.objects.get(slug="mentions-legales").delete()
    assert ensure_portal_tree().created == ["mentions-legales"]


def test_agenda_of_a_centre_is_not_the_common_one(portal, tree):
    from tests import factories

    centre = factories.CentreFactory(title="Echo", slug="echo")
    source_agenda = AgendaPage.objects.sources().child_of(source(HomePage)).get()
    if not AgendaPage.objects.sources().child_of(centre).exists():
        centre.add_child(instance=AgendaPage(title="Agenda – Echo", slug="agenda"))
    source_agenda.delete()
    assert ensure_portal_tree().created == ["agenda"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_language_has_a_home(portal, language):
    home = source(HomePage).get_translation(Locale.objects.get(language_code=language))
    assert home.live
    assert home.alias_of_id is None
    assert home.slug == f"home-{language}"
    # The legal pages are to be written by the team: they have no translation, and readers see them in French.
    assert StandardPage.objects.translations_into(language).count() == 0
    assert source(ContactPage).in_language(language).frame_language == language


def test_a_language_without_texts_has_a_home_too(settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("es", "Español")]
    ensure_portal_tree()
    home = source(HomePage).get_translation(Locale.objects.get(language_code="es"))
    assert home.alias_of_id == source(HomePage).pk  # no text of its own: the French page in a Spanish frame is shown
    assert not HomePage.objects.translations_into("es").exists()
    rows = row_counts()
    ensure_portal_tree()
    assert row_counts() == rows


def test_a_portal_with_fewer_languages(settings):
    settings.LANGUAGES = [("fr", "Français"), ("en", "English")]
    assert {language for _slug, language in ensure_portal_tree().translated} == {"en"}
    assert not HomePage.objects.filter(locale__language_code="ar").exists()


def test_own_texts():
    page = PortalPage("horaires", "standard", PageTexts("Horaires", "Quand venir ?"))
    home = PortalPage("home", "home", PageTexts("Le Phare"), {"en": PageTexts("The Lighthouse")})
    ensure_portal_tree(pages=[home, page])
    assert source(HomePage).title == "Le Phare"
    assert StandardPage.objects.get(slug="horaires").summary == "Quand venir ?"
    assert HomePage.objects.translations_into("en").get().title == "The Lighthouse"
    assert StandardPage.objects.filter(slug="accessibilite").exists()  # those left out are made with their own words


def test_command(capsys):
    before = row_counts()
    call_command("init_portal", "--dry-run")
    assert "annuaire: would be made" in capsys.readouterr().out
    assert row_counts() == before
    call_command("init_portal")
    assert "annuaire: made" in capsys.readouterr().out
    call_command("init_portal")
    assert capsys.readouterr().out == f"0 pages and 0 translations made, {len(DEFAULT_PAGES)} pages kept\n"


def test_all_pages_answer_in_all_languages(portal, client):
    for page in source(HomePage).get_descendants(inclusive=True).specific():
        for prefix in ("", "/en", "/ar"):
            answer = client.get(f"{prefix}{page.get_url()}")
            assert answer.status_code == 200, f"{prefix}{page.get_url()}"
