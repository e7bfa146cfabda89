from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save, pre_delete
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("Home")

    def ready(self) -> None:
        from directory.models import StructurePage
        from portal.core.contacts import register_contacts
        from portal.core.foundations import register_foundations

        from . import signals
        from .gathering import contacts
        from .models import CentrePage
        from .portal_tree import ensure_portal_tree

        register_contacts(contacts)
        register_foundations(ensure_portal_tree)
        post_migrate.connect(signals.grant_roles, sender=self)
        post_save.connect(signals.follow_centre, sender=CentrePage)
        post_save.connect(signals.follow_structure, sender=StructurePage)
        pre_delete.connect(signals.forget_centre, sender=CentrePage)
        post_save.connect(signals.withdraw_converted_alias)
