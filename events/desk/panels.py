"""What the editor of an event shows beside its fields."""

from typing import Any

from django.utils import timezone
from wagtail.admin.panels import Panel

SHOWN_IN_EDITOR = 8


class DatesPanel(Panel):
    """In the editor: the repetition as a sentence, its next dates, the way to change one."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "events/admin/dates_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk and self.instance.is_source and self.instance.starts_at)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            # The models name this panel: what reads them is imported when it is shown.
            from ..rooms import conflicts_of
            from ..sentences import rule_sentence
            from .agendas import agendas_of, clashes
            from .dates import calendar_warning, plan_of, rows_of

            now = timezone.now()
            conflicts = conflicts_of(self.instance, plan_of(self.instance, now).dates, now)
            own = agendas_of(self.request.user) if conflicts else None
            context |= {
                "event": self.instance,
                "sentence": rule_sentence(self.instance),
                "rows": rows_of(self.instance, now, SHOWN_IN_EDITOR),
                "warning": calendar_warning(self.instance, now),
                "clashes": clashes(self.instance, conflicts[:SHOWN_IN_EDITOR], own) if own else [],
                "more_clashes": max(0, len(conflicts) - SHOWN_IN_EDITOR),
            }
            return context
