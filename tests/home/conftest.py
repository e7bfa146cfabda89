"""The demonstration, loaded once for a module of tests."""

import sqlite3
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from home.demo.loading import load_demo


@pytest.fixture(scope="module")
def demo_site(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demonstration in the database, for all tests of the module; each may change it for itself.

    Gives ``tallies``, what was done to each family, and on SQLite ``empty``, a file with the database from before.
    """
    demo = SimpleNamespace(tallies={}, empty=None, now=timezone.now())
    with django_db_blocker.unblock():
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            demo.empty = tmp_path_factory.mktemp("demo") / "empty.sqlite3"
            with sqlite3.connect(demo.empty) as copy:
                connection.connection.backup(copy)
            copy.close()
        # Django closes connections after each test, and with them the transaction that takes all this back.
        with mock.patch.object(connection, "close"), transaction.atomic():
            load_demo(now=demo.now, report=demo.tallies.__setitem__)
            with django_db_blocker.block():
                yield demo
            transaction.set_rollback(True)
        cache.clear()
