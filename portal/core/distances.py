"""How far points are: quick enough for ten thousand of them at each request."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from .near import Point

#: Shorter than any degree of latitude: a square that holds a circle.
KM_PER_DEGREE = 110.5
#: ``(latitude, longitude, number of the item)``, from south to north.
Points = Sequence[tuple[float, float, int]]


def metres_around(points: Points, point: Point, kilometres: float) -> dict[int, int]:
    """By item: metres to those within a radius."""
    north = kilometres / KM_PER_DEGREE
    first = bisect_left(points, (point.latitude - north,))
    last = bisect_right(points, (point.latitude + north, math.inf))
    limit = kilometres * 1000
    lengths: dict[int, tuple[float, float]] = {}
    found = {}
    for latitude, longitude, rank in points[first:last]:
        middle = round((latitude + point.latitude) * 50)
        if (scale := lengths.get(middle)) is None:
            scale = lengths[middle] = degree_lengths(middle / 100)
        east = abs(longitude - point.longitude)
        metres = math.hypot((latitude - point.latitude) * scale[0], min(east, 360 - east) * scale[1])
        if metres <= limit:
            found[rank] = round(metres)
    return found


def degree_lengths(latitude: float) -> tuple[float, float]:
    """Metres of a degree of latitude and of longitude on the ellipsoid, at a latitude in degrees.

    The formula of 47 CFR 73.208 (c): right to some metres below 475 km, a hundred times faster than a geodesic.
    """
    angle = math.radians(latitude)
    return (
        111_132.09 - 566.05 * math.cos(2 * angle) + 1.20 * math.cos(4 * angle),
        111_415.13 * math.cos(angle) - 94.55 * math.cos(3 * angle) + 0.12 * math.cos(5 * angle),
    )
