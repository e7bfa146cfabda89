"""Two real servers over one database and one folder of kept pages, read under load while a third process writes."""

import contextlib
import http.client
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path

import pytest
from django.db import connection
from wagtail.models import PageViewRestriction

from portal.core import page_store
from portal.core.models import Theme
from tests import factories
from tests.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[1]
HOST = "portail.example"  # the same for both: they share what they keep
ROUNDS = 8
READERS = 2  # for each server
#: The demonstration's settings, without static files that somebody must have collected.
PLAIN_FILES = """
from portal.settings.demo import *
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
"""


@pytest.fixture
def folder(settings, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("only on SQLite: once is enough")
    settings.PAGE_CACHE_FOLDER = str(tmp_path / "pages")
    return tmp_path


@pytest.fixture
def portal(folder, tree):
    tree.theme = factories.ThemeFactory(slug="sante", name="Thème 0 fin")
    tree.structure = factories.StructureFactory(title="Titre 0 fin", slug="pmi", themes=[tree.theme])
    tree.secret = factories.TermFactory(title="Secret", slug="secret")
    return tree


@pytest.fixture
def servers(folder, portal):
    """The ports of two servers of one process each."""
    (folder / "plain_files.py").write_text(PLAIN_FILES)
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "DJANGO_SETTINGS_MODULE": "plain_files",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "CACHE_URL": f"filecache://{folder}/cache",
        "PAGE_CACHE_FOLDER": str(folder / "pages"),
        "SECRET_KEY": "tests-only",
    }
    ports = [free_port(), free_port()]
    with contextlib.ExitStack() as stack:
        for port in ports:
            command = ["-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
            process = subprocess.Popen(
                [
                    sys.executable,
                    *command,
                    "--threads",
                    "4",
                    "--log-level",
                    "warning",
                    "--no-control-socket",
                    "--graceful-timeout",
                    "1",
                ],
                cwd=ROOT,
                env=environment,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        deadline = time.monotonic() + 60
        for port in ports:
            while True:
                with contextlib.suppress(OSError):
                    if get(port, "/healthz")[0] == 200:
                        break
                assert time.monotonic() < deadline, "a server does not start"
                time.sleep(0.1)
        yield ports


def get(port, path, connection=None):
    link = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.request("GET", path, headers={"Host": HOST})
    response = link.getresponse()
    body = response.read().decode()
    if connection is None:
        link.close()
    return response.status, body


def number_in(word, body):
    return int(re.search(rf"{word} (\d+) fin", body)[1])


def test_two_servers(servers, portal):
    both_give_what_either_kept(*servers)
    never_a_stale_nor_a_private_answer(servers, portal)


def both_give_what_either_kept(first, second):
    _status, body = get(first, "/annuaire/pmi/")
    # Behind everybody's back, so that no version changes: who answers “0” has not asked the database.
    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as database, database:
        database.execute("UPDATE wagtailcore_page SET title = 'Titre 9 fin' WHERE slug = 'pmi'")
    assert get(first, "/annuaire/pmi/") == get(second, "/annuaire/pmi/") == (200, body)
    Theme.objects.update(order=5)
    for port in (first, second):
        assert number_in("Titre", get(port, "/annuaire/pmi/")[1]) == 9


def never_a_stale_nor_a_private_answer(servers, portal):
    """What was committed before a request began must be in its answer."""
    done = {"Titre": 9, "Thème": 0, "hidden": 0}  # the number of the round in which the word is private
    over = threading.Event()
    faults, reads = [], count()

    def read(port):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for turn in count():
            if over.is_set():
                break
            floor = dict(done)
            next(reads)
            if turn % 3 == 2:
                status, body = get(port, "/glossaire/secret/", link)
                # Private when the request began, and still in the same round when it ended.
                if floor["hidden"] and done["hidden"] == floor["hidden"] and status != 302:
                    faults.append(f"private: {status}")
                continue
            path = ("/annuaire/pmi/", "/annuaire/")[turn % 3]
            status, body = get(port, path, link)
            if status != 200:
                faults.append(f"{path}: {status}")
            for word in ("Titre", "Thème"):
                if number_in(word, body) < floor[word]:
                    faults.append(f"{path}: {word} {number_in(word, body)} after {floor[word]}")
        link.close()

    threads = [threading.Thread(target=read, args=(port,)) for port in servers for _reader in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        for number in range(10, 10 + ROUNDS):
            portal.structure.title = f"Titre {number} fin"
            portal.structure.save_revision().publish()
            done["Titre"] = number
            Theme.objects.filter(pk=portal.theme.pk).update(name=f"Thème {number} fin")
            done["Thème"] = number
            restriction = PageViewRestriction.objects.create(page=portal.secret, restriction_type="login")
            done["hidden"] = number
            time.sleep(0.15)
            done["hidden"] = 0
            restriction.delete()
            time.sleep(0.05)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not faults
    assert next(reads) > 20 * ROUNDS, "too few readers to prove anything"
    assert list(page_store._files())
