"""Structures from files: read, mended, compared with the sheets that are there, applied.

``readers`` → ``formats`` (``mapped``, ``mednum``, ``inclusion``, with ``mending``, ``places``) → ``surveys``,
then ``planning`` with ``matching`` → ``applying`` with ``indexing``. ``engine`` goes from end to end, ``runs`` does so
in the queue. See ``docs/imports.md`` and ``docs/decisions/0019-imports.md``.
"""
