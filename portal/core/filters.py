"""Filters of lists, given in the address (``contract``: ``q``, ``theme``, ``age``, ``near``…).

A form never refuses a list: what it can't read is left out and named in a note that the reader sees.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .enums import Access, Cost, Language
from .hours import WEEKDAYS
from .languages import SOURCE_LANGUAGE, active_language
from .models import Audience, Municipality, Theme
from .near import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, RADII_KM, NearField, Point
from .vocabulary import words

Choices = Iterable[tuple[str, Any]]
MAX_QUERY_LENGTH = 200
#: Parameters that say how results are shown, not which: no chip for them.
HOW_SHOWN = frozenset({"page", "sort", "vue", "date", "choix", "hauteur"})
#: Filters whose choices are proper names.
NAMED_IN_FRENCH = frozenset({"commune"})
MAX_EASINGS = 4
#: Beyond this many choices of one filter, those that find the most are offered.
MAX_CHOICES = 40
#: Boxes to tick that the page of all the choices shows at once: what is beyond is one step away, filter by filter.
MAX_UNFOLDED = 46
#: The value of ``choix`` that unfolds as many filters as a page holds; the name of a filter unfolds that one.
EVERY_CHOICE = "tous"


class LenientChoicesField(forms.Field):
    """Repeatable codes; keeps those it knows, remembers the others in ``unknown``."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, choices: Callable[[], Choices] | Choices, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self._choices = choices
        self.unknown: list[str] = []

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return list(self._choices() if callable(self._choices) else self._choices)

    def __deepcopy__(self, memo: dict[int, Any]) -> "LenientChoicesField":
        copied = super().__deepcopy__(memo)
        copied.unknown = []
        return copied

    def to_python(self, value: Any) -> list[str]:
        known = {code for code, _label in self.choices}
        given = [part for part in value or [] if part]
        self.unknown = [part for part in given if part not in known]
        return list(dict.fromkeys(part for part in given if part in known))


class AgeFilterField(forms.DecimalField):
    """An age in years, decimals allowed (“2.5”, “2,5”); gives whole months."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=0, max_value=120, max_digits=6, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)

    def clean(self, value: Any) -> int | None:
        years = super().clean(value)
        return None if years is None else round(years * 12)


#: Filters that are a plain narrowing, with the queryset's method that takes their value.
NARROWING = {
    "theme": "about",
    "kind": "of_kind",
    "audience": "for_audience",
    "age": "for_age",
    "commune": "in_municipalities",
    "cost": "costing",
    "langue": "speaking",
    "access": "accessible",
}


@dataclass(frozen=True)
class Chip:
    """An active filter: what it says, and the address of the list without it."""

    name: str
    label: str
    remove_url: str
    lang: str = ""


@dataclass(frozen=True)
class Easing:
    """One filter fewer: what it says, the address of the list without it, how many results that gives."""

    label: str
    url: str
    total: int


@dataclass(frozen=True)
class Ignored:
    """A value that was left out, cut to a readable length."""

    label: str
    value: str


def theme_choices() -> Choices:
    return [(word.slug, word.name) for word in words(Theme, active_language()).values()]


def audience_choices() -> Choices:
    return [(word.slug, word.name) for word in words(Audience, active_language()).values()]


def municipality_choices() -> Choices:
    return list(Municipality.objects.values_list("insee", "name"))


OPEN_CHOICES = [
    ("now", _("Open now")),
    *zip(
        WEEKDAYS,
        (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),
        strict=True,
    ),
]


class FilterForm(forms.Form):
    """Base of the filter forms: the fields that most lists share. A list names those it uses in ``uses``."""

    uses: ClassVar[tuple[str, ...]] = ("q", "theme", "audience", "age", "langue", "page")
    #: The repeatable filters in the order in which a page of all the choices shows them.
    steps: ClassVar[tuple[str, ...]] = ()

    q = forms.CharField(required=False, max_length=MAX_QUERY_LENGTH, label=_("Words to look for"))
    theme = LenientChoicesField(choices=theme_choices, label=_("Theme"))
    kind = LenientChoicesField(choices=(), label=_("Kind"))
    audience = LenientChoicesField(choices=audience_choices, label=_("For whom"))
    age = AgeFilterField(label=_("Age, in years"))
    commune = LenientChoicesField(choices=municipality_choices, label=_("Municipality"))
    near = NearField(label=_("Near"))
    radius = forms.FloatField(required=False, min_value=0.1, max_value=MAX_RADIUS_KM, label=_("Within (km)"))
    cost = LenientChoicesField(choices=Cost.choices, label=_("Cost"))
    langue = LenientChoicesField(choices=Language.choices, label=_("Language spoken"))
    access = LenientChoicesField(choices=Access.choices, label=_("Accessibility"))
    ouvert = LenientChoicesField(choices=OPEN_CHOICES, label=_("Open"))
    sort = forms.ChoiceField(required=False, choices=(), label=_("Order"))
    #: A list shows the filters that most readers use; ``choix`` leads to the others: ``tous``, or the name of one.
    choix = forms.ChoiceField(required=False, choices=[(EVERY_CHOICE, "")], label=_("All the choices"))
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def __init__(self, data: QueryDict, path: str = "") -> None:
        # What no field reads, or fields left empty, have no place in the addresses that the list writes.
        query = QueryDict(mutable=True)
        for name in data:
            if name in self.uses and (given := [value for value in data.getlist(name) if value]):
                is_repeatable = isinstance(self.base_fields[name], LenientChoicesField)
                query.setlist(name, given if is_repeatable else given[-1:])
        super().__init__({name: query.getlist(name) for name in query}, auto_id="filter-%s")
        self.query = query
        self.path = path
        self._counts: Callable[[str], dict[str, int] | None] = lambda name: None
        for name in list(self.fields):
            if name not in self.uses:
                del self.fields[name]
        if "choix" in self.fields:
            self.fields["choix"].choices = [(name, "") for name in (EVERY_CHOICE, *self.steps)]  # type: ignore[attr-defined]
        self.full_clean()

    @classmethod
    def from_request(cls, request: HttpRequest) -> "FilterForm":
        return cls(request.GET, request.path)

    def _clean_fields(self) -> None:
        # The data is a mapping of lists: single-valued fields read the last value, as a query string does.
        for name, field in self.fields.items():
            values = self.data.get(name, [])
            raw = values if isinstance(field, LenientChoicesField) else (values[-1] if values else None)
            try:
                self.cleaned_data[name] = field.clean(raw)
            except ValidationError as error:
                self.add_error(name, error)

    @property
    def is_plain(self) -> bool:
        """Nothing is asked but the list as it is, in one of its views: an address that most readers share."""
        views = self.query.getlist("vue")
        return self.query.keys() <= {"vue"} and len(views) <= 1 and not self.errors

    @property
    def asks_nothing(self) -> bool:
        """No filter is in use: what is given only says how results are shown."""
        return all(name in HOW_SHOWN or value in (None, "", []) for name, value in self.values.items())

    @cached_property
    def values(self) -> dict[str, Any]:
        """What could be read, by name, once for all; absent or unreadable filters are ``None``, ``""`` or ``[]``."""
        empty: dict[str, Any] = {
            name: [] if isinstance(f, LenientChoicesField) else None for name, f in self.fields.items()
        }
        return {**empty, **self.cleaned_data}

    def narrow(self, found: Any) -> Any:
        """The queryset with each plain filter applied."""
        for name, method in NARROWING.items():
            value = self.values.get(name)
            if value not in (None, [], ""):
                found = getattr(found, method)(value)
        return found

    def count_with(self, counts: Callable[[str], dict[str, int] | None]) -> None:
        """``counts(filter)`` gives, by value, what :func:`portal.core.facets.Selection.counts` says; ``None`` when the
        list does not count. Values that nothing has are then no longer offered.
        """
        self._counts = counts

    @property
    def notes(self) -> list[str]:
        """What the reader must know of how their filters were understood."""
        near = self.values.get("near")
        return [near.note] if near and near.note else []

    @property
    def is_here(self) -> bool:
        """The reader lent the position of their device."""
        near = self.values.get("near")
        return bool(near and near.is_here)

    @property
    def used_radius(self) -> str:
        """The distance in use, in km."""
        return f"{self.values.get('radius') or DEFAULT_RADIUS_KM:g}"

    @property
    def other_radii(self) -> list[tuple[str, bool]]:
        """The next distances, shorter then longer: each in km, and whether it is longer."""
        used = float(self.used_radius)
        shorter = [(f"{radius:g}", False) for radius in RADII_KM if radius < used][-1:]
        return shorter + [(f"{radius:g}", True) for radius in RADII_KM if radius > used][:1]

    @property
    def order(self) -> str:
        """The order in use: the one asked for where it can be, else by distance, as the words match, by name."""
        possible = self.possible_orders
        asked = self.values.get("sort")
        return asked if asked in possible else possible[0]

    @property
    def possible_orders(self) -> list[str]:
        near, words = self.values.get("near"), self.values.get("q")
        return [*(["distance"] if near else []), *(["relevance"] if words else []), "title"]

    @property
    def orders(self) -> list[dict[str, Any]]:
        """The orders to choose one from, for a template."""
        labels = dict(self.fields["sort"].choices)  # type: ignore[attr-defined]
        return [{"code": code, "label": labels[code], "is_used": code == self.order} for code in self.possible_orders]

    @property
    def ignored(self) -> list[Ignored]:
        found = []
        for name, field in self.fields.items():
            raw = field.unknown if isinstance(field, LenientChoicesField) else self.data.get(name, [])[-1:]
            if name in self.errors or isinstance(field, LenientChoicesField):
                found += [Ignored(str(field.label or name), value[:60]) for value in raw]
        return found

    def url_without(self, name: str, value: str | None = None) -> str:
        """The address of this list without one value of a filter (or all of them), on its first page."""
        query = self.query.copy()
        query.pop("page", None)
        if name == "near":
            query.pop("radius", None)
        rest = [given for given in query.getlist(name) if value is not None and given != value]
        query.setlist(name, rest) if rest else query.pop(name, None)
        return f"{self.path}?{query.urlencode()}" if query else self.path

    def url_with(self, name: str, value: str, **others: str) -> str:
        """The address of this list with one filter set, or some, on its first page."""
        query = self.query.copy()
        query.pop("page", None)
        for key, given in {name: value, **others}.items():
            query[key] = given
        return f"{self.path}?{query.urlencode()}"

    @property
    def query_string(self) -> str:
        """The filters without the page, for another view of the same results; starts with ``?`` unless empty."""
        query = self.query.copy()
        query.pop("page", None)
        return f"?{query.urlencode()}" if query else ""

    @property
    def chips(self) -> list[Chip]:
        found = []
        values = self.values
        for name, field in self.fields.items():
            value = values[name]
            # How far is said beside the results, with what else is possible.
            if name in HOW_SHOWN or name == "radius" or (not value and value != 0):
                continue
            if isinstance(field, LenientChoicesField):
                labels = dict(field.choices)
                lang = SOURCE_LANGUAGE if name in NAMED_IN_FRENCH else ""
                found += [Chip(name, capfirst(str(labels[code])), self.url_without(name, code), lang) for code in value]
            else:
                shown = value.label if isinstance(value, Point) else self.data[name][-1]
                label = gettext("%(filter)s: %(value)s") % {"filter": field.label, "value": shown}
                if isinstance(value, Point) and value.is_here:
                    label = value.label
                found.append(Chip(name, label, self.url_without(name)))
        return found

    @property
    def shows_all(self) -> bool:
        """The reader asked for every filter, or for one that the list does not show."""
        return bool(self.values.get("choix"))

    @property
    def all_choices_url(self) -> str:
        return self.url_with("choix", EVERY_CHOICE)

    @property
    def shows_one(self) -> bool:
        """The reader asked for one filter by its name."""
        return self.values.get("choix") in self.steps

    @property
    def unfolded(self) -> list[str]:
        """The filters that a page of choices shows with their boxes: the one asked for, else the shortest ones, in the
        order of ``steps``, as many as a light page holds."""
        if self.shows_one:
            return [self.values["choix"]]
        shown: set[str] = set()
        left = MAX_UNFOLDED
        sizes = {name: len(self.checked(name)) for name in self.steps}
        for name in sorted(self.steps, key=sizes.__getitem__):
            if sizes[name] > left:
                break
            shown.add(name)
            left -= sizes[name]
        return [name for name in self.steps if name in shown]

    @property
    def folded(self) -> list[tuple[str, Any]]:
        """``(name, label)`` of the other filters: each is a step, taken with what is ticked already."""
        shown = self.unfolded
        return [(name, self.fields[name].label) for name in self.steps if name not in shown and self.checked(name)]

    @property
    def kept_folded(self) -> list[tuple[str, str]]:
        """What a page of choices must send besides the boxes that it shows."""
        return self.kept(["q", "near", "age", *self.unfolded])

    def kept(self, shown: Iterable[str]) -> list[tuple[str, str]]:
        """``(name, value)`` of what is in the address and has no control in a form that shows only some filters.

        ``shown`` names filters, or a single value of one: ``ouvert=now``.
        """
        names = set(shown)
        found = []
        for name, field in self.fields.items():
            if name in names or name in ("page", "choix") or name in self.errors:
                continue
            known = self.values[name] if isinstance(field, LenientChoicesField) else self.data.get(name, [])[-1:]
            found += [(name, value) for value in known if value and f"{name}={value}" not in names]
        return found

    def easings(self, count: Callable[["FilterForm"], int]) -> list[Easing]:
        """What giving up one filter would find, the most first; ``count`` counts the results of a form.

        For a list that found nothing: each filter costs what a list costs, so only a few are tried.
        """
        found = []
        for chip in self.chips[:MAX_EASINGS]:
            without = type(self)(QueryDict(urlsplit(chip.remove_url).query), self.path)
            if total := count(without):
                found.append(Easing(chip.label, chip.remove_url, total))
        return sorted(found, key=lambda easing: -easing.total)

    def checked(self, name: str) -> list[dict[str, Any]]:
        """Choices of a repeatable filter, for a template: code, label and its language, whether it is on, and how many
        results it gives (``None`` where the list does not count)."""
        field = self.fields[name]
        on = set(self.values[name] or [])
        lang = SOURCE_LANGUAGE if name in NAMED_IN_FRENCH else active_language()
        counts = self._counts(name)
        choices: list[tuple[str, Any]] = field.choices  # type: ignore[attr-defined]
        if counts is not None:
            choices = [(code, label) for code, label in choices if code in counts or code in on]
            if len(choices) > MAX_CHOICES:
                most = sorted(counts, key=lambda code: -counts[code])[:MAX_CHOICES]
                choices = [(code, label) for code, label in choices if code in on or code in most]
        return [
            {
                "code": code,
                "label": capfirst(label),
                "lang": lang,
                "is_on": code in on,
                "count": None if counts is None else counts.get(code, 0),
            }
            for code, label in choices
        ]

    def raw(self, name: str) -> str:
        """What was typed in a single-valued filter, to show it again; not the numbers that a device gave."""
        if name == "near" and self.is_here:
            return ""
        return (self.data.get(name) or [""])[-1][:MAX_QUERY_LENGTH]
