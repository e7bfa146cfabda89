"""Ages, telephone numbers, sets of codes."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from directory.models import StructurePage
from portal.core.colours import contrast
from portal.core.fields import AgeFormField, CodesField, phone_for_display, phone_uri
from portal.core.models import PortalSettings
from portal.core.models.mixins import age_range_label
from tests import factories


@pytest.mark.parametrize(
    ("typed", "months"),
    [("3 ans", 36), ("1 an", 12), ("18 mois", 18), ("2,5", 30), ("2.5 ans", 30), ("0", 0), ("", None), (" 6 ", 72)],
)
def test_ages_as_typed(typed, months):
    assert AgeFormField(required=False).clean(typed) == months


@pytest.mark.parametrize("typed", ["trois ans", "-1", "999", "3 jours", "1e3"])
def test_ages_that_are_none(typed):
    with pytest.raises(ValidationError):
        AgeFormField(required=False).clean(typed)


@pytest.mark.parametrize(
    ("low", "high", "label"),
    [
        (None, None, ""),
        (0, 36, "Jusqu’à 3 ans"),
        (36, None, "À partir de 3 ans"),
        (72, 132, "De 6 à 11 ans"),
        (3, 36, "De 3 mois à 3 ans"),
    ],
)
def test_age_range_in_french(low, high, label):
    with translation.override("fr"):
        assert age_range_label(low, high) == label


@pytest.mark.parametrize(
    ("typed", "shown", "uri"),
    [
        ("0320168430", "03 20 16 84 30", "tel:+33-3-20-16-84-30"),
        ("+33 3 20 16 84 30", "03 20 16 84 30", "tel:+33-3-20-16-84-30"),
        ("3018", "3018", "tel:3018"),
        ("36 46", "3646", "tel:3646"),
        ("119", "119", "tel:119"),
        ("+32 2 123 45 67", "+32 2 123 45 67", "tel:+32-2-123-45-67"),
    ],
)
def test_phones(typed, shown, uri):
    assert phone_for_display(typed) == shown
    assert phone_uri(shown) == uri


@pytest.mark.parametrize("typed", ["abc", "12345678901234567890", "03 20"])
def test_phones_that_are_none(typed):
    with pytest.raises(ValidationError):
        phone_for_display(typed)
    assert phone_uri(typed) == ""


@pytest.mark.django_db
def test_codes_are_kept_in_order_and_found(tree):
    page = factories.StructureFactory(languages=["ar", "fr"], access=[])
    page.refresh_from_db()
    assert page.languages == ["fr", "ar"]
    assert StructurePage.objects.filter(languages__contains=CodesField.needle("ar")).exists()
    assert not StructurePage.objects.filter(languages__contains=CodesField.needle("a")).exists()
    assert StructurePage.objects.speaking(["es", "ar"]).exists()


@pytest.mark.django_db
def test_unknown_codes_are_refused(tree):
    with pytest.raises(ValidationError):
        factories.StructureFactory(languages=["klingon"])


@pytest.mark.django_db
def test_codes_survive_a_revision(tree):
    page = factories.StructureFactory(languages=["fr", "ar"])
    revision = page.save_revision()
    assert revision.as_object().languages == ["fr", "ar"]


def test_contrast_after_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#0a6b57") == pytest.approx(6.45, abs=0.01)
    assert contrast("#08302f", "#ffc93c") == pytest.approx(9.3, abs=0.2)


@pytest.mark.parametrize(
    ("name", "colour"), [("ink_green", "#aaffaa"), ("ink_yellow", "#402000"), ("ink_pink", "red"), ("ink_green", "#12")]
)
def test_colours_that_cannot_be_read_are_refused(name, colour):
    with pytest.raises(ValidationError) as error:
        PortalSettings(**{name: colour}).full_clean(exclude=["site"])
    assert name in error.value.message_dict
