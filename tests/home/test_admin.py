"""The admin: what it refuses with a word, what it shows, in which language, and whom it calls (nobody)."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils.translation import ngettext, override
from wagtail.models import Locale, Page
from wagtail_localize.models import StringSegment, StringTranslation, Translation
from wagtail_localize.operations import translate_object

from directory.models import Permanence, Service
from home import roles
from home.models import ActivityPage, CentrePage, StandardPage
from portal.core.models import Municipality, Territory, Theme
from tests import factories

pytestmark = pytest.mark.django_db


# --- Helpers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def login(client, tree):
    """Logs a user of these groups in; gives the user."""

    def login(*groups):
        user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}")
        user.groups.set(Group.objects.filter(name__in=groups))
        client.force_login(user)
        return user

    return login


def texts_of_messages(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def assert_refused(response, url, *words):
    """Sent back to ``url``, with a message that holds these words."""
    assert response.status_code == 302
    assert response.url == url
    message = texts_of_messages(response)[-1]
    for word in words:
        assert word in message


def in_french(singular, plural, count, **values):
    with override("fr"):
        return ngettext(singular, plural, count) % {"count": count, **values}


def explore(page):
    return reverse("wagtailadmin_explore", args=[page.pk])


def edit_url(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def delete_url(page):
    return reverse("wagtailadmin_pages:delete", args=[page.pk])


def bulk_url(action, *pages):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    return f"{url}?{'&'.join(f'id={page.pk}' for page in pages)}"


def exists(page):
    return type(page).objects.filter(pk=page.pk).exists()


# --- Deleting what others need ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_structure_of_a_centre_stays(client, login, method):
    centre = factories.CentreFactory(title="Echo")
    login(roles.ADMINISTRATOR)
    response = getattr(client, method)(delete_url(centre.structure))
    assert_refused(response, explore(centre.structure.get_parent()), centre.structure.title, "Echo")
    assert exists(centre.structure)


def test_the_place_of_events_stays_until_they_are_elsewhere(client, login):
    structure = factories.StructureFactory()
    events = [factories.EventFactory(structure=structure, title=f"Goûter {number}") for number in range(5)]
    login(roles.EDITOR)
    response = client.post(delete_url(structure))
    others = in_french("%(count)d other page", "%(count)d other pages", 2)
    assert_refused(response, explore(structure.get_parent()), "Goûter 0", "Goûter 2", others)
    for event in events:
        event.structure, event.place_name = None, "La place"
        event.save()
    assert client.post(delete_url(structure)).status_code == 302
    assert not exists(structure)


def test_the_organiser_of_an_event_stays(client, login):
    structure = factories.StructureFactory()
    factories.EventFactory(organizer=structure, title="Goûter")
    login(roles.EDITOR)
    assert_refused(client.post(delete_url(structure)), explore(structure.get_parent()), "Goûter")


def test_a_section_stays_while_something_below_it_is_needed(client, login, tree):
    factories.CentreFactory(title="Echo")
    login(roles.ADMINISTRATOR)
    assert_refused(client.post(delete_url(tree.directory)), explore(tree.home), "Echo")


def test_bulk_deletion_is_no_way_round(client, login):
    needed, free = factories.CentreFactory(title="Echo").structure, factories.StructureFactory()
    login(roles.EDITOR)
    response = client.post(bulk_url("delete", needed, free))
    assert response.status_code == 302
    assert texts_of_messages(response)
    assert exists(needed)
    assert exists(free), "all or nothing"
    client.post(bulk_url("delete", free))
    assert not exists(free)


def test_a_municipality_with_structures_stays(client, login):
    town = factories.StructureFactory().municipality
    login(roles.EDITOR)
    response = client.post(reverse("wagtailsnippets_core_municipality:delete", args=[town.pk]))
    assert response.status_code == 302
    assert Municipality.objects.filter(pk=town.pk).exists()


def test_a_centre_editor_keeps_the_centre_and_the_drafts_of_others(client, login, tree):
    centre = CentrePage(title="Echo", slug="echo", structure=factories.StructureFactory(), locale=tree.home.locale)
    tree.centres.add_child(instance=centre)
    draft = factories.StandardPageFactory(live=False)
    login(roles.CENTRE_EDITOR, roles.centre_group_name(centre))
    for page in (centre, draft):
        assert page.permissions_for_user(response_user(client)).can_delete(), "Wagtail would let them"
        assert_refused(client.post(delete_url(page)), explore(page.get_parent()), page.title)
        client.post(bulk_url("delete", page))
        assert exists(page)
    move = reverse("wagtailadmin_pages:move_confirm", args=[draft.pk, centre.pk])
    assert_refused(client.post(move), explore(tree.home), draft.title)


def response_user(client):
    return get_user_model().objects.get(pk=client.session["_auth_user_id"])


def test_a_page_is_not_repeated_as_an_alias(client, login):
    centre = factories.CentreFactory(title="Echo")
    login(roles.EDITOR)
    url = reverse("wagtailadmin_pages:copy", args=[centre.pk])
    data = {"new_title": "Echo 2", "new_slug": "echo-2", "new_parent_page": centre.get_parent().pk, "alias": "on"}
    assert client.get(url).status_code == 200
    assert_refused(client.post(url, data), explore(centre.get_parent()))
    assert CentrePage.objects.sources().count() == 1


# --- Publishing translations -----------------------------------------------------------------------------------------


def start_translation(page, language="ar"):
    """As an editor does with “Translate this page”. Gives wagtail-localize's translation and the draft."""
    locale = Locale.objects.get(language_code=language)
    translate_object(page, [locale])
    translation = Translation.objects.get(source__object_id=page.translation_key, target_locale=locale)
    return translation, translation.get_target_instance()


def fill_in(translation, leave=0):
    """Translates every text but the last ``leave`` ones."""
    segments = list(StringSegment.objects.filter(source=translation.source).order_by("order"))
    for segment in segments[: len(segments) - leave]:
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            context=segment.context,
            locale=translation.target_locale,
            defaults={"data": f"ترجمة {segment.pk}"},
        )


def is_live(page):
    return Page.objects.get(pk=page.pk).live


@pytest.fixture
def started(tree, login):
    """An activity of the centre Echo, whose Arabic draft lacks one of its three texts."""
    activity = factories.ActivityFactory(parent=factories.CentreFactory(title="Echo"), title="Couture")
    translation, draft = start_translation(activity)
    fill_in(translation, leave=1)
    assert translation.get_progress() == (3, 2)
    return translation, draft


def test_an_incomplete_translation_is_not_published(client, started, login, django_capture_on_commit_callbacks):
    translation, draft = started
    login(roles.EDITOR)
    assert_refused(client.post(edit_url(draft), {"action": "publish"}), edit_url(draft), "1", "Couture")
    assert not is_live(draft)
    fill_in(translation)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(edit_url(draft), {"action": "publish"})
    assert response.status_code == 302
    assert is_live(draft)


def test_a_new_text_in_french_holds_the_next_publication(client, started, login):
    """What readers see stays as it was: the page is not taken offline."""
    translation, draft = started
    fill_in(translation)
    translation.save_target(publish=False)
    draft.get_latest_revision().publish()
    activity = translation.source.get_source_instance()
    activity.registration_note = "Par téléphone"
    activity.save()
    translation.source.update_from_db()
    login(roles.EDITOR)
    assert_refused(client.post(edit_url(draft), {"action": "publish"}), edit_url(draft))
    assert is_live(draft)


def test_bulk_publishing_is_no_way_round(client, started, login):
    translation, draft = started
    login(roles.EDITOR)
    client.post(bulk_url("publish", draft))
    assert not is_live(draft)
    parent = draft.get_parent()
    client.post(bulk_url("publish", parent), {"include_descendants": "on"})
    assert not is_live(draft)
    fill_in(translation)
    client.post(bulk_url("publish", draft))
    assert is_live(draft)


def sync(client, translation, callbacks):
    url = reverse("wagtail_localize:update_translations", args=[translation.source_id])
    with callbacks(execute=True):
        return client.post(url, {"publish_translations": "on"})


def test_syncing_publishes_what_is_complete(client, started, login, django_capture_on_commit_callbacks):
    translation, draft = started
    login(roles.EDITOR)
    response = sync(client, translation, django_capture_on_commit_callbacks)
    assert response.status_code == 302
    assert any("Couture" in text for text in texts_of_messages(response))
    assert not is_live(draft)
    fill_in(translation)
    sync(client, translation, django_capture_on_commit_callbacks)
    assert is_live(draft)


@pytest.mark.parametrize(("group", "expected"), [("Arbrisseau", False), ("Echo", True)])
def test_syncing_publishes_only_what_is_yours(
    client, started, login, django_capture_on_commit_callbacks, group, expected
):
    translation, draft = started
    factories.CentreFactory(title="Arbrisseau")
    fill_in(translation)
    login(roles.CENTRE_EDITOR, f"Éditeurs de centre – {group}")
    sync(client, translation, django_capture_on_commit_callbacks)
    assert is_live(draft) == expected


def test_syncing_is_not_for_contributors(client, started, login, django_capture_on_commit_callbacks):
    login(roles.CONTRIBUTOR)
    response = sync(client, started[0], django_capture_on_commit_callbacks)
    assert response.status_code == 302
    assert response.url == reverse("wagtailadmin_home")


def test_turning_a_live_page_into_an_alias_takes_the_right_to_publish(client, started, login):
    _translation, draft = started
    factories.CentreFactory(title="Arbrisseau")
    url = reverse("wagtail_localize:convert_to_alias", args=[draft.pk])
    login(roles.CENTRE_EDITOR, "Éditeurs de centre – Arbrisseau")
    client.post(url)
    assert ActivityPage.objects.get(pk=draft.pk).alias_of_id is None
    login(roles.CENTRE_EDITOR, "Éditeurs de centre – Echo")
    client.post(url)
    assert ActivityPage.objects.get(pk=draft.pk).alias_of_id


def test_translating_a_live_alias_publishes_no_french(tree):
    """The parents of a translated page are repeated by aliases, live as they are."""
    activity = factories.ActivityFactory(parent=factories.CentreFactory(title="Echo"))
    start_translation(activity, "en")
    alias = CentrePage.objects.get(locale__language_code="en")
    assert alias.live
    assert alias.alias_of_id
    start_translation(alias.alias_of.specific, "en")
    page = CentrePage.objects.get(pk=alias.pk)
    assert page.alias_of_id is None
    assert not page.live


def test_a_page_written_by_hand_is_the_editors_own(client, started, login):
    translation, draft = started
    translation.enabled = False
    translation.save()
    login(roles.EDITOR)
    client.post(bulk_url("publish", draft))
    assert is_live(draft)


def test_an_untranslated_word_is_not_published(client, tree, login):
    theme = factories.ThemeFactory(name="Santé", slug="sante")
    translation, word = start_translation(theme)
    login(roles.EDITOR)
    url = reverse("wagtailsnippets_core_theme:edit", args=[word.pk])
    assert_refused(client.post(url, {"action": "publish"}), url, "Santé")
    fill_in(translation)
    client.post(url, {"action": "publish"})
    assert Theme.objects.get(pk=word.pk).name.startswith("ترجمة")


def full_structure():
    page = factories.StructureFactory(description="Un lieu.", access_conditions="Venez.")
    page.services = [Service(name="Conseil", description="Sur place", schedule="Le lundi", booking="Sans rendez-vous")]
    page.permanences = [Permanence(role="assistante sociale", booking="Par téléphone")]
    page.save()
    return page


def full_standard_page():
    body = [
        {"type": "heading", "value": {"text": "Titre"}},
        {"type": "paragraph", "value": {"html": "<p>Un <b>texte</b>.</p><ul><li>et une liste</li></ul>"}},
        {"type": "callout", "value": {"title": "À savoir", "text": "Texte"}},
        {"type": "steps", "value": {"items": ["Un", "Deux"]}},
        {"type": "questions", "value": {"items": [{"question": "Quoi ?", "answer": "Cela."}]}},
        {"type": "quote", "value": {"text": "Bonjour", "source": "Un groupe"}},
        {"type": "link", "value": {"label": "Annuaire", "page": None, "url": "/annuaire/"}},
    ]
    page = factories.StandardPageFactory(seo_title="Un titre", summary="Résumé")
    page.body = json.dumps(body)
    page.save()
    return StandardPage.objects.get(pk=page.pk)


@pytest.mark.parametrize(
    "make",
    [
        full_structure,
        full_standard_page,
        factories.EventFactory,
        factories.TermFactory,
        factories.ResourceFactory,
        factories.CentreFactory,
        factories.NewsFactory,
        lambda: factories.make_tree().contact,
    ],
)
def test_every_text_that_counts_can_be_translated(client, login, make):
    """A text without a field in the translation editor would hold the publication for ever."""
    translation, draft = start_translation(make())
    login(roles.EDITOR)
    html = client.get(edit_url(draft)).content.decode()
    props = json.loads(BeautifulSoup(html, "html.parser").select_one(".js-translation-editor")["data-props"])
    offered = [segment for segment in props["segments"] if segment["type"] == "string"]
    assert len(offered) == translation.get_progress()[0]
    assert props["perms"]["canPublish"]


# --- Vocabularies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["theme", "audience", "municipality", "territory"])
def test_screens_of_vocabularies(client, tree, login, model):
    row = {
        "theme": factories.ThemeFactory,
        "audience": factories.AudienceFactory,
        "municipality": factories.MunicipalityFactory,
        "territory": lambda: Territory.objects.create(name="Métropole", slug="metropole"),
    }[model]()
    login(roles.EDITOR)
    name = f"wagtailsnippets_core_{model}"
    listing = client.get(reverse(f"{name}:list"))
    assert str(row) in listing.content.decode()
    assert str(row) in client.get(reverse(f"{name}:list"), {"q": row.name[:4]}).content.decode()
    assert client.get(reverse(f"{name}:list"), {"ordering": "-name"}).status_code == 200
    assert client.get(reverse(f"{name}:add")).status_code == 200
    for view in ("edit", "delete", "usage", "history"):
        assert client.get(reverse(f"{name}:{view}", args=[row.pk])).status_code == 200, view


def test_a_word_is_born_in_french(client, tree, login):
    login(roles.EDITOR)
    url = reverse("wagtailsnippets_core_theme:add")
    assert client.get(url, {"locale": "fr"}).status_code == 200
    assert client.get(url, {"locale": "ar"}).status_code == 302


def test_a_theme_is_translated_from_the_list(client, tree, login):
    theme = factories.ThemeFactory()
    login(roles.EDITOR)
    html = client.get(reverse("wagtailsnippets_core_theme:list")).content.decode()
    assert reverse("wagtail_localize:submit_snippet_translation", args=["core", "theme", theme.pk]) in html


# --- Menus and home page ---------------------------------------------------------------------------------------------


def menu_names(client):
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    props = json.loads(BeautifulSoup(html, "html.parser").select_one("#wagtail-sidebar-props").text)
    return set(re.findall(r'"name": ?"([\w-]+)"', json.dumps(props)))


def test_menus_are_as_long_as_the_role(client, tree, login):
    factories.CentreFactory(title="Echo")
    menus = {}
    for groups in (
        [roles.ADMINISTRATOR],
        [roles.EDITOR],
        [roles.CENTRE_EDITOR, "Éditeurs de centre – Echo"],
        [roles.CONTRIBUTOR],
    ):
        login(*groups)
        menus[groups[0]] = menu_names(client)
    assert {"explorer", "images", "documents"} <= menus[roles.CONTRIBUTOR]
    assert not {"reports", "settings", "users", "workflows"} & menus[roles.CONTRIBUTOR]
    assert "reports" in menus[roles.CENTRE_EDITOR]
    assert not {"settings", "users"} & menus[roles.CENTRE_EDITOR]
    assert {"reports", "redirects"} <= menus[roles.EDITOR]
    assert not {"users", "sites", "workflows-tasks"} & menus[roles.EDITOR]
    assert {"users", "groups", "sites", "workflow-tasks", "collections"} <= menus[roles.ADMINISTRATOR]
    assert "locales" not in menus[roles.ADMINISTRATOR]


def home_panels(client):
    """Ids of the panels of the home page, and its text."""
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    soup = BeautifulSoup(html, "html.parser")
    known = ("waiting", "awaiting-review", "objects-in-workflow")
    return [name for name in known if soup.select_one(f"#{name}-section")], soup.get_text(" ", strip=True)


def test_home_shows_what_waits(client, tree, login):
    factories.CentreFactory(title="Echo")
    author = login(roles.CONTRIBUTOR)
    assert home_panels(client)[0] == []
    page = factories.StandardPageFactory(title="Proposition à lire", live=False, owner=author)
    page.save_revision(user=author)
    page.get_workflow().start(page, author)
    assert home_panels(client)[0] == ["objects-in-workflow"]

    step = ("%(step)s: %(count)d page", "%(step)s: %(count)d pages", 1)
    for role in (roles.CENTRE_EDITOR, roles.EDITOR, roles.ADMINISTRATOR):
        login(role)
        panels, text = home_panels(client)
        assert panels == ["waiting", "awaiting-review"], role
        assert "Proposition à lire" in text
        assert in_french(*step, step="Relecture") in text

    page.current_workflow_task_state.approve(user=login(roles.EDITOR))
    assert in_french(*step, step="Publication") in home_panels(client)[1]
    login(roles.CENTRE_EDITOR)
    assert home_panels(client)[0] == []


def test_home_counts_the_translations_of_ones_own(client, started, login):
    translation, _draft = started
    factories.CentreFactory(title="Arbrisseau")
    to_complete = in_french("%(count)d translation to complete", "%(count)d translations to complete", 1)
    to_publish = in_french("%(count)d translation to publish", "%(count)d translations to publish", 1)
    login(roles.CENTRE_EDITOR, "Éditeurs de centre – Arbrisseau")
    assert to_complete not in home_panels(client)[1]
    login(roles.CENTRE_EDITOR, "Éditeurs de centre – Echo")
    assert to_complete in home_panels(client)[1]
    fill_in(translation)
    text = home_panels(client)[1]
    assert to_complete not in text
    assert to_publish in text


# --- Language and third parties --------------------------------------------------------------------------------------


@pytest.fixture
def screens(tree):
    """Addresses of the screens that editors use, from the sign-in on."""
    centre = factories.CentreFactory(title="Echo")
    _translation, draft = start_translation(centre)
    theme = factories.ThemeFactory()
    names = (
        ("wagtailadmin_home",),
        ("wagtailadmin_explore_root",),
        ("wagtailadmin_explore", tree.home.pk),
        ("wagtailadmin_pages:edit", centre.pk),
        ("wagtailadmin_pages:edit", factories.EventFactory().pk),
        ("wagtailadmin_pages:edit", draft.pk),
        ("wagtailadmin_pages:add", "home", "standardpage", tree.home.pk),
        ("wagtailadmin_pages:history", centre.pk),
        ("wagtailimages:index",),
        ("wagtaildocs:index",),
        ("wagtailsnippets_core_theme:edit", theme.pk),
        ("wagtailadmin_reports:workflow",),
        ("wagtailadmin_account",),
        ("wagtailusers_users:index",),
        ("wagtailsettings:edit", "core", "portalsettings"),
        ("wagtail_localize:translations_report",),
    )
    return [reverse(name, args=args) for name, *args in names]


ATTRIBUTES = ("src", "srcset", "action", "formaction", "poster", "data", "href", "style")
# Links that one must click: what to do without JavaScript, and Wagtail's explanation of its content checks.
CLICKED = {"https://www.enable-javascript.com/", "https://guide.wagtail.org/content-checks/"}


def outside_addresses(html):
    soup = BeautifulSoup(html, "html.parser")
    found = set()
    for tag in soup.find_all(True):
        for name in ATTRIBUTES:
            value = str(tag.get(name, ""))
            if re.search(r"(?:https?:)?//(?!testserver|localhost)\w", value) and value not in CLICKED:
                found.add(f"<{tag.name} {name}={value}>")
        if tag.name in ("script", "style"):
            found.update(re.findall(r"(?:url\(|import |fetch\()\W*(?:https?:)?//\S+", tag.text))
    return found


# wagtail-localize's report of translations has no order.
@pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results")
def test_the_admin_is_french_and_calls_nobody(client, screens, login):
    found = {}
    for url in [reverse("wagtailadmin_login"), reverse("wagtailadmin_password_reset")]:
        found[url] = client.get(url)
    login(roles.ADMINISTRATOR)
    for url in screens:
        found[url] = client.get(url, follow=True)
    for url, response in found.items():
        html = response.content.decode()
        assert response.status_code == 200, url
        assert BeautifulSoup(html, "html.parser").html["lang"] == "fr", url
        assert outside_addresses(html) == set(), url
        assert "gravatar" not in html


def test_the_admin_speaks_french_to_everybody(client, login, tree):
    login(roles.CONTRIBUTOR)
    html = client.get(reverse("wagtailadmin_home"), headers={"accept-language": "en"}).content.decode()
    assert "Tableau de bord" in html
    assert "Dashboard" not in BeautifulSoup(html, "html.parser").get_text()
