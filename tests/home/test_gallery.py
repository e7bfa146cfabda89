"""The photo gallery of a centre: only pictures whose right to use is recorded, with their author and what one sees."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import CentrePage, CentrePhoto
from portal.images.models import PortalImage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def centre(tree):
    page = factories.CentreFactory(title="Echo", slug="echo")
    for number in range(3):
        image = factories.image(f"photo-{number}")
        page.photos.add(CentrePhoto(image=image, caption=f"Lieu {number}", sort_order=number))
    page.save()
    return page


def images_of(client, path):
    html = client.get(path).content.decode()
    return html, html.count("<img ")


def test_pictures_are_light_sized_and_described(client, centre):
    html, count = images_of(client, "/centres/echo/")
    assert count == 3
    assert html.count('alt="Une porte verte" loading="lazy"') == 3
    assert html.count('width="') >= 3
    assert html.count(".webp") == 3
    assert "Lieu 0" in html
    assert html.count("Un atelier") == 3
    assert html.index("Lieu 0") < html.index("Lieu 1") < html.index("Lieu 2")


@pytest.mark.parametrize("licence", ["", "   "])
def test_a_picture_without_right_cannot_be_chosen(centre, licence):
    photo = CentrePhoto(page=centre, image=factories.image("sans-droit", licence=licence), locale=centre.locale)
    with pytest.raises(ValidationError) as refused:
        photo.clean()
    assert list(refused.value.message_dict) == ["image"]
    photo.image.licence = "Autorisation signée, classeur de l’accueil"
    photo.clean()


def test_a_photo_needs_a_picture(centre):
    with pytest.raises(ValidationError) as refused:
        CentrePhoto(page=centre, locale=centre.locale).clean()
    assert list(refused.value.message_dict) == ["image"]


def test_a_right_taken_back_hides_the_picture(client, centre):
    photo = centre.photos.first()
    PortalImage.objects.filter(pk=photo.image_id).update(licence="")
    html, count = images_of(client, "/centres/echo/")
    assert count == 2
    assert "Lieu 0" not in html


def test_a_lost_file_does_not_break_the_page(client, centre):
    image = centre.photos.first().image
    image.file.storage.delete(image.file.name)
    assert images_of(client, "/centres/echo/")[1] == 3


def test_a_deleted_picture_takes_its_place_away(client, centre):
    centre.photos.first().image.delete()
    assert images_of(client, "/centres/echo/")[1] == 2
    # A revision that still names it opens.
    assert centre.save_revision().as_object().photos.count() == 2


def test_captions_are_translated_and_pictures_are_not(client, centre):
    copy = factories.translate(centre, "ar", title="إيكو")
    translated = CentrePage.objects.get(pk=copy.pk)
    for photo in translated.photos.all():
        photo.caption = "صورة جميلة"
        photo.save()
    assert all(photo.image is None for photo in CentrePage.objects.get(pk=copy.pk).photos.all())
    html, count = images_of(client, "/ar/centres/echo/")
    assert count == 3
    assert html.count("صورة جميلة") == 3
    assert 'alt="Une porte verte" lang="fr" dir="ltr"' in html


def test_a_preview_shows_the_rows_that_are_not_saved(client, centre, admin_user):
    centre.photos.add(CentrePhoto(image=factories.image("nouvelle"), caption="Tout neuf", sort_order=9))
    centre.save_revision()
    client.force_login(admin_user)
    html = client.get(f"/admin/pages/{centre.pk}/view_draft/").content.decode()
    assert "Tout neuf" in html
    assert "Tout neuf" not in client.get("/centres/echo/").content.decode()


def test_more_pictures_cost_no_more_queries(client, centre):
    def queries():
        client.get("/centres/echo/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/centres/echo/")
        return len(captured)

    few = queries()
    for number in range(3, 9):
        centre.photos.add(CentrePhoto(image=factories.image(f"photo-{number}"), sort_order=number))
    centre.save()
    assert queries() <= few


def test_a_centre_without_photos_has_no_gallery(client, tree):
    factories.CentreFactory(title="Nu", slug="nu")
    assert images_of(client, "/centres/nu/")[1] == 0
    assert b"photos-title" not in client.get("/centres/nu/").content
