"""The agenda: events, with the terms of schema.org and RFC 5545."""

from .agenda import AgendaPage
from .dates import EventException, Occurrence
from .event import EventPage, EventTag
from .imports import EventFeed, ImportedEvent

__all__ = [
    "AgendaPage",
    "EventException",
    "EventFeed",
    "EventPage",
    "EventTag",
    "ImportedEvent",
    "Occurrence",
]
