"""The maps at 1,000 and 10,000 places: bytes, queries, CPU, and what Chromium makes of them: ``make bench``.

How to read what it prints:

- *kB* are those of the answer, and of the answer compressed by the portal with gzip and with brotli.
- *CPU* is that of one request in a warm process, without page cache, the best of some rounds.
- *drawn* is the time from the click on the map's address to the moment when each place is on the map and the legend is
  there, *told* the time from a click on a place to what its popup says. Both in Chromium, from a server on the same
  machine that keeps nothing: the points are made anew. The best of some rounds.

The limits: 60 kB for the document; 2,500 kB for the points, 400 kB compressed; 3 s until the map is drawn.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal import serve
from tests.browser import open_context, run_browser
from tests.servers import ServerMissingError, free_port

ROOT = Path(__file__).resolve().parents[2]
SIZES = (1_000, 10_000)
ROUNDS = 3
DRAWN = ".leaflet-container[data-places]"
MAX_DOCUMENT, MAX_POINTS, MAX_COMPRESSED, MAX_SECONDS = 60_000, 2_500_000, 400_000, 3.0


def measure(environment, size):
    """The lines of ``_maps.py``, printed; gives what is beyond the limits."""
    command = [sys.executable, "-m", "tests.benchmarks._maps", str(size)]
    too_much = []
    output = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in map(json.loads, output.splitlines()):
        compressed = line["sizes"]
        weights = [part / 1000 for part in (line["bytes"], compressed["gzip"], compressed["br"])]
        said = "{:7.1f} kB, gzip {:6.1f}, brotli {:6.1f}".format(*weights)
        said += f" {line['cpu']:7.1f} ms CPU {line['queries']:3} queries"
        print(f"{size:>6} places  {line['case']:20} {said}", flush=True)
        is_map = line["case"].startswith("map")
        if line["bytes"] > (MAX_DOCUMENT if is_map else MAX_POINTS) or max(compressed.values()) > MAX_COMPRESSED:
            too_much.append(f"{size}, {line['case']}: {line['bytes']} bytes, compressed {compressed}")
    return too_much


@contextmanager
def served(environment):
    """The address of a gunicorn on the database that was filled."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.benchmarks._maps", "--bind", f"127.0.0.1:{port}", "--threads=4"]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        preexec_fn=serve.end_with_parent,  # noqa: PLW1509 - no thread runs yet
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=40)


def seen(browser, url):
    """Seconds until the map is drawn, and until a popup is told."""
    with open_context(browser, url) as (context, _watch):
        page = context.new_page()
        started = time.perf_counter()
        page.goto("/annuaire/carte/", wait_until="commit")
        page.wait_for_selector(DRAWN)
        drawn = time.perf_counter() - started
        while not page.locator(".map .pin").count():
            page.locator(".cluster").first.press("Enter")
            page.wait_for_timeout(100)
        started = time.perf_counter()
        page.locator(".map .pin").first.press("Enter")
        page.wait_for_selector(".place-kind")
        return drawn, time.perf_counter() - started


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: the server ends with its parent")
@pytest.mark.parametrize("size", SIZES)
def test_maps(size, tmp_path):
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path}/places.sqlite3",
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
    }
    print()
    too_much = measure(environment, size)
    try:
        with served(environment) as url, run_browser() as browser:
            wait_for(browser, url)
            rounds = [seen(browser, url) for _round in range(ROUNDS)]
    except ServerMissingError as missing:
        pytest.skip(str(missing))
    drawn, told = (min(times) for times in zip(*rounds, strict=True))
    print(f"{size:>6} places  Chromium: drawn in {drawn:.2f} s, a popup told in {told:.2f} s", flush=True)
    if drawn > MAX_SECONDS:
        too_much.append(f"{size}: drawn in {drawn:.1f} s")
    assert not too_much, "\n".join(too_much)


def wait_for(browser, url):
    """Until the server answers: its first page takes it a while."""
    context = browser.new_context(base_url=url)
    deadline = time.monotonic() + 60
    while True:
        try:
            assert context.request.get("/annuaire/carte/").ok
            break
        except Exception:  # noqa: BLE001 - whatever a server that is not there yet causes
            assert time.monotonic() < deadline
            time.sleep(0.2)
    context.close()
