"""``make test``: every check of the house, one after the other, whatever fails; then what became of each.

``python -m tests.run ruff mypy`` runs only the steps whose names hold one of these words. A step whose program is
missing is skipped and says why; with ``CI=true`` that is a failure, and so is a test that skips itself for want of a
program. A test that skips itself by design says ``only on …`` (a database, say).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn
from xml.etree import ElementTree as ET

from tests.servers import ServerMissingError, chromium, postgresql

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "var" / "tests"
PYTHON = sys.executable
BIN = Path(PYTHON).parent
IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}
BY_DESIGN = "only on "
# What would lead the tests to somebody's real database or server.
NOT_OURS = {
    "ALLOWED_HOSTS",
    "CACHE_URL",
    "DATABASE_URL",
    "DATA_LICENCE",
    "DATA_LICENCE_URL",
    "DATA_SOURCE",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "GEOCODER_URL",
    "MAP_TILES_URL",
    "PAGE_CACHE_FOLDER",
    "PORT",
    "RATE_LIMITS",
    "SEARCH_URL",
    "SECRET_KEY",
    "SITE_URL",
    "TASKS",
    "TRUSTED_PROXIES",
    "WEB_CONCURRENCY",
}

Server = Callable[[], AbstractContextManager[dict[str, str]]]


@dataclass(frozen=True)
class Step:
    """A command; ``server`` gives the environment of a server that it needs, for as long as it runs."""

    name: str
    command: tuple[str | Path, ...]
    server: Server = nullcontext
    report: str = ""


@dataclass(frozen=True)
class Result:
    name: str
    outcome: str
    seconds: float
    why: str = ""


@contextmanager
def postgresql_environment() -> Iterator[dict[str, str]]:
    with postgresql() as url:
        yield {"DATABASE_URL": url}


@contextmanager
def chromium_environment() -> Iterator[dict[str, str]]:
    yield {"CHROMIUM": str(chromium())}


def pytest(report: str, *options: str) -> tuple[str | Path, ...]:
    # Twice as many as the machine of CI has cores: browsers, servers and page editors make tests wait.
    parallel = ("-n", "4", "--dist", "loadfile")
    return (
        PYTHON,
        "-m",
        "pytest",
        "-q",
        *parallel,
        f"--junitxml={REPORTS / report}.xml",
        "-o",
        "junit_family=xunit2",
        *options,
    )


def manage(*arguments: str) -> tuple[str | Path, ...]:
    return (PYTHON, "manage.py", *arguments)


STEPS = (
    Step("messages compile", manage("messages", "compile")),
    Step("ruff check", (BIN / "ruff", "check", ".")),
    Step("ruff format", (BIN / "ruff", "format", "--check", ".")),
    Step("mypy", (BIN / "mypy",)),
    Step("template lint", (BIN / "djlint", "--lint", "--quiet", ".")),
    Step("import contracts", (BIN / "lint-imports", "--no-cache")),
    Step("missing migrations", manage("makemigrations", "--check", "--dry-run")),
    Step("message catalogues", manage("messages", "check")),
    Step("Chromium", (PYTHON, "-c", "import os; print(os.environ['CHROMIUM'])"), server=chromium_environment),
    Step("tests on SQLite", pytest("sqlite"), report="sqlite"),
    Step(
        "tests on PostgreSQL",
        pytest("postgresql", "-m", "not browser and not slow"),
        server=postgresql_environment,
        report="postgresql",
    ),
)


def run(step: Step) -> Result:
    """Run one step, with its output as it comes."""
    say(f"\n── {step.name}")
    started = time.monotonic()
    report = REPORTS / f"{step.report}.xml"
    if step.report:
        report.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
    try:
        with step.server() as extra:
            code = execute(step.command, environment | (extra or {}))
        outcome, why = ("passed", "") if code == 0 else ("failed", f"exit code {code}")
    except ServerMissingError as missing:
        outcome, why = ("failed" if IN_CI else "skipped"), str(missing)
        say(why)
    if outcome == "passed" and step.report and IN_CI and (reasons := unwanted_skips(report)):
        outcome, why = "failed", "skipped tests: " + "; ".join(reasons)
    return Result(step.name, outcome, time.monotonic() - started, why)


def execute(command: tuple[str | Path, ...], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def unwanted_skips(report: Path) -> list[str]:
    """Reasons for which tests skipped themselves, but for those by design."""
    skips = ET.parse(report).iter("skipped")
    reasons = {skip.get("message", "") for skip in skips if skip.get("type") != "pytest.xfail"}
    return sorted(reason for reason in reasons if not reason.startswith(BY_DESIGN))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def end(signal_number: int, frame: FrameType | None) -> NoReturn:
    """Leave through every ``finally``, so that no server stays behind."""
    sys.exit(128 + signal_number)


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    REPORTS.mkdir(parents=True, exist_ok=True)
    if IN_CI:
        for copy in REPORTS.glob("migrated-*.sqlite3"):
            copy.unlink()  # migrations run once, and for real
    words = sys.argv[1:]
    results = [run(step) for step in STEPS if not words or any(word.lower() in step.name.lower() for word in words)]
    say("\n── Summary")
    for result in results:
        say(f"{result.outcome:8} {result.seconds:6.1f} s  {result.name}{': ' * bool(result.why)}{result.why}")
    counts = {
        outcome: sum(result.outcome == outcome for result in results) for outcome in ("passed", "failed", "skipped")
    }
    say(f"\nsteps: {', '.join(f'{count} {outcome}' for outcome, count in counts.items())}")
    return 1 if counts["failed"] or not results else 0


if __name__ == "__main__":
    sys.exit(main())
