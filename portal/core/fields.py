"""Model fields of the portal: sets of codes, ages in months, telephone numbers."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SEPARATOR = "|"


class CodesField(models.CharField):
    """Several codes of a closed list, in one column (``|ar|fr|``) that every database can filter.

    In Python a list of codes in the order of the choices; unknown codes are refused by ``full_clean()``.
    Filter with ``name__contains=CodesField.needle("ar")``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", list)
        self.codes = kwargs.pop("codes", ())
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs  # the closed list is no part of the schema: no migration for a new code

    @staticmethod
    def needle(code: str) -> str:
        """The text to look for with ``contains``."""
        return f"{SEPARATOR}{code}{SEPARATOR}"

    def parse(self, value: Any) -> list[str]:
        if not value:
            return []
        parts: Iterable[str] = value.split(SEPARATOR) if isinstance(value, str) else value
        return [str(part) for part in parts if part]

    def from_db_value(self, value: str | None, expression: object, connection: object) -> list[str]:
        return self.parse(value)

    def to_python(self, value: Any) -> Any:
        return self.parse(value)

    def get_prep_value(self, value: Any) -> str:
        order = {code: rank for rank, (code, _label) in enumerate(self.codes)}
        parts = sorted(set(self.parse(value)), key=lambda code: (order.get(code, len(order)), code))
        return f"{SEPARATOR}{SEPARATOR.join(parts)}{SEPARATOR}" if parts else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        # A look-up such as ``contains`` brings a ready needle; a save brings a list.
        return value if isinstance(value, str) else self.get_prep_value(value)

    def get_lookup(self, lookup_name: str) -> Any:
        return models.CharField().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        known = {code for code, _label in self.codes}
        for code in value:
            if code not in known:
                raise ValidationError(_("“%(code)s” is not one of the choices.") % {"code": code})

    def run_validators(self, value: Any) -> None:
        super().run_validators(self.get_prep_value(value))

    def formfield(self, **kwargs: Any) -> Any:
        return forms.MultipleChoiceField(
            choices=self.codes,
            required=False,
            label=kwargs.get("label") or (self.verbose_name and str(self.verbose_name).capitalize()),
            help_text=self.help_text,
            widget=forms.CheckboxSelectMultiple,
            initial=list,
        )

    def labels(self, value: Iterable[str]) -> list[Any]:
        """Labels of the codes, lazily translated; a code that has left the list is shown as it is."""
        names = dict(self.codes)
        return [names.get(code, code) for code in value]


AGE_PATTERN = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(an|ans|a|mois|m|year|years|month|months)?\s*$", re.IGNORECASE)
MAX_AGE_MONTHS = 120 * 12


class AgeFormField(forms.Field):
    """An age typed as “3 ans”, “18 mois” or “2,5” (years), kept as a whole number of months."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return f"{value // 12} ans" if value % 12 == 0 and value else f"{value} mois"
        return value

    def to_python(self, value: Any) -> int | None:
        text = str(value).strip() if value is not None else ""
        if not text:
            return None
        match = AGE_PATTERN.match(text)
        if not match:
            raise ValidationError(_("Write an age such as “3 ans” or “18 mois”."))
        number = float(match[1].replace(",", "."))
        months = round(number if (match[2] or "").lower().startswith("m") else number * 12)
        if months > MAX_AGE_MONTHS:
            raise ValidationError(_("This age is too high."))
        return months

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class AgeField(models.PositiveSmallIntegerField):
    """An age in whole months; 36 is three years."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return AgeFormField(
            required=False,
            label=kwargs.get("label") or (self.verbose_name and str(self.verbose_name).capitalize()),
            help_text=self.help_text or gettext_lazy("For example “3 ans” or “18 mois”."),
        )


def parse_phone(value: str) -> phonenumbers.PhoneNumber:
    """A number as dialled from France, short numbers (3018, 119) included. Raises ``ValidationError``."""
    message = _("This is not a telephone number. Write it as “03 20 16 84 30”.")
    try:
        number = phonenumbers.parse(value, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValidationError(message) from error
    if not (phonenumbers.is_possible_number(number) or phonenumbers.is_valid_short_number_for_region(number, "FR")):
        raise ValidationError(message)
    return number


def phone_for_display(value: str) -> str:
    """The number as it is read aloud in France: in pairs, or international for a foreign number."""
    number = parse_phone(value)
    if phonenumbers.is_valid_short_number_for_region(number, "FR") or not phonenumbers.is_possible_number(number):
        return str(number.national_number)
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.NATIONAL if number.country_code == 33 else style.INTERNATIONAL)


@lru_cache(maxsize=4096)
def phone_uri(value: str) -> str:
    """``tel:`` address of a number, empty when it can't be dialled."""
    if not value:
        return ""
    try:
        number = parse_phone(value)
    except ValidationError:
        return ""
    if phonenumbers.is_possible_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.RFC3966)
    return f"tel:{number.national_number}"


class PhoneField(models.CharField):
    """A telephone number, normalised for display by ``full_clean()``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        value = super().clean(value, model_instance)
        return phone_for_display(value) if value else value
