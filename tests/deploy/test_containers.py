"""Dockerfile and ``compose.yaml``: no engine runs here, so what they name is looked up, and what they run is run.

``built`` is the stage of that name made by hand: the files that it copies, the commands that it runs.
"""

import contextlib
import fnmatch
import os
import re
import shlex
import signal
import sqlite3
import stat
import subprocess
import sys
import time

import pytest
import yaml
from django.db import connection

from portal import gunicorn, serve
from portal.health import is_answering
from tests.run import NOT_OURS
from tests.tree import PACKAGES, ROOT, reads_files_only, tracked_files

pytestmark = reads_files_only

INSTRUCTION = re.compile(r"^([A-Z]+) ((?:.*\\\n)*.*)$", re.MULTILINE)


def stages():
    """Stage → its base and its instructions, continued lines joined."""
    found, name = {}, None
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    for instruction, lines in INSTRUCTION.findall(text):
        arguments = re.sub(r"\s*\\\n\s*", " ", lines)
        if instruction == "FROM":
            base, _as, name = arguments.split()
            found[name] = {"base": base, "does": []}
        elif name:
            found[name]["does"].append((instruction, arguments))
    return found


STAGES = stages()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
PORTAL = {name: service for name, service in SERVICES.items() if service.get("image") == "la-boussole/portal"}


def copied(stage):
    """What a stage copies from our tree: source → target."""
    return {
        source: arguments.split()[-1]
        for instruction, arguments in STAGES[stage]["does"]
        if instruction == "COPY" and not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    }


def is_sent(path):
    """Whether ``.dockerignore`` lets a tracked file through: the last line that speaks of it decides."""
    name, verdict = path.relative_to(ROOT).as_posix(), True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            names = [name, *("/".join(name.split("/")[:depth]) for depth in range(1, name.count("/") + 1))]
            deep = pattern.startswith("**/") and fnmatch.fnmatch(name.rsplit("/", 1)[-1], pattern[3:])
            if deep or any(fnmatch.fnmatch(part, pattern) for part in names):
                verdict = line.startswith("!")
    return verdict


SENT = [path for path in tracked_files() if is_sent(path)]


# --- Dockerfile ------------------------------------------------------------------------------------------------------


def test_each_copied_path_is_there_and_sent():
    for stage in STAGES:
        for source in copied(stage):
            assert any(path == ROOT / source or ROOT / source in path.parents for path in SENT), f"{stage}: {source}"


def test_no_secret_no_test_no_data_is_sent():
    names = {path.relative_to(ROOT).parts[0] for path in SENT}
    assert not names & {"tests", "var", ".env", ".git", ".venv"}
    documents = [path for path in SENT if path.is_relative_to(ROOT / "docs")]
    guide = (ROOT / "docs" / "guide-editeur.md", ROOT / "docs" / "img" / "guide")
    assert [path for path in documents if not any(path.is_relative_to(part) for part in guide)] == []
    assert not is_sent(ROOT / ".env")
    assert not is_sent(ROOT / "var" / "portal.sqlite3")


def test_stages_come_from_each_other_and_bases_have_a_version():
    for name, stage in STAGES.items():
        base = stage["base"]
        argument = re.fullmatch(r"\w+:\$\{(\w+)\}", base)
        if argument:
            version = re.search(rf"^ARG {argument[1]}=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1]
            assert re.match(r"\d+\.\d+\.\d+-", version), name
        else:
            assert base in STAGES, name
        for instruction, arguments in stage["does"]:
            if instruction == "COPY" and (origin := re.match(r"--from=(\w+)", arguments)):
                assert origin[1] in STAGES


def test_the_last_image_runs_as_nobody_special_and_builds_nothing():
    does = STAGES["portal"]["does"]
    instructions = dict(does)
    assert instructions["USER"] == "portal"
    assert instructions["STOPSIGNAL"] == "SIGTERM"
    assert [name for name, _ in does].index("USER") > max(
        index for index, (name, _) in enumerate(does) if name in ("RUN", "COPY")
    )
    assert "pip" not in " ".join(arguments for _, arguments in does)
    assert not re.search(r"build-essential|gcc|-dev\b", (ROOT / "Dockerfile").read_text())


# --- What it runs ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The tree of the stage ``built``; its environment asks for nothing but what the Dockerfile gives."""
    folder = tmp_path_factory.mktemp("built")
    for source, target in copied("built").items():
        for path in SENT:
            if path == ROOT / source or ROOT / source in path.parents:
                place = folder / target / path.name if path == ROOT / source else folder / path.relative_to(ROOT)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())
    return folder


# For the module: a test's own transaction would lock what is copied here.
@pytest.fixture(scope="module")
def database(tmp_path_factory, django_db_setup, django_db_blocker):
    """A migrated, empty database: a copy of the tests' own."""
    path = tmp_path_factory.mktemp("database") / "portal.sqlite3"
    with django_db_blocker.unblock(), contextlib.closing(sqlite3.connect(path)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    return path


def environment(**values):
    kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    return {**kept, "DJANGO_SETTINGS_MODULE": "portal.settings.production", "PYTHONDONTWRITEBYTECODE": "1", **values}


def run_as_built(command, built):
    """A ``RUN`` of the Dockerfile, by a shell whose ``python`` is ours."""
    shell = f'python() {{ "{sys.executable}" "$@"; }}\n{command}'
    return subprocess.run(
        ["bash", "-e", "-c", shell],
        cwd=built,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


@pytest.mark.slow
def test_the_image_is_built_and_serves(built, database, tmp_path):
    prepare, compile_all = (arguments for name, arguments in STAGES["built"]["does"] if name == "RUN")
    folders = re.search(r"compileall -q ([\w ]+)", compile_all)[1].split()
    assert set(folders) == set(PACKAGES)
    done = run_as_built(prepare, built)
    assert done.returncode == 0, done.stderr
    assert (built / "var" / "static" / "staticfiles.json").is_file()
    assert list((built / "var" / "static" / "css").glob("base.*.css.gz"))
    assert (built / "portal" / "locale" / "fr" / "LC_MESSAGES" / "django.mo").is_file()
    assert [path.name for path in (built / "var").iterdir()] == ["static"]

    socket = f"unix:{tmp_path}/web.sock"
    (command,) = [yaml.safe_load(arguments) for name, arguments in STAGES["portal"]["does"] if name == "CMD"]
    assert command[0] == "python"
    # The volumes of uploads and kept pages alone may be written; the rest is read-only, as in the container.
    for name in ("media", "pages"):
        (built / "var" / name).mkdir()
    server = subprocess.Popen(
        [sys.executable, *command[1:], "--bind", socket],
        cwd=built,
        env=environment(
            SECRET_KEY="long enough for a test of the settings of production, and no longer",
            ALLOWED_HOSTS="portail.example.org",
            SITE_URL="https://portail.example.org",
            DATABASE_URL=f"sqlite:///{database}",
            EMAIL_URL="consolemail://",
            CACHE_URL="locmemcache://",
            TRUSTED_PROXIES="unix",
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not is_answering(socket, "portail.example.org"):
            assert server.poll() is None, server.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # nginx is another user: it needs to write to the socket.
        assert (tmp_path / "web.sock").stat().st_mode & stat.S_IWOTH
        assert not is_answering(socket, "somebody-else.example.org")
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        assert server.stdout.read() == ""
        assert not is_answering(socket, "portail.example.org")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        server.stdout.close()
    assert sorted(path.name for path in (built / "var").iterdir()) == ["media", "pages", "static"]


# --- compose.yaml ----------------------------------------------------------------------------------------------------


def test_images_and_targets():
    for name, service in SERVICES.items():
        if build := service.get("build"):
            assert build["target"] in STAGES
            assert (ROOT / build["context"]).resolve() == ROOT
        else:
            assert re.fullmatch(r"[a-z]+:\d+\.\d+\.?\d*(-\w+)?", service["image"]), name
    assert {"prepare", "web", "worker", "periodic"} <= PORTAL.keys()
    assert {"nginx", "database", "cache", "search"} <= SERVICES.keys()


def test_each_command_is_the_one_of_the_demonstration():
    demo = serve.commands(8000)

    def words(name):
        return ["python", *("manage.py" if word.endswith("/manage.py") else word for word in demo[name][1:])]

    (command,) = [yaml.safe_load(arguments) for name, arguments in STAGES["portal"]["does"] if name == "CMD"]
    web = words("The web server")
    assert command == web[: web.index("--bind")]
    assert "command" not in SERVICES["web"]
    assert SERVICES["worker"]["command"] == words("The task worker")
    assert SERVICES["periodic"]["command"] == words("The periodic work")


def test_only_nginx_has_ports_and_the_data_have_no_way_out():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inner"]["internal"] is True
    for name in ("database", "cache", "search"):
        assert SERVICES[name]["networks"] == ["inner"]
    assert SERVICES["nginx"]["networks"] == ["outer"]
    assert not [name for name, service in SERVICES.items() if service.get("privileged")]


def test_waiting_for_what_can_be_waited_for():
    healthy_images = {stage for stage, does in STAGES.items() if "HEALTHCHECK" in dict(does["does"])}
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            waited = SERVICES[other]
            if how["condition"] == "service_healthy":
                check = waited.get("healthcheck", {})
                assert check.get("test") or waited.get("build", {}).get("target") in healthy_images, f"{name}: {other}"
                assert not check.get("disable")
            else:
                assert how["condition"] == "service_completed_successfully"
                assert waited["restart"] == "no"


def test_data_are_in_volumes_and_the_rest_is_read_only():
    used = {
        volume.split(":")[0]: volume.split(":")[1]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert used.keys() == COMPOSE["volumes"].keys()
    assert used["media"] == "/srv/portal/var/media"
    assert used["pages"] == "/srv/portal/var/pages"
    for service in PORTAL.values():
        assert "pages:/srv/portal/var/pages" in service["volumes"], (
            "the version of the pages is shared by all processes"
        )
    assert gunicorn.bind == f"unix:{used['socket']}/web.sock"
    for name, service in [*PORTAL.items(), ("nginx", SERVICES["nginx"])]:
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
    assert "media:/srv/portal/var/media:ro" in SERVICES["nginx"]["volumes"]


def test_secrets_come_from_the_environment_file_alone():
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert asked == {"POSTGRES_PASSWORD"} <= named
    for service in PORTAL.values():
        assert service["env_file"] == ".env"
        assert service["environment"].keys() <= named
        assert service["environment"]["POSTGRES_PASSWORD"] == ""


def test_commands_exist():
    """The first words of each command that is ours, asked for their help."""
    words = shlex.split(" ".join(SERVICES["backup"]["command"]))
    assert words[:3] == ["python", "manage.py", "backup"]
    assert SERVICES["prepare"]["command"] == ["python", "-m", "portal.prepare", "database", "content"]
    done = subprocess.run(
        [sys.executable, "-m", "portal.prepare", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "messages, database, static, content" in done.stderr
