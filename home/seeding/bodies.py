"""From blocks as written in a file to the value of a ``StreamField``."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]
#: Names of blocks are made from it, so the same text always gives the same blocks.
NAMESPACE = uuid.UUID("0f3f5f3c-7a0e-4d43-9a5e-6b5a2f4f9f5e")


def body_value(blocks: Sequence[Block], *, key: str) -> list[dict[str, Any]]:
    """The raw value of a body of ``{"type": …, field: …}`` blocks.

    Identifiers follow from ``key``, which names the page, and from the place of the block: wagtail-localize knows a
    string by the identifiers of the blocks around it, so the body of a translation must be made with the same key.
    """
    return [_raw_block(block, f"{key}/{place}") for place, block in enumerate(blocks)]


def _raw_block(block: Block, key: str) -> dict[str, Any]:
    value = {name: content for name, content in block.items() if name != "type"}
    if "items" in value:
        value["items"] = [
            {"type": "item", "value": item, "id": _identifier(f"{key}/{place}")}
            for place, item in enumerate(value["items"])
        ]
    return {"type": block["type"], "value": value, "id": _identifier(key)}


def _identifier(key: str) -> str:
    return str(uuid.uuid5(NAMESPACE, key))
