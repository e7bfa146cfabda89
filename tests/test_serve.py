"""The supervisor, started for real: what it starts, and that nothing outlives it."""

import contextlib
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from home.demo.accounts import DEMO_ACCOUNTS
from tests.servers import free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module", autouse=True)
def once():
    if connection.vendor != "sqlite":
        pytest.skip("only on SQLite: once is enough, and the demonstration uses it")


# For the module: a test's own transaction would lock what is copied here.
@pytest.fixture(scope="module")
def database(once, tmp_path_factory, django_db_setup, django_db_blocker):
    """The environment of a demonstration with an empty, migrated database in a file: a copy of the tests' own."""
    folder = tmp_path_factory.mktemp("serve")
    with django_db_blocker.unblock(), contextlib.closing(sqlite3.connect(folder / "portal.sqlite3")) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.demo",
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "CACHE_URL": f"filecache://{folder}/cache",
    }
    for name in ("EMAIL_URL", "SITE_URL", "SECRET_KEY", "TASKS"):
        environment.pop(name, None)
    return environment


# The same supervisor over children that start at once, for what does not depend on the children.
LIGHT = """
import sys
from portal import serve

WEB = '''
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
serve.STOP_SECONDS = 1
serve.commands = lambda port: {
    "The web server": [sys.executable, "-c", WEB, str(port)],
    "A family": ["sh", "-c", "sleep 601 & sleep 602"],
    "The deaf one": [sys.executable, "-c", DEAF],
}
sys.exit(serve.main())
"""
REAL = ("-m", "portal.serve")


@contextlib.contextmanager
def supervisor(environment, *arguments, wrapper=(), port=None):
    """A started supervisor, with its port; whatever is left of it is killed at the end."""
    port = port or free_port()
    process = subprocess.Popen(
        [*wrapper, sys.executable, *arguments, *(["--with-parent"] if wrapper else [])],
        cwd=ROOT,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    process.port = port
    started = set()
    try:
        yield process, started
    finally:
        for pid in descendants(process.pid) | started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def light_supervisor(**options):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    with supervisor(environment, "-c", LIGHT, **options) as (process, started):
        yield process, started


def parents():
    """The parent of each living process, by process."""
    tree = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                tree[int(folder.name)] = int(parent)
    return tree


def descendants(pid):
    tree, found, added = parents(), {pid}, True
    while added:
        added = {child for child, parent in tree.items() if parent in found} - found
        found |= added
    return found - {pid}


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not (result := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert result
    return result


def wait_until_announced(process):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def command_line(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def test_serves_then_ends_all_on_sigterm(database):
    with supervisor(database, *REAL) as (process, started):
        text = wait_until_announced(process)
        started.update(descendants(process.pid))
        assert f"http://127.0.0.1:{process.port}/" in text
        for account in DEMO_ACCOUNTS:
            assert str(account.role) in text
            assert f"{account.username} / {account.password}" in text
        programs = [command_line(pid) for pid in started]
        assert sum("gunicorn" in program for program in programs) == 3
        assert sum("db_worker" in program for program in programs) == 1
        assert sum("run_due --loop" in program for program in programs) == 1
        assert get(process.port, "/healthz") == 200
        # A query of 8,000 characters is the portal's to judge, not the server's.
        assert get(process.port, f"/healthz?q={'a' * 8000}") == 200

        asked_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # the terminal's and make's may both come
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - asked_at < 10
        assert not started & parents().keys()
        started.clear()
        with pytest.raises(ConnectionRefusedError):
            get(process.port, "/healthz")


def test_the_end_of_one_part_ends_all():
    with light_supervisor() as (process, started):
        wait_until_announced(process)
        started.update(descendants(process.pid))
        assert len(started) >= 5
        (family,) = [pid for pid in started if "sleep 601" in command_line(pid) and "sh" in command_line(pid)]
        os.kill(family, signal.SIGKILL)
        assert process.wait(timeout=10) == 1
        assert "A family ended by itself with code -9" in process.stdout.read()
        assert not started & parents().keys()
        started.clear()


def test_a_part_that_is_deaf_and_one_with_children_are_ended_too():
    with light_supervisor() as (process, started):
        wait_until_announced(process)
        started.update(descendants(process.pid))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert not started & parents().keys()
        started.clear()


def test_nothing_outlives_a_killed_make():
    """The shell stands for make: its child learns of its end though nobody hands on a SIGKILL."""
    with light_supervisor(wrapper=["sh", "-c", '"$@"; :', "sh"]) as (process, started):
        wait_until_announced(process)
        started.update(descendants(process.pid))
        process.kill()
        wait_until(lambda: not started & parents().keys(), 10)
        started.clear()


def test_children_are_told_when_the_supervisor_is_killed():
    with light_supervisor() as (process, started):
        wait_until_announced(process)
        started.update(descendants(process.pid))
        (web,) = [pid for pid in started if "http.server" in command_line(pid)]
        process.kill()
        wait_until(lambda: web not in parents(), 5)


def test_ends_when_told_before_it_answers():
    with light_supervisor() as (process, started):
        started.update(wait_until(lambda: descendants(process.pid), 10))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert not started & parents().keys()
        started.clear()


def test_a_taken_port_is_said_clearly():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with light_supervisor(port=port) as (process, _):
            assert process.wait(timeout=20) == 2
            assert f"Port {port}" in process.stdout.read()


def test_a_port_that_is_no_number_is_said_clearly():
    with light_supervisor(port="eighty") as (process, _):
        assert process.wait(timeout=20) == 2
        assert "eighty" in process.stdout.read()
