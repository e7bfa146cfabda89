"""Addresses that others give: nothing private is ever asked, and nothing large, slow or broken is taken."""

import gzip
import ipaddress
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from portal.core import fetching
from portal.core.fetching import FetchError, Limits, fetch, is_public, target_of

LOOPBACK = ipaddress.ip_network("127.0.0.1/32")


@contextmanager
def server(*answers):
    """A server that gives each connection the next answer: bytes, or a function that gets the socket. Gives its port
    and the requests that it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    requests = []

    def serve():
        for answer in answers:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    requests.append(connection.recv(65_536).decode("latin-1"))
                    if callable(answer):
                        answer(connection)
                    else:
                        connection.sendall(answer)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], requests
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes up who waits for a connection
        listener.close()
        thread.join(0.05)


def answer(body=b"", status="200 OK", **headers):
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if "Content_Length" not in headers and "Transfer_Encoding" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
def reach(monkeypatch):
    """Lets fetches reach one local server: ``reach(port)``; other limits by name."""

    def opened(port, *, resolver=lambda host, port: ["127.0.0.1"], **limits):
        values = {"ports": frozenset({80, 443, port}), "open_networks": (LOOPBACK,), "seconds": 5.0, **limits}
        monkeypatch.setattr(fetching, "LIMITS", Limits(**values))
        monkeypatch.setattr(fetching, "resolver", resolver)
        return f"http://agenda.example:{port}/a.ics"

    return opened


def refused(url, **kwargs):
    with pytest.raises(FetchError) as caught:
        fetch(url, **kwargs)
    return str(caught.value)


# --- What is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 127.8.8.8 0.0.0.0 10.0.0.1 172.16.9.9 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8 192.0.2.1
    198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 192.88.99.1 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8
    ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 fe80::1 fe80::1%eth0 fc00::1 fd12::1 fec0::1 ff02::1
    2001:db8::1 2001:0:1::1 2002:7f00:1:: 100::1 2a01:e0a::5efe:a00:1 2a01:e0a::200:5efe:a00:1""".split(),
)
def test_an_address_that_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "212.27.48.10", "2a00:1450:4007:80c::200e", "2606:4700::1111"])
def test_a_public_address(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "agenda.example/a.ics",
        "file:///etc/passwd",
        "ftp://agenda.example/a.ics",
        "gopher://agenda.example/",
        "http://",
        "http:///a.ics",
        "http://user@agenda.example/",
        "http://user:word@agenda.example/",
        "http://agenda.example:22/",
        "http://agenda.example:8000/",
        "http://agenda.example:port/",
        "http://agenda.example:99999/",
        "http://agenda.example/a b",
        "http://agenda.example/\r\nHost: other",
        "http://agenda.example\\@127.0.0.1/",
        "http://[::1%25eth0]/",
        "http://[::1/",
        "http://a..b/",
        "http://" + "a" * 3_000,
    ],
)
def test_an_address_that_is_refused_before_anybody_is_asked(url, monkeypatch):
    monkeypatch.setattr(fetching, "resolver", lambda host, port: pytest.fail("resolved"))
    assert refused(url)


def test_what_an_address_is_made_of():
    target = target_of("https://Médiathèque.example/agenda d'été.ics?q=é&b=%20".replace(" ", "%20"))
    assert (target.scheme, target.port) == ("https", 443)
    assert target.host.startswith("xn--")
    assert target.path == "/agenda%20d'%C3%A9t%C3%A9.ics?q=%C3%A9&b=%20"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f.1", "2130706433", "127.1", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
def test_one_s_own_machine_under_each_of_its_names(host):
    with server(answer(b"secret")) as (_port, requests):
        message = refused(f"http://{host}/")
        assert requests == []
    assert "privé" in message or "private" in message or "name" in message


def test_a_name_with_a_private_address_among_its_public_ones(reach):
    url = reach(80, resolver=lambda host, port: ["93.184.215.14", "10.0.0.1"], open_networks=())
    assert "agenda.example" in refused(url)


def test_a_resolver_that_lies_the_second_time(reach):
    """A name that is public when it is checked and private when it is used: it is never looked up again."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"], ["10.0.0.1"]])
    asked = []

    def resolver(host, port):
        asked.append(host)
        return next(answers)

    with server(answer(b"BEGIN:VCALENDAR")) as (port, requests):
        found = fetch(reach(port, resolver=resolver))
    assert found.content == b"BEGIN:VCALENDAR"
    assert asked == ["agenda.example"]
    assert f"Host: agenda.example:{port}" in requests[0]


def test_the_connection_goes_to_the_address_that_was_checked(reach, monkeypatch):
    gone_to = []

    def connect(address, timeout):
        gone_to.append(address)
        raise OSError

    monkeypatch.setattr(fetching.socket, "create_connection", connect)
    refused(reach(443, resolver=lambda host, port: ["8.8.8.8", "2606:4700::1111"], open_networks=()))
    assert gone_to == [("8.8.8.8", 443), ("2606:4700::1111", 443)]


# --- Redirects --------------------------------------------------------------------------------------------------------


def redirect(to, status="302 Found"):
    return answer(status=status, Location=to)


def test_redirects_are_followed_three_times(reach):
    with server(redirect("/b"), redirect("c", "301 Moved"), redirect("/d", "307 T"), answer(b"here")) as (port, asked):
        found = fetch(reach(port))
    assert (found.content, found.url) == (b"here", f"http://agenda.example:{port}/d")
    assert [request.split()[1] for request in asked] == ["/a.ics", "/b", "/c", "/d"]
    with server(*[redirect("/again")] * 4) as (port, asked):
        refused(reach(port))
        assert len(asked) == 4


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://prive.example/",
        "//prive.example/",
        "http://agenda.example:6379/",
        "file:///etc/passwd",
        "http://user:word@agenda.example/",
        "",
    ],
)
def test_a_redirect_is_checked_like_an_address(reach, to):
    def resolver(host, port):
        return {"agenda.example": ["127.0.0.1"], "prive.example": ["192.168.0.7"]}.get(host, [host])

    with server(redirect(to), answer(b"secret")) as (port, requests):
        refused(reach(port, resolver=resolver))
        assert len(requests) == 1


# --- What is taken ----------------------------------------------------------------------------------------------------


def test_conditions_are_said_and_believed(reach):
    with server(answer(status="304 Not Modified")) as (port, requests):
        found = fetch(reach(port), etag='"a1"', last_modified="Tue, 24 Nov 2026 10:00:00 GMT")
    assert found.is_unchanged
    assert 'If-None-Match: "a1"' in requests[0]
    assert "If-Modified-Since: Tue, 24 Nov 2026 10:00:00 GMT" in requests[0]
    with server(answer(b"new", ETag='"b2"', Last_Modified="later")) as (port, requests):
        found = fetch(reach(port), etag='"a\r\nHost: other"')
    assert (found.content, found.etag, found.last_modified, found.is_unchanged) == (b"new", '"b2"', "later", False)
    assert "other" not in requests[0]


def test_a_packed_answer(reach):
    packed = gzip.compress(b"BEGIN:VCALENDAR" * 1000, mtime=0)
    with server(answer(packed, Content_Encoding="gzip")) as (port, _requests):
        assert fetch(reach(port)).content == b"BEGIN:VCALENDAR" * 1000
    chunked = b"4\r\nBEGI\r\n2\r\nN:\r\n0\r\n\r\n"
    with server(answer(chunked, Transfer_Encoding="chunked")) as (port, _requests):
        assert fetch(reach(port)).content == b"BEGIN:"


@pytest.mark.parametrize(
    "given",
    [
        answer(b"x" * 70_000),
        answer(Content_Length="99999999999"),
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 70_000,
        answer(gzip.compress(b"0" * 30_000_000, mtime=0), Content_Encoding="gzip"),
        answer(b"1\r\nx\r\n" * 70_000, Transfer_Encoding="chunked"),
    ],
    ids=["said", "said to be endless", "unsaid", "bomb", "chunks"],
)
def test_what_is_too_large(reach, given):
    with server(given) as (port, _requests):
        assert refused(reach(port, size=50_000))


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        answer(b"half", Content_Length="100"),
        answer(b"5\r\nhal", Transfer_Encoding="chunked"),
        answer(gzip.compress(b"BEGIN:VCALENDAR" * 100, mtime=0)[:-20], Content_Encoding="gzip"),
        answer(b"not packed", Content_Encoding="gzip"),
        answer(b"x", Content_Encoding="br"),
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        answer(status="404 Not Found"),
        answer(status="500 Oh"),
        answer(b"part", status="206 Partial Content"),
    ],
)
def test_what_is_no_whole_answer(reach, given):
    with server(given) as (port, _requests):
        assert refused(reach(port))


def slowly(start, piece):
    def answer_slowly(connection):
        connection.sendall(start)
        for _turn in range(200):
            time.sleep(0.02)
            connection.sendall(piece)

    return answer_slowly


@pytest.mark.parametrize(
    "given",
    [
        slowly(b"", b""),
        slowly(b"HTTP/1.1 200 OK\r\nX", b"a"),
        slowly(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        slowly(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silent", "slow head", "slow body", "always about to answer"],
)
def test_what_is_too_slow(reach, given):
    with server(given) as (port, _requests):
        started = time.monotonic()
        message = refused(reach(port, seconds=0.25))
        assert time.monotonic() - started < 0.6
    assert "0" in message


def test_a_resolver_that_never_answers(reach):
    release = threading.Event()
    started = time.monotonic()
    refused(reach(80, resolver=lambda host, port: [str(release.wait(5))], seconds=0.2))
    assert time.monotonic() - started < 0.6
    release.set()


def test_the_limits_are_those_that_were_promised():
    limits = Limits()
    assert (limits.seconds, limits.size, limits.redirects) == (20, 10 << 20, 3)
    assert limits.ports == {80, 443}
    assert limits.open_networks == ()
