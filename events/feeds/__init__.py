"""The agenda for other programs: calendars (RFC 5545), Atom (RFC 4287), schema.org in JSON."""
