"""Visible sheets as records of data.inclusion v1: what the API and the command write.

Identity: a sheet that was imported keeps its ``source--localid``; ours are ``<DATA_SOURCE>--<translation key>``, which
an import into another portal keeps too. Records come in the order of their identity, so that two portals that hold the
same sheets say the same.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, RegexValidator
from django.db import connection
from django.db.models import Case, CharField, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Collate, Concat, Replace
from django.utils import timezone
from django.utils.encoding import iri_to_uri, punycode
from phonenumbers import PhoneNumberFormat, format_number, is_possible_number

from portal.core.enums import PositionPrecision
from portal.core.fields import parse_phone
from portal.core.languages import SOURCE_LANGUAGE
from portal.core.models import Audience, Theme
from portal.core.vocabulary import words

from . import inclusion
from .enums import Referrer, WayIn, WelcomeMode
from .imports import mending
from .inclusion_hours import Hours, join
from .models import Service, StructurePage
from .querysets import StructureQuerySet

Record = dict[str, Any]
NAME_LENGTHS = (3, 150)
LEAST_DESCRIPTION = 5
#: ``&amp;amp;lt;`` takes several passes.
MOST_LAYERS = 5
#: Of degrees: eleven centimetres.
DECIMALS = 6
#: Rows that are read at once, for a file of all of them.
BATCH = 500

_is_email = EmailValidator()
_is_postcode = RegexValidator(r"^\d{5}\Z")
_is_insee = RegexValidator(r"^\w{5}\Z")
_is_siret = RegexValidator(r"^\d{14}\Z")
#: An area where a service is given: municipality, county, region, group of municipalities, or the country.
_is_area = RegexValidator(r"^(?:\w{5}|\w{2,3}|\d{9}|france)\Z")


# --- Rows, in the order of their identity ----------------------------------------------------------------------------


def structures_in_order(visible: StructureQuerySet) -> QuerySet[StructurePage]:
    """Structures with all that their records need."""
    found = visible.annotate(identity=structure_identity()).order_by("identity", "translation_key")
    return found.select_related("municipality").defer_streamfields()


def services_in_order(visible: StructureQuerySet) -> QuerySet[Service]:
    """The services of these structures, with all that their records need."""
    found = Service.objects.filter(page__in=visible.order_by().values("pk"))
    own = _own_identity("translation_key")
    named = Case(When(source_id="", then=own), default=F("source_id"), output_field=TextField())
    ordered = found.annotate(identity=_in_bytes(named)).order_by("identity", "translation_key")
    # The page's identity costs nothing more than its columns, which are read anyway.
    return ordered.select_related("page__municipality").prefetch_related(
        "themes", "audiences", "page__themes", "page__audiences"
    )


def structure_identity() -> Any:
    """In SQL, what :func:`identity_of` gives."""
    prefix = Concat(F("source"), Value(inclusion.SEPARATOR), output_field=CharField())
    named = Case(
        When(source="", then=_own_identity("translation_key")),
        When(source_id__startswith=prefix, then=F("source_id")),
        default=Concat(prefix, F("source_id"), output_field=TextField()),
        output_field=TextField(),
    )
    return _in_bytes(named)


def _own_identity(key: str) -> Any:
    # SQLite writes a UUID without hyphens.
    digits = Replace(Cast(key, TextField()), Value("-"), Value(""), output_field=TextField())
    return Concat(Value(f"{settings.DATA_SOURCE}{inclusion.SEPARATOR}"), digits, output_field=TextField())


def _in_bytes(expression: Any) -> Any:
    """The order of bytes, which is the same on every machine."""
    return Collate(Cast(expression, TextField()), "C") if connection.vendor == "postgresql" else expression


def identity_of(page: StructurePage) -> str:
    """The identifier of a structure in all of data.inclusion."""
    if not page.source:
        return inclusion.identity(settings.DATA_SOURCE, page.translation_key.hex)
    return str(page.extra.get("id") or inclusion.identity(page.source, page.source_id))


def service_identity_of(service: Service, page: StructurePage) -> str:
    if not service.source_id:
        return inclusion.identity(settings.DATA_SOURCE, service.translation_key.hex)
    if inclusion.SEPARATOR in service.source_id or not page.source:
        return service.source_id
    return inclusion.identity(page.source, service.source_id)


# --- Records ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Writer:
    """Writes records. ``base_url`` is the address of this portal, without a slash at its end."""

    base_url: str
    today: date

    def structure(self, page: StructurePage) -> Record:
        """The record of a structure: every field of the schema, in the order of the schema's list of columns."""
        closed = page.closed_from if page.closed_until is None or page.closed_until >= self.today else None
        return {
            "source": page.source or settings.DATA_SOURCE,
            "id": identity_of(page),
            "nom": name(clean(page.title).rstrip(" ."), page.kind_label),
            "date_maj": day_of(page, self.today).isoformat(),
            "lien_source": self.link_of(page),
            "siret": checked(page.siret, _is_siret),
            **place(page),
            "telephone": telephone(page.phone),
            "courriel": checked(page.email, _is_email),
            "site_web": uri(page.website),
            "description": description(inclusion.joined_description(*lines(page.summary, page.description))),
            "horaires_accueil": join(
                Hours(
                    opening_hours=page.opening_hours,
                    holiday_hours=page.holiday_hours,
                    closed_from=closed,
                    closed_until=page.closed_until if closed else None,
                    notice=clean(page.notice) if closed else "",
                    hours_text=clean(page.hours_text),
                )
            )
            or None,
            "accessibilite_lieu": uri(page.acceslibre_url),
            "reseaux_porteurs": inclusion.networks(page.kind, page.networks) or None,
        }

    def service(self, service: Service) -> Record:
        """The record of a service. What it does not say itself is as for its structure."""
        page: StructurePage = service.page
        extra = service.extra
        cost, note = (service.cost, service.cost_note) if service.cost else (page.cost, page.cost_note)
        cost_code, cost_words = inclusion.frais(cost, clean(service.cost_note or note))
        identity = service_identity_of(service, page)
        said = inclusion.joined_schedule(clean(service.schedule), clean(service.hours_text))
        return {
            "source": str(extra.get("source", ""))
            or inclusion.source_of(identity)
            or page.source
            or settings.DATA_SOURCE,
            "structure_id": identity_of(page),
            "id": identity,
            "nom": name(clean(service.name), page.title),
            "description": description(*lines(service.description))
            or f"{clean(service.name)} – {clean(page.title)}".ljust(LEAST_DESCRIPTION, "."),
            "lien_source": uri(service.source_url),
            "date_maj": (service.source_updated_on or day_of(page, self.today)).isoformat(),
            "type": inclusion.KIND_TYPES.get(service.kind),
            "thematiques": thematiques(service) or None,
            "frais": cost_code,
            "frais_precisions": clean(cost_words or "", limit=500) or None,
            "publics": publics(service) or None,
            "publics_precisions": lines(service.audience_note)[0] or None,
            "conditions_acces": lines(service.conditions)[0] or None,
            **(place(page) | kept_place(extra)),
            "telephone": telephone(service.phone),
            "courriel": checked(service.email, _is_email),
            "contact_nom_prenom": None,  # the name of a person is never stored
            "modes_accueil": known(service.modes, sorted(WelcomeMode.values)),
            "zone_eligibilite": areas(extra.get("zone_eligibilite")),
            "lien_mobilisation": uri(service.url),
            "modes_mobilisation": known(service.mobilisation, sorted(WayIn.values)),
            "mobilisable_par": known(service.referrers, Referrer.values),
            "mobilisation_precisions": clean(service.booking, limit=1000) or None,
            "volume_horaire_hebdomadaire": number(extra.get("volume_horaire_hebdomadaire"), float, 0),
            "nombre_semaines": number(extra.get("nombre_semaines"), int, 1),
            "horaires_accueil": join(Hours(opening_hours=service.opening_hours, hours_text=said)) or None,
        }

    def link_of(self, page: StructurePage) -> str | None:
        """Where the source shows the sheet; the sheet itself for what is ours."""
        if page.source:
            kept = str(page.extra.get("lien_source", ""))
            return uri(page.source_url) or (ascii_address(kept) if kept.startswith(("http://", "https://")) else None)
        parts = page.get_url_parts()
        return ascii_address(self.base_url + parts[2]) if parts and parts[2] else None


def everything(base_url: str) -> Iterator[tuple[str, int, Iterator[Record]]]:
    """``(name of the list, number of records, records)`` of all that is public, read by :data:`BATCH`."""
    writer = Writer(base_url, timezone.localdate())
    visible: StructureQuerySet = StructurePage.objects.visible()
    structures, services = structures_in_order(visible), services_in_order(visible)
    yield "structures", structures.count(), _batches(structures, writer.structure)
    yield "services", services.count(), _batches(services, writer.service)


def _batches(rows: QuerySet[Any], write: Callable[[Any], Record]) -> Iterator[Record]:
    start = 0
    while batch := list(rows[start : start + BATCH]):
        yield from map(write, batch)
        start += BATCH


# --- Fields ----------------------------------------------------------------------------------------------------------


def clean(text: str, *, limit: int = inclusion.MAX_DESCRIPTION, in_lines: bool = False) -> str:
    """A text as any import reads it, our own included: without HTML, control signs, blanks that nobody sees."""
    for _again in range(MOST_LAYERS):
        mended = mending.text(text, "", lambda name, sentence: None, limit=limit, lines=in_lines)
        if mended == text:
            break
        text = mended
    return text


def lines(*texts: str) -> list[str]:
    """Texts whose paragraphs matter."""
    return [clean(text, in_lines=True) for text in texts]


def name(title: str, more: str) -> str:
    """A name of the length that the schema wants; ``more`` is added to one that is too short."""
    least, most = NAME_LENGTHS
    text = " ".join(title.split())
    if len(text) < least:
        text = " – ".join(part for part in (text, more) if part).ljust(least, ".")
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def description(text: str) -> str | None:
    text = text.strip()[: inclusion.MAX_DESCRIPTION].rstrip()
    return text if len(text) >= LEAST_DESCRIPTION else None


def place(page: StructurePage) -> Record:
    """Address and position; a point that only stands for a municipality is left out: it would be taken for the door."""
    town = page.municipality
    exact = page.has_position and page.position_precision != PositionPrecision.MUNICIPALITY
    return {
        "commune": town.name if town else None,
        "code_insee": town.insee if town else None,
        "code_postal": checked(page.postcode, _is_postcode),
        "adresse": clean(page.address, limit=200) or None,
        "complement_adresse": clean(page.address_complement, limit=200) or None,
        "longitude": round(page.longitude, DECIMALS) if exact and page.longitude is not None else None,
        "latitude": round(page.latitude, DECIMALS) if exact and page.latitude is not None else None,
    }


def kept_place(extra: Record) -> Record:
    """The address of a service that is not at its structure's, as its source gave it."""
    checks: dict[str, Callable[[Any], Any]] = {
        "code_insee": lambda value: checked(str(value), _is_insee),
        "code_postal": lambda value: checked(str(value), _is_postcode),
        "longitude": lambda value: number(value, float, -180),
        "latitude": lambda value: number(value, float, -90),
    }
    return {
        field: checks.get(field, lambda value: str(value).strip() or None)(extra[field]) if extra[field] else None
        for field in inclusion.PLACE
        if field in extra
    }


def day_of(page: StructurePage, today: date) -> date:
    """The day of the last change: the source's own, else that of the last publication."""
    if page.source_updated_on:
        return page.source_updated_on
    changed = page.last_published_at or page.first_published_at
    return timezone.localdate(changed) if changed else page.checked_on or today


def thematiques(service: Service) -> list[str]:
    themes = list(service.themes.all()) or list(service.page.themes.all())
    return inclusion.thematiques(
        [theme.slug for theme in themes], codes_kept(service, "thematiques"), vocabulary(Theme)
    )


def publics(service: Service) -> list[str]:
    audiences = list(service.audiences.all()) or list(service.page.audiences.all())
    if not audiences and service.extra.get("publics", "") is None:
        return []  # the source did not say that everybody is welcome
    slugs = [audience.slug for audience in audiences]
    return inclusion.publics(slugs, codes_kept(service, "publics"), vocabulary(Audience))


def codes_kept(service: Service, field: str) -> list[str]:
    kept = service.extra.get(field)
    return [code for code in kept if isinstance(code, str)] if isinstance(kept, list) else []


def vocabulary(model: type[Theme] | type[Audience]) -> frozenset[str]:
    return frozenset(word.slug for word in words(model, SOURCE_LANGUAGE).values())


def telephone(value: str) -> str | None:
    """E.164, or a short number as it is dialled; none for what is no number."""
    if not value:
        return None
    try:
        parsed = parse_phone(value)
    except ValidationError:
        return None
    return format_number(parsed, PhoneNumberFormat.E164) if is_possible_number(parsed) else str(parsed.national_number)


def uri(value: str) -> str | None:
    """A web address as ASCII (RFC 3986); none for what is no web address."""
    return ascii_address(value) if value and inclusion.is_url(value) else None


def ascii_address(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    host, slash, path = rest.partition("/")
    return (scheme + separator + punycode(host) + slash + iri_to_uri(path))[:2083]


def checked(value: str, check: Callable[[str], None]) -> str | None:
    """The value, or nothing when it is not what its field says."""
    try:
        check(value)
    except ValidationError:
        return None
    return value


def known(codes: Collection[str], order: Iterable[str]) -> list[str] | None:
    return [code for code in order if code in codes] or None


def areas(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [area for area in value if isinstance(area, str) and checked(area, _is_area)] or None


def number(value: Any, kind: type[int] | type[float], least: int) -> int | float | None:
    is_number = isinstance(value, int | kind) and not isinstance(value, bool)
    return value if is_number and value >= least else None
