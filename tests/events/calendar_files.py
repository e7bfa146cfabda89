"""Calendars for tests."""

from datetime import UTC, datetime

EVENT = {
    "UID": "un@partenaire.example",
    "SUMMARY": "Café des parents",
    "DTSTART;TZID=Europe/Paris": "20270113T140000",
    "DTEND;TZID=Europe/Paris": "20270113T160000",
    "LOCATION": "Salle des fêtes, 12 rue Haute, 59100 Roubaix",
}


def vevent(*lines, **values):
    """The lines of an event: those of ``EVENT`` with others by name (``_`` for ``-``); ``None`` leaves one out."""
    given = {name.replace("_", "-"): value for name, value in values.items()}
    kept = {name: value for name, value in EVENT.items() if name.partition(";")[0] not in given}
    shown = [f"{name}:{value}" for name, value in {**kept, **given}.items() if value is not None]
    return ["BEGIN:VEVENT", *shown, *lines, "END:VEVENT"]


def calendar(*events, head=("PRODID:-//Partenaire//FR", "X-WR-CALNAME:Partenaire")):
    """A whole calendar, as text."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head, *(line for event in events for line in event), "END:VCALENDAR"]
    return "\r\n".join(lines) + "\r\n"


def paris(day, hour, minute=0):
    """An hour of January 2027 in Paris, as an instant."""
    return datetime(2027, 1, day, hour - 1, minute, tzinfo=UTC)
