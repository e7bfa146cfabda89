"""News of the portal and of the centres."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel
from wagtail.models import PageManager

from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import BasePage
from portal.core.models.base import title_panel
from portal.core.validation import check_slug_unique

from ..querysets import NewsQuerySet
from .pages import BodyPage


class NewsIndexPage(BasePage):
    """The list of the news."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.NewsPage"]
    template = "home/news_index_page.html"

    class Meta:
        verbose_name = _("list of news")
        verbose_name_plural = _("lists of news")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..gathering import news_listing

        return {**super().get_context(request, *args, **kwargs), **news_listing(request, timezone.localdate())}


class NewsPage(BodyPage):
    """A piece of news, of one or several centres."""

    FACTS = (*BasePage.FACTS, "published_on", "centres")
    public_type = "news"

    parent_page_types = ["home.NewsIndexPage"]
    subpage_types: list[str] = []
    template = "home/news_page.html"

    published_on = models.DateField(
        _("date"),
        null=True,
        blank=True,
        help_text=_("Shown with the news; the newest comes first. Leave it empty for today."),
    )
    centres = ParentalManyToManyField(
        "home.CentrePage",
        verbose_name=_("centres"),
        blank=True,
        related_name="news",
        limit_choices_to={"locale__language_code": SOURCE_LANGUAGE},
        help_text=_("The centres that it is about: it is shown on their pages too. None: news of the whole portal."),
    )

    objects = PageManager.from_queryset(NewsQuerySet)()

    content_panels = [
        title_panel(_("What changes for people, such as “Le centre ferme une semaine”.")),
        *BasePage.content_panels[1:],
        FieldPanel("published_on"),
        FieldPanel("centres"),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("news item")
        verbose_name_plural = _("news")

    def clean_facts(self) -> None:
        super().clean_facts()
        self.published_on = self.published_on or timezone.localdate()
        check_slug_unique(self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..gathering import news_contents

        return {**super().get_context(request, *args, **kwargs), **news_contents(self)}
