"""Models of the ground floor."""

from .base import BasePage
from .holidays import SchoolHoliday
from .mixins import AudienceMixin, CostMixin, EasyToReadMixin, PositionMixin, WelcomeMixin
from .periodic import PeriodicRun
from .site import Funder, PortalSettings
from .vocabularies import Audience, Municipality, Territory, Theme, Vocabulary

__all__ = [
    "Audience",
    "AudienceMixin",
    "BasePage",
    "CostMixin",
    "EasyToReadMixin",
    "Funder",
    "Municipality",
    "PeriodicRun",
    "PortalSettings",
    "PositionMixin",
    "SchoolHoliday",
    "Territory",
    "Theme",
    "Vocabulary",
    "WelcomeMixin",
]
