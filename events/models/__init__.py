"""The agenda: events, with the terms of schema.org and RFC 5545."""

from .agenda import AgendaPage
from .dates import EventException, Occurrence
from .event import EventPage, EventTag

__all__ = ["AgendaPage", "EventException", "EventPage", "EventTag", "Occurrence"]
