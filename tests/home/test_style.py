"""The living page of styles shows every component, and only developers see it."""

import re

import pytest

from home.style import style_page
from portal.core.papercuts import SHAPES, pictograms
from tests import factories
from tests.tree import ROOT, template_files, text_of

INCLUDE = re.compile(r"""{% (?:include|extends) ["']([\w/.-]+)["']""")


def shown_by(name, files):
    """Every template that one shows, by whatever way."""
    found, left = set(), [name]
    while left:
        current = left.pop()
        if current in files and current not in found:
            found.add(current)
            left += INCLUDE.findall(text_of(files[current]))
    return found


def test_every_component_is_shown():
    files = template_files()
    components = {name for name in files if name.startswith("components/")}
    assert components - shown_by("home/style.html", files) == set()


def test_pictograms_are_those_of_the_sprite():
    """A name that the sprite lacks would show nothing, and nobody would notice."""
    named = set()
    for path in template_files().values():
        named |= set(re.findall(r"""{% picto ["']([\w-]+)["']""", text_of(path)))
    assert named <= set(pictograms())
    symbols = re.findall(r'<symbol id="([\w-]+)"', text_of(ROOT / "static/img/sprite.svg"))
    assert len(symbols) == len(set(symbols))
    assert SHAPES.keys() <= set(symbols)


@pytest.mark.django_db
def test_the_page(rf, tree):
    factories.StructureFactory(slug="pmi", opening_hours="Mo-Fr 09:00-12:00")
    factories.CentreFactory(slug="echo")
    request = rf.get("/style/", {"scheme": "dark", "dir": "rtl"})
    html = style_page(request).content.decode()
    assert '<html lang="fr" dir="rtl" data-scheme="dark">' in html
    odd = style_page(rf.get("/style/", {"scheme": '"><script>', "dir": "x"})).content.decode()
    assert '<html lang="fr" dir="ltr">' in odd


@pytest.mark.django_db
def test_only_in_development(client, tree):
    assert client.get("/style/").status_code == 404
