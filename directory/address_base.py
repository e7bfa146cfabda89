"""Questions to the geocoder of the French address base, through geopy, and its answers, checked.

The engine (addok, behind the IGN's *Géoplateforme*) is somebody else's machine: it may be slow, closed, overloaded or
wrong. What it says must make sense in itself before it is even looked at; whether it suits the question is for whoever
asked. No text that was asked is ever logged: a family may have typed its own address.
"""

import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from geopy import exc
from geopy.adapters import URLLibAdapter
from geopy.distance import great_circle
from geopy.geocoders import BANFrance

MAX_ANSWER_BYTES = 512 * 1024
CANDIDATES = 5
#: Boxes of France: south, west, north, east. Mainland and Corsica, then overseas.
FRANCE = (
    (41.2, -5.3, 51.2, 9.7),
    (14.3, -63.2, 18.2, -60.7),  # Antilles, Saint-Martin, Saint-Barthélemy
    (2.0, -54.7, 5.9, -51.5),  # Guyane
    (-21.5, 55.1, -20.8, 55.9),  # La Réunion
    (-13.1, 44.9, -12.5, 45.4),  # Mayotte
    (46.7, -56.5, 47.2, -56.1),  # Saint-Pierre-et-Miquelon
)


class GeocoderUnavailable(Exception):  # noqa: N818 - the name of geopy's own
    """No answer that can be used. ``reason``: ``off``, ``down``, ``slow``, ``busy`` or ``nonsense``.

    ``retry_after`` is in seconds, when the service said when to come back.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True)
class Candidate:
    """An answer that makes sense in itself: a point in France (WGS 84 degrees) with a score from 0 to 1.

    ``kind`` is the address base's: ``housenumber``, ``street``, ``locality``, ``municipality``; ``citycode`` is the
    INSEE code, ``street`` the name of the street without its number.
    """

    latitude: float
    longitude: float
    score: float
    kind: str
    label: str
    postcode: str
    citycode: str
    city: str
    #: The municipality that the place was in before it was joined to ``city``, such as Lomme for Lille.
    oldcity: str
    street: str

    def distance_km(self, latitude: float, longitude: float) -> float:
        return float(great_circle((self.latitude, self.longitude), (latitude, longitude)).km)


class _Adapter(URLLibAdapter):
    """Reads answers of a reasonable size, and no longer than its time-out in all: a server may dribble."""

    def get_text(self, url: str, *, timeout: float, headers: dict[str, str]) -> str:
        # Each question has an adapter of its own.
        self.deadline = time.monotonic() + timeout
        return str(super().get_text(url, timeout=timeout, headers=headers))

    def _decode_page(self, page: Any) -> str:
        body = b""
        try:
            while part := page.read1(65_536):
                body += part
                if len(body) > MAX_ANSWER_BYTES:
                    raise exc.GeocoderParseError("The answer is too long")
                if time.monotonic() > self.deadline:
                    raise exc.GeocoderTimedOut("The answer takes too long")
        except TimeoutError as error:
            raise exc.GeocoderTimedOut("The answer stopped") from error
        except (HTTPException, OSError) as error:
            raise exc.GeocoderServiceError("The answer broke off") from error
        finally:
            page.close()
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise exc.GeocoderParseError("The answer is no text") from error


class _AddressBase(BANFrance):
    """geopy's client, with the engine's preference for what is near a point, and every candidate as it came."""

    def candidates(self, text: str, near: tuple[float, float] | None) -> list[Candidate]:
        asked: dict[str, Any] = {"q": text, "limit": CANDIDATES}
        if near:
            asked |= {"lat": f"{near[0]:.3f}", "lon": f"{near[1]:.3f}"}
        found: list[Candidate] = self._call_geocoder(f"{self.geocode_api}?{urlencode(asked)}", _read)
        return found


def _read(answer: Any) -> list[Candidate]:
    """The candidates of an answer. Raises ``GeocoderParseError`` when it is none, or holds nothing that makes sense."""
    features = answer.get("features") if isinstance(answer, dict) else None
    if not isinstance(features, list):
        raise exc.GeocoderParseError("No list of features")
    read = [candidate for feature in features[: 2 * CANDIDATES] if (candidate := _read_one(feature))]
    if features and not read:
        raise exc.GeocoderParseError("No feature makes sense")
    return read


TEXTS = ("label", "postcode", "citycode", "city", "oldcity", "street")


def _read_one(feature: Any) -> Candidate | None:
    try:
        longitude, latitude = (float(number) for number in feature["geometry"]["coordinates"][:2])
        about = feature["properties"]
        score = float(about["score"])
        text = {name: str(about.get(name) or "")[:300] for name in TEXTS}
        kind = str(about["type"])
        street = text.pop("street") or (str(about.get("name") or "")[:300] if kind in {"street", "locality"} else "")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    if not (in_france(latitude, longitude) and 0 <= score <= 1 and text["label"]):
        return None
    return Candidate(latitude=latitude, longitude=longitude, score=score, kind=kind, street=street, **text)


def in_france(latitude: float, longitude: float) -> bool:
    """Whether a point lies in one of the boxes of France; false for what is no number."""
    return any(south <= latitude <= north and west <= longitude <= east for south, west, north, east in FRANCE)


def question(text: str, near: tuple[float, float] | None, timeout: float) -> list[Candidate]:
    parts = urlsplit(settings.GEOCODER_URL)
    try:
        client = _AddressBase(
            domain=parts.netloc + parts.path,
            scheme=parts.scheme,
            timeout=timeout,
            user_agent="La Boussole (portal of social centres)",
            adapter_factory=_Adapter,
        )
        return client.candidates(text, near)
    except exc.GeocoderRateLimited as error:
        raise GeocoderUnavailable("busy", error.retry_after) from error
    except exc.GeocoderTimedOut as error:
        raise GeocoderUnavailable("slow") from error
    except exc.GeocoderQueryError:
        return []  # words that the engine does not take for a question
    except (exc.GeocoderParseError, RecursionError) as error:
        raise GeocoderUnavailable("nonsense") from error
    except (exc.GeopyError, OSError, ValueError) as error:
        raise GeocoderUnavailable("down") from error
