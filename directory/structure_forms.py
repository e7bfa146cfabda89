"""The form of a sheet in the admin."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .position_forms import PositionForm


class StructureForm(PositionForm):
    """On an imported sheet, what was edited is kept from the next import, and shown with a way to give it back."""

    locked_fields = forms.MultipleChoiceField(
        label=_("Kept from imports"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What somebody wrote here: imports leave it as it is. Untick a line to take the source’s again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from .imports.locks import kept_from_imports, record_of

        self.record = record_of(self.instance) if self.instance.is_source else None
        if "locked_fields" not in self.fields:
            return
        kept = kept_from_imports(self.instance, self.record) if self.record else []
        if not kept:
            del self.fields["locked_fields"]
            return
        self.fields["locked_fields"].choices = [
            (name, capfirst(str(self.instance._meta.get_field(name).verbose_name))) for name in kept
        ]
        self.initial["locked_fields"] = kept

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.record is not None:
            from .imports import values

            changed = values.lockable(set(self.changed_data) - {"locked_fields"})
            ticked = cleaned.get("locked_fields") or []
            kept = values.together({*ticked, *changed}) - values.NEVER_LOCKED
            locked = [name for name in values.OWNED if name in kept]
            if "locked_fields" in self.fields:
                cleaned["locked_fields"] = locked
            else:
                self.instance.locked_fields = locked
        return cleaned
