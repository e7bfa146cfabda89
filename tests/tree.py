"""The tree of the project as the house rules see it: tracked files, packages, templates, tools."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("portal", "home", "search", "events", "directory", "glossary")
IGNORED_FOLDERS = {".git", ".venv", "var", "node_modules", "__pycache__"}

# Tests that read files say the same on any database: one run of them is enough.
reads_files_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite: no database is involved")


def tracked_files():
    """Files that are, or are about to be, in the repository; without git, all but what is installed or produced."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        files = {ROOT / name for name in listing.split("\0") if name}
    except (OSError, subprocess.CalledProcessError):
        files = {path for path in ROOT.rglob("*") if not IGNORED_FOLDERS & set(path.relative_to(ROOT).parts)}
    return sorted(path for path in files if path.is_file())


def text_of(path):
    """The text of a file; None when it is binary."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def python_files():
    return [path for path in tracked_files() if path.suffix == ".py"]


def template_files():
    """Templates of our packages, by the name under which they are loaded."""
    return {
        path.relative_to(ROOT).as_posix().split("templates/", 1)[1]: path
        for path in tracked_files()
        if path.relative_to(ROOT).parts[0] in PACKAGES and "templates" in path.relative_to(ROOT).parts
    }


def run(tool, *arguments, cwd=ROOT, env=None):
    """Run a tool of the virtual environment (or ``python`` itself); returns its exit code and all that it said."""
    folder = Path(sys.executable).parent
    program = [sys.executable] if tool == "python" else [str(folder / tool)]
    done = subprocess.run(
        [*program, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=300
    )
    return done.returncode, done.stdout + done.stderr
