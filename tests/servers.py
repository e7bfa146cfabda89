"""Real servers for tests, each started by a context manager and gone at its end; and the browser."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

PR_SET_PDEATHSIG = 1


class ServerMissingError(Exception):
    """A program is not on this machine; the text says what to install."""


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def postgresql_binaries() -> Path:
    """The folder of ``initdb`` and ``postgres``, newest version first, or ``ServerMissingError``."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    for folder in [*debian, *([Path(found).resolve().parent] if found else [])]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise ServerMissingError("PostgreSQL is not installed (Debian package: postgresql)")


@contextlib.contextmanager
def postgresql(database: str = "portal") -> Iterator[str]:
    """A throw-away cluster with one empty database; gives its ``DATABASE_URL``.

    It listens on a Unix socket only, in a folder that nobody else may enter, forgets about disks, and dies with the
    process that started it. PostgreSQL refuses to run as root: then it runs as ``postgres``, else as ``nobody``.
    """
    binaries = postgresql_binaries()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    rights: dict[str, Any] = {}
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
        rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    server = None
    try:
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "portal", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            env=environment,
            cwd=folder,
            **rights,
        )
        log = (folder / "log").open("w")
        server = subprocess.Popen(
            [
                binaries / "postgres",
                *("-D", folder / "data"),
                *("-k", folder, "-c", "listen_addresses="),
                *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
                *("-c", "max_connections=60", "-c", "shared_buffers=64MB"),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for the tests; they end the server
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it takes no lock
            **rights,
        )
        log.close()
        _create_database(binaries, folder, server, database)
        yield f"postgres://portal@/{folder}/{database}"  # django-environ's way to write a socket's folder
    finally:
        if server:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth keeping
            server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerMissingError("PostgreSQL does not run as root, and neither 'postgres' nor 'nobody' exists here")


def _create_database(binaries: Path, folder: Path, server: subprocess.Popen[bytes], database: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        created = subprocess.run(
            [binaries / "createdb", "-h", folder, "-U", "portal", "-T", "template0", database],
            capture_output=True,
            text=True,
            check=False,
        )
        if created.returncode == 0:
            return
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL does not start: {created.stderr}\n{(folder / 'log').read_text()}")
        time.sleep(0.1)


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


# --- Mail ------------------------------------------------------------------------------------------------------------


@dataclass
class SmtpSink:
    """A mail server that keeps what it is given, refuses recipients, or is dead."""

    host: str = "127.0.0.1"
    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    # Recipient → the server's answer, such as "550 No such user"; "*" for everybody.
    refusals: dict[str, str] = field(default_factory=dict)
    # Recipients upon whose mail the server hangs up in the middle.
    hang_ups: set[str] = field(default_factory=set)
    _controller: Controller | None = None

    def start(self) -> None:
        """Listen; after ``stop``, on the same port again."""
        self.port = self.port or free_port()
        self._controller = Controller(self, hostname=self.host, port=self.port, ready_timeout=20)
        self._controller.start()

    def stop(self) -> None:
        """Be dead: connections are refused."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.refusals.get(address) or self.refusals.get("*")
        if answer:
            return answer
        if address in self.hang_ups:
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default_policy)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"


@contextlib.contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    """A mail server on a port of 127.0.0.1."""
    sink = SmtpSink()
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that takes connections and never says a word: what time-outs are for."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# --- Redis -----------------------------------------------------------------------------------------------------------


def redis_binary() -> Path:
    """redis-server of the system, or ``ServerMissingError``."""
    found = shutil.which("redis-server")
    if not found:
        raise ServerMissingError("Redis is not installed (Debian package: redis-server)")
    return Path(found)


@contextlib.contextmanager
def redis(port: int) -> Iterator[str]:
    """An empty Redis on a port of 127.0.0.1, which writes nothing to the disk; gives its ``CACHE_URL``."""
    command = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=_die_with_parent)  # noqa: PLW1509
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, "Redis does not start"
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=10)


# --- Browser ---------------------------------------------------------------------------------------------------------


def chromium() -> Path:
    """The browser of the system (``CHROMIUM`` may name another), or ``ServerMissingError``."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return Path(found)
    raise ServerMissingError("Chromium is not installed (Debian package: chromium)")


# --- nginx -----------------------------------------------------------------------------------------------------------


def nginx_binary() -> Path:
    """nginx of the system, which may stand where only root's ``PATH`` looks, or ``ServerMissingError``."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
    if not found:
        raise ServerMissingError("nginx is not installed (Debian package: nginx)")
    return Path(found)


@contextlib.contextmanager
def nginx(folder: Path, http: str, port: int) -> Iterator[None]:
    """nginx with this ``http`` block, whose servers listen on ``port``; all that it writes is below ``folder``."""
    binary = nginx_binary()
    (folder / "temporary").mkdir(exist_ok=True)
    temporary = "".join(
        f"{name}_temp_path {folder}/temporary/{name};" for name in "client_body proxy fastcgi uwsgi scgi".split()
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{'user root;' * (os.geteuid() == 0)} daemon off; worker_processes 1; pid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log notice; events {{}}\nhttp {{\n{temporary}\n{http}\n}}\n"
    )
    command = [binary, "-p", folder, "-c", configuration, "-e", folder / "error.log"]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)  # noqa: PLW1509
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield
    finally:
        server.terminate()
        server.wait(timeout=10)
