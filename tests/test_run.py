"""The driver of ``make test``, and the servers that it starts."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests import run
from tests.run import Step
from tests.servers import ServerMissingError, postgresql

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def steps(monkeypatch, tmp_path):
    """Runs steps of the test's own; gives the exit code."""
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    monkeypatch.setattr(run, "IN_CI", False)
    monkeypatch.setattr(sys, "argv", ["run"])
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)

    def main(*steps):
        monkeypatch.setattr(run, "STEPS", steps)
        return run.main()

    return main


def python(name, code, **options):
    return Step(name, (sys.executable, "-c", code), **options)


@contextmanager
def missing_server():
    raise ServerMissingError("Nothing is not installed")
    yield {}


@contextmanager
def some_server():
    yield {"DATABASE_URL": "postgres:///throw-away"}


def report_of(tmp_path, reason):
    """A program that writes the report of a test skipped for this reason."""
    text = f"<testsuites><testcase name='t'><skipped type='pytest.skip' message='{reason}'/></testcase></testsuites>"
    return f"open({str(tmp_path / 'r.xml')!r}, 'w').write({text!r})"


def test_every_step_runs_and_one_failure_is_enough(steps, capsys):
    assert steps(python("first", "raise SystemExit(3)"), python("second", "pass")) == 1
    out = capsys.readouterr().out
    assert "first: exit code 3" in out
    assert out.endswith("\nsteps: 1 passed, 1 failed, 0 skipped\n")


def test_all_well(steps, capsys):
    assert steps(python("only", "pass")) == 0
    assert capsys.readouterr().out.endswith("steps: 1 passed, 0 failed, 0 skipped\n")


def test_no_step_at_all_is_a_failure(steps):
    assert steps() == 1


def test_a_missing_program_is_said_and_forgiven_except_in_ci(steps, monkeypatch, capsys):
    assert steps(python("database", "pass", server=missing_server)) == 0
    assert "database: Nothing is not installed" in capsys.readouterr().out
    monkeypatch.setattr(run, "IN_CI", True)
    assert steps(python("database", "pass", server=missing_server)) == 1


def test_in_ci_a_test_that_skips_itself_fails_unless_by_design(steps, monkeypatch, tmp_path, capsys):
    lazy = python("tests", report_of(tmp_path, "Chromium is not installed"), report="r")
    assert steps(lazy) == 0
    monkeypatch.setattr(run, "IN_CI", True)
    assert steps(lazy) == 1
    assert "skipped tests: Chromium is not installed" in capsys.readouterr().out
    assert steps(python("tests", report_of(tmp_path, "only on PostgreSQL: locks"), report="r")) == 0


def test_steps_see_their_own_server_and_nobody_elses(steps, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://production")
    monkeypatch.setenv("EMAIL_URL", "smtp://production")
    alone = "import os, sys; sys.exit('DATABASE_URL' in os.environ or 'EMAIL_URL' in os.environ)"
    served = "import os, sys; sys.exit(os.environ['DATABASE_URL'] != 'postgres:///throw-away')"
    assert steps(python("alone", alone), python("served", served, server=some_server)) == 0


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


@pytest.fixture
def _binaries():
    from tests.servers import postgresql_binaries

    try:
        postgresql_binaries()
    except ServerMissingError as missing:
        pytest.skip(str(missing))


def connect(url):
    user, _, rest = url.removeprefix("postgres://").partition("@/")
    folder, _, name = rest.rpartition("/")
    return psycopg.connect(host=folder, user=user, dbname=name)


@pytest.mark.usefixtures("_binaries")
def test_a_cluster_is_there_then_gone():
    with postgresql("essai") as url:
        folder = Path(url.partition("@/")[2]).parent
        with connect(url) as connection:
            assert connection.execute("SELECT current_database(), 'é'").fetchone() == ("essai", "é")
        assert not connection.closed or connection.close() is None
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        connect(url)


@pytest.mark.usefixtures("_binaries")
def test_a_cluster_ends_with_its_tests_on_sigterm():
    program = (
        "import signal, sys, time\n"
        "from tests import run\n"
        "from tests.servers import postgresql\n"
        "signal.signal(signal.SIGTERM, run.end)\n"
        "with postgresql() as url:\n"
        "    print(url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True
    )
    with process:
        url = process.stdout.readline().strip()
        folder = Path(url.partition("@/")[2]).parent
        server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        process.terminate()
        assert process.wait(timeout=30) == 128 + signal.SIGTERM
    assert not folder.exists()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{server}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{server}").exists()
