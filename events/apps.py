from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from directory.places import register_soon

        from .listing import soon_at_structure
        from .services import follow_school_calendar

        register_soon(soon_at_structure)
        for signal in (post_save, post_delete):
            signal.connect(follow_school_calendar, sender="core.SchoolHoliday")
