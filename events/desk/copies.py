"""Copies of events at other dates: one event, or the season of an agenda. All begin as drafts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.core.languages import SOURCE_LANGUAGE

from ..enums import EventStatus
from ..models import AgendaPage, EventException, EventPage
from ..recurrence import instant, wall
from ..rules import WEEKDAYS, parse_rule, read_until, split_rule

#: What is only true of the dates that an event had.
NOT_COPIED: dict[str, Any] = {
    "status": EventStatus.SCHEDULED,
    "postponed_to": None,
    "is_full": False,
    "status_note": "",
    "checked_on": None,
    "go_live_at": None,
    "expire_at": None,
    "expired": False,
    "locked": False,
    "locked_at": None,
    "locked_by": None,
    "published_state": "",
    "sequence": 0,
    "last_modified": None,
}
#: Texts of an event that are translated.
TEXTS = ("title", "draft_title", "summary", "description", "room", "cost_note", "registration_note", "seo_title")
_ROW = ("kind", "is_extra", "place_note", "note", "capacity")


# --- Rules and dates at other days -----------------------------------------------------------------------------------
def moved_rule(rule: str, days: int) -> str:
    """A rule whose dates fall ``days`` later: the days of a weekly one turn with it, its last day moves.

    A month's “last Wednesday” stays one, whatever the shift. Raises ``ValidationError`` for a rule that can't be read.
    """
    if not rule or not days:
        return rule
    parts = split_rule(rule)
    if parts.get("FREQ") == "WEEKLY" and "BYDAY" in parts and days % 7:
        turned = {WEEKDAYS[(WEEKDAYS.index(code[-2:]) + days) % 7] for code in parts["BYDAY"].split(",")}
        parts["BYDAY"] = ",".join(code for code in WEEKDAYS if code in turned)
    if "UNTIL" in parts:
        parts["UNTIL"] = written_until(
            read_until(parts["UNTIL"]) + timedelta(days=days), is_day=len(parts["UNTIL"]) == 8
        )
    return ";".join(f"{name}={value}" for name, value in parts.items())


def written_until(moment: datetime, *, is_day: bool) -> str:
    """A last moment of the wall clock as ``UNTIL``: a day, or in UTC."""
    if is_day:
        return f"{moment:%Y%m%d}"
    return f"{instant(moment).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def first_date(event: EventPage) -> datetime | None:
    """The first date that the rule of an event gives, on the wall clock; ``None`` when it gives none.

    A monthly rule moved by weeks may begin some days later than its source did.
    """
    if not event.starts_at:
        return None
    start = wall(event.starts_at)
    if not event.rrule:
        return start
    rule = parse_rule(event.rrule, event.starts_at, is_all_day=event.is_all_day)
    return next(rule.between(start, start + timedelta(days=800)), None)


@dataclass(frozen=True)
class Schedule:
    """When a copy takes place."""

    starts_at: datetime
    ends_at: datetime
    rrule: str


def moved_schedule(event: EventPage, days: int) -> Schedule:
    """The schedule of an event ``days`` later, at the same hour on the wall clock. Raises ``ValidationError``."""
    if not event.starts_at or not event.ends_at:
        raise ValidationError(_("It has no date yet."))
    start, duration = wall(event.starts_at), wall(event.ends_at) - wall(event.starts_at)
    moved = EventPage(
        starts_at=instant(start + timedelta(days=days)),
        is_all_day=event.is_all_day,
        rrule=moved_rule(event.rrule, days),
    )
    first = first_date(moved)
    if first is None:
        raise ValidationError(_("Its repetition gives no date there."))
    return Schedule(instant(first), instant(first + duration), moved.rrule)


def moved_row(row: EventException, days: int) -> EventException:
    """A date that is not like the others, ``days`` later."""
    shift = timedelta(days=days)
    return EventException(
        date=row.date + shift,
        time=row.time,
        new_start=row.new_start and instant(wall(row.new_start) + shift),
        new_end=row.new_end and instant(wall(row.new_end) + shift),
        **{name: getattr(row, name) for name in _ROW},
    )


# --- Copies ----------------------------------------------------------------------------------------------------------
def as_edited(event: EventPage) -> EventPage:
    """An event as it stands in the editor: its draft where one waits."""
    if event.live and not event.has_unpublished_changes:
        return event
    draft: EventPage = event.get_latest_revision_as_object()
    return draft


def free_slug(title: str, start: datetime) -> str:
    """An address of its own: the title with the day of the copy, with a number where that is taken."""
    base = f"{slugify(title)[:200] or 'evenement'}-{wall(start):%Y-%m-%d}"
    taken = set(EventPage.objects.sources().filter(slug__startswith=base).values_list("slug", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbers) if slug not in taken)


@transaction.atomic
def copy_event(
    source: EventPage,
    *,
    schedule: Schedule,
    user: Any,
    to: AgendaPage | None = None,
    rows: list[EventException] | None = None,
    **changes: Any,
) -> EventPage:
    """A draft like ``source`` at another time, with a ``UID`` of its own; its texts in other languages come along.

    ``rows`` are its dates that are different; ``changes`` other values of fields. Raises ``ValidationError``.
    """
    title = changes.get("title") or source.title
    values = {
        **NOT_COPIED,
        "starts_at": schedule.starts_at,
        "ends_at": schedule.ends_at,
        "rrule": schedule.rrule,
        "title": title,
        "draft_title": title,
        "slug": free_slug(title, schedule.starts_at),
        **changes,
    }
    parent = to or AgendaPage.objects.get(pk=source.get_parent().pk)
    made: EventPage = source.copy(
        to=parent,
        update_attrs=values,
        exclude_fields=["exceptions"],
        copy_revisions=False,
        keep_live=False,
        user=user,
    )
    made = EventPage.objects.get(pk=made.pk)
    if rows:
        made.exceptions = [copied_row(row) for row in rows]  # type: ignore[misc] # a relation of modelcluster
        made.save()
        made.save_revision(user=user)
    copy_texts(source, made, is_renamed="title" in changes and changes["title"] != source.title)
    return made


def copied_row(row: EventException) -> EventException:
    names = (*_ROW, "date", "time", "new_start", "new_end")
    return EventException(**{name: getattr(row, name) for name in names})


def copy_texts(source: EventPage, made: EventPage, *, is_renamed: bool) -> None:
    """The texts of the published translations of an event, as translations of its copy that are not published yet.

    A copy with another title is not translated: its title would be the old one's.
    """
    if is_renamed:
        return
    known = EventPage.objects.filter(translation_key=source.translation_key, live=True)
    for text in known.exclude(locale__language_code=SOURCE_LANGUAGE).select_related("locale"):
        parent = made.get_parent()
        if not parent.has_translation(text.locale):
            continue
        row = made.copy_for_translation(text.locale)
        for name in TEXTS:
            setattr(row, name, getattr(text, name))
        row.save_revision()


def publish_copy(made: EventPage, user: Any) -> None:
    """Publishes a copy with its texts in other languages."""
    rows = [made, *EventPage.objects.filter(translation_key=made.translation_key).exclude(pk=made.pk)]
    for row in rows:
        revision = row.latest_revision or row.save_revision(user=user)
        revision.publish(user=user)


__all__ = [
    "Schedule",
    "as_edited",
    "copy_event",
    "first_date",
    "moved_row",
    "moved_rule",
    "moved_schedule",
    "publish_copy",
]
