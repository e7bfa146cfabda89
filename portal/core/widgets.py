"""Form widgets of the admin."""

from typing import Any

from django import forms
from wagtail.admin.staticfiles import versioned_static


class ColourInput(forms.TextInput):
    """A colour to write (``#0a6b57``) with a field beside it where one picks it; a script keeps the two in step."""

    template_name = "core/widgets/colour.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"size": 8, "spellcheck": "false", "autocomplete": "off", **(attrs or {})})

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=[versioned_static("js/admin-colour.js")])
