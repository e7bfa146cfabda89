"""Each guard of the house is broken once, on a copy of the tree: it must fail, and name the fault.

Each is also run on the copy without the fault: a guard that always fails would prove nothing.
"""

import re
import shutil

import polib
import pytest
from django.core.management import CommandError, call_command

from portal.core import catalogues
from tests.tree import PACKAGES, ROOT, reads_files_only, run, tracked_files

pytestmark = reads_files_only


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the code and its settings, without content, assets and tests."""
    root = tmp_path_factory.mktemp("house")
    for path in tracked_files():
        name = path.relative_to(ROOT)
        if (name.parts[0] in PACKAGES and "content" not in name.parts) or name.name in ("pyproject.toml", "manage.py"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, root / name)
    (root / "static").mkdir()
    return root


@pytest.fixture
def fault(house):
    """Writes a file of the copy, or changes it with a function; all is as before after the test."""
    before = {}

    def write(name, text):
        path = house / name
        before.setdefault(path, path.read_text(encoding="utf-8") if path.exists() else None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(before[path]) if callable(text) else text, encoding="utf-8")
        return path

    yield write
    for path, text in before.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")


def test_imports_pass_as_they_are(house):
    code, output = run("lint-imports", "--no-logo", "--no-cache", cwd=house)
    assert code == 0, output


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("portal/core/upward.py", "import events\n", "portal.core.upward -> events"),
        ("glossary/upward.py", "from directory import models\n", "glossary.upward -> directory"),
        ("search/sideways.py", "import home\n", "search.sideways -> home"),
        ("home/settings_reader.py", "from portal.settings import base\n", "home.settings_reader -> portal.settings"),
    ],
)
def test_an_import_against_the_floors(house, fault, path, text, named):
    fault(path, text)
    code, output = run("lint-imports", "--no-logo", "--no-cache", cwd=house)
    assert code != 0
    assert named in " ".join(output.split())


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("home/fault.py", "import os\n", "F401"),
        ("home/fault.py", "from .models import *\n", "F403"),
        ("home/fault.py", "from datetime import datetime\n\nnow = datetime.now()\n", "DTZ005"),
        ("home/fault.py", "def f(x):\n    try:\n        x()\n    except Exception:\n        return None\n", "BLE001"),
        ("home/fault.py", "def f(_, name):\n    return _(f'Hello {name}')\n", "INT001"),
        ("home/fault.py", f"x = '{'y' * 120}'\n", "E501"),
    ],
)
def test_a_fault_of_python(house, fault, path, text, named):
    target = fault(path, text)
    code, output = run("ruff", "check", "--no-cache", path, cwd=house)
    assert code != 0
    assert named in output
    target.write_text('"""Nothing wrong here."""\n', encoding="utf-8")
    assert run("ruff", "check", "--no-cache", path, cwd=house)[0] == 0


def test_a_fault_of_layout(house, fault):
    target = fault("home/fault.py", "x = {  'a':1 }\n")
    code, output = run("ruff", "format", "--check", "--no-cache", "home/fault.py", cwd=house)
    assert code != 0
    assert "home/fault.py" in output
    target.write_text('x = {"a": 1}\n', encoding="utf-8")
    assert run("ruff", "format", "--check", "--no-cache", "home/fault.py", cwd=house)[0] == 0


@pytest.mark.slow
def test_a_fault_of_types(house, fault, tmp_path):
    target = fault(
        "portal/users/fault.py",
        "from portal.users.models import User\n\n\n"
        "def name(user: User) -> int:\n    return user.username\n\n\n"
        "def untyped(user):\n    return user\n",
    )
    arguments = ["--cache-dir", str(tmp_path), "--follow-imports", "silent", "portal/users/fault.py"]
    code, output = run("mypy", *arguments, cwd=house)
    assert code == 1
    assert "[return-value]" in output
    assert "[no-untyped-def]" in output
    target.write_text(
        "from portal.users.models import User\n\n\ndef name(user: User) -> str:\n    return user.username\n",
        encoding="utf-8",
    )
    code, output = run("mypy", *arguments, cwd=house)
    assert code == 0, output


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('<p style="color: red">x</p>\n', "H021"),
        ('<img src="a.png" width="1" height="1">\n', "H013"),
        ("<div><p>x</p>\n", "H025"),
        ('<button class="a">x</button>\n', "H043"),
        ("{% if x %}y\n", "T038"),
        ("{{x}}\n", "T001"),
    ],
)
def test_a_fault_of_a_template(house, fault, text, named):
    name = "home/templates/home/fault.html"
    target = fault(name, text)
    code, output = run("djlint", "--lint", name, cwd=house)
    assert code == 1
    assert named in output
    target.write_text("<p>Nothing wrong here.</p>\n", encoding="utf-8")
    assert run("djlint", "--lint", name, cwd=house)[0] == 0


@pytest.mark.slow
def test_a_field_without_its_migration(house, fault):
    """The command that a developer runs; ``test_consistency.py`` asks the same of the real tree."""

    def with_a_field(text):
        return re.sub(
            r"^(class User\(.*\n)",
            r"\1    forgotten_field = models.IntegerField(default=0)\n",
            text,
            flags=re.MULTILINE,
        )

    arguments = ["manage.py", "makemigrations", "users", "--check", "--dry-run", "--settings=portal.settings.test"]
    code, output = run("python", *arguments, cwd=house)
    assert code == 0, output
    fault("portal/users/models.py", lambda text: "from django.db import models\n" + with_a_field(text))
    code, output = run("python", *arguments, cwd=house)
    assert code == 1
    assert "forgotten_field" in output


@pytest.fixture
def complete(house, fault, settings):
    """The settings point to the copy, whose catalogues are complete: each message is its own translation."""
    settings.BASE_DIR, settings.LOCALE_PATHS = house, [house / "portal" / "locale"]
    languages = [code for code, _name in settings.LANGUAGES]
    for language in languages:
        path = catalogues.catalogue_path(settings.LOCALE_PATHS[0], language)
        fault(path.relative_to(house).as_posix(), "")
        path.unlink()
    catalogues.extract(house, settings.LOCALE_PATHS[0], languages)
    for language in languages:
        path = catalogues.catalogue_path(settings.LOCALE_PATHS[0], language)
        catalogue = polib.pofile(str(path))
        for entry in catalogue:
            entry.msgstr = "" if entry.msgid_plural else entry.msgid
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, entry.msgid_plural)
        catalogue.save()
    call_command("messages", "check")


def broken_by(change, language, text):
    """The complaint of the check once ``change`` was made to the entry ``text`` of a catalogue."""
    from django.conf import settings

    path = catalogues.catalogue_path(settings.LOCALE_PATHS[0], language)
    catalogue = polib.pofile(str(path))
    change(next(entry for entry in catalogue if entry.msgid == text))
    catalogue.save()
    with pytest.raises(CommandError) as caught:
        call_command("messages", "check")
    assert caught.value.returncode == 1
    return str(caught.value)


def public_message(settings):
    from portal.core.source_messages import messages_of_sources

    messages = messages_of_sources(settings.BASE_DIR).values()
    return next(message.text for message in messages if message.is_public and not message.plural and not message.flags)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_message_without_translation(complete, settings, language):
    text = public_message(settings)
    complaint = broken_by(lambda entry: setattr(entry, "msgstr", ""), language, text)
    assert f"{language}: {text!r}" in complaint
    assert "is not translated" in complaint


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_fuzzy_message(complete, settings, language):
    text = public_message(settings)
    complaint = broken_by(lambda entry: entry.flags.append("fuzzy"), language, text)
    assert f"{language}: {text!r}" in complaint
    assert "is fuzzy" in complaint


def test_a_new_message_that_no_catalogue_has(complete, fault):
    fault("home/fault.py", "from django.utils.translation import gettext\n\ntext = gettext('Brand new words')\n")
    with pytest.raises(CommandError) as caught:
        call_command("messages", "check")
    for language in ("fr", "en", "ar"):
        assert f"{language}: 'Brand new words' (home/fault.py) is missing" in str(caught.value)


def test_a_lost_placeholder(complete, fault, settings):
    fault("home/fault.py", "from django.utils.translation import gettext\n\ntext = gettext('Words of %(name)s')\n")
    call_command("messages", "extract")
    complaint = broken_by(lambda entry: setattr(entry, "msgstr", "Mots"), "fr", "Words of %(name)s")
    assert "['%(name)s']" in complaint


@pytest.mark.slow
def test_the_check_of_messages_exits_with_1(complete, house, fault):
    arguments = ["manage.py", "messages", "check", "--settings=portal.settings.test"]
    code, output = run("python", *arguments, cwd=house)
    assert code == 0, output
    fault("home/fault.py", "from django.utils.translation import gettext\n\ntext = gettext('Brand new words')\n")
    code, output = run("python", *arguments, cwd=house)
    assert code == 1
    assert "Brand new words" in output
