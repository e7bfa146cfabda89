"""The glossary's list: two collections, the alphabet of the titles that the reader sees, filters as links."""

import re
from html import unescape

import pytest

from glossary import listing
from glossary.enums import Collection, Origin
from glossary.models import Definition
from tests import factories

pytestmark = pytest.mark.django_db


def html_of(client, path, **query):
    return unescape(client.get(path, query).content.decode())


def shelf_of(html, code):
    return html.split(f'<section class="shelf" id="{code}"')[1].split("</section>")[0]


def words_in(html):
    return [title.strip() for title in re.findall(r"<li[^>]*><a href=\"[^\"]*/glossaire/[\w-]+/\">(.*?)</a>", html)]


def letters_in(html):
    """Letter and address of each link of the alphabet."""
    alphabet = html.split('class="letters"')[1].split("</nav>")[0]
    return [(letter, url) for url, letter in re.findall(r'<a href="([^"]+)">([^<]+)</a>', alphabet)]


@pytest.fixture
def words(tree):
    made = {
        title: factories.TermFactory(title=title, slug=f"mot-{number}")
        for number, title in enumerate(("Écran", "cloud", "Appli", "1000 jours", "E-mail", "Zoom"))
    }
    made["CAF"] = factories.TermFactory(title="CAF", slug="caf", collection=Collection.PARENTING)
    return made


def test_words_stand_in_order_whatever_their_accents(client, words):
    html = html_of(client, "/glossaire/")
    assert words_in(shelf_of(html, "numerique")) == ["1000 jours", "Appli", "cloud", "E-mail", "Écran", "Zoom"]
    assert words_in(shelf_of(html, "parentalite")) == ["CAF"]
    assert html.index('id="numerique"') < html.index('id="parentalite"')


def test_letters_lead_to_the_first_word_of_each(client, words):
    shelf = shelf_of(html_of(client, "/glossaire/"), "numerique")
    assert [letter for letter, _url in letters_in(shelf)] == ["0–9", "A", "C", "E", "Z"]
    for _letter, url in letters_in(shelf):
        assert f'<li id="{url.removeprefix("#")}"' in shelf
    assert re.search(r'<li id="numerique-e"><a [^>]*>E-mail', shelf)
    assert shelf.count(" id=") == 1 + 5  # the shelf's title and its letters


def test_in_arabic_the_letters_are_those_of_the_shown_titles(client, words):
    factories.translate(words["cloud"], "ar", title="السحابة (cloud)")
    factories.translate(words["Appli"], "ar", title="تطبيق")
    shelf = shelf_of(html_of(client, "/ar/glossaire/"), "numerique")
    assert [letter for letter, _url in letters_in(shelf)] == ["ت", "س", "0–9", "E", "Z"]
    assert words_in(shelf) == ["تطبيق", "السحابة (cloud)", "1000 jours", "E-mail", "Écran", "Zoom"]
    assert all(url.isascii() for _letter, url in letters_in(shelf))
    # The words that are not translated are marked.
    assert re.search(r'<li[^>]* lang="fr" dir="ltr"><a [^>]*>Zoom', shelf)


def test_letters_lead_to_other_pages_of_a_long_list(client, words, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 4)
    first = shelf_of(html_of(client, "/glossaire/"), "numerique")
    assert dict(letters_in(first)) == {
        "0–9": "#numerique-0", "A": "#numerique-a", "C": "#numerique-c", "E": "#numerique-e",
        "Z": "/glossaire/?page=2#numerique-z",
    }  # fmt: skip
    html = html_of(client, "/glossaire/", page=2)
    second = shelf_of(html, "numerique")
    assert words_in(second) == ["Écran", "Zoom"]
    assert dict(letters_in(second))["A"] == "/glossaire/?page=1#numerique-a"
    assert '<li id="numerique-z">' in second
    assert 'numerique-e"' not in second.split("</nav>")[1]
    assert words_in(html) == ["Écran", "Zoom", "CAF"]


def test_filters_are_links(client, words, tree):
    theme = factories.ThemeFactory(slug="sante", name="Santé", names={"ar": "الصحة"})
    factories.ThemeFactory(slug="vide", name="Vide")
    factories.TermFactory(title="PMI", slug="pmi", collection=Collection.PARENTING, themes=[theme])
    html = html_of(client, "/glossaire/")
    assert 'href="/glossaire/?theme=sante"' in html
    assert "theme=vide" not in html
    only = html_of(client, "/glossaire/", kind="parentalite")
    assert words_in(only) == ["CAF", "PMI"]
    assert 'href="/glossaire/?kind=parentalite" aria-current="true"' in only
    assert words_in(html_of(client, "/ar/glossaire/", theme="sante")) == ["PMI"]


def test_a_word_that_is_not_there_is_asked_for(client, words):
    html = html_of(client, "/glossaire/", q="Blockchain")
    assert words_in(html) == []
    assert '<input id="ask-word" name="mot" value="Blockchain"' in html


def test_each_definition_says_whose_it_is(client, tree):
    factories.TermFactory(
        title="Nuage",
        slug="nuage",
        definitions=[
            Definition(text="C’est loin.", origin=Origin.CHILDREN, group="Les Hirondelles", example="Un casier."),
            Definition(text="C’est ailleurs.", origin=Origin.CHILDREN, group="Groupe du vendredi"),
            Definition(text="Un ordinateur distant.", origin=Origin.EDITORS),
        ],
    )
    html = html_of(client, "/glossaire/nuage/")
    parts = html.split('<section class="definition')[1:]
    assert len(parts) == 3
    assert "Les Hirondelles" in parts[0]
    assert "Un casier." in parts[0]
    assert "Groupe du vendredi" in parts[1]
    assert "Hirondelles" not in parts[1]
    assert "vendredi" not in parts[2].split("</section>")[0]


@pytest.mark.parametrize(
    ("title", "letter"),
    [("Écran", "E"), ("« Bug »", "B"), ("3018", "0"), ("أمن", "ا"), ("الواي فاي", "و"), ("ال", "ا"), ("", "0")],
)
def test_first_letter(title, letter):
    assert listing.first_letter(listing.folded(title)) == letter


def test_neighbours_of_a_word_and_of_its_draft(client, words, admin_user):
    page = words["cloud"]
    page.see_also = [words["Appli"]]
    page.save()
    assert "Appli" in words_in(html_of(client, f"/glossaire/{page.slug}/"))
    page.see_also = [words["Zoom"]]
    page.save_revision()
    client.force_login(admin_user)
    assert words_in(html_of(client, f"/admin/pages/{page.pk}/view_draft/")) == ["Zoom"]
    assert words_in(html_of(client, f"/glossaire/{page.slug}/")) == ["Appli"]
