"""The editor's form of an event."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.core.days import long_day
from portal.core.sourced import SourcedPageForm

from ..rules import parse_rule
from .repetition import RepetitionField


class EventPageForm(SourcedPageForm):
    """The repetition is chosen in words; its first date must be one of its dates."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("rrule"):
            self.fields["rrule"] = RepetitionField(required=False, label=field.label, help_text=field.help_text)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean()
        rule, start = values.get("rrule"), values.get("starts_at")
        if rule and start and "rrule" in self.changed_data:
            self.check_first_date(rule, start)
        return values

    def save(self, commit: bool = True) -> Any:
        """Of an imported event, what somebody edits here is theirs: the next import leaves it."""
        if self.instance.source:
            lists = {name for name, formset in self.formsets.items() if formset.has_changed()}
            edited = (set(self.changed_data) | lists) - {"slug", "comment_notifications", "comments"}
            self.instance.locked_fields = sorted({*self.instance.locked_fields, *edited})
        return super().save(commit=commit)

    def check_first_date(self, rule: str, start: Any) -> None:
        """A series that begins on a Monday and takes place on Wednesdays is a slip."""
        try:
            parsed = parse_rule(rule, start, is_all_day=bool(self.cleaned_data.get("is_all_day")))
        except ValidationError:
            return  # the model's own check says why
        first = next(iter(parsed), None)
        if first is None:
            self.add_error("rrule", _("This repetition gives no date: look at its end."))
        elif first != parsed.start:
            message = _("The event begins on %(day)s, which the repetition does not give: change one of both.")
            self.add_error("rrule", message % {"day": long_day(start)})
