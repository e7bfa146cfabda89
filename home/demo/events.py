"""Events of the next three months, around the day of the load."""

from datetime import datetime, timedelta
from functools import cached_property

from directory.models import StructurePage
from events.enums import ExceptionKind
from events.holidays import school_calendar
from events.models import AgendaPage, EventException, EventPage
from events.recurrence import Times
from home.models import HomePage
from portal.core.enums import SchoolZone

from .dates import event_times, skipped_days
from .families import Family, copy_texts, set_rows
from .records import Record, records

TEXTS = ("summary", "description", "room", "cost_note", "registration_note", "status_note")
SAME_FACTS = ("cost", "languages", "access", "registration", "rrule", "status", "is_full")

#: The school calendar must reach this far for a demonstration of it.
COMING = timedelta(days=60)


class EventFamily(Family[EventPage]):
    label = "events"
    model = EventPage

    def __init__(self, now: datetime) -> None:
        self.now = now

    def records(self) -> list[Record]:
        return records("event", "events")

    def parent(self, record: Record) -> AgendaPage:
        return self.agendas[record["centre"]]

    @cached_property
    def agendas(self) -> dict[str, AgendaPage]:
        """Agendas by the slug of their centre; the common one under the empty slug."""
        agendas = AgendaPage.objects.sources()
        home = HomePage.objects.sources().get()
        common = agendas.child_of(home).get()
        return {"": common} | {agenda.get_parent().slug: agenda for agenda in agendas.exclude(pk=common.pk)}

    @cached_property
    def structures(self) -> dict[str, StructurePage]:
        return {page.slug: page for page in StructurePage.objects.sources()}

    def build(self, record: Record) -> EventPage:
        times = event_times(record, self.now)
        page = EventPage(
            slug=record["slug"],
            title=record["title"],
            starts_at=times.starts_at,
            ends_at=times.ends_at,
            organizer=self.structures[record["organizer"]] if record["organizer"] else None,
            organizer_name=record.get("organizer_name", ""),
            structure=self.structures[record["place"]] if record.get("place") else None,
            place_name=record.get("place_name", ""),
            address=record.get("place_address", ""),
            postcode=record.get("place_postcode", ""),
            municipality=self.municipalities[record["insee"]] if record.get("insee") else None,
            online_url=record.get("online_url", ""),
            capacity=record.get("capacity"),
            **{name: record[name] for name in SAME_FACTS},
            **{name: record.get(name, "").strip() for name in TEXTS},
        )
        self.set_audience(page, record)
        self.set_holidays(page, record)
        rows = [EventException(date=day, kind=ExceptionKind.REMOVED) for day in skipped_days(record, times.starts_at)]
        set_rows(page, "exceptions", [*rows, *changed_dates(record, times)])
        page.tags.add(*record["tags"])
        return page

    def set_holidays(self, page: EventPage, record: Record) -> None:
        """What holidays take away; not when the school calendar has come to its end: the series would have no date."""
        page.skip_public_holidays = record.get("skip_public_holidays", False)
        kind = record.get("school_holidays", "")
        if kind and page.starts_at and not school_calendar(SchoolZone.B).is_over(page.starts_at.date() + COMING):
            page.school_holidays, page.school_zone = kind, SchoolZone.B

    def write_texts(self, page: EventPage, record: Record, texts: Record) -> None:
        copy_texts(page, texts, "title", *TEXTS)


def changed_dates(record: Record, first: Times) -> list[EventException]:
    """Dates of a weekly event that are moved, cancelled, full or told a word about."""
    rows = []
    for change in record.get("changes", []):
        start = first.starts_at + timedelta(weeks=change["weeks"])
        rows.append(
            EventException(
                date=start.date(),
                kind=change["kind"],
                new_start=start + timedelta(days=change["days"]) if "days" in change else None,
                place_note=change.get("place_note", ""),
                note=change.get("note", ""),
            )
        )
    return rows
