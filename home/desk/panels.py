"""Panels of the admin's home page. They take the place of Wagtail's own, whose queries grow with what they list."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.ui.components import Component

from . import steps, waiting


class WaitingPanel(Component):
    """How much waits for the user, and the first pages to read. Nothing when nothing waits."""

    name = "waiting"
    template_name = "home/admin/waiting.html"
    order = 100

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        return {"waiting": waiting.what_waits(user), "to_review": waiting.pages_to_review(user)}


class OwnPagesPanel(Component):
    """The user's own pages: sent back, waiting for others, begun."""

    name = "own_pages"
    template_name = "home/admin/own_pages.html"
    order = 110

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        back, away = waiting.own_pages(user)
        return {"back": back, "away": away, "drafts": waiting.own_drafts(user)}


class NextStepsPanel(Component):
    """What the user can do next, and the guide."""

    name = "next_steps"
    template_name = "home/admin/next_steps.html"
    order = 120

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"groups": steps.next_steps(parent_context["request"].user)}
