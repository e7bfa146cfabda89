"""The demonstration behind a real server, in a folder of its own that is gone at the end.

``python -m tests.shots.served_demo`` serves it until Ctrl-C, for a look by hand.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal import serve
from portal.health import is_answering
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "portal.settings.shots"
# What would lead to somebody's real database or server.
NOT_OURS = {"ALLOWED_HOSTS", "CACHE_URL", "DATABASE_URL", "EMAIL_URL", "SEARCH_URL", "TASKS", "TRUSTED_PROXIES"}


@dataclass(frozen=True)
class ServedDemo:
    """``url`` ends without a slash; ``logins`` gives the password of each account by its name (``editeur``…)."""

    url: str
    folder: Path
    logins: dict[str, str]
    environment: dict[str, str]
    server: subprocess.Popen[bytes]

    def manage(self, *arguments: str) -> str:
        """Run a management command against this portal; what it printed."""
        return manage(self.environment, *arguments)


@contextlib.contextmanager
def served_demo() -> Iterator[ServedDemo]:
    """Load the demonstration (about half a minute), serve it on a free port by gunicorn, end it and wipe it.

    Two processes of it may run side by side: nothing is shared but the collected static files.
    """
    with tempfile.TemporaryDirectory(prefix="portal-shots-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        environment = {key: value for key, value in os.environ.items() if key not in NOT_OURS}
        environment |= {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "SHOTS_FOLDER": name,
            "PORT": str(port),
            "SITE_URL": f"http://{serve.HOST}:{port}",
        }
        prepare = [sys.executable, "-m", "portal.prepare", "messages", "database", "static"]
        subprocess.run(prepare, cwd=ROOT, env=environment, check=True)
        subprocess.run([sys.executable, str(ROOT / "manage.py"), "load_demo"], cwd=ROOT, env=environment, check=True)
        server = subprocess.Popen(
            serve.commands(port)["The web server"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=serve.end_with_parent,  # noqa: PLW1509 - it takes no lock
        )
        try:
            wait_for(server, port)
            yield ServedDemo(environment["SITE_URL"], folder, demo_logins(environment), environment, server)
        finally:
            serve.signal_group(server, signal.SIGTERM)
            server.wait(timeout=20)


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + serve.START_SECONDS
    while not is_answering(f"{serve.HOST}:{port}"):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The portal does not start (exit code {server.poll()})")
        time.sleep(0.2)


def demo_logins(environment: dict[str, str]) -> dict[str, str]:
    """Read from what ``make demo`` prints: this process need not load Django."""
    printed = subprocess.run(
        [sys.executable, "-m", "portal.serve", "--logins"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    pairs = [line.rpartition("  ")[2].split(" / ") for line in printed.splitlines() if " / " in line]
    return {name.strip(): password.strip() for name, password in pairs}


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def main() -> None:
    with served_demo() as demo, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"{demo.url}/\n{demo.logins}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
