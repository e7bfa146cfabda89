"""Facts live once: a translation never holds, changes or outlives a fact; every page answers in every language."""

from datetime import timedelta

import pytest
from django.db import models
from wagtail.models import Locale, PageViewRestriction
from wagtail_localize.fields import get_translatable_fields
from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.segments.extract import extract_segments

from directory.models import Permanence, Service, StructurePage
from portal.core.models import Audience, Theme
from portal.core.sourced import SourcedPage, SourcedRow
from tests import factories

TEXT = (models.TextField, models.CharField)


def sourced_models():
    return [model for model in factories.every_page_model() if issubclass(model, SourcedPage)]


def localized(page, language, texts):
    """Translates through wagtail-localize as an editor does: ``texts`` by segment path."""
    source, _created = TranslationSource.get_or_create_from_instance(page)
    locale = Locale.objects.get(language_code=language)
    translation, _created = Translation.objects.get_or_create(source=source, target_locale=locale)
    for segment in source.stringsegment_set.all():
        StringTranslation.objects.create(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            data=texts.get(segment.context.path, f"{language}:{segment.string.data}"),
            translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
        )
    translation.save_target(publish=True)
    return page.get_translation(locale)


@pytest.fixture
def structure(tree):
    theme = factories.ThemeFactory(slug="sante", name="Santé", names={"ar": "الصحة"})
    page = factories.StructureFactory(
        title="PMI", slug="pmi", phone="03 20 26 04 11", themes=[theme], languages=["fr", "ar"], access=["fauteuil"]
    )
    page.services.add(Service(name="Pesée", description="On pèse le bébé.", kind="sante", cost="gratuit"))
    page.permanences.add(Permanence(role="Puéricultrice", opening_hours="We 14:00-16:00", booking="Par téléphone"))
    page.description = "Un lieu pour les bébés."
    page.save_revision().publish()
    return StructurePage.objects.get(pk=page.pk)


@pytest.mark.django_db
@pytest.mark.usefixtures("commits_at_once")
class TestThroughLocalize:
    def test_segments_are_the_text_only(self, structure):
        paths = {segment.path.split(".")[0] for segment in extract_segments(structure) if segment.path}
        assert paths == {"title", "summary", "description", "services", "permanences"}

    def test_a_translation_holds_no_fact(self, structure):
        row = localized(structure, "ar", {"title": "مركز", "summary": "ملخص"})
        assert row.live
        assert row.title == "مركز"
        assert row.slug == structure.slug
        assert_no_facts(row)
        assert row.facts == structure
        assert list(row.services.values_list("kind", "cost")) == [("", "")]
        assert row.services.get().name == "ar:Pesée"
        assert row.services.get().translation_key == structure.services.get().translation_key
        assert row.permanences.get().opening_hours == ""

    def test_translating_changes_no_fact(self, structure):
        before = facts_of(structure)
        localized(structure, "ar", {})
        localized(structure, "en", {})
        assert facts_of(StructurePage.objects.get(pk=structure.pk)) == before

    def test_a_new_phone_shows_at_once(self, client, structure):
        localized(structure, "ar", {})
        structure.phone = "03 20 11 22 33"
        structure.save_revision().publish()
        for path in ("/annuaire/pmi/", "/ar/annuaire/pmi/", "/en/annuaire/pmi/"):
            html = client.get(path).content.decode()
            assert "03 20 11 22 33" in html, path
            assert "03 20 26 04 11" not in html, path

    def test_a_draft_phone_shows_nowhere(self, client, structure):
        localized(structure, "ar", {})
        structure.phone = "03 20 11 22 33"
        structure.save_revision()
        for path in ("/annuaire/pmi/", "/ar/annuaire/pmi/", "/en/annuaire/pmi/"):
            assert "03 20 11 22 33" not in client.get(path).content.decode()

    def test_hours_and_services_in_arabic(self, client, structure):
        localized(structure, "ar", {})
        html = client.get("/ar/annuaire/pmi/").content.decode()
        assert "ar:Pesée" in html
        assert "الأربعاء" in html

    def test_updating_from_the_source_brings_no_fact(self, structure):
        row = localized(structure, "ar", {})
        structure.phone = "03 20 11 22 33"
        structure.save_revision().publish()
        source = TranslationSource.objects.get_for_instance(structure)
        source.update_from_db()
        Translation.objects.get(source=source, target_locale=row.locale).save_target(publish=True)
        row = StructurePage.objects.get(pk=row.pk)
        assert_no_facts(row)
        assert row.facts.phone == "03 20 11 22 33"

    def test_the_slug_follows_the_source(self, client, structure):
        row = localized(structure, "ar", {})
        structure.slug = "pmi-de-roubaix"
        structure.save_revision().publish()
        row.refresh_from_db()
        assert row.slug == "pmi-de-roubaix"
        assert client.get("/ar/annuaire/pmi-de-roubaix/").status_code == 200

    def test_deleting_the_source_deletes_its_translations(self, structure):
        localized(structure, "ar", {})
        structure.delete()
        assert not StructurePage.objects.exists()

    def test_a_live_page_submitted_for_translation_stays_a_draft(self, structure):
        source, _created = TranslationSource.get_or_create_from_instance(structure)
        locale = Locale.objects.get(language_code="ar")
        Translation.objects.create(source=source, target_locale=locale).save_target(publish=False)
        assert not structure.get_translation(locale).live

    def test_a_moved_source_keeps_its_addresses(self, client, structure, tree):
        row = localized(structure, "ar", {})
        second = tree.home.add_child(instance=type(tree.directory)(title="Autre", slug="autre"))
        structure.move(second, pos="last-child")
        assert client.get("/ar/autre/pmi/").status_code == 200
        assert client.get("/ar/annuaire/pmi/").status_code == 404
        assert StructurePage.objects.get(pk=row.pk).get_url_parts()[2] == "/ar/autre/pmi/"


def facts_of(page):
    values = {}
    for name in page.FACTS:
        value = getattr(page, name)
        values[name] = sorted(value.values_list("pk", flat=True)) if hasattr(value, "all") else value
    return values


def assert_no_facts(row):
    for name in row.FACTS:
        field = row._meta.get_field(name)
        value = getattr(row, name)
        if hasattr(value, "all"):
            assert list(value.all()) == [], name
        else:
            assert value in (None, "", [], field.get_default()), name


@pytest.mark.django_db
class TestFrames:
    def test_untranslated_pages_answer_in_every_language(self, client, structure):
        for language in ("en", "ar"):
            response = client.get(f"/{language}/annuaire/pmi/")
            assert response.status_code == 200
            assert f'<html lang="{language}"' in response.content.decode()

    def test_drafts_and_orphans_are_not_found(self, client, structure):
        factories.translate(structure, "ar", title="مركز")
        structure.unpublish()
        for path in ("/annuaire/pmi/", "/ar/annuaire/pmi/", "/en/annuaire/pmi/"):
            assert client.get(path).status_code == 404

    def test_an_unpublished_translation_gives_the_french_text(self, client, structure):
        row = factories.translate(structure, "ar", title="بيت الطفولة")
        assert "بيت الطفولة" in client.get("/ar/annuaire/pmi/").content.decode()
        row.unpublish()
        html = client.get("/ar/annuaire/pmi/").content.decode()
        assert "بيت الطفولة" not in html
        assert "PMI" in html

    @pytest.mark.parametrize("where", ["page", "section", "translation", "translated section"])
    def test_private_pages_ask_for_a_login(self, client, structure, tree, where):
        row = factories.translate(structure, "ar", title="مركز")
        page = {
            "page": structure,
            "section": tree.directory,
            "translation": row,
            "translated section": row.get_parent(),
        }[where]
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
        response = client.get("/ar/annuaire/pmi/")
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]
        if "trans" not in where:
            assert client.get("/annuaire/pmi/").status_code == 302
            assert not StructurePage.objects.visible().exists()

    def test_a_private_translation_lends_no_title_to_lists(self, client, structure):
        row = factories.translate(structure, "ar", title="بيت الطفولة")
        PageViewRestriction.objects.create(page=row, restriction_type=PageViewRestriction.LOGIN)
        for path in ("/ar/annuaire/", "/ar/annuaire/lieux.geojson", "/ar/recherche/?q=PMI", "/ar/plan-du-site/"):
            html = client.get(path).content.decode()
            assert "PMI" in html, path
            assert "بيت الطفولة" not in html, path

    def test_an_alias_of_a_private_page_is_not_public(self, structure, tree):
        other = tree.home.add_child(instance=type(tree.directory)(title="Autre", slug="autre"))
        structure.create_alias(parent=other, update_slug="copie")
        PageViewRestriction.objects.create(page=structure, restriction_type=PageViewRestriction.LOGIN)
        assert not StructurePage.objects.visible().exists()

    def test_unknown_addresses(self, client, tree):
        for path in ("/nowhere/", "/ar/nowhere/", "/xx/annuaire/", "/annuaire/nowhere/", "/agenda/nowhere/"):
            response = client.get(path)
            assert response.status_code == 404, path
            assert 'type="search"' in response.content.decode()

    def test_words_of_the_vocabularies_are_translated(self, client, structure):
        assert "الصحة" in client.get("/ar/annuaire/pmi/").content.decode()
        Theme.objects.filter(locale__language_code="ar").update(name="صحة العائلة")
        Theme.objects.get(locale__language_code="ar").save()
        assert "صحة العائلة" in client.get("/ar/annuaire/pmi/").content.decode()

    def test_pages_are_born_in_french(self, structure):
        row = factories.translate(structure, "ar")
        assert not StructurePage.can_create_at(row.get_parent())
        assert StructurePage.can_create_at(structure.get_parent())


class TestHouseRules:
    """Each field of a page or row is text or a fact: a new column can't slip into the translations."""

    @pytest.mark.parametrize("model", sourced_models(), ids=lambda model: model.__name__)
    def test_every_column_of_a_page_is_text_or_fact(self, model):
        for field in model._meta.local_fields:
            if field.name == "page_ptr" or field.name in model.FACTS:
                continue
            assert isinstance(field, TEXT) or field.get_internal_type() in ("TextField", "JSONField"), field.name
            assert not field.choices, field.name

    @pytest.mark.parametrize("model", sourced_models(), ids=lambda model: model.__name__)
    def test_localize_leaves_facts_alone(self, model):
        fields = {field.field_name: field for field in get_translatable_fields(model)}
        for name in (*model.FACTS, *model.FACT_ROWS):
            assert type(fields[name]).__name__ == "BaseTranslatableField", name

    @pytest.mark.parametrize("model", SourcedRow.__subclasses__(), ids=lambda model: model.__name__)
    def test_every_column_of_a_row_is_text_or_fact(self, model):
        known = {"id", "sort_order", "translation_key", "locale", "page", *model.FACTS}
        for field in model._meta.local_fields:
            if field.name not in known:
                assert isinstance(field, TEXT), field.name
                assert not field.choices, field.name

    @pytest.mark.parametrize("model", [Theme, Audience])
    def test_codes_of_vocabularies_are_kept_once(self, db, model):
        factory = {Theme: factories.ThemeFactory, Audience: factories.AudienceFactory}[model]
        word = factory(slug="mot", names={"ar": "كلمة"})
        row = model.objects.get(translation_key=word.translation_key, locale__language_code="ar")
        assert row.slug == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("commits_at_once")
def test_an_event_time_shows_at_once_in_every_language(client):
    event = factories.EventFactory(title="Café", slug="cafe", starts_at=factories.tomorrow_at(14))
    factories.translate(event, "ar", title="قهوة")
    event.starts_at = factories.tomorrow_at(17)
    event.ends_at = event.starts_at + timedelta(hours=1)
    event.save_revision().publish()
    assert "17&nbsp;h" in client.get("/agenda/cafe/").content.decode().replace("\u00a0", "&nbsp;")
    for language, times in (("ar", "17:00 إلى 18:00"), ("en", "17:00 – 18:00")):
        html = client.get(f"/{language}/agenda/cafe/").content.decode().replace("\u00a0", " ")
        assert times in html, language
        assert "14:00" not in html, language
    factories.translate(event, "ar", title="قهوة أخرى")
    event.refresh_from_db()
    assert event.starts_at == factories.tomorrow_at(17)
