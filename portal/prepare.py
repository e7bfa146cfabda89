"""``python -m portal.prepare``: brings messages, database, static files and content up to date (``make setup``).

Each step is idempotent and leaves out what is already done. One process does most: starting Django costs seconds.
``python -m portal.prepare messages static`` runs only the steps named, in their own order. The content is the
demonstration's with its settings, else the pages that every portal has.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

DEMO = "portal.settings.demo"
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", DEMO)
    parser = argparse.ArgumentParser(prog="python -m portal.prepare", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("steps", nargs="*", help=f"of {', '.join(STEPS)}; all when none is named")
    wanted = parser.parse_args().steps or list(STEPS)
    if unknown := [name for name in wanted if name not in STEPS]:
        parser.error(f"unknown step {unknown[0]!r}; there are {', '.join(STEPS)}")
    if "messages" in wanted:
        step("messages", compile_messages)  # before Django has read any
    if wanted == ["messages"]:
        return
    django.setup()
    for name, work in STEPS.items():
        if name in wanted and name != "messages":
            step(name, work)


def step(name: str, work: Callable[[], object]) -> None:
    started = time.monotonic()
    sys.stdout.write(f"{name} …\n")
    sys.stdout.flush()
    work()
    sys.stdout.write(f"{name}: ready after {time.monotonic() - started:.1f} s\n")
    sys.stdout.flush()


def compile_messages() -> None:
    """Compile the catalogues when one is newer than what was compiled from it."""
    sources = (ROOT / "portal" / "locale").glob("*/LC_MESSAGES/*.po")
    if any(is_newer(source, source.with_suffix(".mo")) for source in sources):
        subprocess.run([sys.executable, ROOT / "manage.py", "messages", "compile"], check=True)  # noqa: S603


def is_newer(source: Path, target: Path) -> bool:
    return not target.exists() or source.stat().st_mtime_ns > target.stat().st_mtime_ns


def collect_static() -> None:
    """Collect and compress static files, unless none of their sources changed since the last time."""
    folder = Path(settings.STATIC_ROOT)
    stamp = folder / ".sources"
    fingerprint = static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint)


def static_fingerprint() -> str:
    """Tells whether any source of a static file, or the way to store them, changed."""
    lines = [repr(settings.STORAGES["staticfiles"])]
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            lines.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def load_content() -> None:
    call_command("load_demo" if settings.SETTINGS_MODULE == DEMO else "init_portal")


STEPS: dict[str, Callable[[], object]] = {
    "messages": compile_messages,
    "database": lambda: call_command("migrate", interactive=False, verbosity=0),
    "static": collect_static,
    "content": load_content,
}


if __name__ == "__main__":
    main()
