"""The rules of the house, each read from the real tree. ``test_guards.py`` proves that the tools notice when broken."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ProjectState
from django.template import engines
from django.utils import translation
from wagtail.fields import StreamField
from wagtail.models import Page

from portal.core import catalogues
from tests.run import STEPS
from tests.tree import PACKAGES, ROOT, python_files, reads_files_only, run, template_files, text_of, tracked_files

pytestmark = reads_files_only

# --- Messages --------------------------------------------------------------------------------------------------------


def test_catalogues_are_complete():
    languages = [code for code, _name in settings.LANGUAGES]
    faults = catalogues.check(ROOT, settings.LOCALE_PATHS[0], languages)
    assert not faults, "\n".join(faults)


def test_no_fuzzy_message():
    fuzzy = [
        path
        for path in tracked_files()
        if path.suffix == ".po" and re.search(r"^#,.*\bfuzzy\b", text_of(path), re.MULTILINE)
    ]
    assert fuzzy == []


# --- Models ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db  # a migration of wagtail-localize asks the database when it is read
def test_no_missing_migration():
    """Of our applications; what third parties forgot is theirs."""
    loader = MigrationLoader(None)
    labels = {config.label for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES}
    detector = MigrationAutodetector(
        loader.project_state(),
        ProjectState.from_apps(apps),
        MigrationQuestioner(specified_apps=labels, dry_run=True),
    )
    with translation.override(None):  # names of fields are compared as they are written
        changes = detector.changes(graph=loader.graph)
    missing = [
        f"{label}: {operation.describe()}"
        for label in labels & changes.keys()
        for migration in changes[label]
        for operation in migration.operations
    ]
    assert missing == []


# --- Code ------------------------------------------------------------------------------------------------------------


def test_imports_run_one_way():
    code, output = run("lint-imports", "--no-logo", "--no-cache")
    assert code == 0, output


def test_star_imports_only_in_settings():
    stars = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files()
        if path.parent != ROOT / "portal" / "settings"
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert stars == []


def test_no_file_is_called_utils():
    assert [path for path in python_files() if path.stem in ("utils", "helpers", "misc")] == []


# --- Templates -------------------------------------------------------------------------------------------------------

# Templates that nothing names in full, with the reason.
USED_BY_CONVENTION = {
    "403.html": "Django's handler of forbidden addresses",
    "403_csrf.html": "Django's page of a failed CSRF check",
    "404.html": "Django's handler of unknown addresses",
    "500.html": "Django's handler of errors",
}
NAME_IN_TEXT = re.compile(r"""["']([\w./-]+\.(?:html|txt|xml|json|svg))["']""")


def names_in_sources():
    """Every name of a template that some Python file or another template of ours spells out."""
    sources = {path: None for path in python_files() if path.relative_to(ROOT).parts[0] in PACKAGES}
    sources |= {path: name for name, path in template_files().items()}
    return {name for path, own in sources.items() for name in NAME_IN_TEXT.findall(text_of(path)) if name != own}


def page_templates():
    models = [model for model in apps.get_models() if issubclass(model, Page)]
    return {model.template for model in models} | {
        model.landing_page_template for model in models if hasattr(model, "landing_page_template")
    }


def overrides_third_party(name):
    """Whether another package has a template of this name, which ours replaces."""
    django_engine = engines["django"].engine
    for loader in django_engine.template_loaders:
        for origin in loader.get_template_sources(name):
            path = str(origin.name)
            if not path.startswith(tuple(str(ROOT / package) for package in PACKAGES)):
                try:
                    loader.get_contents(origin)
                except Exception:  # noqa: BLE001 - TemplateDoesNotExist, of any loader
                    continue
                return True
    return False


def test_every_template_is_used():
    used = names_in_sources() | page_templates() | USED_BY_CONVENTION.keys()
    unused = [name for name in template_files() if name not in used and not overrides_third_party(name)]
    assert unused == []


def test_templates_named_in_templates_exist():
    """A misspelt name would only fail when it is rendered."""
    known = template_files()
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in known.values()
        for name in re.findall(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""", text_of(path))
        if name not in known and not overrides_third_party(name)
    ]
    assert missing == []


def blocks_of_streams():
    """The blocks that editors may insert in the pages' streams, by name."""
    return {
        f"{model._meta.label}.{field.name}.{name}": block
        for model in apps.get_models()
        if model.__module__.split(".")[0] in PACKAGES
        for field in model._meta.get_fields()
        if isinstance(field, StreamField)
        for name, block in field.stream_block.child_blocks.items()
    }


def test_every_block_says_what_it_is():
    """Icon, description, markup, and something to show in the preview."""
    lacking = [
        f"{name}: {what}"
        for name, block in blocks_of_streams().items()
        for what, found in {
            "icon": block.meta.icon != "placeholder",
            "description": block.get_description(),
            "template": getattr(block.meta, "template", None),
            "preview": block.is_previewable,
        }.items()
        if not found
    ]
    assert lacking == []


def test_templates_hold_no_inline_code():
    """The content security policy would refuse it: no style or handler in an attribute, no script or style inside.

    JSON data blocks are no code. The map has a document of its own, made by folium, with its own policy.
    """
    found = []
    for name, path in template_files().items():
        text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", text_of(path), flags=re.DOTALL)
        if path.suffix == ".html":
            found += [
                f"{name}: {match[0]}" for match in re.finditer(r"""<[a-z][^<>]*\s(?:style|on[a-z]+)=["'{]""", text)
            ]
            found += [
                f"{name}: {match[0]}"
                for match in re.finditer(r"<script\b[^>]*>|<style\b[^>]*>", text)
                if "src=" not in match[0] and "json" not in match[0]
            ]
    assert found == []


# --- Files -----------------------------------------------------------------------------------------------------------

REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "repo.maven" + ".apache.org",
)
HOME_FOLDERS = re.compile(r"(?<![\w.}-])/(?:root|work|Users|home/\w+)/[\w.-]")


def registry_of_this_machine():
    """Host names of the package index that pip and uv use here, so that they don't slip into a file."""
    code, output = run("python", "-m", "pip", "config", "list")
    return set(re.findall(r"https?://(?:[^@/\s']+@)?([\w.-]+)", output)) if code == 0 else set()


def test_no_file_names_this_machine_or_a_registry():
    hosts = {*REGISTRIES, *registry_of_this_machine()} - {"127.0.0.1", "localhost"}
    found = []
    for path in tracked_files():
        text = text_of(path)
        if text is None or "vendor" in path.parts:
            continue
        name = path.relative_to(ROOT).as_posix()
        found += [f"{name}: {host}" for host in hosts if host in text]
        if str(ROOT) in text or HOME_FOLDERS.search(text):
            found.append(f"{name}: an absolute path")
    assert found == []


def test_nothing_produced_is_tracked():
    produced = [
        path
        for path in tracked_files()
        if path.suffix in (".mo", ".pyc", ".sqlite3") or {"var", ".venv"} & {*path.relative_to(ROOT).parts[:1]}
    ]
    assert produced == []


@pytest.mark.parametrize("name", ["base", "test"])
def test_requirements_are_pinned_with_hashes(name):
    text = text_of(ROOT / "requirements" / f"{name}.txt")
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", text)
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n|^\s+#.*\n?", "", text, flags=re.MULTILINE))
    entries = [entry for entry in entries if entry.strip()]
    unpinned = [entry.split("\n")[0] for entry in entries if not re.match(r"[\w.\[\],-]+==[\w.!+]+", entry)]
    unhashed = [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry]
    assert entries
    assert (unpinned, unhashed) == ([], [])


def direct_requirements(name):
    lines = text_of(ROOT / "requirements" / f"{name}.in").splitlines()
    lines = [line.split("#")[0].strip() for line in lines]
    return {re.split(r"[\[<>=!~; ]", line)[0] for line in lines if line and not line.startswith("-")}


@pytest.mark.parametrize("name", ["base", "test"])
def test_direct_requirements_are_compiled(name):
    compiled = set(
        re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", text_of(ROOT / "requirements" / f"{name}.txt"), re.MULTILINE)
    )
    assert direct_requirements(name) <= compiled


def test_each_direct_requirement_has_its_reason():
    text = text_of(ROOT / "docs" / "decisions" / "0005-libraries.md")
    assert direct_requirements("base") == set(re.findall(r"^\| ([\w-]+) \| (?!reason)", text, re.MULTILINE))


# --- Commands and documents ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["demo", "setup", "test"])
def test_makefile_has_the_contract(target):
    assert re.search(rf"^{target}:", text_of(ROOT / "Makefile"), re.MULTILINE)


@pytest.mark.parametrize(
    "guard",
    [
        "ruff check .",
        "ruff format --check .",
        "mypy",
        "djlint --lint",
        "lint-imports",
        "makemigrations --check",
        "messages check",
        "pytest",
    ],
)
def test_make_test_runs_each_guard(guard):
    commands = [" ".join(Path(part).name or str(part) for part in step.command) for step in STEPS]
    assert any(guard in command for command in commands)


def test_ci_can_be_run():
    script = ROOT / ".ci" / "run"
    assert script.exists()
    mode = subprocess.run(["git", "ls-files", "-s", ".ci/run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert script.stat().st_mode & 0o111 or mode.stdout.startswith("100755")


def test_readme_names_every_variable_of_the_environment():
    read = {
        name
        for path in (ROOT / "portal" / "settings").glob("*.py")
        for name in re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", text_of(path))
    }
    assert read <= set(re.findall(r"^\| `([A-Z_]+)`", text_of(ROOT / "README.md"), re.MULTILINE))


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{path.relative_to(ROOT)}: {link}"
        for path in tracked_files()
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(path))
        if "://" not in link and not link.startswith("mailto:") and not (path.parent / link).exists()
    ]
    assert broken == []


def test_index_of_decisions():
    folder = ROOT / "docs" / "decisions"
    files = {path.name for path in folder.glob("[0-9]*.md")}
    assert set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text_of(folder / "README.md"))) == files
