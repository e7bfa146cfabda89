"""Easy to read: the switch, the text, its address in each language."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db

EASY = "Le centre est ouvert.\n\n  Venez.  \n<b>C’est gratuit.</b>"


def pages():
    body = [("paragraph", {"html": "<p>Un long texte.</p>"})]
    return {
        "/annuaire/pmi/": factories.StructureFactory(slug="pmi", description="Un long texte.", easy_text=EASY),
        "/ressources/garde/": factories.ResourceFactory(slug="garde", body=body, easy_text=EASY),
        "/droits/": factories.StandardPageFactory(slug="droits", body=body, easy_text=EASY),
    }


def html_of(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_both_ways_to_read(client, tree):
    for path in pages():
        html = html_of(client, path)
        assert "Un long texte." in html
        assert "Venez." not in html
        assert f'<a href="{path}" aria-current="true">Texte complet</a>' in html
        assert f'<a href="{path}?lire=facile">Facile à lire</a>' in html
        html = html_of(client, f"{path}?lire=facile")
        assert "Un long texte." not in html
        assert "<p>Le centre est ouvert.</p><p>Venez.</p><p>&lt;b&gt;C’est gratuit.&lt;/b&gt;</p>" in html
        assert "Vous lisez le texte facile." in html
        assert f'<a href="{path}?lire=facile" aria-current="true">Facile à lire</a>' in html


def test_kept_while_changing_language(client, tree):
    page = pages()["/annuaire/pmi/"]
    assert 'href="/ar/annuaire/pmi/?lire=facile"' in html_of(client, "/annuaire/pmi/?lire=facile")
    # Not translated: the French text, marked as French, in both readings.
    html = html_of(client, "/ar/annuaire/pmi/?lire=facile")
    assert '<div class="easy-text" data-listen lang="fr" dir="ltr"><p>Le centre est ouvert.</p>' in html
    row = factories.translate(page, "ar", title="المركز", easy_text="تعالوا.")
    assert '<div class="easy-text" data-listen><p>تعالوا.</p>' in html_of(client, "/ar/annuaire/pmi/?lire=facile")
    row.easy_text = ""
    row.save()
    assert "lire=facile" not in html_of(client, "/ar/annuaire/pmi/")


@pytest.mark.parametrize("query", ["?lire=", "?lire=FACILE", "?lire=x&lire=y", "?autre=facile"])
def test_anything_else_is_the_full_text(client, tree, query):
    pages()
    assert "Un long texte." in html_of(client, f"/annuaire/pmi/{query}")


def test_no_switch_without_easy_text(client, tree):
    factories.StructureFactory(slug="vide", easy_text=" \n ")
    html = html_of(client, "/annuaire/vide/?lire=facile")
    assert "easy-switch" not in html


def test_words_are_explained_in_the_easy_text_too(client, tree):
    factories.TermFactory(title="Centre", slug="centre")
    pages()
    html = html_of(client, "/annuaire/pmi/?lire=facile")
    assert html.count('id="mot-centre"') == 1


def test_found_by_its_easy_text(client, tree):
    pages()
    html = html_of(client, "/recherche/?q=gratuit")
    for path in ("/annuaire/pmi/", "/ressources/garde/", "/droits/"):
        assert f'href="{path}"' in html, path
