"""Closed lists of the search. Codes stand in public addresses (``?type=structure``)."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ResultType(TextChoices):
    """What results are: the values of ``BasePage.public_type``, and ``service``. Labels name many of them."""

    STRUCTURE = "structure", _("Places")
    SERVICE = "service", _("Services")
    EVENT = "event", _("Events")
    RESOURCE = "resource", _("Resources")
    TERM = "term", _("Words explained")
    CENTRE = "centre", _("Social centres")
    NEWS = "news", _("News")
    PAGE = "page", _("Pages")


#: One result of a type. A structure says its kind instead.
ONE_RESULT: dict[str, str | Promise] = {
    ResultType.STRUCTURE: _("Place"),
    ResultType.EVENT: _("Event"),
    ResultType.RESOURCE: _("Resource"),
    ResultType.TERM: _("Word explained"),
    ResultType.CENTRE: _("Social centre"),
    ResultType.NEWS: _("News"),
    ResultType.PAGE: _("Page"),
}

#: The pictogram of a type.
PICTOGRAMS: dict[str, str] = {
    ResultType.STRUCTURE: "pin",
    ResultType.SERVICE: "hands",
    ResultType.EVENT: "calendar",
    ResultType.RESOURCE: "book",
    ResultType.TERM: "bubble",
    ResultType.CENTRE: "home",
    ResultType.NEWS: "article",
    ResultType.PAGE: "file",
}
