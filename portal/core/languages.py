"""The languages of the portal: French is the source, the others are frames around it."""

from django.conf import settings
from django.utils.translation import get_language, get_language_info
from wagtail.models import Locale

SOURCE_LANGUAGE: str = settings.LANGUAGE_CODE

_codes: dict[int, str] = {}


def language_codes() -> list[str]:
    """Codes of all content languages, the source language first."""
    codes = [code for code, _name in settings.LANGUAGES]
    return sorted(codes, key=lambda code: code != SOURCE_LANGUAGE)


def code_of_locale(locale_id: int | None) -> str:
    """Language code of a Wagtail locale, remembered by this process: every page asks for it."""
    if locale_id is None:
        return SOURCE_LANGUAGE
    if locale_id not in _codes:
        _codes.update(Locale.objects.values_list("pk", "language_code"))
    return _codes.get(locale_id, SOURCE_LANGUAGE)


def locale_id_of(code: str) -> int | None:
    """Primary key of the Wagtail locale of a language, remembered likewise; ``None`` when there is none."""
    for _attempt in range(2):
        for locale_id, known in list(_codes.items()):
            if known == code:
                return locale_id
        _codes.update(Locale.objects.values_list("pk", "language_code"))
    return None


def forget_locales(**kwargs: object) -> None:
    """Signal receiver: a locale was saved or deleted."""
    _codes.clear()


def active_language() -> str:
    """The reader's language: the active one if the portal has it, else the source language."""
    code = get_language() or SOURCE_LANGUAGE
    return code if code in dict(settings.LANGUAGES) else SOURCE_LANGUAGE


def direction(code: str) -> str:
    """``rtl`` or ``ltr``, for the HTML attribute ``dir``."""
    try:
        return "rtl" if get_language_info(code)["bidi"] else "ltr"
    except KeyError:  # no language that Django knows: what an import or an older version left in a column
        return "ltr"


def localize_path(path: str, code: str) -> str:
    """A French path (``/annuaire/…``) under the address of another language (``/ar/annuaire/…``)."""
    return path if code == SOURCE_LANGUAGE else f"/{code}{path}"


def source_locale() -> Locale:
    return Locale.objects.get(language_code=SOURCE_LANGUAGE)


def ensure_locales(**kwargs: object) -> None:
    """Creates the Wagtail locale of each language of the settings. Runs after each migration; idempotent."""
    for code in language_codes():
        Locale.objects.get_or_create(language_code=code)
