"""Friendly checks shared by the pages; the database has the last word through constraints."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined] # missing in its stubs

if TYPE_CHECKING:
    from .sourced import SourcedPage


def check_slug_not_reserved(page: "SourcedPage") -> None:
    """Raises when the page's slug is the name of a fixed address."""
    if page.slug in page.RESERVED_SLUGS:
        raise ValidationError({"slug": _("This address is used by the portal itself. Choose another one.")})


def check_slug_unique(page: "SourcedPage") -> None:
    """Raises when another source page of the same type has this slug: their addresses form one family."""
    others = type(page)._default_manager.sources().filter(slug=page.slug).exclude(pk=page.pk)
    if page.slug and others.exists():
        raise ValidationError({"slug": _("Another page of this kind already has this address.")})


def check_opening_hours(value: str) -> None:
    """Validator: the text must follow the OpenStreetMap ``opening_hours`` specification."""
    if "?" in value and '"' not in value:
        raise ValidationError(_("A period needs its beginning and its end, such as 9:00 and 12:00."))
    try:
        OpeningHours(value)
    except (ParserError, SyntaxError, ValueError) as error:
        raise ValidationError(
            _("These opening hours can't be read. Write them as “Mo-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00”.")
        ) from error


def require(page: "SourcedPage", *names: str) -> None:
    """Raises for each named fact that is empty: facts are nullable in the database for the sake of translations."""
    errors = {name: _("This field is required.") for name in names if getattr(page, name) in (None, "", [])}
    if errors:
        raise ValidationError(errors)
