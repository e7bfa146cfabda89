"""``python -m portal.serve``: the web server, the task worker and the periodic work, as one thing that lives and ends.

Reads ``PORT`` (8000) and ``DJANGO_SETTINGS_MODULE`` (``portal.settings.demo``). Exit codes: 0 after SIGTERM or Ctrl-C,
1 when a part died by itself, 2 when the port is taken. With ``--with-parent`` it also ends when its parent does,
however that one ended: ``make`` cannot hand on a SIGKILL. ``--logins`` only prints the demonstration's accounts.
"""

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import FrameType

from portal.health import is_answering

DEMO = "portal.settings.demo"
HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90
STOP_SECONDS = 7  # a child that has not ended by then is killed, which leaves time below the promised ten
PR_SET_PDEATHSIG = 1


class Supervisor:
    """Starts the children, watches them, ends them all together."""

    def __init__(self, port: int, parent: int | None) -> None:
        self.port = port
        self.parent = parent
        self.stop_asked = False
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.logins: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Serve until told to end; gives the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.ask_stop)
        if not port_is_free(self.port):
            say(f"Port {self.port} of {HOST} is taken: end what uses it, or choose another: PORT=8123 make demo")
            return 2
        try:
            for name, command in commands(self.port).items():
                self.children[name] = start(command)
            if os.environ["DJANGO_SETTINGS_MODULE"] == DEMO:
                # The accounts are known to the applications, and this process is better off without loading them.
                self.logins = start([sys.executable, "-m", "portal.serve", "--logins"], stdout=subprocess.PIPE)
            return self.watch()
        finally:
            self.end_all()

    def watch(self) -> int:
        is_announced = False
        deadline = time.monotonic() + START_SECONDS
        while not self.must_stop():
            for name, child in self.children.items():
                if child.poll() is not None and not self.must_stop():
                    say(f"{name} ended by itself with code {child.returncode}: everything ends.")
                    return 1
            if not is_announced and is_answering(f"{HOST}:{self.port}"):
                is_announced = True
                self.announce()
            if not is_announced and time.monotonic() > deadline:
                say(f"/healthz does not answer after {START_SECONDS} seconds: everything ends.")
                return 1
            time.sleep(0.2)
        return 0

    def announce(self) -> None:
        """Say the address, and in the demonstration each role's login."""
        address = f"http://{HOST}:{self.port}/"
        logins = self.logins.communicate(timeout=60)[0].decode() if self.logins else ""
        say(f"\nThe portal is served at {address}\nEditors sign in at {address}admin/\n{logins}Ctrl-C ends it.\n")

    def must_stop(self) -> bool:
        return self.stop_asked or (self.parent is not None and os.getppid() != self.parent)

    def ask_stop(self, signal_number: int, frame: FrameType | None) -> None:
        self.stop_asked = True  # asked twice (by make and by the terminal, say), it is still one stop

    def end_all(self) -> None:
        """Ask every child's process group to end, then kill what is left of any."""
        children = [*self.children.values(), *([self.logins] if self.logins else [])]
        for child in children:
            signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
        for child in children:
            signal_group(child, signal.SIGKILL)
            child.wait()


def commands(port: int) -> dict[str, list[str]]:
    """What runs, by the name that a person understands."""
    gunicorn = [
        *("-m", "gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi:application"),
        # On Ctrl-C nobody waits for half a minute.
        *("--bind", f"{HOST}:{port}", "--graceful-timeout", "4"),
    ]
    manage = str(ROOT / "manage.py")
    return {
        "The web server": [sys.executable, *gunicorn],
        "The task worker": [
            *(sys.executable, manage, "db_worker", "--queue-name", "*"),
            *("--no-startup-delay", "--no-reload", "--interval", "2"),
        ],
        "The periodic work": [sys.executable, manage, "run_due", "--loop"],
    }


def start(command: list[str], stdout: int | None = None) -> subprocess.Popen[bytes]:
    """A child in a process group of its own, so that the terminal's Ctrl-C reaches it only through us."""
    # No thread is running here, so preexec_fn is safe; thanks to it a child ends even when we are killed.
    return subprocess.Popen(  # noqa: S603 - the commands are written above
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509
    )


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass  # the whole group is gone


def port_is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def logins() -> str:
    """One line for each account of the demonstration: role, name, password."""
    import django

    django.setup()
    accounts = import_module("home.demo.accounts").DEMO_ACCOUNTS
    width = max((len(account.role) for account in accounts), default=0)
    return "\n".join(f"  {account.role:{width}}  {account.username} / {account.password}" for account in accounts)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m portal.serve", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    parser.add_argument("--logins", action="store_true", help="print the accounts of the demonstration")
    options = parser.parse_args()
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        say(f"PORT must be a number from 1 to 65535, not {port!r}.")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", DEMO)
    os.environ.setdefault("SITE_URL", f"http://{HOST}:{port}")
    if options.logins:
        say(logins())
        return 0
    return Supervisor(int(port), os.getppid() if options.with_parent else None).run()


if __name__ == "__main__":
    sys.exit(main())
