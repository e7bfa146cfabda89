"""The editor's guide: its pictures, its signs, its screen in the admin."""

import re

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse

from home import roles
from home.desk import guide
from tests.shots.guide import FOLDER, SHOTS

MAX_BYTES = 1_500_000


def text():
    return guide.GUIDE.read_text(encoding="utf-8")


def test_the_guide_the_script_and_the_folder_name_the_same_pictures():
    named = re.findall(r"]\(img/guide/([\w-]+)\.png\)", text())
    assert sorted(named) == sorted(SHOTS)
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(SHOTS)
    assert guide.PICTURES == FOLDER


def test_pictures_are_light():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MAX_BYTES


def test_links_inside_the_guide_lead_to_its_headings():
    soup = BeautifulSoup(guide.as_html(text()), "html.parser")
    links = {link["href"] for link in soup("a", href=re.compile("^#"))}
    assert len(links) > 10
    assert links <= {f"#{heading['id']}" for heading in soup(["h1", "h2", "h3"])}


def test_the_guide_holds_to_the_signs_that_the_admin_knows():
    shown = BeautifulSoup(guide.as_html(text()), "html.parser").get_text()
    assert not re.search(r"[*`#\[\]|]|^\s*(?:- |\d+\. |> )", shown, re.MULTILINE)


def test_signs():
    html = guide.as_html("# Un & deux\n\n- **fort** et\n  long\n- [lien](https://exemple.fr)\n\n> dit\n> plus\n\n1. un")
    assert html == (
        '<h1 id="un-deux">Un &amp; deux</h1>\n'
        '<ul><li><strong>fort</strong> et long</li><li><a href="https://exemple.fr">lien</a></li></ul>\n'
        "<blockquote><p>dit plus</p></blockquote>\n<ol><li>un</li></ol>"
    )
    assert "<script>" not in guide.as_html("<script>")


@pytest.mark.django_db
def test_the_guide_is_shown_to_the_team_only(client, tree):
    url = reverse("editor_guide")
    assert client.get(url).status_code == 302
    user = get_user_model().objects.create_user("autrice")
    user.groups.add(Group.objects.get(name=roles.CONTRIBUTOR))
    client.force_login(user)
    soup = BeautifulSoup(client.get(url).content, "html.parser")
    pictures = soup.select(".desk-text img")
    assert len(pictures) == len(SHOTS)
    for picture in pictures:
        assert picture["alt"]
        assert client.get(picture["src"])["Content-Type"] == "image/png"
    assert client.get(reverse("editor_guide_picture", args=["none.png"])).status_code == 404
