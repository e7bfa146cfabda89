"""The agenda at 500 and 5,000 events, a third of them weekly series: ``make bench``, or this file with pytest.

On SQLite, and on a PostgreSQL of its own where one is installed. What it prints reads as that of ``directory.py``: CPU
and clock of one request in a warm process without page cache, beside a bare Django view of the same run.

The limits: 20 queries and 60 ms of CPU for what people look at, 150 ms for the calendar of a centre, which programs ask
for. *The first after a change* reads the whole agenda anew: once for each process and change, so no limit holds for it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ServerMissingError, postgresql

ROOT = Path(__file__).resolve().parents[2]
SIZES = ("500", "5000")
MAX_QUERIES, MAX_CPU = 20, 60
OTHER_LANGUAGE = 4
#: Milliseconds of CPU of what has a limit of its own; ``None`` for none.
LIMITS = {"calendar of a centre": 150, "points of a week": 150, "the first after a change": None}


def measure(database_url):
    """The lines of ``_events.py``, as they come."""
    environment = {**os.environ, "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "tests.benchmarks._events", *SIZES]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield json.loads(line)
    assert process.returncode == 0


def report(name, lines):
    bare, too_much = None, []
    for line in lines:
        if "done" in line:
            return too_much
        case = line["case"]
        if case == "bare view":
            bare = line["cpu"]
            print(f"\n{name}: a bare view takes {bare:.2f} ms")
            continue
        said = f"{line['size']:>6} events  {case:32} {line['cpu']:7.1f} ms CPU {line['cpu'] / bare:6.1f} x bare"
        if "ms" in line:
            said += f" {line['ms']:7.1f} ms {line['bytes'] / 1000:7.1f} kB"
        found = "" if line.get("total") is None else f" {line['total']:6} found"
        print(f"{said} {line['queries']:3} queries{found}", flush=True)
        limit = LIMITS.get(case, MAX_CPU)
        queries = MAX_QUERIES + (OTHER_LANGUAGE if "Arabic" in case else 0)
        if limit is not None and (line["queries"] > queries or line["cpu"] > limit):
            too_much.append(f"{name}, {line['size']}, {case}: {line['queries']} queries, {line['cpu']:.0f} ms")
    raise AssertionError(f"{name}: the measures end too soon")


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_agenda(engine, tmp_path):
    if engine == "SQLite":
        too_much = report(engine, measure(f"sqlite:///{tmp_path}/events.sqlite3"))
    else:
        try:
            with postgresql() as url:
                too_much = report(engine, measure(url))
        except ServerMissingError as missing:
            pytest.skip(str(missing))
    assert not too_much, "\n".join(too_much)
