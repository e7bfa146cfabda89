"""Whom to talk to: the nearest of the contacts that the upper floors know, else the portal's own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Protocol

from .hours import Hours

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class Contact:
    """A door that one can push: plain facts, in French. ``path`` is its page's French path, or empty."""

    name: str
    phone: str
    address: str
    opening_hours: Hours | str
    path: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Located(Protocol):
    """What has a position, in degrees (WGS 84)."""

    @property
    def latitude(self) -> float | None: ...

    @property
    def longitude(self) -> float | None: ...


Provider = Callable[[], Iterable[Contact]]
_providers: list[Provider] = []


def register_contacts(provider: Provider) -> None:
    """An application names the contacts that it knows; called for each page that shows one."""
    if provider not in _providers:
        _providers.append(provider)


def distance_km(one: Located, other: Located) -> float:
    """Great-circle distance between two positions; infinite when one has none."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return float("inf")
    latitudes = radians(other.latitude - one.latitude) / 2
    longitudes = radians(other.longitude - one.longitude) / 2
    half = sin(latitudes) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(longitudes) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))


def nearest_contact(place: Located | None) -> Contact | None:
    """The contact nearest to a place; ``None`` without a place, or when no contact has a position."""
    if place is None or place.latitude is None or place.longitude is None:
        return None
    known = [contact for provider in _providers for contact in provider() if contact.latitude is not None]
    return min(known, key=lambda contact: distance_km(contact, place), default=None)
