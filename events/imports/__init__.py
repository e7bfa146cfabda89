"""Events from calendars: iCalendar and OpenAgenda files, and partners' calendars that are read again every hour.

``readers`` (``components`` and ``calendars`` with ``clocks`` for iCalendar, ``openagenda``) → ``planning`` with
``places`` → ``applying``. ``engine`` goes from end to end, ``subscriptions`` does so for calendars in the queue. Words
and reports are those of ``directory.imports``; see ``docs/decisions/0023-calendars-of-partners.md``.
"""
