"""Themes, audiences, municipalities, territories."""

from typing import TypeVar

from django.db import transaction
from wagtail.models import Locale

from portal.core.languages import SOURCE_LANGUAGE, language_codes
from portal.core.models import Municipality, Territory, Vocabulary

from .records import Record, records
from .tally import Tally

Word = TypeVar("Word", bound=Vocabulary)


def load_words(model: type[Vocabulary], *, dry_run: bool) -> Tally:
    """Words of a closed list, with their names in the other languages."""
    known = set(model._default_manager.values_list("slug", flat=True))
    tally = Tally()
    for record in records(model.__name__.lower(), "vocabularies"):
        if record["slug"] in known:
            tally.kept += 1
            continue
        tally.created += 1
        if not dry_run:
            _create_word(model, record)
    return tally


@transaction.atomic
def _create_word(model: type[Vocabulary], record: Record) -> None:
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    facts = {name: record[name] for name in model.FACTS}
    word = model(name=record["name"], locale=locales[SOURCE_LANGUAGE], **facts)
    word.full_clean()
    word.save()
    for language in language_codes():
        if language in record:
            model(name=record[language], locale=locales[language], translation_key=word.translation_key).save()


def load_municipalities(*, dry_run: bool) -> Tally:
    known = set(Municipality.objects.values_list("insee", flat=True))
    fresh = [
        Municipality(
            insee=record["insee"],
            name=record["name"],
            postcodes=" ".join(record["postcodes"]),
            latitude=record["lat"],
            longitude=record["lon"],
        )
        for record in records("municipality", "municipalities")
        if record["insee"] not in known
    ]
    for municipality in fresh:
        municipality.full_clean()
    if not dry_run:
        Municipality.objects.bulk_create(fresh)
    return Tally(created=len(fresh), kept=len(records("municipality", "municipalities")) - len(fresh))


def load_territories(*, dry_run: bool) -> Tally:
    known = set(Territory.objects.values_list("slug", flat=True))
    tally = Tally()
    for record in records("territory", "municipalities"):
        if record["slug"] in known:
            tally.kept += 1
            continue
        tally.created += 1
        if not dry_run:
            with transaction.atomic():
                territory = Territory.objects.create(slug=record["slug"], name=record["name"])
                territory.municipalities.set(Municipality.objects.filter(insee__in=record["municipalities"]))
    return tally


def by_slug(model: type[Word]) -> dict[str, Word]:
    """The words of a closed list by their code."""
    return {word.slug: word for word in model._default_manager.filter(locale__language_code=SOURCE_LANGUAGE)}
