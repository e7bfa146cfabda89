"""Who asks: the address of a visitor behind known proxies, and a key to count requests that does not tell it."""

import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

Address = IPv4Address | IPv6Address

UNKNOWN = "0.0.0.0"  # noqa: S104 - not an address to listen on: a server on a Unix socket is given none
UNIX_SOCKET = "unix"


def client_address(request: HttpRequest) -> str:
    """The visitor's address. ``X-Forwarded-For`` counts only as far as trusted proxies wrote it.

    ``settings.TRUSTED_PROXIES`` lists addresses, networks, or ``unix`` for a proxy on a Unix socket.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    address = _parse(peer)
    if not _is_trusted(peer, address):
        return str(address) if address else UNKNOWN
    # Each proxy appends the address that it saw: the last one that is no proxy of ours is the visitor.
    for text in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        forwarded = _parse(text)
        if forwarded is None:
            break
        address = forwarded
        if not _is_trusted(text, forwarded):
            break
    return str(address) if address else UNKNOWN


def rate_key(group: str, request: HttpRequest) -> str:
    """A key for django-ratelimit: the same all day for a visitor, and no trace of the address in the cache.

    An IPv6 visitor counts by its network of 64 bits, within which addresses cost nothing.
    """
    address = ip_address(client_address(request))
    if isinstance(address, IPv6Address):
        network = ip_network((address, 64), strict=False)
        who = str(network.network_address)
    else:
        who = str(address)
    day = timezone.localdate().isoformat()
    salt = hmac.digest(settings.SECRET_KEY.encode(), f"portal.core.client.rate_key {day}".encode(), hashlib.sha256)
    return hmac.new(salt, f"{group} {who}".encode(), hashlib.sha256).hexdigest()


def _parse(text: str) -> Address | None:
    """An address as proxies write it, perhaps with a port or in brackets; IPv4 in IPv6's clothes becomes IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_trusted(text: str, address: Address | None) -> bool:
    if address is None:
        return text.strip() == "" and UNIX_SOCKET in settings.TRUSTED_PROXIES
    networks = (ip_network(entry, strict=False) for entry in settings.TRUSTED_PROXIES if entry != UNIX_SOCKET)
    return any(address in network for network in networks)
