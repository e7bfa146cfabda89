"""Values of sheets and services in a form that can be compared, kept as JSON and shown: read, written, named.

A municipality is its INSEE code, themes and audiences are lists of their codes, dates are ISO texts.
"""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from modelcluster.fields import ParentalManyToManyField

from portal.core.fields import CodesField
from portal.core.hours import parse as parse_hours
from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import Audience, Municipality, Theme
from portal.core.models.vocabularies import Vocabulary

from ..models import Service, StructurePage

#: What a source may own of a sheet; everything else is the editors' alone.
OWNED = (
    "title",
    "kind",
    "summary",
    "description",
    "themes",
    "audiences",
    "age_min_months",
    "age_max_months",
    "phone",
    "email",
    "website",
    "siret",
    "networks",
    "opening_hours",
    "hours_text",
    "holiday_hours",
    "closed_from",
    "closed_until",
    "notice",
    "access_conditions",
    "way_there",
    "acceslibre_url",
    "address",
    "address_complement",
    "postcode",
    "municipality",
    "latitude",
    "longitude",
    "position_precision",
    "position_source",
    "position_score",
    "cost",
    "cost_note",
    "languages",
    "access",
    "source_url",
    "source_updated_on",
    "licence",
    "extra",
)
OWNED_OF_SERVICE = (
    "name",
    "kind",
    "description",
    "themes",
    "audiences",
    "audience_note",
    "cost",
    "cost_note",
    "schedule",
    "conditions",
    "booking",
    "modes",
    "mobilisation",
    "referrers",
    "opening_hours",
    "hours_text",
    "phone",
    "email",
    "url",
    "source_url",
    "source_updated_on",
    "extra",
)
#: What goes together: whoever edits one of them has decided about all of them.
TOGETHER = (
    ("latitude", "longitude", "position_precision", "position_source", "position_score"),
    ("opening_hours", "hours_text"),
    ("address", "address_complement", "postcode", "municipality"),
)
#: Facts about the source itself: no lock is ever set on them.
NEVER_LOCKED = frozenset({"source_url", "source_updated_on", "extra", "position_source", "position_score"})


def lockable(names: Iterable[str]) -> set[str]:
    return set(names) & (set(OWNED) - NEVER_LOCKED)


def together(names: Iterable[str]) -> set[str]:
    """These names and those that go with them."""
    found = set(names)
    for group in TOGETHER:
        if found & set(group) - NEVER_LOCKED:
            found |= set(group)
    return found


def read(row: StructurePage | Service, name: str) -> Any:
    """The value of a field of a sheet or of a service."""
    field = row._meta.get_field(name)
    if isinstance(field, ParentalManyToManyField):
        return sorted(word.slug for word in getattr(row, name).all())
    if isinstance(field, models.ForeignKey):
        target = getattr(row, name)
        return target.insee if target else ""
    return plain(field, getattr(row, name))


def plain(field: Any, value: Any) -> Any:
    if isinstance(field, CodesField):
        return sorted(field.parse(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return value


def empty(model: type[models.Model], name: str) -> Any:
    """What ``read`` gives for a field that nobody has filled in."""
    field = model._meta.get_field(name)
    if isinstance(field, ParentalManyToManyField | CodesField):
        return []
    if isinstance(field, models.ForeignKey):
        return ""
    if isinstance(field, models.JSONField):
        return field.get_default()
    return None if field.null else ""


class Writer:
    """Puts values on rows; knows the vocabularies."""

    @cached_property
    def themes(self) -> dict[str, Vocabulary]:
        return {word.slug: word for word in Theme.objects.filter(locale__language_code=SOURCE_LANGUAGE)}

    @cached_property
    def audiences(self) -> dict[str, Vocabulary]:
        return {word.slug: word for word in Audience.objects.filter(locale__language_code=SOURCE_LANGUAGE)}

    @cached_property
    def municipalities(self) -> dict[str, Municipality]:
        return {town.insee: town for town in Municipality.objects.all()}

    def known(self, name: str, value: Any) -> Any:
        """The value with the words that this portal has; ``name`` is that of the field."""
        if name not in ("themes", "audiences"):
            return value
        vocabulary = self.themes if name == "themes" else self.audiences
        return sorted(slug for slug in set(value) if slug in vocabulary)

    def write(self, row: StructurePage | Service, name: str, value: Any) -> None:
        field = row._meta.get_field(name)
        if isinstance(field, ParentalManyToManyField):
            vocabulary = self.themes if name == "themes" else self.audiences
            setattr(row, name, [vocabulary[slug] for slug in value if slug in vocabulary])
        elif isinstance(field, models.ForeignKey):
            setattr(row, name, self.municipalities.get(value) if value else None)
        elif isinstance(field, models.DateField):
            setattr(row, name, date.fromisoformat(value) if value else None)
        else:
            setattr(row, name, value)


def is_edited(name: str, current: Any, written: Any) -> bool:
    """Whether a value is not the one that an import wrote; opening hours are the same in any spelling."""
    if current == written:
        return False
    if name in ("opening_hours", "holiday_hours") and current and written:
        one, other = parse_hours(current), parse_hours(written)
        if one is not None and other is not None:
            return str(one.normalize()) != str(other.normalize())
    return True
