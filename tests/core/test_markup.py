"""Text nodes of HTML: what is prose, and what stays untouched."""

import pytest
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from portal.core.markup import change_prose, plain_copy


def shout(html, language="fr"):
    return change_prose(html, language, str.upper)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("un mot", "UN MOT"),
        ("<p class='a'>un <b>mot</b></p>", "<p class='a'>UN <b>MOT</b></p>"),
        ('<a title="x > y" href="/">un</a> mot', '<a title="x > y" href="/">un</a> MOT'),
        ("<h2>un <em>mot</em></h2>mot", "<h2>un <em>mot</em></h2>MOT"),
        ("<button>un</button><summary>mot</summary>a", "<button>un</button><summary>mot</summary>A"),
        ('<i lang="en">word</i> mot', '<i lang="en">word</i> MOT'),
        ('<i lang="fr-FR">mot</i>', '<i lang="fr-FR">MOT</i>'),
        ('<i lang="en">a<i>b</i>c</i>d', '<i lang="en">a<i>b</i>c</i>D'),
        ("<!-- a <b> --> mot<br>mot", "<!-- a <b> --> MOT<br>MOT"),
        ("<span hidden>a</span><span data-word>b</span>c", "<span hidden>a</span><span data-word>b</span>C"),
        ("a < b", "A < B"),
        ("", ""),
    ],
)
def test_texts_that_are_changed(html, expected):
    assert shout(html) == expected


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("l&#x27;an", "l'\0\0\0\0\0an"),
        ("a &amp; b", "a &\0\0\0\0 b"),
        ("caf&eacute;", "caf________"),
        ("sans", "sans"),
        ("&inconnu; &", "_________ &"),
    ],
)
def test_plain_copy(text, copy):
    assert plain_copy(text) == copy
    assert len(copy) == len(text)


@given(st.text())
def test_plain_copy_has_the_same_length(text):
    assert len(plain_copy(escape(text))) == len(escape(text))
    assert len(plain_copy(text)) == len(text)


@given(st.text(alphabet=st.sampled_from("ab<>&;\"'/!- =lang"), max_size=60))
def test_nothing_is_lost(html):
    assert change_prose(html, "fr", lambda text: text) == html
