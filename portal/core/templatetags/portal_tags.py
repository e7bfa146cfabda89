"""Template tags of the portal: addresses in the reader's language, marks of foreign text, times, structured data."""

import json
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext
from wagtail.models import Page

from .. import easy
from ..contacts import Contact, Located, nearest_contact
from ..days import long_day, short_day
from ..entries import Entry
from ..enums import PositionPrecision
from ..fields import phone_uri
from ..hours import DayHours, Doubt, Hours, OpenState, Span, open_state, week
from ..languages import SOURCE_LANGUAGE, active_language, code_of_locale, direction, localize_path
from ..leaflets import DayRange, Paper, cut_paragraphs, day_ranges, qr_code, text_of_body
from ..papercuts import collage, icon_uri, picto, shape, sprite_url
from ..prose import Prose
from ..sharing import Shares, shares

register = template.Library()
for paper in (picto, shape, collage, sprite_url, icon_uri):
    register.simple_tag(paper)
register.filter(long_day)
register.filter(short_day)


@register.simple_tag(takes_context=True)
def url_of(context: Context, target: Entry | Page | None) -> str:
    """Address of an entry or a page in the reader's language; empty when it has none."""
    request = context.get("request")
    if target is None:
        return ""
    if isinstance(target, Entry):
        return target.url_for(request)
    page = target.specific if type(target) is Page else target
    if code_of_locale(page.locale_id) != SOURCE_LANGUAGE:
        page = getattr(page, "facts", page)
    parts = page.get_url_parts(request)
    if not parts or not parts[2]:
        return ""
    # A page in a frame already has its address there.
    return parts[2] if getattr(page, "frame_language", None) else localize_path(parts[2], active_language())


def absolute_url(context: Context, target: Entry | Page) -> str:
    """Address of a page in the reader's language with its host; empty for a page that has none yet."""
    path = url_of(context, target)
    return context["request"].build_absolute_uri(path) if path else ""


@register.simple_tag(takes_context=True)
def shares_of(context: Context, page: Page) -> Shares | None:
    """Ways to hand a page on; ``None`` for a page without address (a preview)."""
    url = absolute_url(context, page)
    return shares(page.title, url) if url else None


@register.simple_tag
def lang_of(code: str) -> str:
    """``lang`` and ``dir`` attributes for a text in another language than the frame; nothing when it is the same."""
    if not code or code == active_language():
        return ""
    return format_html(' lang="{}" dir="{}"', code, direction(code))


@register.simple_tag(takes_context=True)
def explain(context: Context, text: str | None, language: str = "") -> str:
    """Prose with its difficult words explained in place: ``{% explain page.summary %}``.

    Plain text is escaped; HTML comes from a filter: ``{% explain page.description|linebreaks %}``. ``language`` is that
    of the text, by default that of the page. Never for titles, links and buttons. Outside a page nothing is marked.
    """
    if not text:
        return ""
    prose = context.get("prose")
    if not isinstance(prose, Prose):
        return str(conditional_escape(text))
    return prose.annotate(text, language or getattr(prose.page, "language", "") or active_language())


@register.simple_tag(takes_context=True)
def easy_reading(context: Context, page: Page) -> easy.EasyReading | None:
    """How a page is read, in full or easily: ``{% easy_reading page as easy %}``, then ``components/easy.html``."""
    return easy.easy_reading(page, context.get("request"))


@register.filter
def tel(value: str) -> str:
    """``tel:`` address of a telephone number."""
    return phone_uri(value or "")


@register.filter
def clock(value: datetime | time | None) -> str:
    """A time as it is read: “14 h 30” in French, “14:30” elsewhere."""
    if value is None:
        return ""
    moment = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    if get_language() == SOURCE_LANGUAGE:
        return f"{moment.hour}\u00a0h" + (f"\u00a0{moment.minute:02}" if moment.minute else "")
    return f"{moment.hour}:{moment.minute:02}"


def from_to(start: str, end: str) -> str:
    """“9 h – 12 h”. Arabic says it with a word: one can't tell which side of a dash comes first."""
    return pgettext("times", "%(start)s – %(end)s") % {"start": start, "end": end}


@register.filter
def hours(span: Span) -> str:
    """An open period: “9 h – 12 h”; where there is no room for it, it breaks after the dash."""
    return from_to(clock(span.start), clock(span.end))


@register.filter
def times(dated: Any) -> str:
    """From when to when, of what has a ``starts_at`` and an ``ends_at``."""
    return from_to(clock(dated.starts_at), clock(dated.ends_at))


@register.filter
def opening(state: OpenState | None) -> str:
    """Open or closed in a few words, for a line of a list; empty when unknown."""
    if state is None:
        return ""
    if state.closure:
        return reopening(state)
    if state.doubt == Doubt.PUBLIC_HOLIDAY:
        return gettext("Public holiday: call before you come")
    if not state.changes_at:
        return gettext("Open") if state.is_open else gettext("Closed")
    if state.is_open:
        return gettext("Open until %(time)s") % {"time": clock(state.changes_at)}
    return gettext("Closed, opens %(day)s at %(time)s") % {
        "day": day_near(state.changes_at),
        "time": clock(state.changes_at),
    }


@register.filter
def reopening(state: OpenState) -> str:
    """“Closed for now. Opens again on Monday 4 January at 9 h”, of a temporary closure."""
    if not state.changes_at:
        return gettext("Closed for now")
    return gettext("Closed for now. Opens again %(day)s at %(time)s") % {
        "day": day_near(state.changes_at),
        "time": clock(state.changes_at),
    }


@register.filter
def away(metres: int, precision: str = "") -> str:
    """A distance as one says it; of a point that is only that of its town, a rough one."""
    kilometres = metres / 1000
    if precision == PositionPrecision.MUNICIPALITY:
        return gettext("about %(kilometres)s km away") % {"kilometres": max(round(kilometres), 1)}
    if metres < 950:
        return gettext("%(metres)s m away") % {"metres": max(round(metres, -2 if metres >= 300 else -1), 10)}
    rounded = round(kilometres, 1 if kilometres < 10 else 0)
    return gettext("%(kilometres)s km away") % {
        "kilometres": number_format(rounded, decimal_pos=0 if rounded == int(rounded) else 1)
    }


@register.filter
def day_near(value: datetime) -> str:
    """A day as one says it: “today”, “tomorrow”, “on Thursday”, “on Thursday 3 December”."""
    day = timezone.localtime(value).date()
    ahead = (day - timezone.localdate()).days
    if ahead == 0:
        return gettext("today")
    if ahead == 1:
        return gettext("tomorrow")
    return gettext("on %(day)s") % {"day": date_format(day, "l" if 1 < ahead < 7 else "l j F")}


@register.filter
def iso(value: datetime | None) -> str:
    """An instant in ISO 8601 with its offset, for ``<time datetime>``."""
    return timezone.localtime(value).isoformat() if value else ""


@register.simple_tag
def json_ld(data: dict[str, Any] | list[Any] | None) -> SafeString | str:
    """Structured data (schema.org). A data block runs nothing: the content security policy allows it."""
    if not data:
        return ""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # No character of the data can close the element or open a comment in it.
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


@register.simple_tag(takes_context=True)
def crumbs(context: Context, page: Page) -> Any:
    """Ancestors of a page, for the breadcrumb trail."""
    return context["frame"].breadcrumbs(page)


@register.simple_tag(takes_context=True)
def link_of(context: Context, value: Any) -> str:
    """Address of a link block: its page in the reader's language, or its typed address, under that language too."""
    if value.page:
        return url_of(context, value.page)
    return localize_path(value.url, active_language()) if value.url.startswith("/") else value.url


@register.simple_tag
def filter_choices(form: Any, name: str) -> dict[str, Any]:
    """A repeatable filter for a template: its legend, its choices, those that are on."""
    items = form.checked(name)
    on = [item for item in items if item["is_on"]]
    return {
        "legend": form.fields[name].label,
        "items": items,
        "has_on": bool(on),
        "first": on[0]["code"] if on else "",
        "others": on[1:],
    }


@register.simple_tag
def filter_kept(form: Any, *shown: str) -> list[tuple[str, str]]:
    """What a form must send besides the filters that it shows."""
    kept: list[tuple[str, str]] = form.kept(shown)
    return kept


@register.simple_tag
def filter_raw(form: Any, name: str) -> str:
    """What the reader typed in a filter, to show it again."""
    return form.raw(name)


@register.simple_tag
def list_url(form: Any, name: str, value: str) -> str:
    """Address of the same list with one filter set to a value."""
    return form.url_with(name, value)


@register.simple_tag
def localized(path: str) -> str:
    """A fixed French path (``/annuaire/``) under the reader's language."""
    return localize_path(path, active_language())


@register.simple_tag(takes_context=True)
def contact_url(context: Context, begun: str, title: str = "") -> str:
    """Address of the contact page with a message already begun; ``title`` names the page that it is about."""
    about = f"\n{title} – {context['request'].path}" if title else ""
    return f"{localize_path('/contact/', active_language())}?{urlencode({'message': f'{begun}{about}' + chr(10)})}"


@register.simple_tag(takes_context=True)
def contact_near(context: Context, place: Contact | Located | None = None) -> Contact:
    """Whom to talk to: the contact given, else the one nearest to a place, else the portal's own."""
    if isinstance(place, Contact):
        return place
    found = nearest_contact(place)
    if found is not None:
        return found
    portal = context["frame"].portal
    return Contact(
        name=portal.contact_name,
        phone=portal.contact_phone,
        address=portal.contact_address,
        opening_hours=portal.contact_hours,
    )


@register.simple_tag
def open_now(opening_hours: Hours | str) -> OpenState | None:
    """Whether hours say open now; ``None`` when unknown."""
    return open_state(opening_hours, timezone.now())


# --- Leaflets --------------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def leaflet_address(context: Context, page: Page) -> dict[str, str]:
    """The address that a leaflet leads to: ``url``, ``shown`` (without the scheme) and its QR code ``svg``."""
    url = absolute_url(context, page)
    return {"url": url, "shown": url.partition("://")[2].rstrip("/"), "svg": qr_code(url) if url else ""}


@register.simple_tag
def room_for(paper: Paper, texts: int) -> Paper:
    """The room that each of several texts has on a sheet."""
    return paper.shared_by(texts)


@register.filter
def fitting(text: str, paper: Paper) -> list[str]:
    """The paragraphs of a plain text that fit on a sheet."""
    return cut_paragraphs([part for part in (text or "").split("\n") if part.strip()], paper.characters)


@register.filter
def fitting_body(body: Any, paper: Paper) -> list[str]:
    """The paragraphs of a stream that fit on a sheet."""
    return cut_paragraphs(text_of_body(body), paper.characters)


@register.filter
def in_ranges(week: list[DayHours]) -> list[DayRange]:
    """A week with its equal days put together."""
    return day_ranges(week)


@register.simple_tag
def hours_of(opening_hours: Hours | str) -> list[DayHours]:
    """The days of this week with their hours, for ``components/hours.html``; empty when unknown."""
    return week(opening_hours, timezone.localdate())
