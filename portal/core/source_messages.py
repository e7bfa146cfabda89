"""The messages of the sources: which texts Python modules and templates ask Django to translate, and who sees them."""

import ast
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import TokenError
from typing import Any

from django.template import Context, Node, Origin, Template, TemplateSyntaxError, engines
from django.template.base import FilterExpression, Lexer, TokenType
from django.template.smartif import TokenBase
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation
from django.utils.functional import Promise

# ``function: positions of its messages``, as Babel wants them; ``(1, "c")`` is a context.
KEYWORDS: dict[str, tuple[Any, ...]] = {
    "_": (1,),
    "gettext": (1,),
    "gettext_lazy": (1,),
    "gettext_noop": (1,),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TRANSLATORS = "Translators:"
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg", ".json", ".webmanifest"}
SKIPPED_FOLDERS = {"migrations", "tests", "static", "locale", "__pycache__"}
PERCENT = re.compile(r"%\((?P<name>\w+)\)[#0\-+ ]*\d*(?:\.\d+)?(?P<kind>[diouxXeEfFgGcrsa])|%(?P<bare>[dfsr])")
BRACE = re.compile(r"\{(\w*)[^{}]*\}")


# --- Who sees a message ----------------------------------------------------------------------------------------------
# Modules and templates of the admin.
ADMIN_ONLY = re.compile(
    r"""
      (^|/)(viewsets|wagtail_hooks|panels|apps|colours|widgets|positions|position_views)\.py$
    | (^|/)desk/ | (^|/)imports/ | (^|/)(structure_forms|fetching)\.py$ | (^|/)models/(imports|duplicates)\.py$
    | (^|/)management/commands/
    | ^portal/settings/ | ^portal/(users|images)/forms\.py$
    | (^|/)templates/(.*/)?(admin|wagtailadmin|widgets)/
    """,
    re.VERBOSE,
)
# Modules whose labels, help texts and faults are for editors, but that also speak to visitors.
MOSTLY_ADMIN = re.compile(r"(^|/)(models\w*|blocks)\.py$|(^|/)(models|blocks)/.*\.py$")


def is_admin_only(path: str) -> bool:
    """Whether the messages of the file at ``path`` (from the root of the project, with ``/``) are for editors only.

    Of models and blocks they are, but for :func:`public_lines`.
    """
    return bool(ADMIN_ONLY.search(path) or MOSTLY_ADMIN.search(path))


def public_lines(tree: ast.Module) -> set[int]:
    """Lines of a module of models or blocks whose messages visitors see.

    These are the labels in a class of choices, and what methods say, but those that validate or save what an editor
    wrote (``clean``, ``clean_…``, ``save``).
    """
    lines: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(bases=bases):
                is_public = any(ast.unparse(base).endswith("Choices") for base in bases)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                is_public = not name.lstrip("_").startswith(("clean", "save", "init__"))
            case _:
                continue
        if is_public:
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


# --- Messages of the sources -----------------------------------------------------------------------------------------
Key = tuple[str | None, str]  # context, message


@dataclass
class Message:
    """One message of the sources, with the files where it occurs."""

    context: str | None
    text: str
    plural: str | None = None
    paths: set[str] = field(default_factory=set)
    comments: set[str] = field(default_factory=set)
    is_public: bool = False

    @property
    def flags(self) -> list[str]:
        """``python-format`` or ``python-brace-format`` when the text holds such a placeholder."""
        texts = self.text + (self.plural or "")
        if PERCENT.search(texts.replace("%%", "")):
            return ["python-format"]
        return ["python-brace-format"] if BRACE.search(texts) else []


class SourceError(Exception):
    """A source that can't be read, or sources that disagree; the text says which and why."""


def packages(root: Path) -> list[Path]:
    """The Python packages at the top of the project, but its tests."""
    return sorted(path.parent for path in root.glob("*/__init__.py") if path.parent.name != "tests")


def source_files(root: Path) -> Iterator[Path]:
    """Python files and templates that may hold messages, in a stable order."""
    for package in packages(root):
        for folder, folders, names in os.walk(package):
            folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
            in_templates = "templates" in Path(folder).relative_to(root).parts
            for name in sorted(names):
                suffix = Path(name).suffix
                if suffix == ".py" or (in_templates and suffix in TEMPLATE_SUFFIXES):
                    yield Path(folder, name)


def aliases(tree: ast.Module) -> dict[str, tuple[Any, ...]]:
    """Other names that a Python module gives to gettext functions: ``from … import gettext_lazy as text``."""
    return {
        alias.asname: KEYWORDS[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname and alias.name in KEYWORDS
    }


def messages_of_python(source: str, name: str) -> Iterator[Message]:
    """The messages of a Python module, called ``name`` in the catalogues."""
    from babel.messages.extract import extract as babel_extract

    tree = ast.parse(source)
    seen_by_visitors = set() if ADMIN_ONLY.search(name) or not MOSTLY_ADMIN.search(name) else public_lines(tree)
    keywords = KEYWORDS | aliases(tree)
    for line, texts, comments, context in babel_extract(
        "python", io.BytesIO(source.encode()), keywords, [TRANSLATORS], {"encoding": "utf-8"}
    ):
        text, plural = (texts, None) if isinstance(texts, str) else (texts[0], texts[1])
        yield Message(
            context,
            text,
            plural,
            comments={comment.removeprefix(TRANSLATORS).strip() for comment in comments},
            is_public=not is_admin_only(name) or line in seen_by_visitors,
        )


def messages_of_template(source: str, name: str) -> Iterator[Message]:
    """The messages of a template, read from its compiled nodes: just what Django will look up when it renders.

    ``django.utils.translation.template.templatize``, meant for xgettext, loses escaped quotes and what follows a
    comment on its line. A note for translators is a ``{# Translators: … #}`` on the line before.
    """
    engine = engines["django"].engine  # type: ignore[attr-defined]  # of DjangoTemplates
    nodes = Template(source, origin=Origin(name), engine=engine).nodelist
    notes = {
        token.lineno: token.contents.removeprefix(TRANSLATORS).strip()
        for token in Lexer(source).tokenize()
        if token.token_type is TokenType.COMMENT and token.contents.startswith(TRANSLATORS)
    }
    with translation.override(None):  # a lazy text then gives its message, untranslated
        for message, line in messages_of_nodes(nodes, 0, set()):
            message.comments = {notes[near] for near in (line, line - 1) if near in notes}
            message.is_public = not is_admin_only(name)
            yield message


def messages_of_nodes(item: Any, line: int, seen: set[int]) -> Iterator[tuple[Message, int]]:
    """Messages of a part of a compiled template, and of all that it holds, each with its line."""
    if id(item) in seen:
        return
    seen.add(id(item))
    line = getattr(getattr(item, "token", None), "lineno", None) or line
    inner: Iterable[Any] = ()
    match item:
        case Promise():  # _("…") as a variable or as the argument of a filter or tag
            yield Message(None, str(item)), line
        case TranslateNode():
            text = item.filter_expression.var.literal
            if isinstance(text, str):
                yield Message(constant(item.message_context), text.replace("%", "%%")), line
            inner = (item.filter_expression.filters,)
        case BlockTranslateNode():
            text, _names = item.render_token_list(item.singular)
            plural = item.render_token_list(item.plural)[0] if item.plural and item.countervar else None
            yield Message(constant(item.message_context), text, plural), line
            inner = (item.extra_context, item.counter)
        case list() | tuple():
            inner = item
        case dict():
            inner = item.values()
        case FilterExpression():
            inner = (item.var, item.filters)
        case Node() | TokenBase():
            inner = vars(item).values()
    for part in inner:
        yield from messages_of_nodes(part, line, seen)


def constant(expression: FilterExpression | None) -> str | None:
    """The value of a constant expression, such as the context of a message."""
    return None if expression is None else str(expression.resolve(Context()))


def messages_of(path: Path, name: str) -> Iterator[Message]:
    """The messages of one file, called ``name`` in the catalogues. Raises :class:`SourceError`."""
    read_messages = messages_of_python if path.suffix == ".py" else messages_of_template
    try:
        for message in read_messages(path.read_text(encoding="utf-8"), name):
            message.paths = {name}
            yield message
    except (SyntaxError, TokenError, TemplateSyntaxError, UnicodeError) as error:
        raise SourceError(f"{name}: {error}") from error


def messages_of_sources(root: Path) -> dict[Key, Message]:
    """Every message below ``root``; the same text in several files is one message, as for gettext.

    Raises :class:`SourceError` when a file can't be read or when one text has two different plurals.
    """
    found: dict[Key, Message] = {}
    for path in source_files(root):
        for message in messages_of(path, path.relative_to(root).as_posix()):
            known = found.setdefault((message.context, message.text), message)
            if known.plural and message.plural and known.plural != message.plural:
                raise SourceError(f"{message.text!r} has two plurals: {sorted(known.paths | message.paths)}")
            known.plural = known.plural or message.plural
            known.paths |= message.paths
            known.comments |= message.comments
            known.is_public |= message.is_public
    return found
