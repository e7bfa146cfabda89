"""``python -m portal.prepare``: brings messages, database, static files and demonstration up to date (``make setup``).

Each step is idempotent and leaves out what is already done. One process does most: starting Django costs seconds.
"""

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

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.demo")
    step("messages", compile_messages)  # before Django has read any
    django.setup()
    step("database", lambda: call_command("migrate", interactive=False, verbosity=0))
    step("static files", collect_static)
    step("demonstration", lambda: call_command("load_demo"))


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


if __name__ == "__main__":
    main()
