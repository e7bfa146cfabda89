"""nginx's configuration as it is shipped, run by the real program before a small upstream that tells what it was asked.

Only paths and ports differ from what is shipped: ``nginx_tree`` replaces them, and fails when one is no longer there.
"""

import contextlib
import gzip
import http.client
import http.server
import json
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time

import pytest
from django.conf import settings

from tests.servers import ServerMissingError, free_port, nginx, nginx_binary
from tests.tree import ROOT, reads_files_only

pytestmark = reads_files_only

SHIPPED = ROOT / "deploy" / "nginx"
AGENT = "Mozilla/5.0 (X11; curious)"
HASHED = "css/base.0123456789ab.css"
NAME = "portail.example.org"


@pytest.fixture(scope="module", autouse=True)
def _nginx():
    try:
        nginx_binary()
    except ServerMissingError as missing:
        pytest.skip(str(missing))


# --- What stands behind nginx ----------------------------------------------------------------------------------------


class Upstream(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, path):
        self.asked = []
        self.version = "1"
        super().__init__(str(path), Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    """``/page…`` as the portal's page cache answers; anything else tells, as JSON, what it was asked."""

    def address_string(self):
        return "socket"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("If-None-Match")))
        etag = f'"{self.server.version}"'
        if self.path.startswith("/page"):
            is_known = self.headers.get("If-None-Match") == etag
            self.send_response(304 if is_known else 200)
            self.send_header("ETag", etag)
            self.send_header("Cache-Control", "no-cache")
            if not self.path.startswith("/page-of-mine"):
                self.send_header("X-Accel-Expires", "@1")
            body = b"" if is_known else f"<p>version {self.server.version} {'x' * 2000}".encode()
            if not is_known:
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
        else:
            body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
            self.send_response(404 if self.path.startswith(("/static/", "/media/")) else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body:
            self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()


@contextlib.contextmanager
def upstream(path):
    with Upstream(path) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
            path.unlink()


# --- nginx -----------------------------------------------------------------------------------------------------------


def nginx_tree(folder, replacements, change=lambda text: text):
    """A copy of what is shipped, with these replacements; gives the text of ``portal.conf``."""
    shutil.copytree(SHIPPED / "portal", folder / "portal")
    unused = set(replacements)

    def replaced(text):
        for old, new in replacements.items():
            if old in text:
                unused.discard(old)
                text = text.replace(old, new)
        return text

    for path in (folder / "portal").glob("*.conf"):
        path.write_text(replaced(path.read_text()))
    text = replaced(change((SHIPPED / "portal.conf").read_text()))
    assert not unused, unused
    return "include /etc/nginx/mime.types;\n" + text


def replacements(folder, port):
    return {
        "/etc/nginx/portal": f"{folder}/portal",
        "/run/portal/web.sock": f"{folder}/web.sock",
        "/srv/portal/var": f"{folder}/var",
        "/var/cache/nginx-portal": f"{folder}/cache",
        "/var/log/nginx/access.log": f"{folder}/access.log",
        "/var/lib/letsencrypt": f"{folder}/letsencrypt",
        "listen 80": f"listen 127.0.0.1:{port}",
        "listen [::]:80": "#",
    }


FILES = {
    f"static/{HASHED}": b"body{}",
    f"static/{HASHED}.gz": gzip.compress(b"body{}"),
    "static/robots-like.txt": b"no fingerprint",
    "media/images/photo.jpg": b"\xff\xd8\xff a picture",
    "media/images/drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "media/images/page.html": b"<script>alert(1)</script>",
    "media/images/page.xhtml": b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "media/images/.replaced-x/photo.jpg": b"hidden",
    "media/original_images/photo.jpg": b"where it was taken",
    "media/documents/private.pdf": b"%PDF",
    "letsencrypt/.well-known/acme-challenge/token": b"proof",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    for name, content in FILES.items():
        path = folder / ("var" if not name.startswith("letsencrypt") else "") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    port = free_port()
    configuration = nginx_tree(folder, replacements(folder, port))
    with upstream(folder / "web.sock") as portal, nginx(folder, configuration, port):
        yield Site(folder, port, portal)


class Site:
    def __init__(self, folder, port, portal):
        self.folder, self.port, self.portal = folder, port, portal
        self.marks = 0

    def get(self, path, *, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers={"User-Agent": AGENT, **headers})
            response = connection.getresponse()
            response.content = response.read()
        return response

    def log(self):
        """The access log up to now: a line may come after the answer, so a last request is waited for."""
        self.marks += 1
        mark = f"/mark-{self.marks}"
        self.get(mark)
        deadline = time.monotonic() + 10
        while mark not in (text := (self.folder / "access.log").read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return text.partition(mark)[0].rpartition("\n")[0]


# --- What is logged --------------------------------------------------------------------------------------------------


def test_a_line_of_the_log_names_nobody(site):
    site.get("/recherche/?q=divorce", Referer="https://mail.example.org/", X_Forwarded_For="203.0.113.9")
    site.get("/en/suivi/hT5-secret/", User_Agent="another")
    site.get("/admin/password_reset/confirm/Mg/c3-secret/")
    log = site.log()
    lines = log.splitlines()[-3:]
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+\d\d:\d\d 200 GET /recherche/ \d+ bytes \d\.\d{3}s portal=200/\d\.\d{3}s"
        r" cache=\S+",
        lines[0],
    )
    assert " /en/suivi/*** " in lines[1]
    assert " /admin/password_reset/confirm/*** " in lines[2]
    for secret in ("127.0.0.1", "203.0.113.9", "Mozilla", "another", "example.org", "divorce", "secret"):
        assert secret not in log


def test_a_portal_that_is_down_gives_a_page_and_no_address_in_any_log(tmp_path):
    port = free_port()
    with nginx(tmp_path, nginx_tree(tmp_path, replacements(tmp_path, port)), port):
        site = Site(tmp_path, port, None)
        response = site.get("/annuaire/?q=x")
        assert response.status == 502
        assert "Le portail redémarre" in response.content.decode()
        assert 'lang="ar" dir="rtl"' in response.content.decode()
        assert response.headers["Content-Security-Policy"] == "default-src 'none'"
        assert response.headers["Retry-After"] == "30"
        assert " 502 GET /annuaire/ " in site.log()
    for log in tmp_path.glob("*.log"):
        assert "127.0.0.1" not in log.read_text()


# --- What the portal is told -----------------------------------------------------------------------------------------


def test_the_portal_learns_the_address_and_believes_no_visitor(site):
    response = site.get(
        "/tell",
        X_Forwarded_For="203.0.113.9",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil.example.org",
        X_Real_IP="203.0.113.9",
        Forwarded="for=203.0.113.9;proto=https",
        Proxy="http://evil.example.org",
        Host=NAME,
    )
    told = json.loads(response.content)["headers"]
    assert told["X-Forwarded-For"] == "127.0.0.1"
    assert told["X-Forwarded-Proto"] == "http"
    assert told["Host"] == NAME
    assert not {"X-Forwarded-Host", "X-Real-Ip", "X-Real-IP", "Forwarded", "Proxy"} & told.keys()
    assert "203.0.113.9" not in response.content.decode()
    assert "evil" not in response.content.decode()
    assert "/" not in response.headers["Server"]  # no version


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_a_page_is_stored_and_asked_for_again_at_every_use(site):
    portal = site.portal
    portal.asked.clear()
    portal.version = "1"
    first, second = site.get("/page"), site.get("/page")
    assert first.content == second.content
    assert portal.asked == [("/page", None), ("/page", '"1"')]  # the second time, 304
    assert second.status == 200
    assert second.headers["Cache-Control"] == "no-cache"
    assert "X-Accel-Expires" not in second.headers
    assert re.findall(r"portal=(\d+)/\S+ cache=(\w+)", site.log())[-2:] == [("200", "MISS"), ("304", "REVALIDATED")]
    # The browser's own copy: 304 all the way, also for the weak name that compression gives it.
    for etag in (first.headers["ETag"], f"W/{first.headers['ETag']}"):
        response = site.get("/page", If_None_Match=etag)
        assert (response.status, response.content) == (304, b"")
    # It changes, or becomes private: the next answer is the new one.
    portal.version = "2"
    assert site.get("/page").content.startswith(b"<p>version 2")
    assert site.get("/page", If_None_Match='"1"').status == 200


def test_the_query_is_part_of_a_page(site):
    assert site.get("/page?a=1").status == site.get("/page?a=2").status == 200
    assert [path for path, _etag in site.portal.asked[-2:]] == ["/page?a=1", "/page?a=2"]
    assert site.portal.asked[-1][1] is None


@pytest.mark.parametrize("headers", [{"Cookie": "sessionid=abc"}, {"Authorization": "Basic abc"}])
def test_somebody_with_a_session_gets_a_page_of_their_own(site, headers):
    site.get("/page-for-all")
    site.portal.asked.clear()
    site.get("/page-for-all", **headers)
    assert site.portal.asked == [("/page-for-all", None)]
    # Nor is it kept for the next one.
    path = f"/page-of-one?by={next(iter(headers))}"
    site.get(path, **headers)
    site.get(path)
    assert site.portal.asked[-1] == (path, None)


def test_what_the_portal_does_not_allow_is_not_stored(site):
    site.get("/page-of-mine")
    site.get("/page-of-mine")
    assert [etag for _path, etag in site.portal.asked[-2:]] == [None, None]


def test_a_page_is_compressed(site):
    response = site.get("/page", Accept_Encoding="gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["Vary"]
    assert gzip.decompress(response.content).startswith(b"<p>version")


# --- Files -----------------------------------------------------------------------------------------------------------


def test_static_files_last_for_ever_when_their_name_does(site):
    response = site.get(f"/static/{HASHED}", Accept_Encoding="gzip")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "text/css"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.content == FILES[f"static/{HASHED}.gz"]  # the one made beforehand
    assert site.get(f"/static/{HASHED}").content == b"body{}"
    assert site.get("/static/robots-like.txt").headers["Cache-Control"] == "public, max-age=60"
    missing = site.get("/static/css/old.0123456789ab.css")
    assert missing.status == 404
    assert "immutable" not in missing.headers.get("Cache-Control", "")


def test_a_picture_is_shown(site):
    response = site.get("/media/images/photo.jpg")
    assert response.status == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in response.headers


@pytest.mark.parametrize("name", ["drawing.svg", "page.html", "page.xhtml"])
def test_an_upload_is_never_a_page_of_the_site(site, name):
    response = site.get(f"/media/images/{name}")
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == "attachment"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "path",
    [
        "/media/documents/private.pdf",
        "/media//documents/private.pdf",
        "/media/images/../documents/private.pdf",
        "/media/original_images/photo.jpg",
        "/media/images/.replaced-x/photo.jpg",
        "/media/images/missing.jpg",
    ],
)
def test_what_nobody_may_fetch_directly(site, path):
    assert site.get(path).status == 404


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_a_body_that_is_too_large_gets_a_page_that_says_so(site):
    for path, size in (("/contact/", 4_000_000), ("/admin/images/add/", 13_000_000)):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        with contextlib.closing(connection):
            connection.putrequest("POST", path)
            connection.putheader("Content-Length", str(size))
            connection.endheaders()  # refused for what it announces
            response = connection.getresponse()
            text = response.read().decode()
        assert response.status == 413
        assert "Ce fichier est trop lourd" in text
        assert "too large" in text
        assert response.headers["Content-Security-Policy"] == "default-src 'none'"


def test_the_limits_leave_room_for_what_django_takes(site):
    form = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    upload = max(settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE, settings.WAGTAILDOCS_MAX_UPLOAD_SIZE)
    assert site.get("/contact/", method="POST", body=b"x" * form).status == 200
    assert site.get("/admin/images/add/", method="POST", body=b"x" * (upload + 200_000)).status == 200
    assert site.get(f"/annuaire/?q={'a' * 8000}").status == 200


# --- HTTPS -----------------------------------------------------------------------------------------------------------


def uncommented(text):
    """The block of HTTPS as a person would uncomment it."""
    head, block, tail = re.split(r"^# (?:begin|end) https\n", text, flags=re.MULTILINE)
    return head + "".join(re.sub(r"^# ?", "", line) for line in block.splitlines(keepends=True)) + tail


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed (Debian package: openssl)")
def test_https_once_its_block_is_uncommented(tmp_path):
    certificates = tmp_path / "live" / NAME
    certificates.mkdir(parents=True)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "2"),
            *("-keyout", certificates / "privkey.pem", "-out", certificates / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    for name in (f"var/static/{HASHED}", "letsencrypt/.well-known/acme-challenge/token"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"proof")
    port, secure = free_port(), free_port()
    changes = {
        **replacements(tmp_path, port),
        "listen 443": f"listen 127.0.0.1:{secure}",
        "listen [::]:443": "#",
        "/etc/letsencrypt/live": f"{tmp_path}/live",
    }
    configuration = nginx_tree(tmp_path, changes, uncommented)
    with upstream(tmp_path / "web.sock"), nginx(tmp_path, configuration, port):
        site = Site(tmp_path, port, None)
        response = site.get("/annuaire/?q=x", Host=NAME)
        assert response.status == 301
        assert response.headers["Location"] == f"https://{NAME}/annuaire/?q=x"
        assert site.get("/.well-known/acme-challenge/token", Host=NAME).content == b"proof"
        assert site.get("/.well-known/acme-challenge/token").content == b"proof"

        context = ssl.create_default_context(cafile=certificates / "fullchain.pem")
        connection = NamedConnection(NAME, secure, context=context, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/tell")
            response = connection.getresponse()
            assert json.loads(response.read())["headers"]["X-Forwarded-Proto"] == "https"
            assert connection.sock.version() in ("TLSv1.2", "TLSv1.3")
            connection.request("GET", f"/static/{HASHED}")
            response = connection.getresponse()
            response.read()
            assert response.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
        assert "Strict-Transport-Security" not in site.get(f"/static/{HASHED}").headers
        assert "127.0.0.1" not in site.log()


class NamedConnection(http.client.HTTPSConnection):
    """HTTPS to this machine under the name of the certificate."""

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def test_brotli_is_only_asked_for_where_it_is():
    """A file ``brotli.conf`` would stop nginx where the module is missing."""
    assert not list((SHIPPED / "portal").glob("brotli*.conf"))
    assert "brotli_static on;" in (SHIPPED / "portal" / "brotli.conf.example").read_text()
