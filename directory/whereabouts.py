"""Where readers say they are: an address that the geocoder knows, else the middle of the town that it names."""

from django.utils.translation import gettext as _

from portal.core.near import Point

from .address_base import GeocoderUnavailable
from .geocoding import locate, named_town


def whereabouts(text: str) -> Point | None:
    """The locator of :mod:`portal.core.near`. A reader is told when distances are those of a town, and why."""
    try:
        found = locate(text)
        note = _("We did not find this address: distances are counted from the middle of %(town)s.")
    except GeocoderUnavailable:
        found = None
        note = _("We cannot look for addresses just now: distances are counted from the middle of %(town)s.")
    if found:
        return Point(found.latitude, found.longitude, found.label)
    if town := named_town(text):
        return Point(town.latitude, town.longitude, town.label, note=note % {"town": town.label})
    return None
