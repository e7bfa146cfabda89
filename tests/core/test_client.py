"""The visitor's address behind proxies, and the key that counts its requests."""

from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory

from portal.core.client import client_address, rate_key


def request(peer, forwarded=None):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        ([], "203.0.113.7", None, "203.0.113.7"),
        ([], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.1"], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], "10.2.3.4", "198.51.100.1", "198.51.100.1"),
        # What the visitor wrote itself stands before what the proxy saw.
        (["10.0.0.1"], "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.9", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "10.0.0.8, 10.0.0.9", "10.0.0.8"),
        (["10.0.0.1"], "10.0.0.1", None, "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1, <script>", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1:5123", "198.51.100.1"),
        (["10.0.0.1"], "10.0.0.1", "[2001:db8::1]:5123", "2001:db8::1"),
        (["::1"], "::1", "2001:db8::1", "2001:db8::1"),
        (["127.0.0.1"], "::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["unix"], "", "198.51.100.1", "198.51.100.1"),
        ([], "", "198.51.100.1", "0.0.0.0"),
        (["unix"], "", None, "0.0.0.0"),
    ],
)
def test_only_trusted_proxies_are_believed(settings, proxies, peer, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request(peer, forwarded)) == address


def test_the_key_is_the_same_all_day_and_tells_nothing(settings):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        key = rate_key("contact", request("203.0.113.7"))
        assert "203" not in key[:3]
        assert len(key) == 64
        assert int(key, 16)
        clock.shift(timedelta(hours=12, minutes=59))  # 23:59 in Paris
        assert rate_key("contact", request("203.0.113.7")) == key
        assert rate_key("contact", request("203.0.113.8")) != key
        assert rate_key("search", request("203.0.113.7")) != key
        clock.shift(timedelta(minutes=1))
        assert rate_key("contact", request("203.0.113.7")) != key


def test_the_key_depends_on_the_secret(settings):
    key = rate_key("contact", request("203.0.113.7"))
    settings.SECRET_KEY = "another"
    assert rate_key("contact", request("203.0.113.7")) != key


def test_ipv6_counts_by_network():
    key = rate_key("contact", request("2001:db8:1:2::1"))
    assert rate_key("contact", request("2001:db8:1:2:ffff::9")) == key
    assert rate_key("contact", request("2001:db8:1:3::1")) != key
