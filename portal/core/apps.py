from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "portal.core"
    label = "core"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from wagtail.models import Locale, Site
        from wagtail.signals import page_slug_changed

        from . import signals, versions
        from .languages import ensure_locales, forget_locales

        post_save.connect(forget_locales, sender=Locale)
        post_delete.connect(forget_locales, sender=Locale)
        post_delete.connect(signals.delete_translations)
        post_save.connect(signals.give_settings, sender=Site)
        page_slug_changed.connect(signals.follow_slug)
        post_migrate.connect(ensure_locales, sender=self)
        connection_created.connect(versions.watch)
        versions.on_new_version.append(forget_locales)
