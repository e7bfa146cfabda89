"""Backup and restore: the database and the uploaded files as one archive; see ``docs/decisions/0010``.

``saving`` writes an archive, ``restoring`` reads one; ``archive`` knows its format, ``databases`` how each database is
copied, ``media`` where the files are and how they are exchanged.
"""
