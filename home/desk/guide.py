"""The editor's guide, shown in the admin: ``docs/guide-editeur.md`` as HTML.

It is written in the few signs of Markdown that :func:`as_html` knows; a test of the guide holds it to these.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

DOCS = Path(settings.BASE_DIR) / "docs"
GUIDE = DOCS / "guide-editeur.md"
PICTURES = DOCS / "img" / "guide"
PICTURE_PREFIX = "img/guide/"

PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)\s]+)\)$")
HEADING = re.compile(r"^(#{1,3}) (.+)$")
ITEM = re.compile(r"(?:- |\d+\. )(.+)")


def as_html(text: str) -> SafeString:
    """Headings, paragraphs, lists, quotations, pictures alone in their block; inside them bold and links.

    Blocks are separated by blank lines; an item of a list goes on in indented lines. Headings get an ``id``.
    """
    blocks = re.split(r"\n\s*\n", text.strip())
    return mark_safe("\n".join(_block(block) for block in blocks))  # noqa: S308 - every text is escaped in _inline


def _block(block: str) -> str:
    if match := HEADING.match(block):
        level = len(match[1])
        return f'<h{level} id="{slugify(match[2], allow_unicode=True)}">{_inline(match[2])}</h{level}>'
    if match := PICTURE.match(block):
        return f'<p><img src="{escape(_address(match[2]))}" alt="{escape(match[1])}" loading="lazy"></p>'
    if ITEM.match(block):
        tag = "ul" if block.startswith("- ") else "ol"
        return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in _items(block))}</{tag}>"
    if block.startswith("> "):
        return f"<blockquote><p>{_inline(re.sub(r'(?m)^> ?', '', block))}</p></blockquote>"
    return f"<p>{_inline(block)}</p>"


def _items(block: str) -> Iterator[str]:
    item = ""
    for line in block.splitlines():
        if match := ITEM.match(line):
            if item:
                yield item
            item = match[1]
        else:
            item += f" {line.strip()}"
    yield item


def _inline(text: str) -> str:
    marks: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
        (r"\*\*(.+?)\*\*", r"<strong>\1</strong>"),
        (r"\[([^\]]+)\]\(([^)\s]+)\)", lambda match: f'<a href="{_address(match[2])}">{match[1]}</a>'),
    )
    html: str = escape(" ".join(text.split()))
    for pattern, made in marks:
        html = re.sub(pattern, made, html)
    return html


def _address(written: str) -> str:
    """Pictures of the guide have an address in the admin; others stay as they are."""
    name = written.removeprefix(PICTURE_PREFIX)
    return written if name == written else reverse("editor_guide_picture", args=[name])
