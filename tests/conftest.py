"""What all tests share."""

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import translation
from wagtail.models import Page

from portal.core import languages, versions
from tests import factories
from tests.migrated import migrations_from_copy
from tests.servers import ServerMissingError


@pytest.fixture(scope="session")
def migrated_copy(django_db_blocker):
    """Opened before the database is made, closed by ``django_db_setup`` once it is there."""
    copy = migrations_from_copy()
    with django_db_blocker.unblock():
        copy.__enter__()
    return copy


@pytest.fixture(scope="session")
def django_db_setup(migrated_copy, django_db_setup, django_db_blocker):
    """pytest-django's own, which runs four hundred migrations only when they have changed."""
    with django_db_blocker.unblock():
        migrated_copy.__exit__(None, None, None)
        if not hasattr(connection, "_test_serialized_contents"):
            # What ``whole_database`` puts back; pytest-django keeps it only for some marks.
            connection._test_serialized_contents = connection.creation.serialize_db_to_string()


@pytest.fixture
def tree(db):
    """The pages that every portal has; see ``tests.factories.make_tree``."""
    return factories.make_tree()


@pytest.fixture
def commits_at_once(monkeypatch):
    """What waits for the end of the transaction runs at once: wagtail-localize publishes there."""
    monkeypatch.setattr(transaction, "on_commit", lambda func, using=None, robust=False: func())


@pytest.fixture(autouse=True)
def clean_slate():
    """Caches and the active language are as at the start of a process."""
    cache.clear()
    languages.forget_locales()
    versions.forget_memory()
    yield
    # Django's test client leaves its last language active.
    translation.deactivate_all()
    cache.clear()
    languages.forget_locales()


@pytest.fixture(scope="module", autouse=True)
def whole_database(django_db_blocker):
    """A test with a real server empties all tables; what migrations wrote is put back for the next module.

    (pytest-django runs such tests last, but pytest-xdist hands modules out whole.)
    """
    yield
    initial = getattr(connection, "_test_serialized_contents", None)
    if initial:
        with django_db_blocker.unblock():
            if not Page.objects.exists():
                connection.creation.deserialize_db_from_string(initial)


@pytest.fixture(autouse=True)
def _initial_rows(django_db_serialized_rollback):
    """The same, between two such tests of a module."""


# --- A real browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser():
    """Chromium; without it the test skips itself, which ``make test`` takes for a failure in CI."""
    from tests.browser import run_browser

    try:
        with run_browser() as started:
            yield started
    except ServerMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def served(live_server, tree):
    """The pages of ``tree`` behind a real server, whose address is ``served.url``."""
    tree.url = live_server.url
    return tree


@pytest.fixture
def open_page(browser, served):
    """``open_page(path, **options)`` gives a page and its watch; see ``tests.browser.open_context``."""
    from contextlib import ExitStack

    from tests.browser import open_context

    with ExitStack() as stack:

        def open_page(path, **options):
            context, watch = stack.enter_context(open_context(browser, served.url, **options))
            page = context.new_page()
            page.goto(path)
            return page, watch

        yield open_page
