"""Two sheets of one place: found, shown side by side, made one; the other address leads to the sheet that stays."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from directory.desk import merging
from directory.models import ImportedRecord, Permanence, Service, StructurePage
from directory.models.duplicates import DuplicateVerdict
from home import roles
from portal.core.models import Municipality
from tests import factories

pytestmark = pytest.mark.django_db


def user_of(role):
    user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}")
    user.groups.set([Group.objects.get(name=role)])
    return user


@pytest.fixture
def editor(tree):
    return user_of(roles.EDITOR)


@pytest.fixture
def twins(tree):
    """One place twice: typed by an editor, and imported."""
    town = Municipality.objects.create(insee="59599", name="Tourcoing", postcodes="59200")
    place = {
        "address": "2 rue de Gand",
        "postcode": "59200",
        "municipality": town,
        "latitude": 50.72,
        "longitude": 3.16,
    }
    kept = factories.StructureFactory(title="PMI de Tourcoing", slug="pmi", phone="", opening_hours="", **place)
    other = factories.StructureFactory(
        title="PMI Tourcoing", slug="pmi-importee", phone="03 20 01 45 67", opening_hours="Mo-Fr 09:00-12:00",
        source="dila", source_id="dila--1", **place,
    )  # fmt: skip
    factories.StructureFactory(title="Ludothèque", slug="ludo", **place)
    ImportedRecord.objects.create(kind="structure", source="dila", source_id="dila--1", page=other)
    service = Service(page=other, name="Pesée", locale=other.locale)
    service.save()
    Permanence(page=other, role="Sage-femme", locale=other.locale).save()
    return kept, StructurePage.objects.get(pk=other.pk)


def titles(found):
    return [{match.one.title, match.other.title} for match in found]


def test_twins_are_found_and_nobody_else(twins):
    assert titles(merging.open_pairs()) == [{"PMI de Tourcoing", "PMI Tourcoing"}]


def test_what_one_sheet_does_not_say_is_proposed_from_the_other(twins):
    proposed = {choice.name: (choice.kept, choice.other, choice.takes_other) for choice in merging.choices(*twins)}
    assert proposed["phone"] == ([], ["03 20 01 45 67"], True)
    assert proposed["opening_hours"][2]
    assert proposed["title"] == (["PMI de Tourcoing"], ["PMI Tourcoing"], False)
    assert "address" not in proposed


def test_one_sheet_stays_and_the_other_address_leads_to_it(client, editor, twins):
    kept, other = twins
    event = factories.EventFactory(title="Pesée", structure=other)
    client.force_login(editor)
    screen = client.get(reverse("directory_duplicates")).content.decode()
    address = reverse("directory_merge", args=[kept.pk, other.pk])
    assert address in screen or reverse("directory_merge", args=[other.pk, kept.pk]) in screen
    soup = BeautifulSoup(client.get(address).content, "html.parser")
    form = [(box["name"], box["value"]) for box in soup.select("[name=differs], [type=radio][checked]")]
    data = {"rows": "on", "differs": [value for name, value in form if name == "differs"]}
    client.post(address, data | {name: value for name, value in form if name != "differs"})
    kept = StructurePage.objects.get(pk=kept.pk)
    assert (kept.title, kept.phone, kept.opening_hours) == ("PMI de Tourcoing", "03 20 01 45 67", "Mo-Fr 09:00-12:00")
    assert {"phone", "opening_hours"} <= set(kept.locked_fields)
    assert [row.name for row in kept.services.all()] == ["Pesée"]
    assert [row.role for row in kept.permanences.all()] == ["Sage-femme"]
    assert not StructurePage.objects.get(pk=other.pk).live
    event.refresh_from_db()
    assert event.structure_id == kept.pk
    record = ImportedRecord.objects.get()
    assert (record.page_id, record.is_merged) == (kept.pk, True)
    assert merging.open_pairs() == []
    client.logout()
    for language in ("", "/en", "/ar"):
        answer = client.get(f"{language}/annuaire/pmi-importee/")
        assert (answer.status_code, answer["Location"]) == (301, f"{language}/annuaire/pmi/")
        assert client.get(f"{language}/annuaire/pmi/").status_code == 200


def test_two_places_are_not_proposed_again(client, editor, twins):
    client.force_login(editor)
    client.post(reverse("directory_merge", args=[pk.pk for pk in twins]), {"different": "1"})
    assert merging.open_pairs() == []
    assert DuplicateVerdict.objects.get().verdict == "different"
    assert all(StructurePage.objects.get(pk=page.pk).live for page in twins)


def test_nothing_is_half_merged(editor, twins, monkeypatch):
    kept, other = twins
    monkeypatch.setattr(merging, "decide", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        merging.merge(kept, other, ["phone"], editor, with_rows=True)
    assert StructurePage.objects.get(pk=other.pk).live
    assert not StructurePage.objects.get(pk=kept.pk).phone


def test_what_can_not_be_merged_is_refused(editor, twins):
    kept, other = twins
    with pytest.raises(ValidationError):
        merging.merge(kept, kept, [], editor, with_rows=False)
    with pytest.raises(PermissionDenied):
        merging.merge(kept, other, [], user_of(roles.CONTRIBUTOR), with_rows=False)
    kept.title = "Brouillon"
    kept.save_revision()
    with pytest.raises(ValidationError):
        merging.merge(StructurePage.objects.get(pk=kept.pk), other, [], editor, with_rows=False)


@pytest.mark.parametrize("role", [roles.CONTRIBUTOR, roles.CENTRE_EDITOR])
def test_who_publishes_nowhere_sees_no_pair(client, twins, role):
    client.force_login(user_of(role))
    assert client.get(reverse("directory_duplicates")).status_code in (302, 403)
    assert client.get(reverse("directory_merge", args=[page.pk for page in twins])).status_code in (302, 403)
