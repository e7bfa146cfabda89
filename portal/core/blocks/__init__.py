"""The content blocks: texts, pictures, links. Each has an icon, a description, a preview and a template."""

from .links import LinkBlock, LinkValue
from .media import PictureBlock
from .stream import BodyBlock
from .texts import CalloutBlock, HeadingBlock, ParagraphBlock, QuestionsBlock, QuoteBlock, StepsBlock

__all__ = [
    "BodyBlock",
    "CalloutBlock",
    "HeadingBlock",
    "LinkBlock",
    "LinkValue",
    "ParagraphBlock",
    "PictureBlock",
    "QuestionsBlock",
    "QuoteBlock",
    "StepsBlock",
]
