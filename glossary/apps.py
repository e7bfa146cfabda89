from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class GlossaryConfig(AppConfig):
    name = "glossary"
    verbose_name = _("Glossary")

    def ready(self) -> None:
        from wagtail.signals import page_slug_changed, page_unpublished, post_page_move

        from portal.core.prose import register_annotator

        from . import explained

        register_annotator(explained.explain_words)
        for model in explained.watched_models():
            post_save.connect(explained.forget_words, sender=model)
            post_delete.connect(explained.forget_words, sender=model)
        for signal in (page_slug_changed, page_unpublished, post_page_move):
            signal.connect(explained.forget_after_page)
