"""The settings of production: their example is complete, and they start with it, without a warning."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from tests.run import NOT_OURS
from tests.tree import ROOT, reads_files_only

pytestmark = reads_files_only

EXAMPLE = (ROOT / ".env.example").read_text()
SECRET = "M8Qy7Vv0x3h2T1s9Lk4Rw6Zp5Nc8Bj0Fd2Ga7Xe1Uo3Ii9Ky4Wq6Ht5Sm8Pn0Cr"


def values():
    """The lines of the example that count, as a shell, systemd and compose read them."""
    lines = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)
    return {name: " ".join(shlex.split(value)) for name, value in lines}


def filled():
    """The example with what only its reader knows."""
    return {**values(), "SECRET_KEY": SECRET, "POSTGRES_PASSWORD": "0123456789abcdef"}


def manage(*arguments, **changes):
    # A browser of another test, in the same process, may be running.
    ours = NOT_OURS | {"DJANGO_ALLOW_ASYNC_UNSAFE"}
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    environment = {**inherited, "DJANGO_SETTINGS_MODULE": "portal.settings.production", **filled(), **changes}
    environment = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_example_and_the_readme_name_the_same_variables():
    named = re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))


def test_the_example_holds_no_secret():
    assert values()["SECRET_KEY"] == values()["POSTGRES_PASSWORD"] == ""
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert ".env" in ignored
    assert "!.env" not in (ROOT / ".dockerignore").read_text()


def test_production_starts_with_it_and_has_nothing_to_say():
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["SECRET_KEY", "SITE_URL"])
def test_production_names_what_is_missing(name):
    done = manage("check", **{name: ""})
    assert done.returncode == 1
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith(
            f"ImproperlyConfigured: The environment variable {name} is missing: "
            + {"SECRET_KEY": "a long random text that signs sessions."}.get(
                name, "the public address of the portal, such as https://boussole.example.org."
            )
        )
    )
