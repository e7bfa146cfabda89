"""Prose of a page, as shown: other applications may mark things in it, such as the words that they can explain.

Core knows no such application: each registers an *annotator*, and the template tag ``explain`` hands every piece of
prose to all of them. What must happen once in a page (a word is marked where it is first met) is remembered in the
:class:`Prose` of one rendering, which :class:`~portal.core.models.BasePage` puts in the context of its template.
"""

import re
from collections.abc import Callable, Hashable
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

#: ``annotator(html, language, prose)`` gives the HTML with its marks: same text, well-formed, safe.
Annotator = Callable[[str, str, "Prose"], str]

_annotators: list[Annotator] = []

#: A French telephone number in its five pairs.
PHONE = re.compile(r"\b0\d(?: \d\d){4}\b")


def register_annotator(annotator: Annotator) -> None:
    """Called once by an application, when it is ready."""
    if annotator not in _annotators:
        _annotators.append(annotator)


class Prose:
    """What is known while the prose of one page is shown. ``page`` is the row whose text is read.

    ``marked`` holds what was marked already, ``notes`` what an annotator wants to keep until the end of the page.
    """

    def __init__(self, page: Any = None) -> None:
        self.page = page
        self.marked: set[Hashable] = set()
        self.notes: dict[str, Any] = {}

    def annotate(self, text: str, language: str) -> SafeString:
        """HTML of a text in ``language``: plain text is escaped first, safe HTML is kept."""
        # Between plain spaces the pairs of a number would be read from right to left in an Arabic text.
        html = PHONE.sub(lambda found: found[0].replace(" ", "\u00a0"), str(conditional_escape(text)))
        if html:
            for annotator in _annotators:
                html = annotator(html, language, self)
        return mark_safe(html)  # noqa: S308 - escaped above, and annotators promise safe HTML
