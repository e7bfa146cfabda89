from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "directory"
    verbose_name = _("Directory")

    def ready(self) -> None:
        from wagtail.models import Revision

        from portal.core.near import register_locator

        from . import signals
        from .models import StructurePage
        from .whereabouts import whereabouts

        post_save.connect(signals.look_up_address, sender=StructurePage)
        post_save.connect(signals.look_up_address_of_draft, sender=Revision)
        register_locator(whereabouts)
