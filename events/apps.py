from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from directory.places import register_soon

        from .listing import soon_at_structure

        register_soon(soon_at_structure)
