"""Two real servers read without a pause while a third process changes everything: never a stale nor a private answer.

The changes are made as editors make them; what each of them must show, and where, is written beside it.
"""

import contextlib
import re
import sqlite3
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from glossary.models import Definition
from portal.core import page_store
from portal.core.models import PortalSettings, Theme
from portal.core.moments import PARIS
from portal.settings.environment import cache_from, env
from portal.users.models import User
from tests import factories
from tests.servers import ServerMissingError, free_port, redis, redis_binary
from tests.under_load import Board, Readers, Truth, ask, move_clock, two_servers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 2
SHEET, SHEET_AR, LIST = "/annuaire/pmi/", "/ar/annuaire/pmi/", "/annuaire/"
HOME, NEWS, GLOSSARY, DRAWN = "/", "/actualites/", "/glossaire/", "/glossaire/nuage/"
SECRET, MIST, SMOKE, SMOKE_MOVED = "/glossaire/secret/", "/glossaire/brume/", "/fumee/", "/centres/echo/fumee/"
PATHS = (SHEET, SHEET_AR, LIST, HOME, NEWS, GLOSSARY, DRAWN, SECRET, MIST, SMOKE, SMOKE_MOVED)
GONE = (301, 302, 404)
PRIVATE = "Ce que seuls les membres lisent"
DRAFT = "Brouillon que personne ne voit"


@pytest.fixture
def folder(settings, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("only on SQLite: once is enough")
    settings.PAGE_CACHE_FOLDER = str(tmp_path / "pages")
    return tmp_path


@pytest.fixture
def portal(folder, tree):
    tree.theme = factories.ThemeFactory(slug="sante", name="Thème 0 fin", names={"ar": "موضوع 0 fin"})
    tree.structure = factories.StructureFactory(
        title="Titre 0 fin",
        slug="pmi",
        themes=[tree.theme],
        opening_hours="Mo-Su 09:00-12:00",
        description="On y pèse les bébés.",
        languages=["fr", "ar"],
    )
    tree.structure.save_revision().publish()
    tree.secret = factories.TermFactory(title=PRIVATE, slug="secret")
    tree.mist = factories.TermFactory(title="Brume légère", slug="brume")
    tree.smoke = factories.StandardPageFactory(title="La fumée", slug="fumee")
    tree.centre = factories.CentreFactory(slug="echo")
    tree.term = factories.TermFactory(title="Nuage", slug="nuage")
    file = ContentFile(picture(0), name="dessin-0.png")
    tree.image = get_image_model().objects.create(title="Un nuage", file=file, description="Dessin 0 fin")
    Definition.objects.filter(page=tree.term).update(drawing=tree.image)
    tree.chief = User.objects.create_superuser("chef", "chef@example.org", "x")
    return tree


@pytest.fixture
def servers(folder, portal, settings):
    """The ports of two servers of one process each, which share a folder."""
    with two_servers(folder, [folder / "pages"] * 2, f"filecache://{folder}/cache", settings.MEDIA_ROOT) as ports:
        yield ports


def picture(number):
    content = BytesIO()
    Image.new("RGB", (640, 480), (number * 20 % 256, 80, 120)).save(content, "PNG")
    return content.getvalue()


# --- The changes -----------------------------------------------------------------------------------------------------


def publish(portal, number):
    portal.structure.title = f"Titre {number} fin"
    portal.structure.save_revision().publish()


def write_a_draft(portal, number):
    draft = Page.objects.get(pk=portal.structure.pk).specific
    draft.title = DRAFT
    draft.save_revision()


def unpublish(portal, number):
    Page.objects.get(pk=portal.mist.pk).unpublish()


def publish_again(portal, number):
    Page.objects.get(pk=portal.mist.pk).specific.save_revision().publish()


def restrict(portal, number):
    PageViewRestriction.objects.create(page=portal.secret, restriction_type="login")


def open_again(portal, number):
    PageViewRestriction.objects.get(page=portal.secret).delete()


def move(portal, number):
    Page.objects.get(pk=portal.smoke.pk).move(Page.objects.get(pk=portal.centre.pk), "last-child")


def move_back(portal, number):
    Page.objects.get(pk=portal.smoke.pk).move(Page.objects.get(pk=portal.home.pk), "last-child")


def change_a_setting(portal, number):
    row = PortalSettings.for_site(portal.site)
    row.portal_name = f"Portail {number} fin"
    row.save()


def rename_theme(portal, number):
    Theme.objects.filter(pk=portal.theme.pk).update(name=f"Thème {number} fin")


def translate_theme(portal, number):
    row = Theme.objects.get(translation_key=portal.theme.translation_key, locale__language_code="ar")
    row.name = f"موضوع {number} fin"
    row.save()


def translate_sheet(portal, number):
    """As the editor of translations does: the text of one segment, then “publish”."""
    source, _created = TranslationSource.get_or_create_from_instance(portal.structure)
    locale = portal.homes["ar"].locale
    translation, _created = Translation.objects.get_or_create(source=source, target_locale=locale)
    for segment in source.stringsegment_set.all():
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            defaults={
                "data": f"مكان {number} fin" if segment.context.path == "description" else "نص",
                "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL,
            },
        )
    translation.save_target(publish=True)


def replace_picture(portal, number):
    """In the admin: another file and another text for who can't see it."""
    client = Client()
    client.force_login(portal.chief)
    address = f"/admin/images/{portal.image.pk}/"
    form = client.get(address).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name not in ("file", "tags")}
    data["description"] = f"Dessin {number} fin"
    data["file"] = ContentFile(picture(number), name=f"dessin-{number}.png")
    assert client.post(address, data | {"tags": ""}).status_code == 302


@dataclass(frozen=True)
class Change:
    """What is done, and what each address shows from then on; ``{new}`` and ``{old}`` are numbers of rounds."""

    make: object
    shows: dict[str, Truth]

    def truths(self, number):
        def filled(texts):
            return tuple(text.format(new=number, old=number - 1) for text in texts)

        return {
            path: Truth(truth.status, filled(truth.shown), filled(truth.hidden)) for path, truth in self.shows.items()
        }


def numbered(word):
    return Truth(shown=(f"{word} {{new}} fin",), hidden=(f"{word} {{old}} fin",))


CHANGES = (
    Change(publish, {SHEET: numbered("Titre"), LIST: numbered("Titre")}),
    Change(write_a_draft, {SHEET: Truth(hidden=(DRAFT,)), LIST: Truth(hidden=(DRAFT,))}),
    Change(unpublish, {MIST: Truth(GONE), GLOSSARY: Truth(hidden=("Brume légère",))}),
    Change(restrict, {SECRET: Truth((302,), hidden=(PRIVATE,)), GLOSSARY: Truth(hidden=(PRIVATE,))}),
    Change(move, {SMOKE: Truth(GONE), SMOKE_MOVED: Truth(shown=("La fumée",))}),
    Change(change_a_setting, {HOME: numbered("Portail"), NEWS: numbered("Portail")}),
    Change(rename_theme, {SHEET: numbered("Thème"), LIST: numbered("Thème")}),
    Change(translate_theme, {SHEET_AR: numbered("موضوع")}),
    Change(translate_sheet, {SHEET_AR: numbered("مكان")}),
    Change(replace_picture, {DRAWN: Truth(shown=("Dessin {new} fin", "dessin-{new}"), hidden=("dessin-{old}",))}),
    Change(publish_again, {MIST: Truth(shown=("Brume légère",)), GLOSSARY: Truth(shown=("Brume légère",))}),
    Change(open_again, {SECRET: Truth(shown=(PRIVATE,)), GLOSSARY: Truth(shown=(PRIVATE,))}),
    Change(move_back, {SMOKE: Truth(shown=("La fumée",)), SMOKE_MOVED: Truth(GONE)}),
)
#: What takes back what an earlier change said.
UNDOES = {publish_again: unpublish, open_again: restrict, move_back: move}


def change_all(portal, board, readers, numbers):
    for number in numbers:
        for change in CHANGES:
            name = change.make.__name__
            board.withdraw(name)
            if undone := UNDOES.get(change.make):
                board.withdraw(undone.__name__)
            for undoing, undone in UNDOES.items():
                if undone is change.make:
                    board.withdraw(undoing.__name__)
            change.make(portal, number)
            board.set(name, change.truths(number))
            readers.wait(change.shows)
            assert not readers.faults


# --- Tests -----------------------------------------------------------------------------------------------------------


def test_two_servers(servers, portal, folder):
    both_give_what_either_kept(*servers)
    client = Client()
    client.force_login(portal.chief)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    board = Board(PATHS, never=(DRAFT,))
    with Readers(servers, board, cookie=cookie, member_path=SECRET) as readers:
        change_all(portal, board, readers, range(10, 10 + ROUNDS))
        the_clock(portal, board, readers, folder)
    assert not readers.faults
    assert all(readers.reads["signed in", port] > ROUNDS for port in servers)
    assert list(page_store._files())


def both_give_what_either_kept(first, second):
    body = ask(first, SHEET).body
    # Behind everybody's back, so that no version changes: who answers “0” has not asked the database.
    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as database, database:
        database.execute("UPDATE wagtailcore_page SET title = 'Titre 9 fin' WHERE slug = 'pmi'")
    assert ask(first, SHEET).body == ask(second, SHEET).body == body
    Theme.objects.update(order=5)
    for port in (first, second):
        assert re.search(r"Titre (\d+) fin", ask(port, SHEET).body)[1] == "9"


def the_clock(portal, board, readers, folder):
    """Tomorrow a door opens, then it closes, then the day ends: each time while readers ask, without any change."""
    tomorrow = datetime.now(PARIS).date() + timedelta(days=1)
    factories.NewsFactory(title="Pour après-demain", slug="demain", published_on=tomorrow + timedelta(days=1))
    closed, opened = {"shown": ("Fermé",)}, {"hidden": ("Fermé",)}
    early, due = {"hidden": ("Pour après-demain",)}, {"shown": ("Pour après-demain",)}
    for name, hour, paths, before, after in (
        ("a door opens", 9, (SHEET, LIST), closed, opened),
        ("a door closes", 12, (SHEET, LIST), opened, closed),
        ("midnight", 24, (NEWS,), early, due),
    ):
        moment = datetime.combine(tomorrow, datetime.min.time(), PARIS) + timedelta(hours=hour)
        for lead in (0.6, 3, 15):
            for told in ("a door opens", "a door closes"):
                board.withdraw(told)
            crossing = time.time() + lead  # in real time
            move_clock(folder, moment.timestamp() - crossing)
            board.set(f"before: {name}", {path: Truth(**before, until=crossing) for path in paths})
            board.set(name, {path: Truth(**after, since=crossing) for path in paths})
            # Kept by both while it was still true: else nothing would be proven, and it is tried with more time.
            is_kept = readers.wait(paths, until=crossing)
            assert not readers.faults
            if is_kept:
                break
        else:
            pytest.fail(f"too slow to read anything before: {name}")
        time.sleep(max(0, crossing - time.time()))
        readers.wait(paths)
        assert not readers.faults


def test_two_machines_that_share_a_redis_only(portal, folder, settings, monkeypatch):
    """Each with a folder of its own, the writing one too; then Redis dies, and comes back empty."""
    try:
        redis_binary()
    except ServerMissingError as missing:
        pytest.skip(str(missing))
    port = free_port()
    board = Board(PATHS, never=(DRAFT,))
    with contextlib.ExitStack() as stack:
        with redis(port) as url:
            monkeypatch.setenv("CACHE_URL", url)
            settings.CACHES = {"default": cache_from(env, folder)}
            machines = two_servers(folder, [folder / "one", folder / "two"], url, settings.MEDIA_ROOT)
            servers = stack.enter_context(machines)
            with Readers(servers, board) as readers:
                change_all(portal, board, readers, [10])
            assert not readers.faults
        publish(portal, 11)
        for server in servers:
            assert "Titre 11 fin" in ask(server, SHEET).body
        with redis(port):
            for server in servers:
                assert "Titre 11 fin" in ask(server, SHEET).body
            publish(portal, 12)
            for server in servers:
                assert "Titre 12 fin" in ask(server, SHEET).body
