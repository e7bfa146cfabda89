"""Each page type, uncached and kept, against a bare Django view: ``make bench``, or this file alone with pytest.

Both run in the portal's own gunicorn with two workers; the portal holds the demonstration. How to read what it prints:

- *bare* is a project as Django makes it, whose one view answers 12 kB of HTML through Django's default middleware.
- *ms* is the CPU time of the workers (user and system, gunicorn included) divided by the number of requests; the best
  of some rounds, since other programs can only add to it. Clocks on the wall say nothing about a server that is busy.
- *x bare* is that, divided by the bare view's of the same run: the number to compare between machines and releases.
- *uncached* pages are asked with a parameter that the page cache does not know: they are made anew each time, from warm
  processes. *kept* pages are asked as they are: both workers hold them, and each asks for the version of the portal.
- All is asked as browsers ask it: what can be compressed is.
- Every kept page is compared with the bare view in rounds that alternate, so that what else the machine does meets
  both: the ratio is that of the best round of each, and must not be above 1.

The limits are 55 x bare for a sheet, 65 x for a list or the home page, 1 x for whatever is kept. The test fails, and
``make bench`` ends with 1, when one of them does not hold; the last lines then name each page.
"""

import contextlib
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal import serve
from tests.servers import free_port
from tests.shots.served_demo import ROOT, served_demo

ROUNDS = 4
UNCACHED, KEPT = 40, 1000
DETAIL_LIMIT, LIST_LIMIT = 55, 65
#: A parameter that no page knows.
ANEW = "mesure"
SECTIONS = ("annuaire", "agenda", "ressources", "glossaire", "centres", "actualites")
LISTS = ("/", *(f"/{section}/" for section in SECTIONS), "/agenda/?vue=mois", "/recherche/?q=enfant", "/plan-du-site/")
TICKS = 100  # of /proc, in a second, on every Linux


class Client:
    """One connection that is kept open, without anything that a client need not do."""

    def __init__(self, port, encodings="gzip, deflate, br"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.port = port
        self.encodings = encodings

    def get(self, path):
        """``(status, body)``."""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept-Encoding: {self.encodings}\r\n\r\n"
        self.socket.sendall(head.encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])
        while len(body) < length:
            body += self._more()
        return int(head[9:12]), body

    def _more(self):
        if not (more := self.socket.recv(65536)):
            raise ConnectionError("The server closed the connection")
        return more

    def close(self):
        self.socket.close()


class Server:
    """A gunicorn by its port and the process identifier of its master."""

    def __init__(self, port, pid):
        self.port = port
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.workers = [Path(f"/proc/{child}/stat") for child in children]
        assert len(self.workers) == 2

    def cpu(self):
        """Seconds of CPU that the workers have taken so far."""
        fields = [path.read_text().rpartition(")")[2].split() for path in self.workers]
        return sum(int(part[11]) + int(part[12]) for part in fields) / TICKS

    def seconds_each(self, path, count):
        """CPU of one request."""
        clients = [Client(self.port) for _number in range(4)]
        for client in clients * 2:
            assert client.get(path)[0] == 200, path
        before = self.cpu()
        for number in range(count):
            clients[number % 4].get(path)
        spent = self.cpu() - before
        for client in clients:
            client.close()
        return spent / count


@contextlib.contextmanager
def bare_server():
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.benchmarks._bare", "--config", "python:portal.gunicorn"]
    server = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=serve.end_with_parent,  # noqa: PLW1509 - no thread runs yet
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                Client(port).close()
                break
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(1)  # both workers
        yield Server(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=40)


def best(measure, *arguments):
    return min(measure(*arguments) for _round in range(ROUNDS))


def compare(portal, path, reference):
    """CPU of a kept page and of the bare view, in turn."""
    rounds = [(portal.seconds_each(path, KEPT), reference.seconds_each("/", KEPT)) for _round in range(ROUNDS)]
    kept, bare = zip(*rounds, strict=True)
    return min(kept), min(bare)


def details(portal):
    """The first sheet of each section, in French and in Arabic."""
    client = Client(portal.port, "identity")
    addresses = re.findall(r"<loc>http://[^/]+(/[^<]*)</loc>", client.get("/sitemap.xml")[1].decode())
    client.close()
    first = {}
    for address in addresses:
        if (parts := address.strip("/").split("/")) and len(parts) == 2 and parts[0] in SECTIONS:
            first.setdefault(parts[0], address)
    assert first.keys() == set(SECTIONS)
    return list(first.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: CPU times are read from /proc")
def test_pages():
    with served_demo() as demo, bare_server() as reference:
        portal = Server(int(demo.url.rpartition(":")[2]), demo.server.pid)
        bare = best(reference.seconds_each, "/", 3 * KEPT)  # all ratios of pages made anew stand on it
        print(f"\nbare view: {bare * 1000:.2f} ms of CPU\n{'':66} uncached           kept   the bare view beside it")
        too_slow = []
        for kind, limit, paths in (("sheet", DETAIL_LIMIT, details(portal)), ("list", LIST_LIMIT, LISTS)):
            for path in paths:
                for address in (path, f"/ar{path}"):
                    made = best(portal.seconds_each, f"{address}{'&' if '?' in address else '?'}{ANEW}=1", UNCACHED)
                    kept, beside = compare(portal, address, reference)
                    print(
                        f"{kind:6}{address[:60]:60} {made * 1000:6.1f} ms {made / bare:5.1f} x"
                        f"  {kept * 1000:5.2f} ms {kept / beside:4.2f} x {beside * 1000:5.2f} ms",
                        flush=True,
                    )
                    if made > limit * bare:
                        too_slow.append(f"{address}: made anew {made / bare:.0f} x bare, at most {limit}")
                    if kept > beside:
                        too_slow.append(f"{address}: kept {kept / beside:.2f} x bare, at most 1")
        assert not too_slow, "\n".join(too_slow)
