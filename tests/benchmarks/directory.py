"""The directory's list with filters and counts, at 1,000 and 10,000 places: ``make bench``, or this file with pytest.

On SQLite, and on a PostgreSQL of its own where one is installed. How to read what it prints:

- *CPU* is that of one request in a warm process, without page cache, Django's test client included: the best of some
  rounds, since other programs can only add to it. *x bare* is that, divided by a bare Django view's of the same run.
- *ms* is the same on the clock, and so includes waiting for the database.
- each list stands beside the one without filters, *x list*.
- every place has hours of its own, the worst that can be for “open now”.
- *the first after a change* reads the whole directory anew, and the hours of every place: once for each process and
  change, so no limit holds for it.

The limits: 20 queries and 60 ms of CPU.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ServerMissingError, postgresql

ROOT = Path(__file__).resolve().parents[2]
SIZES = ("1000", "10000")
MAX_QUERIES, MAX_CPU = 20, 60


def measure(database_url):
    """The lines of ``_places.py``, as they come."""
    environment = {**os.environ, "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "tests.benchmarks._places", *SIZES]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield json.loads(line)
    assert process.returncode == 0


def report(name, lines):
    bare, plain, too_much = None, None, []
    for line in lines:
        if "done" in line:
            return too_much
        if line["case"] == "bare view":
            bare = line["cpu"]
            print(f"\n{name}: a bare view takes {bare:.2f} ms")
            continue
        if line["case"] == "no filter":
            plain = line["cpu"]
        said = f"{line['size']:>6} places  {line['case']:32} {line['cpu']:7.1f} ms CPU {line['cpu'] / bare:6.1f} x bare"
        if "ms" in line:
            said += f" {line['cpu'] / plain:5.2f} x list {line['ms']:7.1f} ms {line['bytes'] / 1000:6.1f} kB"
            if line["queries"] > MAX_QUERIES or line["cpu"] > MAX_CPU:
                too_much.append(
                    f"{name}, {line['size']}, {line['case']}: {line['queries']} queries, {line['cpu']:.0f} ms"
                )
        found = "" if line.get("total") is None else f" {line['total']:6} found"
        print(f"{said} {line['queries']:3} queries{found}", flush=True)
    raise AssertionError(f"{name}: the measures end too soon")


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_lists(engine, tmp_path):
    if engine == "SQLite":
        too_much = report(engine, measure(f"sqlite:///{tmp_path}/places.sqlite3"))
    else:
        try:
            with postgresql() as url:
                too_much = report(engine, measure(url))
        except ServerMissingError as missing:
            pytest.skip(str(missing))
    assert not too_much, "\n".join(too_much)
