"""Where an address is, with answers kept in the cache, a measured pace, and outages that everybody knows of.

:func:`locate` is for readers, who wait a second at most, and only once in an outage. :func:`ask_patiently` is for the
task queue and for commands (``directory/positions.py``). Nothing here writes to the database. The server is named by
``GEOCODER_URL`` and asked by ``directory/address_base.py``; for the choices see ``docs/decisions/0017-geocoding.md``.
"""

import hashlib
import re
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from rapidfuzz import fuzz

from portal.core.models import Municipality
from portal.core.moments import changes_at
from portal.core.versions import remembered

from .address_base import Candidate, GeocoderUnavailable, question

#: Seconds that a reader waits for an answer, and that a task does.
READER_TIMEOUT, TASK_TIMEOUT = 1.0, 5.0
#: The Géoplateforme answers 50 questions a second to one address; a portal has a few processes.
QUESTIONS_A_SECOND = 15
#: Questions of one process that may be under way: more readers than this do not wait at all.
MANY_QUESTIONS = 8
MAX_TEXT = 200
KEPT, KEPT_NOTHING = timedelta(days=30), timedelta(hours=6)
#: Below this score an answer to a reader is no answer: such words are not an address.
READER_SCORE = 0.4
#: Two words as like as this (rapidfuzz, 0 to 100) are the same word with a mistake in it.
SAME_WORD = 75
#: Kilometres around the portal's municipalities within which an address without a town is looked for.
AROUND_KM = 30


@dataclass(frozen=True)
class Located:
    """Where a reader's words are: degrees (WGS 84), the address as the base writes it, score, kind, INSEE code."""

    latitude: float
    longitude: float
    label: str
    score: float
    kind: str
    citycode: str


# --- Words -----------------------------------------------------------------------------------------------------------


def normalised(text: str) -> str:
    """A text as the cache and comparisons know it: lower case, no accents, one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("ß", "ss"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(re.findall(r"\w+", plain))


def town_words(text: str) -> str:
    """Normalised words, with the saints in full: a town is written in many ways."""
    return re.sub(r"\bste\b", "sainte", re.sub(r"\bst\b", "saint", normalised(text)))


def named_last(text: str, names: set[str]) -> str:
    """The one of ``names`` that the text names last, as an address does; empty for none. Both are :func:`town_words`.

    The longest names first, each taken out of the text: “Saint-André-lez-Lille” does not name Lille.
    """
    rest = f" {text} "
    found = {}
    for name in sorted(names - {""}, key=len, reverse=True):
        if (place := rest.rfind(f" {name} ")) >= 0:
            found[place] = name
            rest = rest.replace(f" {name} ", f" {'|' * len(name)} ")
    return found[max(found)] if found else ""


#: Words of a street's name that many streets have.
COMMON = frozenset(
    """
    rue avenue boulevard place allee chemin route impasse square quai cours residence cite voie sentier passage ruelle
    de du des d la le les l a au aux et en sur saint sainte general marechal docteur president
    """.split()
)


def names_street(text: str, street: str) -> bool:
    """Whether words name a street, mistakes allowed: at least one word of its own is there. Both are normalised."""
    own = set(street.split()) - COMMON or set(street.split())
    return any(fuzz.ratio(word, given) >= SAME_WORD for word in own for given in text.split())


# --- Turns and time ---------------------------------------------------------------------------------------------------


def is_on() -> bool:
    return bool(settings.GEOCODER_URL)


class _Pace:
    """Gives each question of this process its turn."""

    def __init__(self, a_second: float) -> None:
        self.step = 1 / a_second
        self.lock = threading.Lock()
        self.next = 0.0

    def turn(self, patience: float) -> None:
        """Waits for its turn; raises ``GeocoderUnavailable`` when that is further than ``patience`` seconds."""
        with self.lock:
            now = time.monotonic()
            start = max(now, self.next)
            if start - now > patience:
                raise GeocoderUnavailable("busy")
            self.next = start + self.step
        time.sleep(start - now)


_pace = _Pace(QUESTIONS_A_SECOND)
_under_way = threading.BoundedSemaphore(MANY_QUESTIONS)


def _within(timeout: float, work: Callable[[], list[Candidate]]) -> list[Candidate]:
    """What ``work`` gives, if it does so in time: names that do not resolve know no time-out of their own.

    Work that is late goes on in its thread, where it ends by itself; its outcome still counts (see :class:`_Outage`).
    """
    gate = _under_way
    if not gate.acquire(blocking=False):
        raise GeocoderUnavailable("busy")
    outcome: list[Any] = []
    ready = threading.Event()

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            outcome.append(error)
        finally:
            gate.release()
            ready.set()

    threading.Thread(target=run, name="geocoder", daemon=True).start()
    if not ready.wait(timeout):
        raise GeocoderUnavailable("slow")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    answer: list[Candidate] = outcome[0]
    return answer


# --- Kept answers, and outages ---------------------------------------------------------------------------------------


def _key(text: str, near: tuple[float, float] | None) -> str:
    words = repr((settings.GEOCODER_URL, normalised(text), near))
    return f"geocoder:answer:{hashlib.sha256(words.encode()).hexdigest()}"


def _kept(key: str) -> list[Candidate] | None:
    rows = cache.get(key)
    return None if rows is None else [Candidate(**row) for row in rows]


def _keep(key: str, found: list[Candidate]) -> None:
    lasts = KEPT if found else KEPT_NOTHING
    cache.set(key, [asdict(candidate) for candidate in found], lasts.total_seconds())


class _Outage:
    """What all processes know of an outage, in the cache: how many failures in a row, and until when nobody asks."""

    KEY = "geocoder:outage"
    FIRST, LONGEST, REMEMBERED = 30.0, 600.0, 3600.0

    def seconds_left(self) -> float:
        """How long nobody should ask; 0 when asking is allowed. Negative when a failure is remembered: only try."""
        known = cache.get(self.KEY)
        if not known:
            return 0.0
        left = float(known["until"] - time.time())
        return left if left > 0 else -1.0

    def failed(self, retry_after: float | None) -> None:
        known = cache.get(self.KEY) or {"failures": 0, "until": 0.0}
        if retry_after is None and known["until"] > time.time():
            return  # another question of the same moment said so already
        failures = known["failures"] + 1
        pause = min(self.FIRST * 2 ** (failures - 1), self.LONGEST)
        if retry_after is not None:
            pause = min(max(retry_after, 1.0), self.REMEMBERED)
        cache.set(self.KEY, {"failures": failures, "until": time.time() + pause}, pause + self.REMEMBERED)

    def over(self) -> None:
        if cache.get(self.KEY):
            cache.delete(self.KEY)


outage = _Outage()


def _ask_and_note(text: str, near: tuple[float, float] | None, timeout: float) -> list[Candidate]:
    """Asks; whatever comes of it is remembered for everybody."""
    try:
        found = question(text, near, timeout)
    except GeocoderUnavailable as error:
        outage.failed(error.retry_after)
        raise
    outage.over()
    _keep(_key(text, near), found)
    return found


# --- For tasks and commands ------------------------------------------------------------------------------------------


def ask_patiently(text: str, *, patience: float, attempts: int = 3, fresh: bool = False) -> list[Candidate]:
    """Candidates for an address, the likeliest first; waits between attempts, at most ``patience`` seconds each time.

    The pause that the service asks for is respected; ``fresh`` does without kept answers. Raises
    ``GeocoderUnavailable`` when no attempt was answered, or the service wants a longer pause than one has patience for.
    """
    if not is_on():
        raise GeocoderUnavailable("off")
    text = " ".join(text.split())[:MAX_TEXT]
    if not fresh and (kept := _kept(_key(text, None))) is not None:
        return kept
    if (left := outage.seconds_left()) > 0:
        if left > patience:
            raise GeocoderUnavailable("down", left)
        time.sleep(left)
    for attempt in range(1, attempts + 1):
        try:
            _pace.turn(patience)
            return _within(TASK_TIMEOUT + 1, lambda: _ask_and_note(text, None, TASK_TIMEOUT))
        except GeocoderUnavailable as error:
            pause = 2 ** (attempt - 1) if error.retry_after is None else error.retry_after
            if attempt == attempts or pause > patience:
                raise
            time.sleep(pause)
    raise GeocoderUnavailable("down")


# --- For readers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Town:
    insee: str
    name: str
    #: Its name as :func:`town_words` gives it.
    words: str
    postcodes: frozenset[str]
    centre: tuple[float, float] | None


def towns() -> dict[str, Town]:
    """The portal's municipalities by INSEE code. No query when warm."""
    return remembered("geocoding: towns", _read_towns)


def _read_towns() -> dict[str, Town]:
    rows = Municipality.objects.values_list("insee", "name", "postcodes", "latitude", "longitude")
    return {
        insee: Town(
            insee,
            name,
            town_words(name),
            frozenset(postcodes.split()),
            None if latitude is None or longitude is None else (latitude, longitude),
        )
        for insee, name, postcodes, latitude, longitude in rows
    }


def middle() -> tuple[float, float] | None:
    """The middle of the portal's municipalities, in degrees: an address is likely to be around it."""
    centres = [town.centre for town in towns().values() if town.centre]
    if not centres:
        return None
    return (
        round(sum(latitude for latitude, _ in centres) / len(centres), 2),
        round(sum(longitude for _, longitude in centres) / len(centres), 2),
    )


def named_town(text: str) -> Located | None:
    """The municipality of the portal that words name, by name or postcode, at its centre: without asking anybody."""
    words = town_words(text[:MAX_TEXT])
    known = [town for town in towns().values() if town.centre]
    name = named_last(words, {town.words for town in known})
    postcodes = set(re.findall(r"\b\d{5}\b", words))
    for town in known:
        if town.centre and (town.words == name if name else postcodes & town.postcodes):
            return Located(*town.centre, label=town.name, score=0, kind="municipality", citycode=town.insee)
    return None


def locate(text: str) -> Located | None:
    """Where words typed by a reader are, or ``None`` when they are no place that suits; waits a second at most.

    A postcode or a town in the text must be that of the answer; without one, the answer lies in the portal's
    municipalities or near them. Raises ``GeocoderUnavailable`` when it can't be known now: at once while an outage is
    known, so that it costs a reader one wait. What is shown then may differ a little later: ``changes_at`` is told.
    """
    words = normalised(text[:MAX_TEXT])
    if len(words) < 3 or (words.isdigit() and len(words) != 5):
        return None
    try:
        found = _ask_for_reader(" ".join(text[:MAX_TEXT].split()))
    except GeocoderUnavailable:
        changes_at(timezone.now() + timedelta(seconds=max(outage.seconds_left(), 5.0)))
        raise
    fitting = [(rank, candidate) for candidate in found if (rank := _rank(candidate, words)) is not None]
    if not fitting:
        return None
    best = min(fitting, key=lambda pair: (pair[0], -pair[1].score))[1]
    return Located(best.latitude, best.longitude, best.label, best.score, best.kind, best.citycode)


def _ask_for_reader(text: str) -> list[Candidate]:
    near = middle()
    if (kept := _kept(_key(text, near))) is not None:
        return kept
    if not is_on():
        raise GeocoderUnavailable("off")
    left = outage.seconds_left()
    if left > 0:
        raise GeocoderUnavailable("down", left)
    if left < 0:
        # The pause after a failure is over: this question goes out, but nobody waits for its answer.
        outage.failed(None)
        return _within(0, lambda: _ask_and_note(text, near, TASK_TIMEOUT))
    deadline = time.monotonic() + READER_TIMEOUT
    _pace.turn(READER_TIMEOUT / 2)
    try:
        return _within(deadline - time.monotonic(), lambda: _ask_and_note(text, near, TASK_TIMEOUT))
    except GeocoderUnavailable as error:
        if error.reason == "slow":
            outage.failed(None)  # its thread may still hang in the name server
        raise


def _rank(candidate: Candidate, words: str) -> int | None:
    """0 for what the words name or the portal's own towns, 1 for what is near, ``None`` for what does not suit."""
    if candidate.score < READER_SCORE:
        return None
    street = town_words(candidate.street)
    text = town_words(words)
    if street and not names_street(text, street):
        return None
    town = towns().get(candidate.citycode)
    # Without the street: “rue de Lille, Roubaix” names Roubaix.
    own = {town_words(candidate.city), town_words(candidate.oldcity)}
    rest = text.replace(street, " ", 1) if street else text
    named = named_last(rest, own | {known.words for known in towns().values()})
    if named and named not in own:
        return None
    if postcodes := set(re.findall(r"\b\d{5}\b", words)):
        # Beside the name of the town a postcode may be that of a post office: “59008 Lille Cedex”.
        fits = {candidate.postcode, *(town.postcodes if town else ())} & postcodes
        close = named and any(code[:2] == candidate.postcode[:2] for code in postcodes)
        return 0 if fits or close else None
    if named:
        return 0
    if town is not None:
        return 0
    centres = [known.centre for known in towns().values() if known.centre]
    return 1 if any(candidate.distance_km(*centre) <= AROUND_KM for centre in centres) else None
