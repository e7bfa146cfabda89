"""Easy to read (FALC): a page shown with its easy text, at an address that can be shared, printed, kept in a cache."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

#: ``?lire=facile`` after the address of a page. Changing the language keeps it.
PARAMETER, VALUE = "lire", "facile"


@dataclass(frozen=True)
class EasyReading:
    """The two ways to read a page that has an easy text. ``lines`` are its sentences, one each."""

    is_on: bool
    full_url: str
    easy_url: str
    lines: list[str]


def easy_reading(page: Any, request: HttpRequest | None) -> EasyReading | None:
    """``None`` for a page without an easy text in its language: there is nothing to switch to."""
    lines = getattr(page, "easy_lines", [])
    if not lines:
        return None
    path = request.path if request else ""
    return EasyReading(
        is_on=bool(request and request.GET.get(PARAMETER) == VALUE),
        full_url=path or "?",
        easy_url=f"{path}?{PARAMETER}={VALUE}",
        lines=lines,
    )
