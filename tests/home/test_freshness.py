"""Freshness of the sheets: said to readers, one click for editors; what is missing where; who does what."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from directory.coverage import coverage_of
from directory.models import Service, StructurePage
from home import roles
from home.desk import checks
from portal.core.freshness import CHECKED_EVERY
from portal.core.models import Municipality, Territory
from tests import factories

pytestmark = pytest.mark.django_db


def user_of(*groups):
    user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}")
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def days_ago(count):
    return timezone.localdate() - timedelta(days=count)


@pytest.fixture
def editor(tree):
    return user_of(roles.EDITOR)


@pytest.fixture
def old(tree):
    return factories.StructureFactory(title="PMI", slug="pmi", checked_on=days_ago(CHECKED_EVERY.days + 1))


# --- Readers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checked_on", "is_said"), [(days_ago(364), False), (days_ago(365), False), (days_ago(366), True), (None, False)]
)
def test_a_sheet_and_the_list_say_that_a_check_is_too_old(client, tree, checked_on, is_said):
    factories.StructureFactory(title="PMI", slug="pmi", checked_on=checked_on)
    sheet = client.get("/annuaire/pmi/").content.decode()
    assert ("il y a plus d’un an" in sheet) is is_said
    assert (
        "Appelez avant de venir" in client.get("/annuaire/").content.decode().replace("appelez", "Appelez")
    ) is is_said


def test_a_sheet_says_by_which_team(client, tree):
    factories.StructureFactory(title="PMI", slug="pmi", checked_on=days_ago(2), checked_by="Accueil d’Echo")
    words = BeautifulSoup(client.get("/annuaire/pmi/").content, "html.parser").get_text(" ", strip=True)
    assert "par : Accueil d’Echo" in words


# --- Editors ---------------------------------------------------------------------------------------------------------


def test_one_click_says_today_and_the_team(client, editor, old):
    client.force_login(editor)
    answer = client.post(reverse("sheets_to_check"), {"page": old.pk}, follow=True)
    assert "vérifiée à la date d’aujourd’hui" in answer.content.decode()
    old.refresh_from_db()
    assert (old.checked_on, old.checked_by) == (timezone.localdate(), "La Boussole")
    assert not checks.sheets_to_check(editor).exists()
    assert old.latest_revision.as_object().checked_on == timezone.localdate()


def test_several_at_once_and_nothing_ticked(client, editor, old):
    other = factories.StructureFactory(title="RPE", slug="rpe", checked_on=None)
    client.force_login(editor)
    client.post(reverse("sheets_to_check"), {"page": [old.pk, other.pk, "x", "9" * 30]})
    assert set(StructurePage.objects.sources().values_list("checked_on", flat=True)) == {timezone.localdate()}
    assert "Cochez au moins" in client.post(reverse("sheets_to_check"), follow=True).content.decode()


def test_a_draft_that_waits_stays_and_does_not_bring_the_old_day_back(editor, old):
    old.title = "PMI des Moulins"
    draft = old.save_revision()
    checks.mark_checked(StructurePage.objects.get(pk=old.pk), editor)
    live = StructurePage.objects.get(pk=old.pk)
    assert (live.title, live.checked_on, live.has_unpublished_changes) == ("PMI", timezone.localdate(), True)
    draft.refresh_from_db()
    draft.publish()
    live = StructurePage.objects.get(pk=old.pk)
    assert (live.title, live.checked_on) == ("PMI des Moulins", timezone.localdate())


def test_who_may_not_publish_may_not_say_it(client, old):
    contributor = user_of(roles.CONTRIBUTOR)
    with pytest.raises(PermissionDenied):
        checks.mark_checked(old, contributor)
    client.force_login(contributor)
    client.post(reverse("sheets_to_check"), {"page": old.pk})
    old.refresh_from_db()
    assert old.checked_on == days_ago(CHECKED_EVERY.days + 1)


def test_a_locked_sheet_is_refused(editor, old):
    old.locked, old.locked_by = True, user_of(roles.ADMINISTRATOR)
    old.save()
    with pytest.raises(PermissionDenied):
        checks.mark_checked(old, editor)


# --- What is missing where -------------------------------------------------------------------------------------------


@pytest.fixture
def two_towns(tree):
    """Roubaix has a place for one theme of its own and one through a service; Lille has none."""
    roubaix, lille = (
        Municipality.objects.get_or_create(insee=insee, defaults={"name": name})[0]
        for insee, name in (("59512", "Roubaix"), ("59350", "Lille"))
    )
    for town in (roubaix, lille):
        Territory.objects.create(name=town.name, slug=town.name.lower()).municipalities.add(town)
    school, health = (
        factories.ThemeFactory(name="École", slug="ecole"),
        factories.ThemeFactory(name="Santé", slug="sante"),
    )
    page = factories.StructureFactory(title="Echo", slug="echo", municipality=roubaix, phone="03 20 26 04 11")
    page.themes.set([school])
    page.save()
    service = Service.objects.create(page=page, name="Point santé", locale=page.locale)
    service.themes.set([health])
    service.save()
    factories.StructureFactory(title="Caché", slug="cache", municipality=lille, live=False)
    return page


@pytest.mark.parametrize("by_town", [True, False])
def test_coverage_counts_a_place_once_for_each_theme(two_towns, django_assert_max_num_queries, by_town):
    with django_assert_max_num_queries(8):
        coverage = coverage_of(by_town=by_town)
    found = {area.name: ({theme.slug: count for theme, count in area.totals}, area.total) for area in coverage.areas}
    assert found["Roubaix"][0]["ecole"] == found["Roubaix"][0]["sante"] == found["Roubaix"][1] == 1
    assert set(found["Lille"][0].values()) == {0}


def test_the_report_shows_the_gaps(client, editor, two_towns):
    client.force_login(editor)
    soup = BeautifulSoup(client.get(reverse("coverage")).content, "html.parser")
    row = next(row for row in soup.select("tbody tr") if row.th.text == "Lille")
    assert row.select(".desk-missing")
    assert "Ce qui manque" in client.get(reverse("coverage"), {"par": "commune"}).content.decode()


# --- Who does what ---------------------------------------------------------------------------------------------------


def test_a_professional_finds_a_place_by_theme_and_territory(client, two_towns):
    themes = client.get("/annuaire/professionnels/").content.decode()
    assert "theme=sante" in themes
    found = client.get("/annuaire/professionnels/", {"theme": "sante", "territoire": "roubaix"}).content.decode()
    assert all(words in found for words in ("Echo", "Point santé", "03 20 26 04 11"))
    assert "Caché" not in found
    empty = client.get("/annuaire/professionnels/", {"theme": "sante", "territoire": "lille"}).content.decode()
    assert "Personne pour l’instant" in empty


@pytest.mark.parametrize("query", ["theme=zzz", "territoire=%0A", "page=x", "theme=sante&page=99999"])
def test_odd_addresses_are_answered(client, two_towns, query):
    assert client.get(f"/ar/annuaire/professionnels/?{query}").status_code == 200
