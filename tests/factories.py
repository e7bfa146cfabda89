"""Pages and vocabularies for tests: ``StructureFactory(title="PMI")`` is a live, valid sheet at its usual place.

The tree of the site is made by the first factory that needs it (or by the fixture ``tree``). Pages are added without a
revision, as fast as the tree allows; a test of drafts or workflows saves its own.
"""

from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from unittest import mock

import factory
from django.apps import apps
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from wagtail.models import Locale, Page, Site
from wagtail.signal_handlers import disable_reference_index_auto_update

from directory.enums import ResourceKind, StructureKind
from directory.models import DirectoryIndexPage, ResourceIndexPage, ResourcePage, StructurePage
from events.models import AgendaPage, EventPage
from glossary.enums import Collection, Origin, TermKind
from glossary.models import Definition, GlossaryIndexPage, TermPage
from home.models import (
    ActivityPage,
    CentreIndexPage,
    CentrePage,
    ContactPage,
    HomePage,
    NewsIndexPage,
    NewsPage,
    StandardPage,
)
from portal.core.languages import SOURCE_LANGUAGE, ensure_locales, language_codes
from portal.core.models import Audience, Municipality, Theme
from portal.core.moments import PARIS
from portal.images.models import PortalImage

# The index pages right below the home page: name in the tree, model, title, slug.
INDEXES = (
    ("directory", DirectoryIndexPage, "Annuaire", "annuaire"),
    ("agenda", AgendaPage, "Agenda", "agenda"),
    ("resources", ResourceIndexPage, "Ressources", "ressources"),
    ("glossary", GlossaryIndexPage, "Glossaire", "glossaire"),
    ("centres", CentreIndexPage, "Centres", "centres"),
    ("news", NewsIndexPage, "Actualités", "actualites"),
    ("contact", ContactPage, "Contact", "contact"),
)


# --- The tree --------------------------------------------------------------------------------------------------------


def make_tree():
    """The French home page with its index pages, home pages in the other languages, and the site that serves them.

    Gives a namespace: ``site``, ``home``, ``homes`` (by language), and each name of ``INDEXES``. A second call gives
    the tree that is there.
    """
    ensure_locales()
    french = Locale.objects.get(language_code=SOURCE_LANGUAGE)
    home = HomePage.objects.filter(locale=french).first()
    if home is None:
        home = _make_home(french)
    homes = {page.language: page for page in HomePage.objects.filter(translation_key=home.translation_key)}
    indexes = {name: model.objects.sources().child_of(home).first() for name, model, _title, _slug in INDEXES}
    site = Site.objects.get(is_default_site=True)
    return SimpleNamespace(site=site, home=home, homes=homes, **indexes)


def _make_home(french):
    root = Page.get_first_root_node()
    welcome = Page.objects.filter(depth=2).first()
    home = root.add_child(instance=HomePage(title="Accueil", slug="accueil", locale=french))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "site_name": "La Boussole", "root_page": home}
    )
    if welcome:
        # Wagtail's first migrations leave a page there.
        welcome.refresh_from_db()
        welcome.delete()
        home.refresh_from_db()
    for _name, model, title, slug in INDEXES:
        home.add_child(instance=model(title=title, slug=slug, locale=french, show_in_menus=True))
    for code in language_codes():
        if code != SOURCE_LANGUAGE:
            translate(home, code)
    home.refresh_from_db()
    return home


def image(title, **values):
    """A small picture in the media, whose right to use is recorded unless ``licence`` says otherwise."""
    content = BytesIO()
    Image.new("RGB", (60, 45), "#0a6b57").save(content, "PNG")
    values = {"licence": "CC0", "credit": "Un atelier", "description": "Une porte verte", **values}
    return PortalImage.objects.create(title=title, file=ContentFile(content.getvalue(), f"{title}.png"), **values)


def translate(page, language, **texts):
    """The live row of a page in another language, with these texts; made when there is none, its ancestors too.

    Fields that are not given keep the French text. Rows below the page (``Service``, ``Definition``…) are copied with
    it; change and save them afterwards.
    """
    locale = Locale.objects.get(language_code=language)
    page = page.specific
    row = page.get_translation_or_none(locale)
    if row is None:
        parent = page.get_parent()
        if parent.depth > 1 and not parent.has_translation(locale):
            translate(parent.specific, language)
        row = page.copy_for_translation(locale)
    row = row.specific
    for name, text in texts.items():
        setattr(row, name, text)
    row.live = True
    row.has_unpublished_changes = False
    row.save()
    return row


# --- Vocabularies ----------------------------------------------------------------------------------------------------


class VocabularyFactory(factory.django.DjangoModelFactory):
    """``names={"en": "Health"}`` adds translations of the name."""

    class Meta:
        abstract = True

    order = factory.Sequence(lambda number: number)

    @classmethod
    def _create(cls, model, *args, names=None, **kwargs):
        ensure_locales()
        kwargs.setdefault("locale", Locale.objects.get(language_code=SOURCE_LANGUAGE))
        word = super()._create(model, *args, **kwargs)
        for language, name in (names or {}).items():
            locale = Locale.objects.get(language_code=language)
            model.objects.create(name=name, locale=locale, translation_key=word.translation_key)
        return word


class ThemeFactory(VocabularyFactory):
    class Meta:
        model = Theme

    name = factory.Sequence(lambda number: f"Thème {number}")
    slug = factory.Sequence(lambda number: f"theme-{number}")


class AudienceFactory(VocabularyFactory):
    class Meta:
        model = Audience

    name = factory.Sequence(lambda number: f"Public {number}")
    slug = factory.Sequence(lambda number: f"public-{number}")


class MunicipalityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Municipality
        django_get_or_create = ("insee",)

    insee = factory.Sequence(lambda number: f"{59001 + number % 900:05d}")
    name = factory.Sequence(lambda number: f"Commune {number}")
    postcodes = factory.LazyAttribute(lambda town: town.insee)
    latitude = 50.69
    longitude = 3.17


# --- Pages -----------------------------------------------------------------------------------------------------------


def place_in_tree(name):
    """The default parent of a page: the home page or an index page of the tree, made if need be."""
    model = {"home": HomePage, **{index: model for index, model, _title, _slug in INDEXES}}[name]

    def find():
        return model.objects.sources().filter(depth__lte=3).first() or getattr(make_tree(), name)

    return factory.LazyFunction(find)


@contextmanager
def unindexed():
    """For tests that count queries: pages made within are unknown to the search and to the index of references."""
    no_indexing = mock.patch("modelsearch.signal_handlers.insert_or_update_object_task")
    with disable_reference_index_auto_update(), no_indexing:
        yield


def create_many(page_factory, size, **values):
    """Many pages at once, unindexed."""
    with unindexed():
        return page_factory.create_batch(size, **values)


class PageFactory(factory.django.DjangoModelFactory):
    """A live page below ``parent``. Many-to-many facts are given as lists: ``themes=[…]``."""

    class Meta:
        abstract = True

    live = True

    @classmethod
    def _create(cls, model, *args, parent, **kwargs):
        many = {field.name for field in model._meta.get_fields() if field.many_to_many}
        page = model(locale_id=parent.locale_id, **{name: kwargs[name] for name in kwargs.keys() - many})
        for name in kwargs.keys() & many:
            setattr(page, name, kwargs[name])
        # The row in memory may be older than the last child: treebeard counts on ``numchild``.
        return Page.objects.get(pk=parent.pk).add_child(instance=page)


class StructureFactory(PageFactory):
    class Meta:
        model = StructurePage

    parent = place_in_tree("directory")
    title = factory.Sequence(lambda number: f"Lieu {number:04d}")
    slug = factory.Sequence(lambda number: f"lieu-{number:04d}")
    summary = "Un lieu qui reçoit les familles."
    kind = StructureKind.SOCIAL_CENTRE
    address = "60 rue d’Oran"
    postcode = "59100"
    municipality = factory.SubFactory(MunicipalityFactory, insee="59512", name="Roubaix", postcodes="59100")
    latitude = factory.Sequence(lambda number: 50.60 + (number * 7 % 100) / 1000)
    longitude = factory.Sequence(lambda number: 3.05 + (number * 13 % 100) / 1000)
    position_precision = "housenumber"
    position_source = "editeur"
    phone = "03 20 26 04 11"
    opening_hours = "Mo-Fr 09:00-12:00,14:00-18:00; PH off"


class ResourceFactory(PageFactory):
    class Meta:
        model = ResourcePage

    parent = place_in_tree("resources")
    title = factory.Sequence(lambda number: f"Ressource {number:04d}")
    slug = factory.Sequence(lambda number: f"ressource-{number:04d}")
    summary = "Un texte à lire."
    kind = ResourceKind.ARTICLE


class TermFactory(PageFactory):
    """``definition="…"`` is the text of its one definition; ``definitions=[Definition(…)]`` gives them all."""

    class Meta:
        model = TermPage

    class Params:
        definition = "C’est un mot qu’on explique."

    parent = place_in_tree("glossary")
    title = factory.Sequence(lambda number: f"Mot {number:04d}")
    slug = factory.Sequence(lambda number: f"mot-{number:04d}")
    collection = Collection.DIGITAL
    kind = TermKind.WORD
    definitions = factory.LazyAttribute(
        lambda term: [Definition(text=term.definition, origin=Origin.CHILDREN, group="Atelier du mercredi, 8 à 10 ans")]
    )


def tomorrow_at(hour):
    """Tomorrow at this hour of Paris."""
    day = timezone.now().astimezone(PARIS) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


class EventFactory(PageFactory):
    """Tomorrow from 14 to 16 in Paris, at a structure of its own; ``structure=None, place_name="…"`` for elsewhere."""

    class Meta:
        model = EventPage

    parent = place_in_tree("agenda")
    title = factory.Sequence(lambda number: f"Rendez-vous {number:04d}")
    slug = factory.Sequence(lambda number: f"rendez-vous-{number:04d}")
    summary = "On se retrouve."
    starts_at = factory.LazyFunction(lambda: tomorrow_at(14))
    ends_at = factory.LazyAttribute(lambda event: event.starts_at + timedelta(hours=2))
    structure = factory.SubFactory(StructureFactory)


class CentreFactory(PageFactory):
    """A centre with its structure and an agenda of its own: ``centre.agenda``."""

    class Meta:
        model = CentrePage

    parent = place_in_tree("centres")
    title = factory.Sequence(lambda number: f"Centre {number:04d}")
    slug = factory.Sequence(lambda number: f"centre-{number:04d}")
    summary = "Une maison ouverte à tous."
    structure = factory.SubFactory(StructureFactory, title=factory.SelfAttribute("..title"))

    @classmethod
    def _create(cls, model, *args, **kwargs):
        page = super()._create(model, *args, **kwargs)
        page.agenda = page.add_child(instance=AgendaPage(title="Agenda", slug="agenda", locale_id=page.locale_id))
        return page


class ActivityFactory(PageFactory):
    class Meta:
        model = ActivityPage

    parent = factory.LazyFunction(lambda: CentreFactory())
    title = factory.Sequence(lambda number: f"Activité {number:04d}")
    slug = factory.Sequence(lambda number: f"activite-{number:04d}")
    summary = "Toute l’année."
    schedule = "Le mercredi de 14 h à 16 h"


class NewsFactory(PageFactory):
    class Meta:
        model = NewsPage

    parent = place_in_tree("news")
    title = factory.Sequence(lambda number: f"Nouvelle {number:04d}")
    slug = factory.Sequence(lambda number: f"nouvelle-{number:04d}")
    summary = "Ce qui s’est passé."
    published_on = factory.LazyFunction(timezone.localdate)


class StandardPageFactory(PageFactory):
    class Meta:
        model = StandardPage

    parent = place_in_tree("home")
    title = factory.Sequence(lambda number: f"Page {number:04d}")
    slug = factory.Sequence(lambda number: f"page-{number:04d}")


def every_page_model():
    """The page types of the portal, for tests that must miss none."""
    return [model for model in apps.get_models() if issubclass(model, Page) and model is not Page]


__all__ = [
    "INDEXES",
    "ActivityFactory",
    "AudienceFactory",
    "CentreFactory",
    "EventFactory",
    "MunicipalityFactory",
    "NewsFactory",
    "PageFactory",
    "ResourceFactory",
    "StandardPageFactory",
    "StructureFactory",
    "TermFactory",
    "ThemeFactory",
    "create_many",
    "every_page_model",
    "make_tree",
    "tomorrow_at",
    "translate",
]
