"""The sections of a portal are made by a floor above: what needs them (an import into an empty portal) asks here."""

from collections.abc import Callable

_layers: list[Callable[[], object]] = []


def register_foundations(lay: Callable[[], object]) -> None:
    """``lay`` makes the pages that every portal has where they are missing; it may be called again."""
    if lay not in _layers:
        _layers.append(lay)


def lay_foundations() -> None:
    for lay in _layers:
        lay()
