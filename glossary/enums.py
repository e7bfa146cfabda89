"""Closed lists of the glossary."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Collection(TextChoices):
    """The two glossaries, each with its own voice."""

    DIGITAL = "numerique", _("When children become teachers")
    PARENTING = "parentalite", _("The parenting glossary")


#: What each collection is, in a sentence for readers.
COLLECTION_NOTES: dict[str, str | Promise] = {
    Collection.DIGITAL: _("The words of screens and of the Internet, explained by children, in their own words."),
    Collection.PARENTING: _("The words of parents: benefits, childcare, school, health, rights."),
}


class TermKind(TextChoices):
    WORD = "word", _("Word")
    HOW_TO = "howto", _("How to")


class Origin(TextChoices):
    """Who wrote a definition."""

    CHILDREN = "children", _("Written by children")
    EDITORS = "editors", _("Written by the team")
