"""The units of systemd: they start what the demonstration starts, and may do little else; systemd itself agrees."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from portal import serve
from tests.tree import ROOT, reads_files_only

pytestmark = reads_files_only

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
PYTHON = "/srv/portal/.venv/bin/python"


def unit(name):
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read([UNITS / "portal-.service.d" / "common.conf", UNITS / name] if "service" in name else UNITS / name)
    return parser


def arguments(command):
    """A command of the demonstration without its Python and without the full path of ``manage.py``."""
    return ["manage.py" if word.endswith("/manage.py") else word for word in command[1:]]


def test_what_runs_is_what_the_demonstration_runs():
    demo = {name: arguments(command) for name, command in serve.commands(8000).items()}
    web = demo["The web server"]
    demo["The web server"] = web[: web.index("--bind")]  # a port there, a socket here
    started = {name: shlex.split(unit(name)["Service"]["ExecStart"]) for name in SERVICES}
    assert {words[0] for words in started.values()} == {PYTHON}
    assert started["portal-web.service"][1:] == demo["The web server"]
    assert started["portal-worker.service"][1:] == demo["The task worker"]
    assert started["portal-periodic.service"][1:] == demo["The periodic work"]
    assert set(re.findall(r"portal-\w+\.service", unit("portal.target")["Unit"]["Wants"])) == {
        "portal-web.service",
        "portal-worker.service",
        "portal-periodic.service",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name):
    service = unit(name)["Service"]
    assert service["User"] == "portal"
    assert service["EnvironmentFile"] == "/etc/portal/portal.env"
    assert service["Environment"].startswith("DJANGO_SETTINGS_MODULE=portal.settings.production")
    for option in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "MemoryDenyWriteExecute"):
        assert service[option] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == "/srv/portal/var"
    assert service["CapabilityBoundingSet"] == ""


@pytest.fixture
def installed(tmp_path):
    """The units as they are installed, on a machine whose Python is the one of the tests."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("only on a machine with systemd: systemd-analyze")
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*.service"):
        path.write_text(path.read_text().replace(PYTHON, sys.executable))
    return tmp_path


def analyze(folder, *words):
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"}
    done = subprocess.run(
        ["systemd-analyze", *words], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def test_systemd_understands_them(installed):
    paths = [*installed.glob("*.service"), *installed.glob("*.timer"), *installed.glob("*.target")]
    code, output = analyze(installed, "verify", "--recursive-errors=no", "--man=no", *paths)
    assert code == 0, output
    assert output.strip() == ""
    (installed / "portal-web.service").write_text("[Service]\nExecStart=/nowhere\nUsr=portal\n")
    code, output = analyze(installed, "verify", "--recursive-errors=no", "--man=no", installed / "portal-web.service")
    assert code != 0  # it does look


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_little_exposed(installed, name):
    """systemd's own measure, from 0 to 10; a service without any of the options has 9.6."""
    code, output = analyze(installed, "security", "--offline=true", "--threshold=20", "--no-pager", installed / name)
    assert code == 0, output[-400:]


def test_the_helper_runs_what_the_services_run():
    script = UNITS / "portal-run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    text = script.read_text()
    service = unit("portal-web.service")["Service"]
    assert f"EnvironmentFile={service['EnvironmentFile']}" in text
    assert f"--working-directory={service['WorkingDirectory']}" in text
    assert PYTHON in text
