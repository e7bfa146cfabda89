"""The text in a piece of HTML, changed without ever touching a tag, an attribute or an entity."""

import html
import re
from collections.abc import Callable

#: A comment or a tag; quoted values of attributes may hold ``>``.
TAG = re.compile(r"""<!--.*?-->|<(/?)([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL)
ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
SET_ASIDE = re.compile(r"\s(?:data-word|hidden)(?![\w-])")
LANG = re.compile(r"""\slang\s*=\s*["']?([\w-]*)""", re.IGNORECASE)
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
#: No prose: titles, links, buttons and other things that one acts on, code, drawings.
NOT_PROSE = frozenset(
    "a button h1 h2 h3 h4 h5 h6 summary label legend caption th dt option select textarea title iframe object svg math "
    "script style template noscript code pre kbd samp".split()
)


def plain_copy(text: str) -> str:
    """A text node of the same length, to search in: an entity becomes its sign, then filling (``\\0``).

    An entity that stands for a letter becomes a rule of ``_``, so that no word is found beside it.
    """
    if "&" not in text:
        return text

    def sign(match: re.Match[str]) -> str:
        meant = html.unescape(match[0])
        if len(meant) != 1 or meant.isalnum():
            return "_" * len(match[0])
        return meant + "\0" * (len(match[0]) - 1)

    return ENTITY.sub(sign, text)


def change_prose(source: str, language: str, change: Callable[[str], str]) -> str:
    """The HTML with each of its texts replaced by ``change(text)``, but for titles, links… and other languages."""
    if "<" not in source:
        return change(source)
    parts: list[str] = []
    place = depth = 0
    closes_with = ""
    for tag in TAG.finditer(source):
        text = source[place : tag.start()]
        parts.append(text if closes_with or not text else change(text))
        parts.append(tag[0])
        place = tag.end()
        if not tag[2]:
            continue
        name = tag[2].lower()
        if closes_with:
            if name == closes_with and not tag[3].endswith("/"):
                depth += -1 if tag[1] else 1
                closes_with = closes_with if depth else ""
        elif not tag[1] and name not in VOID and (name in NOT_PROSE or is_foreign(tag[3], language)):
            closes_with, depth = name, 1
    text = source[place:]
    parts.append(text if closes_with or not text else change(text))
    return "".join(parts)


def is_foreign(attributes: str, language: str) -> bool:
    """Whether an element says that its text is in another language, or that its words are explained already."""
    if SET_ASIDE.search(attributes):
        return True
    found = LANG.search(attributes)
    return bool(found and found[1] and found[1].split("-")[0].lower() != language)
