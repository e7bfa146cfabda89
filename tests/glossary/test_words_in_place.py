"""Words explained in the texts of pages: which, where, how often, and at what cost in queries."""

import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from glossary.explained import Word, Words, short_definition
from glossary.models import Definition, TermPage
from portal.core.prose import Prose
from tests import factories

MARKED = re.compile(r'<a class="word-met" id="mot-([\w-]+)-ici"[^>]*>([^<]*)</a>')


class Outline(HTMLParser):
    """The text outside of explanations, and whether a link stands in a link."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.hidden, self.open, self.is_nested = "", 0, [], False

    def handle_starttag(self, tag, attrs):
        if tag == "br":
            return
        self.is_nested |= tag == "a" and "a" in self.open
        self.open.append(tag)
        if self.hidden or "hidden" in dict(attrs):
            self.hidden += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.hidden -= bool(self.hidden)

    def handle_data(self, data):
        if not self.hidden:
            self.text += data


def outline(html):
    parser = Outline()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser


def marks(response):
    return MARKED.findall(response.content.decode())


@pytest.fixture
def caf(tree):
    return factories.TermFactory(title="CAF", slug="caf", spellings="la caf", summary="Elle <aide> & paie.")


def structure(**texts):
    return factories.StructureFactory(slug="pmi", **texts)


# --- In pages --------------------------------------------------------------------------------------------------------


def test_marked_once_with_its_meaning_and_a_link(client, caf):
    structure(summary="La CAF aide.", description="La CAF.\n\nEncore la CAF.")
    response = client.get("/annuaire/pmi/")
    assert marks(response) == [("caf", "CAF")]
    html = response.content.decode()
    assert '<span id="mot-caf-sens">Elle &lt;aide&gt; &amp; paie.</span>' in html
    assert 'aria-describedby="mot-caf-sens"' in html
    assert 'href="/glossaire/caf/"' in html[html.index('id="mot-caf"') :]


def test_not_in_titles_links_and_buttons(client, caf):
    structure(title="La CAF de Lille", summary="Un lieu.")
    assert marks(client.get("/annuaire/pmi/")) == []
    body = [
        ("heading", {"text": "La CAF"}),
        ("paragraph", {"html": '<p><a href="https://caf.fr">La CAF</a></p>'}),
        ("callout", {"title": "La CAF", "text": "Rien."}),
        ("questions", {"items": [{"question": "Et la CAF ?", "answer": "Rien."}]}),
        ("link", {"label": "La CAF", "url": "/annuaire/"}),
    ]
    factories.StandardPageFactory(slug="droits", body=body)
    assert marks(client.get("/droits/")) == []


@pytest.mark.parametrize(
    "block",
    [
        ("paragraph", {"html": "<p>Voyez <b>la CAF</b>.</p>"}),
        ("callout", {"title": "", "text": "La CAF."}),
        ("steps", {"items": ["Appelez la CAF."]}),
        ("questions", {"items": [{"question": "Qui ?", "answer": "La CAF."}]}),
        ("quote", {"text": "La CAF, c’est long.", "source": ""}),
    ],
    ids=lambda block: block[0],
)
def test_in_each_block_of_prose_once(client, caf, block):
    factories.StandardPageFactory(slug="droits", body=[block, block])
    assert marks(client.get("/droits/")) == [("caf", "CAF")]


def test_not_on_its_own_page_but_on_others(client, caf):
    factories.TermFactory(title="Crèche", slug="creche", definition="La CAF aide à payer la crèche.")
    assert marks(client.get("/glossaire/creche/")) == [("caf", "CAF")]
    Definition.objects.create(page=caf, text="La CAF, c’est la CAF.", locale=caf.locale)
    assert marks(client.get("/glossaire/caf/")) == []


def test_a_word_with_another_meaning_is_left_alone(client, tree):
    factories.TermFactory(title="Lien", slug="lien", is_ambiguous=True)
    structure(description="Créer du lien.")
    assert marks(client.get("/annuaire/pmi/")) == []


def test_in_a_preview(caf):
    page = structure(description="La CAF.")
    response = page.make_preview_request()
    assert MARKED.findall(response.render().content.decode() if not response.is_rendered else response.content.decode())


def test_each_language_has_its_words(client, caf):
    page = structure(description="La CAF.")
    factories.translate(page, "en", description="The CAF and the family fund.")
    # The text is English, and the word has no English explanation.
    assert marks(client.get("/en/annuaire/pmi/")) == []
    factories.translate(caf, "en", title="Family fund", summary="It helps.")
    assert marks(client.get("/en/annuaire/pmi/")) == [("caf", "family fund")]
    # The text is French in an Arabic frame: its words are French, and lead to pages in the reader's language.
    html = client.get("/ar/annuaire/pmi/").content.decode()
    assert MARKED.findall(html) == [("caf", "CAF")]
    assert 'href="/ar/glossaire/caf/"' in html
    assert re.search(r'<a href="/ar/glossaire/caf/" aria-label="[^"]+ – CAF" lang="ar" dir="rtl">', html)


# --- Only what an anonymous reader may open --------------------------------------------------------------------------


def test_changes_show_at_once(client, tree):
    structure(description="La CAF et le RSA.")

    def seen():
        return marks(client.get("/annuaire/pmi/"))

    assert seen() == []
    caf = factories.TermFactory(title="CAF", slug="caf")
    assert seen() == [("caf", "CAF")]
    caf.title = "RSA"
    caf.save()
    assert seen() == [("caf", "RSA")]
    caf.unpublish()
    assert seen() == []
    caf.save_revision().publish()
    assert seen() == [("caf", "RSA")]
    restriction = PageViewRestriction.objects.create(page=tree.glossary, restriction_type="login")
    assert seen() == []
    restriction.delete()
    assert seen() == [("caf", "RSA")]
    caf = TermPage.objects.get(pk=caf.pk)
    caf.definitions.all().delete()
    caf.summary = "Un revenu."
    caf.save()
    assert "Un revenu." in client.get("/annuaire/pmi/").content.decode()
    caf.delete()
    assert seen() == []


def test_a_translation_disappears_with_its_source(client, caf):
    page = structure(description="La CAF.")
    factories.translate(page, "en", description="The family fund.")
    factories.translate(caf, "en", title="Family fund")
    assert marks(client.get("/en/annuaire/pmi/")) == [("caf", "family fund")]
    caf.unpublish()
    assert marks(client.get("/en/annuaire/pmi/")) == []


# --- Cost ------------------------------------------------------------------------------------------------------------


def test_queries(client, caf):
    structure(description="La CAF.")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get("/annuaire/pmi/")
        return sum("glossary_" in query["sql"] for query in captured.captured_queries)

    client.get("/annuaire/pmi/")
    assert asked() == 0
    caf.save()
    assert asked() == 1
    assert asked() == 0


# --- Properties ------------------------------------------------------------------------------------------------------

WORDS = Words(
    "fr",
    (
        Word.of("1", "caf", ("CAF", "caisse d'allocations familiales"), "Elle aide.", "/glossaire/caf/"),
        Word.of("2", "creche", ("Crèche",), "Un lieu.", "/glossaire/creche/"),
        Word.of("3", "maternelle", ("Maternelle", "école maternelle"), "Une école.", "/glossaire/maternelle/"),
    ),
)
PIECES = st.sampled_from(
    [
        "La CAF", " et ", "l’école maternelle", "crèches", "l&#x27;", "&amp;", " ", "\u00a0", ", ", "maternelle", "é",
        "-",
        "caisse d’allocations familiales",
    ]
)  # fmt: skip
INLINE = st.recursive(
    st.lists(PIECES, max_size=5).map("".join),
    lambda inner: st.one_of(
        *(inner.map(f"<{tag}>{{0}}</{name}>".format) for tag, name in [("b", "b"), ("i lang='en'", "i")]),
        st.tuples(inner, inner).map("".join),
    ),
    max_leaves=6,
)
HTML = st.lists(
    st.one_of(
        INLINE.map("<p>{}</p>".format),
        st.lists(PIECES).map(lambda pieces: f'<p><a href="/?a=1&amp;b=CAF">{"".join(pieces)}</a></p>'),
        st.lists(PIECES).map(lambda pieces: f"<h2>{''.join(pieces)}</h2>"),
    ),
    max_size=5,
).map("".join)


@hypothesis_settings(max_examples=60, deadline=None)
@given(HTML)
def test_marking_keeps_the_text_and_the_html(html):
    with translation.override("fr"):
        prose = Prose()
        marked = WORDS.mark(html, prose)
        shown = outline(marked)
        assert shown.text == outline(html).text
        assert not shown.is_nested
        slugs = [slug for slug, _text in MARKED.findall(marked)]
        assert len(slugs) == len(set(slugs))
        # Marking what is marked changes nothing, whether the words are known or not.
        assert WORDS.mark(marked, prose) == marked
        assert len(prose.marked) == len(slugs)
        # A second text of the same page has none of the words of the first.
        again = WORDS.mark(html, prose)
        assert not set(slugs) & {slug for slug, _text in MARKED.findall(again)}
        # What is remembered is what is computed.
        assert WORDS.mark(html, Prose()) == marked


@pytest.mark.parametrize(
    ("summary", "definition", "short"),
    [
        ("Un résumé.", "Autre chose.", "Un résumé."),
        ("", "Une phrase. Une autre.", "Une phrase."),
        ("", "\nDeux\nlignes ! Puis d’autres.", "Deux lignes !"),
        ("", "mot " * 100, ("mot " * 60).strip() + "…"),
        ("", "", ""),
    ],
)
def test_short_definition(summary, definition, short):
    assert short_definition(summary, definition) == short


def test_prose_without_page_is_escaped(rf: RequestFactory):
    from django.template import Context, Template

    template = Template("{% load portal_tags %}{% explain text %}{% explain nothing %}")
    assert template.render(Context({"text": "<b>", "nothing": None})) == "&lt;b&gt;"
