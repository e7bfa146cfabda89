"""Two real servers of one process each, and readers who never stop asking them while a test changes the portal.

A :class:`Board` says what each address must show from when on. Each answer is compared with what the board said when
its request began: a request begun after a change has returned must show the change, whoever answers and whatever was
kept.
"""

import contextlib
import http.client
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count
from math import inf
from pathlib import Path

from django.db import connection

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
HOST = "portail.example"  # the same for both: they share what they keep
#: The demonstration's settings, without static files that somebody must have collected.
PLAIN_FILES = """
import os
from portal.settings.demo import *
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
MEDIA_ROOT = os.environ["MEDIA_FOLDER"]
"""
PATIENCE = 60  # seconds, for a machine that does many things at once


# --- Servers ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def two_servers(folder, page_folders, cache_url, media):
    """The ports of two servers over the tests' database; their clock is ``folder/clock``."""
    (folder / "plain_files.py").write_text(PLAIN_FILES)
    move_clock(folder, 0)
    command = [
        *(sys.executable, "-m", "gunicorn", "tests.clocked", "--workers", "1", "--threads", "4"),
        *("--log-level", "warning", "--no-control-socket", "--graceful-timeout", "1"),
    ]
    ports = [free_port(), free_port()]
    with contextlib.ExitStack() as stack:
        for port, pages in zip(ports, page_folders, strict=True):
            environment = {
                **os.environ,
                "PYTHONPATH": str(folder),
                "DJANGO_SETTINGS_MODULE": "plain_files",
                "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
                "CACHE_URL": cache_url,
                "PAGE_CACHE_FOLDER": str(pages),
                "MEDIA_FOLDER": str(media),
                "CLOCK_FILE": str(folder / "clock"),
                "SECRET_KEY": "tests-only",
            }
            process = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=environment)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        deadline = time.monotonic() + PATIENCE
        for port in ports:
            while True:
                with contextlib.suppress(OSError):
                    if ask(port, "/healthz").status == 200:
                        break
                assert time.monotonic() < deadline, "a server does not start"
                time.sleep(0.1)
        yield ports


def move_clock(folder, ahead):
    """Both servers are this many seconds ahead of the real time, from their next request on."""
    fresh = folder / "clock.new"
    fresh.write_text(repr(ahead))
    fresh.replace(folder / "clock")


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


def ask(port, path, link=None, cookie=""):
    own = link or http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    own.request("GET", path, headers={"Host": HOST} | ({"Cookie": cookie} if cookie else {}))
    response = own.getresponse()
    body = response.read().decode()
    if link is None:
        own.close()
    return Answer(response.status, body)


# --- What must be true -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """What an answer must be that was asked for between two instants (of real Unix time)."""

    status: tuple[int, ...] = (200,)
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    since: float = -inf
    until: float = inf

    def fault(self, answer):
        """What is wrong with an answer; empty when nothing is."""
        if answer.status not in self.status:
            return f"{answer.status} instead of {self.status}"
        missing = [text for text in self.shown if text not in answer.body]
        stale = [text for text in self.hidden if text in answer.body]
        return " ".join([*(f"without “{text}”" for text in missing), *(f"with “{text}”" for text in stale)])


class Board:
    """The truths of each address, by the change that made them so."""

    def __init__(self, paths, never=()):
        self.truths = {path: {} for path in paths}
        #: Texts that no answer may ever hold.
        self.never = never

    def of(self, path):
        return self.truths[path]

    def set(self, name, truths):
        """``truths`` by path; a path's mapping is replaced whole, so that readers notice."""
        for path, truth in truths.items():
            self.truths[path] = {**self.truths[path], name: truth}

    def withdraw(self, name):
        """A change begins: what it changes is true no more, nor false yet."""
        for path, truths in self.truths.items():
            if name in truths:
                self.truths[path] = {key: truth for key, truth in truths.items() if key != name}


class Readers:
    """Threads that ask both servers; ``faults`` says what they found wrong."""

    def __init__(self, ports, board, each=2, cookie="", member_path=""):
        self.ports, self.board = ports, board
        self.faults: list[str] = []
        self.reads: Counter = Counter()
        self.focus: tuple[str, ...] = ()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(port,)) for port in ports for _reader in range(each)]
        if cookie:
            self.threads += [threading.Thread(target=self.read_as, args=(port, cookie, member_path)) for port in ports]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def read(self, port):
        """Every other time an address that has just changed, else any in turn."""
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        paths = list(self.board.truths)
        for turn in count():
            if self.over.is_set():
                break
            focus = self.focus
            path = focus[turn // 2 % len(focus)] if turn % 2 and focus else paths[turn // 2 % len(paths)]
            truths, started = self.board.of(path), time.time()
            try:
                answer = ask(port, path, link)
            except (http.client.HTTPException, OSError) as error:
                self.faults.append(f"{path}: {error!r}")
                break
            ended = time.time()
            if truths is self.board.of(path):  # else something changed meanwhile, and either answer is right
                for name, truth in truths.items():
                    if truth.since <= started and ended <= truth.until and (fault := truth.fault(answer)):
                        self.faults.append(f"{path} after “{name}”: {fault}")
            self.faults += [f"{path}: with “{text}”" for text in self.board.never if text in answer.body]
            self.reads[port, path] += 1
        link.close()

    def read_as(self, port, cookie, path):
        """Somebody signed in, who may read what others may not, and leaves nothing of it to them."""
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while not self.over.is_set():
            answer = ask(port, path, link, cookie)
            if answer.status != 200:
                self.faults.append(f"{path}, signed in: {answer.status}")
            self.reads["signed in", port] += 1
            time.sleep(0.02)
        link.close()

    def wait(self, paths, times=4, until=inf):
        """Until each server has answered each path so many times from now on; ``False`` when an instant came first.

        Two of them may have been asked for before: there are two readers.
        """
        self.focus = tuple(paths)
        wanted = {(port, path): self.reads[port, path] + times for port in self.ports for path in paths}
        deadline = time.monotonic() + PATIENCE
        while any(self.reads[key] < number for key, number in wanted.items()):
            if time.time() > until or self.faults:
                return False
            assert time.monotonic() < deadline, "the servers answer no more"
            time.sleep(0.01)
        return True
