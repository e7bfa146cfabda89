"""Fetching what somebody else gave the address of, without ever being made to ask a machine of ours.

An address typed by an editor, or a redirect of the server behind it, may name the portal's own network. So the name is
resolved once, here; every address that it has must be a public one; and the connection goes to that very address, so
that a name that changes its mind in between changes nothing. Only http and https, on their own ports; redirects are
counted and checked again; size (once unpacked too) and time (of everything, a trickle included) have their limits. Each
answer is whole or an error.

Own code because no HTTP library at hand lets its caller choose the address *and* bounds the time of a whole exchange.
"""

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: ``(host, port)`` to addresses as texts. Raises ``OSError`` when the name has none.
Resolver = Callable[[str, int], list[str]]

MAX_URL = 2_000
MAX_ADDRESSES = 8
_PIECE = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: What wraps or translates other addresses (IPv4-mapped, NAT64, 6to4, Teredo, ISATAP…): never needed, easily abused.
_WRAPPED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
    )
)
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


class FetchError(Exception):
    """The address can't be fetched; the text says why, for whoever gave it."""


@dataclass(frozen=True)
class Limits:
    """What a fetch may cost, and where it may go. ``open_networks`` is for tests, which have no public server."""

    seconds: float = 20.0
    size: int = 10 << 20
    redirects: int = 3
    ports: frozenset[int] = frozenset({80, 443})
    open_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()


@dataclass(frozen=True)
class Fetched:
    """A whole answer. ``is_unchanged`` says that it is still what it was (304): then there is no content."""

    content: bytes
    url: str
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    is_unchanged: bool = False


@dataclass
class _Exchange:
    """One fetch from its start: its limits, and the socket that is open now."""

    limits: Limits
    resolve: Resolver
    deadline: float
    connected: socket.socket | None = None
    is_over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def left(self) -> float:
        """Seconds that are left. Raises ``FetchError`` when there are none."""
        self.check()
        return max(0.001, self.deadline - time.monotonic())

    def check(self) -> None:
        """Raises ``FetchError`` when the time is up."""
        if self.is_over or time.monotonic() > self.deadline:
            raise self.too_slow()

    def too_slow(self) -> FetchError:
        return FetchError(_("The server took more than %(seconds)d seconds.") % {"seconds": self.limits.seconds})

    def hold(self, connected: socket.socket) -> None:
        with self.lock:
            self.connected = connected
            if self.is_over:
                raise self.too_slow()

    def end(self) -> None:
        """The time is up: whoever waits for the socket wakes up."""
        with self.lock:
            self.is_over = True
            if self.connected is not None:
                _shut(self.connected)


LIMITS = Limits()


def system_resolver(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


resolver: Resolver = system_resolver


def fetch(url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
    """What stands at an address; with what an earlier answer said of itself, only if it changed since.

    Raises ``FetchError``: the address is refused, the server fails, or it is too slow, too large or cut off.
    """
    exchange = _Exchange(LIMITS, resolver, time.monotonic() + LIMITS.seconds)
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    watch = threading.Timer(LIMITS.seconds, exchange.end)
    watch.daemon = True
    watch.start()
    try:
        for _turn in range(LIMITS.redirects + 1):
            answer = _ask(exchange, url, {name: value for name, value in conditions.items() if value})
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise FetchError(_("The address leads on to others more than %(count)d times.") % {"count": LIMITS.redirects})
    finally:
        watch.cancel()


# --- Where to ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _own_port(self.scheme) else f"{name}:{self.port}"


def _own_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def target_of(url: str, ports: frozenset[int] = LIMITS.ports) -> _Target:
    """The parts of an address that may be asked. Raises ``FetchError`` for any other; nothing is resolved."""
    if len(url) > MAX_URL or re.search(r"[\x00-\x20\x7f\\]", url):
        raise FetchError(_("This is not a web address."))
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        if host and ":" not in host:
            host = host.encode("idna").decode("ascii")
    except ValueError as error:
        raise FetchError(_("This is not a web address.")) from error
    if parts.scheme not in ("http", "https"):
        raise FetchError(_("Only addresses that begin with http:// or https:// can be fetched."))
    if not host or "%" in host:
        raise FetchError(_("This is not a web address."))
    if parts.username is not None or parts.password is not None:
        raise FetchError(_("An address with a name and a password can't be used: ask for a public one."))
    port = port if port is not None else _own_port(parts.scheme)
    if port not in ports:
        raise FetchError(_("Only the usual ports (80 and 443) can be asked, not %(port)d.") % {"port": port})
    path = quote(parts.path or "/", safe="/%:=&~+!$,;'@()*[]-._")
    query = quote(parts.query, safe="/%:=&~+!$,;'@()*[]-._?")
    return _Target(parts.scheme, host, port, f"{path}?{query}" if query else path)


def is_public(address: Address) -> bool:
    """Whether an address is one of the open Internet, and means nothing else than itself."""
    if isinstance(address, ipaddress.IPv6Address):
        interface = int(address) >> 32 & 0xFFFFFFFF
        if address.ipv4_mapped or address.scope_id or interface in _ISATAP:
            return False
    if any(address.version == network.version and address in network for network in _WRAPPED):
        return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def _addresses(exchange: _Exchange, target: _Target) -> list[str]:
    """The addresses of a name, each of them checked: one that is not public condemns them all."""
    found: list[str] = []
    failure: list[BaseException] = []

    def look_up() -> None:
        try:
            found.extend(exchange.resolve(target.host, target.port)[:MAX_ADDRESSES])
        except (OSError, UnicodeError) as error:
            failure.append(error)

    # The system's resolver can't be told how long it may take.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(exchange.left)
    if thread.is_alive():
        raise exchange.too_slow()
    if failure or not found:
        raise FetchError(_("No server has the name “%(host)s”.") % {"host": target.host[:80]})
    for text in found:
        if not _is_allowed(text, exchange.limits):
            raise FetchError(
                _("The name “%(host)s” leads to a private network: it can't be fetched.") % {"host": target.host[:80]}
            )
    return found


def _is_allowed(text: str, limits: Limits) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    is_open = any(address.version == network.version and address in network for network in limits.open_networks)
    return is_open or is_public(address)


# --- There and back ---------------------------------------------------------------------------------------------------


def _ask(exchange: _Exchange, url: str, conditions: dict[str, str]) -> Fetched | str:
    """The answer at an address, or the address that it leads on to."""
    target = target_of(url, exchange.limits.ports)
    addresses = _addresses(exchange, target)
    try:
        with contextlib.closing(_connected(exchange, target, addresses)) as connection:
            connection.request("GET", target.path, headers=_headers(target, conditions))
            with contextlib.closing(connection.getresponse()) as response:
                return _answer(exchange, url, response)
    except ssl.SSLError as error:
        if exchange.is_over:
            raise exchange.too_slow() from error
        raise FetchError(_("The certificate of this server is not valid.")) from error
    except TimeoutError as error:
        raise exchange.too_slow() from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        if exchange.is_over:
            raise exchange.too_slow() from error
        raise FetchError(
            _("The server broke off, or answered what is no answer (%(detail)s).") % {"detail": type(error).__name__}
        ) from error


def _headers(target: _Target, conditions: dict[str, str]) -> dict[str, str]:
    fixed = {
        "Host": target.host_header,
        "User-Agent": "La Boussole (portal of social centres)",
        "Accept": "text/calendar, application/json;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    # What a server said once is said back to it: one line of plain text, or nothing.
    kept = {name: value for name, value in conditions.items() if re.fullmatch(r"[\x20-\x7e]{1,300}", value)}
    return fixed | kept


def _connected(exchange: _Exchange, target: _Target, addresses: list[str]) -> http.client.HTTPConnection:
    """A connection to the first address that answers. The name only serves the certificate and the ``Host`` line."""
    connection = http.client.HTTPConnection(target.host, target.port)
    last: OSError | None = None
    for address in addresses:
        try:
            plain = socket.create_connection((address, target.port), timeout=exchange.left)
        except OSError as error:
            last = error
            continue
        try:
            exchange.hold(plain)
            plain.settimeout(exchange.left)
            if target.scheme == "https":
                secure = ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
                exchange.hold(secure)
                plain = secure
        except BaseException:
            plain.close()
            raise
        connection.sock = plain
        return connection
    raise FetchError(_("The server “%(host)s” does not answer.") % {"host": target.host[:80]}) from last


def _shut(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        connected.shutdown(socket.SHUT_RDWR)


def _answer(exchange: _Exchange, url: str, response: http.client.HTTPResponse) -> Fetched | str:
    about: dict[str, Any] = {
        "url": url,
        "content_type": (response.getheader("Content-Type") or "")[:200],
        "etag": (response.getheader("ETag") or "")[:300],
        "last_modified": (response.getheader("Last-Modified") or "")[:300],
    }
    if response.status == http.client.NOT_MODIFIED:
        return Fetched(b"", is_unchanged=True, **about)
    if response.status in _REDIRECTS:
        if not (location := response.getheader("Location")):
            raise FetchError(_("The server leads on to another address and does not say which."))
        return urljoin(url, location.strip())
    if response.status != http.client.OK:
        raise FetchError(_("The server answered %(status)d.") % {"status": response.status})
    return Fetched(_body(exchange, response), **about)


def _body(exchange: _Exchange, response: http.client.HTTPResponse) -> bytes:
    limit = exchange.limits.size
    if response.length is not None and response.length > limit:
        raise _too_large(limit)
    unpack = _unpacker(response.getheader("Content-Encoding") or "")
    body = bytearray()
    received = 0
    expected = response.length
    while True:
        piece = response.read1(_PIECE)
        exchange.check()
        received += len(piece)
        if received > limit:
            raise _too_large(limit)
        if not piece:
            break
        body += unpack.piece(piece, limit + 1 - len(body))
        if len(body) > limit:
            raise _too_large(limit)
    if (expected is not None and received < expected) or not unpack.is_whole:
        raise FetchError(_("The answer of the server is cut off."))
    return bytes(body)


def _too_large(limit: int) -> FetchError:
    return FetchError(_("This is larger than %(limit)d MB.") % {"limit": limit >> 20})


class _Unpacker:
    """Unpacks gzip and zlib piece by piece, never beyond a limit; what is not packed passes."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def piece(self, piece: bytes, limit: int) -> bytes:
        if self.engine is None:
            return piece
        try:
            return bytes(self.engine.decompress(piece, max(1, limit)))
        except zlib.error as error:
            raise FetchError(_("The answer of the server is cut off.")) from error

    @property
    def is_whole(self) -> bool:
        return self.engine is None or bool(self.engine.eof)


def _unpacker(encoding: str) -> _Unpacker:
    match encoding.strip().lower():
        case "" | "identity":
            return _Unpacker(None)
        case "gzip" | "x-gzip" | "deflate":
            return _Unpacker(zlib.decompressobj(wbits=zlib.MAX_WBITS | 32))
        case other:
            raise FetchError(
                _("The server packs its answer in a way that is not known here (%(way)s).") % {"way": other[:40]}
            )


__all__ = ["FetchError", "Fetched", "Limits", "fetch", "is_public", "system_resolver", "target_of"]
