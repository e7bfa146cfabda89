"""Two sheets of one place become one: an editor chooses field by field, the other address leads to the sheet kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.models import Redirect
from wagtail.log_actions import log

from portal.core.languages import language_codes, localize_path
from portal.core.models.vocabularies import Vocabulary

from ..imports import values
from ..imports.matching import Match, pairs
from ..models import ImportedRecord, Permanence, Service, StructurePage
from ..models.duplicates import DuplicateVerdict

#: Action of the log: what another sheet said was taken over, and that sheet taken offline.
MERGED = "directory.merged"
CHILDREN = (Service, Permanence)


@dataclass(frozen=True)
class Choice:
    """Fields that go together, with what each sheet says of them. ``takes_other`` is what is proposed."""

    name: str
    label: str
    kept: list[str]
    other: list[str]
    takes_other: bool


# --- Which pairs -----------------------------------------------------------------------------------------------------
def open_pairs() -> list[Match]:
    """Probable duplicates that nobody has decided about, the likeliest first. Two queries."""
    decided = set(DuplicateVerdict.objects.values_list("one", "other"))
    found = [match for match in pairs() if key_of(match.one.pk, match.other.pk) not in decided]
    return sorted(found, key=lambda match: (-match.score, match.one.title))


def key_of(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def decide(one: StructurePage, other: StructurePage, verdict: str) -> None:
    first, second = key_of(one.pk, other.pk)
    DuplicateVerdict.objects.update_or_create(one_id=first, other_id=second, defaults={"verdict": verdict})


# --- Field by field --------------------------------------------------------------------------------------------------
def units() -> list[tuple[str, ...]]:
    """The fields that a merge chooses between, those that go together in one piece."""
    chosen = [name for name in values.OWNED if name not in values.NEVER_LOCKED]
    found: list[tuple[str, ...]] = []
    for name in chosen:
        group = next((group for group in values.TOGETHER if name in group), (name,))
        if group not in found:
            found.append(group)
    return found


def choices(kept: StructurePage, other: StructurePage) -> list[Choice]:
    """What differs. The other sheet's word is proposed where the one kept says nothing."""
    found = []
    for group in units():
        mine = [values.read(kept, name) for name in group]
        theirs = [values.read(other, name) for name in group]
        if mine == theirs:
            continue
        nothing = [values.empty(StructurePage, name) for name in group]
        found.append(
            Choice(
                name=group[0],
                label=label_of(group),
                kept=said(kept, group),
                other=said(other, group),
                takes_other=mine == nothing,
            )
        )
    return found


def label_of(group: Iterable[str]) -> str:
    """Names of the fields that a reader would know, on one line."""
    names = [name for name in group if name not in values.NEVER_LOCKED]
    return ", ".join(str(StructurePage._meta.get_field(name).verbose_name) for name in names)  # type: ignore[union-attr]


def said(page: StructurePage, group: Iterable[str]) -> list[str]:
    """What a sheet says in these fields, as words; nothing for what is empty."""
    return [word for name in group if name not in values.NEVER_LOCKED and (word := as_words(page, name))]


def as_words(page: StructurePage, name: str) -> str:
    value = getattr(page, name)
    if hasattr(value, "all"):
        return ", ".join(word.name for word in value.all() if isinstance(word, Vocabulary))
    if isinstance(value, list):
        known = dict(StructurePage._meta.get_field(name).codes)  # type: ignore[union-attr]
        return ", ".join(str(known.get(code, code)) for code in value)
    display = getattr(page, f"get_{name}_display", None)
    return str(display() if display else value) if value not in (None, "") else ""


# --- The merge -------------------------------------------------------------------------------------------------------
@transaction.atomic
def merge(kept: StructurePage, other: StructurePage, taken: Iterable[str], user: Any, *, with_rows: bool) -> None:
    """Takes fields of ``other`` over (names as in :class:`Choice`), its services and sessions too when asked.

    ``other`` goes offline and its addresses lead to ``kept``, in every language; what points at it (events, imports)
    points at ``kept``. Fields taken are then kept from imports, as any that somebody chose. All or nothing.
    Raises ``PermissionDenied`` unless the user may publish both, ``ValidationError`` for what can't be merged.
    """
    check(kept, other, user)
    wanted = set(taken)
    names = [name for group in units() if group[0] in wanted for name in group]
    writer = values.Writer()
    for name in names:
        writer.write(kept, name, values.read(other, name))
    kept.locked_fields = sorted({*kept.locked_fields, *values.lockable(names)})
    if with_rows:
        take_rows(kept, other)
    kept.save_revision(user=user, log_action=False).publish(user=user, log_action=False)
    lead_to(kept, other)
    ImportedRecord.objects.filter(page=other).update(page=kept, is_merged=True)
    addresses = [localize_path(f"/annuaire/{other.slug}/", code) for code in language_codes()]
    other.unpublish(user=user)
    for code, address in zip(language_codes(), addresses, strict=True):
        Redirect.objects.update_or_create(
            old_path=Redirect.normalise_path(address),
            site=None,
            defaults={
                "redirect_link": localize_path(f"/annuaire/{kept.slug}/", code),
                "is_permanent": True,
                "automatically_created": True,
            },
        )
    decide(kept, other, DuplicateVerdict.Verdict.MERGED)
    log(instance=kept, action=MERGED, user=user, data={"other": other.title, "fields": sorted(wanted)})


def check(kept: StructurePage, other: StructurePage, user: Any) -> None:
    if kept.pk == other.pk or not (kept.is_source and other.is_source):
        raise ValidationError(_("These are not two sheets."))
    if not kept.live:
        raise ValidationError(_("“%(title)s” is not published: publish it first, or keep the other one.")
                              % {"title": kept.title})  # fmt: skip
    if kept.has_unpublished_changes:
        raise ValidationError(_("“%(title)s” has a draft that waits: publish it or throw it away first.")
                              % {"title": kept.title})  # fmt: skip
    if getattr(kept, "centre", None) and getattr(other, "centre", None):
        raise ValidationError(_("Both are the sheet of a centre: choose one on the page of each centre first."))
    for page in (kept, other):
        permissions = page.permissions_for_user(user)
        if not permissions.can_publish() or permissions.page_locked():
            raise PermissionDenied


def take_rows(kept: StructurePage, other: StructurePage) -> None:
    """Copies of the services and sessions that the sheet kept does not have yet, by name."""
    for relation, label in (("services", "name"), ("permanences", "role")):
        known = {getattr(row, label).casefold() for row in getattr(kept, relation).all()}
        for row in getattr(other, relation).all():
            if getattr(row, label).casefold() in known:
                continue
            many = {field.name: list(getattr(row, field.name).all()) for field in row._meta.many_to_many}
            names = [field.name for field in row._meta.concrete_fields
                     if field.name not in ("id", "page", "translation_key", "sort_order")]  # fmt: skip
            copy = type(row)(**{name: getattr(row, name) for name in names}, sort_order=999)
            getattr(kept, relation).add(copy)
            for name, words in many.items():
                setattr(copy, name, words)


def lead_to(kept: StructurePage, other: StructurePage) -> None:
    """What names the other sheet (events, a centre, news…) names the one kept."""
    for relation in StructurePage._meta.related_objects:
        model: type[models.Model] = relation.related_model
        if relation.field.model is StructurePage or model in (*CHILDREN, ImportedRecord, DuplicateVerdict):
            continue
        if relation.field.remote_field.parent_link or not isinstance(relation.field, models.ForeignKey):
            continue
        if model._meta.get_field(relation.field.name).get_internal_type() == "ParentalKey":
            continue
        model._base_manager.filter(**{relation.field.name: other.pk}).update(**{relation.field.name: kept.pk})
