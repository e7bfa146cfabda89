"""Closed lists of the glossary."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Collection(TextChoices):
    """The two glossaries, each with its own voice."""

    DIGITAL = "numerique", _("When children become teachers")
    PARENTING = "parentalite", _("The parenting glossary")


class TermKind(TextChoices):
    WORD = "word", _("Word")
    HOW_TO = "howto", _("How to")


class Origin(TextChoices):
    """Who wrote a definition."""

    CHILDREN = "children", _("Written by children")
    EDITORS = "editors", _("Written by the team")
