"""Admin listings of the shared vocabularies."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .models import Audience, Municipality, SchoolHoliday, Territory, Theme


class ThemeViewSet(SnippetViewSet):
    model = Theme
    icon = "tag"
    list_display = ["name", "slug", Column("get_pictogram_display", label=_("pictogram")), "order"]
    ordering = ["order", "name"]
    search_fields = ["name", "slug"]


class AudienceViewSet(SnippetViewSet):
    model = Audience
    icon = "group"
    list_display = ["name", "slug", "order"]
    ordering = ["order", "name"]
    search_fields = ["name", "slug"]


class MunicipalityViewSet(SnippetViewSet):
    model = Municipality
    icon = "home"
    list_display = ["name", "insee", "postcodes"]
    ordering = ["name"]
    search_fields = ["name", "insee", "postcodes"]


class TerritoryViewSet(SnippetViewSet):
    model = Territory
    icon = "globe"
    list_display = ["name", "slug"]
    ordering = ["name"]
    search_fields = ["name", "slug"]


class SchoolHolidayViewSet(SnippetViewSet):
    model = SchoolHoliday
    icon = "calendar-alt"
    list_display = ["name", "zone", "start", "end"]
    list_filter = ["zone"]
    ordering = ["-start", "zone"]
    search_fields = ["name"]


class VocabularyGroup(SnippetViewSetGroup):
    menu_label = _("Vocabularies")
    menu_icon = "list-ul"
    menu_order = 350
    items = (ThemeViewSet, AudienceViewSet, MunicipalityViewSet, TerritoryViewSet, SchoolHolidayViewSet)
