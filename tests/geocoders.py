"""Geocoders for tests: a genuine addok, the engine behind the French address base, and servers that behave badly."""

import contextlib
import csv
import fcntl
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.servers import ServerMissingError, _die_with_parent, free_port

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements" / "addok.txt"
HOME = ROOT / "var" / "addok"
CONTENT = ROOT / "home" / "demo" / "content"
ADDRESSES = ROOT.parent / "shared" / "data" / "addresses"
PAIRS = ADDRESSES / "ban_geocoded_pairs_59.csv"
POSTCODES = ADDRESSES / "laposte_codes_postaux_2025.csv"
WITHOUT_DATA = "only on a machine with the open data of ../shared/data/addresses"

LABEL = re.compile(r"^(?:(\d+(?: (?:[A-Z]|BIS|TER|QUATER))?) )?(.+) (\d{5}) (.+)$")

CONFIGURATION = """\
REDIS = {{"host": "127.0.0.1", "port": {port}, "indexes": {{"db": 0}}, "documents": {{"db": 1}}}}
LOG_DIR = {folder!r}
EXTRA_FIELDS = [{{"key": "citycode"}}]
FILTERS = ["type", "postcode", "citycode"]
ATTRIBUTION, LICENCE = "BAN", "ODbL 1.0"
"""


# --- addok -----------------------------------------------------------------------------------------------------------


def redis_binary() -> Path:
    found = shutil.which("redis-server")
    if not found:
        raise ServerMissingError("Redis is not installed (Debian package: redis-server)")
    return Path(found)


def addok_binaries() -> Path:
    """The folder of ``addok`` and ``gunicorn``, in an environment of their own, made once; or ``ServerMissingError``.

    addok wants other versions of packages than the portal does.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    binaries, stamp = HOME / "venv" / "bin", HOME / "venv" / REQUIREMENTS.name
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if stamp.exists() and stamp.read_bytes() == REQUIREMENTS.read_bytes():
            return binaries
        install = ("install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", REQUIREMENTS)
        for command in (
            (sys.executable, "-m", "venv", "--clear", HOME / "venv"),
            (binaries / "python", "-m", "pip", *install),
        ):
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            if made.returncode:
                raise ServerMissingError(f"addok can't be installed: {made.stderr.strip()[-300:]}")
        shutil.copy(REQUIREMENTS, stamp)
    return binaries


@contextlib.contextmanager
def addok(documents: Iterable[dict]) -> Iterator[str]:
    """A genuine addok that knows these streets and municipalities; gives its ``GEOCODER_URL``."""
    redis, binaries = redis_binary(), addok_binaries()
    folder = Path(tempfile.mkdtemp(prefix="portal-addok-"))
    port, web = free_port(), free_port()
    (folder / "addok.conf").write_text(CONFIGURATION.format(port=port, folder=str(folder)))
    (folder / "documents.ndjson").write_text("\n".join(json.dumps(document) for document in documents))
    environment = {"ADDOK_CONFIG_MODULE": str(folder / "addok.conf"), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    with contextlib.ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        started = [redis, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        _start(ends, started, folder, environment, port)
        for words in (["batch", folder / "documents.ndjson"], ["ngrams"]):
            subprocess.run([binaries / "addok", *words], check=True, capture_output=True, env=environment, cwd=folder)
        served = [binaries / "python", "-m", "gunicorn", "addok.http.wsgi", "-b", f"127.0.0.1:{web}", "-t", "60"]
        _start(ends, served, folder, environment, web)
        yield f"http://127.0.0.1:{web}"


def _start(ends: contextlib.ExitStack, command: list, folder: Path, environment: dict[str, str], port: int) -> None:
    with (folder / "log").open("a") as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for the tests; they end the server
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it takes no lock
        )
    ends.callback(server.wait, timeout=20)
    ends.callback(server.terminate)
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        assert server.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)


# --- What it knows ---------------------------------------------------------------------------------------------------


def known_addresses(pairs: list[dict[str, str]]) -> list[dict]:
    """Streets with their numbers, as addok wants them, from official labels with their points."""
    streets: dict[tuple[str, str], dict] = {}
    for pair in pairs:
        match = LABEL.match(" ".join(pair["address_found"].split()))
        if not match:
            continue
        number, name, postcode, city = match.groups()
        latitude, longitude = float(pair["lat"]), float(pair["lon"])
        street = streets.setdefault(
            (name, pair["insee_comm"]),
            {
                "type": "locality" if pair["address_type"] == "locality" else "street",
                "name": name, "postcode": postcode, "citycode": pair["insee_comm"], "city": city,
                "context": "59, Nord, Hauts-de-France", "lat": latitude, "lon": longitude, "importance": 0.5,
                "housenumbers": {},
            },
        )  # fmt: skip
        if number:
            key = number.lower()
            street["housenumbers"][key] = {"lat": latitude, "lon": longitude, "id": f"n{len(streets)}-{key}"}
    return [{"id": f"s{place}", **street} for place, street in enumerate(streets.values())]


def known_towns(departments: tuple[str, ...] = ("59",)) -> list[dict]:
    """Municipalities of these departments, from the post office's list."""
    towns: dict[str, dict] = {}
    with POSTCODES.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["code_commune_insee"][:2] in departments and row["latitude"]:
                towns.setdefault(
                    row["code_commune_insee"],
                    {
                        "id": f"m{row['code_commune_insee']}", "type": "municipality",
                        "name": row["nom_de_la_commune"].title(), "city": row["nom_de_la_commune"].title(),
                        "postcode": row["code_postal"], "citycode": row["code_commune_insee"],
                        "context": "59, Nord, Hauts-de-France", "importance": 0.7,
                        "lat": float(row["latitude"]), "lon": float(row["longitude"]),
                    },
                )  # fmt: skip
    return list(towns.values())


def own_pairs() -> list[dict[str, str]]:
    """The addresses of the demonstration's places, in the form of the open data's pairs."""
    names = {row["insee"]: row["name"] for row in demonstration("municipalities", "municipality")}
    return [
        {
            # From “60-62 rue d’Oran” to “60 Rue d'Oran”, as the address base writes it.
            "address_found": f"{official(row['address'])} {row['postcode']} {names[row['insee']]}",
            "address_type": "housenumber",
            "insee_comm": row["insee"],
            "lat": str(row["lat"]),
            "lon": str(row["lon"]),
        }
        for name in ("structures_centres", "structures_public")
        for row in demonstration(name, "structure")
        if row["address"] and row["insee"] in names
    ]


def official(address: str) -> str:
    number, street = re.fullmatch(r"(?:(\d+)\S* )?(.*)", address.replace("’", "'")).groups()
    return " ".join(part for part in (number, street[0].upper() + street[1:]) if part)


def own_towns() -> list[dict]:
    return [
        {
            "id": f"t{row['insee']}", "type": "municipality", "name": row["name"], "city": row["name"],
            "citycode": row["insee"], "postcode": row["postcodes"][0], "context": "59, Nord, Hauts-de-France",
            "importance": 0.7, "lat": row["lat"], "lon": row["lon"],
        }
        for row in demonstration("municipalities", "municipality")
    ]  # fmt: skip


def demonstration(file: str, table: str) -> list[dict]:
    rows: list[dict] = tomllib.loads((CONTENT / f"{file}.toml").read_text(encoding="utf-8"))[table]
    return rows


def read_pairs() -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- Servers that behave badly ---------------------------------------------------------------------------------------


def feature(label: str, latitude: float, longitude: float, *, kind: str = "housenumber", **about: object) -> dict:
    """A feature as the geocoder answers it, for an address such as “12 Rue d'Oran 59100 Roubaix”."""
    properties = {"label": label, "type": kind, "score": 0.9, "citycode": "59512", "city": "Roubaix", "name": label}
    street = re.sub(r"^\d+ | \d{5} .*$", "", label)
    properties |= {"street": street, "postcode": (re.findall(r"\d{5}", label) or ["59100"])[0]} | about
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }


class OddGeocoder:
    """A server that answers each question as ``answer(question)`` says: features, or what a handler does by hand."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str], object] = lambda question: []

    @contextlib.contextmanager
    def served(self) -> Iterator[str]:
        geocoder = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                question = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
                geocoder.asked.append(question)
                answer = geocoder.answer(question)
                with contextlib.suppress(OSError):  # the client has given up
                    if callable(answer):
                        answer(self)
                    else:
                        say(self, json.dumps({"type": "FeatureCollection", "features": answer}))

            def log_message(self, *args: object) -> None:
                """No log."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/geocodage"
        finally:
            server.shutdown()
            server.socket.close()  # not server_close, which waits for the hanging ones


def say(handler: BaseHTTPRequestHandler, body: str | bytes, status: int = 200, **headers: str) -> None:
    raw = body.encode() if isinstance(body, str) else body
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(raw)
