"""The map of the page editor: where the sheet is, to be moved by mouse or by keyboard."""

from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.panels import Panel
from wagtail.admin.staticfiles import versioned_static

from portal.core.enums import PositionPrecision, PositionSource


class PositionPanel(Panel):
    """A map beside the fields of a position, which it fills in (``static/js/admin-position.js``).

    Without JavaScript there are the fields alone. The streets come from another site: they are asked for by a button.
    """

    class BoundPanel(Panel.BoundPanel):
        template_name = "directory/admin/position_panel.html"

        def is_shown(self) -> bool:
            # A translation has no position of its own.
            return bool(super().is_shown()) and (self.form is None or "latitude" in self.form.fields)

        @property
        def media(self) -> forms.Media:
            return forms.Media(js=[versioned_static("js/admin-position.js")])

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "config": self.config()}

        def config(self) -> dict[str, Any]:
            """What the script is told, as JSON."""
            from .geocoding import is_on, middle

            return {
                "find": reverse("find_position") if is_on() else "",
                "tiles": settings.MAP_TILES_URL,
                "attribution": settings.MAP_TILES_ATTRIBUTION,
                "middle": middle(),
                "leaflet": [versioned_static(f"vendor/leaflet/leaflet.{kind}") for kind in ("js", "css")],
                "editor": PositionSource.EDITOR,
                "exact": PositionPrecision.HOUSE_NUMBER,
                "texts": {
                    "show": _("Show the map"),
                    "find": _("Find the point from the address"),
                    "streets": _("Show the streets (images from %(source)s)")
                    % {"source": settings.MAP_TILES_ATTRIBUTION.removeprefix("©").strip()},
                    "place": _("Put the point in the middle of the map"),
                    "marker": _("The place. Move it with the arrow keys; with Shift, further."),
                    "moved": _("The point is at {latitude}, {longitude}. It is kept when you save the page."),
                    "looking": _("Looking for the address…"),
                    "choose": _("Choose the right answer:"),
                    "nothing": _("Nothing was found for this address."),
                    "failed": _("The address could not be looked up. Try again later, or place the point yourself."),
                    "empty": _("Write the address and the town first."),
                    "zoomIn": _("Come closer"),
                    "zoomOut": _("Go further"),
                },
            }
