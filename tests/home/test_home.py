"""The home page: what one comes for, in one look; and the nearest person to talk to, on every page."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.core.models import PortalSettings
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(tree):
    PortalSettings.objects.update_or_create(
        site=tree.site,
        defaults={"area": "Centres de Lille", "contact_name": "Fédération", "contact_phone": "03 20 79 98 70"},
    )
    return tree


def html_of(client, path):
    return unescape(client.get(path).content.decode()).replace("\u00a0", " ")


def test_four_doors_two_projects_and_a_human_being(client, portal):
    html = html_of(client, "/")
    doors = re.findall(r'<li class="door paper (\w+)">.*?<a href="([^"]+)"', html, re.DOTALL)
    assert [path for _ink, path in doors] == ["/annuaire/", "/agenda/", "/ressources/", "/glossaire/"]
    assert len({ink for ink, _path in doors}) == 4
    assert "La Boussole Parentale" in html
    assert "Quand les enfants deviennent profs" in html
    assert re.search(r'href="tel:\+33[\d-]+"', html)
    assert re.search(r"<title>\s*[^<]+ – Centres de Lille\s*</title>", html)


def test_this_week_is_this_week(client, portal):
    now = timezone.now()
    factories.EventFactory(title="Demain", starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, hours=1))
    factories.EventFactory(
        title="Plus tard", starts_at=now + timedelta(days=9), ends_at=now + timedelta(days=9, hours=1)
    )
    html = html_of(client, "/")
    assert ">Demain</a>" in html
    assert "Plus tard" not in html


def test_a_word_that_is_missing_begins_a_message(client, portal):
    form = re.search(r'<form action="([^"]+)" method="get">(?:(?!</form>).)*"mot"', html_of(client, "/"), re.DOTALL)
    answer = html_of(client, f"{form[1]}?mot=%3Cb%3EFALC")
    assert re.search(r"<textarea[^>]*>\s*Que veut dire « <b>FALC » \?", answer)
    assert re.search(r"<textarea[^>]*>\s*</textarea>", html_of(client, f"{form[1]}?mot=%20"))


def test_what_people_often_look_for_is_a_link(client, portal):
    for prefix in ("", "/ar"):
        words = re.findall(rf'href="{prefix}/recherche/\?q=([^"]+)"', html_of(client, f"{prefix}/"))
        assert len(words) >= 4, prefix


def test_the_nearest_centre_answers_at_the_end_of_a_sheet(client, portal):
    near = factories.StructureFactory(title="Près", phone="03 20 00 00 11", latitude=50.69, longitude=3.17)
    far = factories.StructureFactory(title="Loin", phone="03 20 00 00 22", latitude=50.50, longitude=2.80)
    factories.CentreFactory(title="Centre près", slug="pres", structure=near)
    factories.CentreFactory(title="Centre loin", slug="loin", structure=far)
    factories.StructureFactory(slug="pmi", latitude=50.68, longitude=3.16)
    end = html_of(client, "/annuaire/pmi/").split('class="human-end"')[1]
    assert 'href="/centres/pres/"' in end
    assert "03 20 00 00 11" in end
    assert "Centre loin" not in end
    # A structure that readers may not see answers nowhere.
    PageViewRestriction.objects.create(page=near, restriction_type=PageViewRestriction.LOGIN)
    assert "Centre près" not in html_of(client, "/annuaire/pmi/")
