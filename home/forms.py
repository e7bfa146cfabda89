"""The contact form."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

MAX_MESSAGE = 4000
MAX_PREFILL = 500


class PlainTextField(forms.CharField):
    """A text of several lines. Browsers send each line break as two characters and count it as one: so do we."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class ContactForm(forms.Form):
    """A message, and how to answer it if an answer is wanted. Nothing else is asked."""

    message = PlainTextField(
        label=_("Your message"),
        max_length=MAX_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={
            "required": _("Write your message, even a few words."),
            "max_length": _("Your message is too long: %(limit_value)d characters at most (it has %(show_value)d)."),
        },
    )
    answer_to = forms.CharField(
        label=_("How can we answer you?"),
        help_text=_("Your e-mail or your telephone. Leave it empty if you do not want an answer."),
        max_length=120,
        required=False,
        error_messages={"max_length": _("This is too long: %(limit_value)d characters at most.")},
    )
    #: Nobody sees this field; programs that fill in everything betray themselves.
    homepage = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "contact-%s", "use_required_attribute": False, **kwargs})
        for name, field in self.fields.items():
            notes = [f"contact-{name}-help"] if field.help_text else []
            if self.is_bound and name in self.errors:
                notes.insert(0, f"contact-{name}-error")
                field.widget.attrs["aria-invalid"] = "true"
            if notes:
                field.widget.attrs["aria-describedby"] = " ".join(notes)

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data.get("homepage"))

    @property
    def reply_to(self) -> str | None:
        """The e-mail to answer to, when that is what was given."""
        given = self.cleaned_data.get("answer_to", "")
        try:
            validate_email(given)
        except ValidationError:
            return None
        return str(given)
