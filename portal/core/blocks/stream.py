"""The stream that pages use as their body."""

from wagtail import blocks

from .links import LinkBlock
from .media import PictureBlock
from .texts import CalloutBlock, HeadingBlock, ParagraphBlock, QuestionsBlock, QuoteBlock, StepsBlock


class BodyBlock(blocks.StreamBlock):
    heading = HeadingBlock()
    paragraph = ParagraphBlock()
    callout = CalloutBlock()
    steps = StepsBlock()
    questions = QuestionsBlock()
    quote = QuoteBlock()
    picture = PictureBlock()
    link = LinkBlock()
