"""Whether the portal answers: ``python -m portal.health`` exits 0 when ``/healthz`` says that all is well, else 1.

It asks over the socket (or the address) that ``portal.gunicorn`` binds, so it works beside the web server only.
"""

import http.client
import os
import socket
import sys

from portal import gunicorn

SECONDS = 5


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self.path)


def is_answering(address: str, host: str = "") -> bool:
    """Whether ``/healthz`` answers 200 by now at ``unix:/path`` or ``host:port``; ``host`` is a name it serves."""
    connection: http.client.HTTPConnection
    if address.startswith("unix:"):
        connection = SocketConnection(address.removeprefix("unix:"))
    else:
        connection = http.client.HTTPConnection(address, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host} if host else {})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def served_host() -> str:
    """A host name that Django accepts: the first of ``ALLOWED_HOSTS``."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    return first.removeprefix(".") if first not in ("", "*") else "localhost"


if __name__ == "__main__":
    sys.exit(0 if is_answering(gunicorn.bind, served_host()) else 1)
