"""Blocks of text."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(
        label=_("heading"),
        max_length=120,
        help_text=_("A question or a few words that say what follows, such as “Comment ça se passe ?”."),
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        description = _("The title of a part of the page.")
        template = "blocks/heading.html"
        preview_value = {"text": "Comment ça se passe ?"}


class ParagraphBlock(blocks.StructBlock):
    html = blocks.RichTextBlock(
        label=_("text"),
        features=["bold", "italic", "ol", "ul", "link", "document-link"],
        help_text=_("Short sentences, one idea each. Select words to make them bold or to link them."),
    )

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        description = _("Some paragraphs. Short sentences, known words.")
        template = "blocks/paragraph.html"
        preview_value = {
            "html": "<p>Vous pouvez venir <strong>sans rendez-vous</strong>. Quelqu’un vous accueille.</p>"
        }


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(
        label=_("title"),
        max_length=80,
        required=False,
        help_text=_("A few words, such as “Bon à savoir”. It may stay empty."),
    )
    text = blocks.TextBlock(
        label=_("text"), max_length=600, help_text=_("What must not be missed, in one or two sentences.")
    )

    class Meta:
        icon = "info-circle"
        label = _("Good to know")
        description = _("A short message that must not be missed.")
        template = "blocks/callout.html"
        preview_value = {"title": "Bon à savoir", "text": "L’accueil est gratuit et ouvert à tous."}


class StepsBlock(blocks.StructBlock):
    items = blocks.ListBlock(
        blocks.TextBlock(label=_("step"), max_length=300, help_text=_("One thing to do, such as “Appelez le centre.”")),
        label=_("steps"),
        min_num=1,
    )

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        description = _("What to do, in order.")
        template = "blocks/steps.html"
        preview_value = {"items": ["Appelez le centre.", "Venez avec une pièce d’identité.", "Choisissez un atelier."]}


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(
        label=_("question"), max_length=160, help_text=_("As a visitor would ask it, such as “Faut-il s’inscrire ?”.")
    )
    answer = blocks.TextBlock(
        label=_("answer"), max_length=1500, help_text=_("Begin with yes, with no, or with the answer itself.")
    )

    class Meta:
        icon = "help"
        label = _("Question")


class QuestionsBlock(blocks.StructBlock):
    items = blocks.ListBlock(QuestionBlock(), label=_("questions"), min_num=1)

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        description = _("Frequent questions, each with its answer folded below.")
        template = "blocks/questions.html"
        preview_value = {"items": [{"question": "Faut-il s’inscrire ?", "answer": "Non. Poussez la porte."}]}


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(
        label=_("words"), max_length=400, help_text=_("Word for word, with the grammar of those who spoke.")
    )
    source = blocks.CharBlock(
        label=_("who says it"),
        max_length=120,
        required=False,
        help_text=_("A group or a function, never a child's name."),
    )

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        description = _("The words of somebody, in their own way.")
        template = "blocks/quote.html"
        preview_value = {
            "text": "On vient pour un café, on repart avec une solution.",
            "source": "Un groupe de parents",
        }
