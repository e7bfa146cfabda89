"""The message catalogues without the system's gettext: brought up to date with the sources, checked, compiled.

Three acts, each a function that the command ``messages`` calls: :func:`extract` and :func:`check` (which need Babel, a
package of the tests) and :func:`compile_catalogues` (only polib, so that a plain installation can do it). Messages are
English in the sources; French is complete, the other languages are complete for the public interface.
"""

import gettext
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import django.conf
import polib
from django.utils.translation import to_locale

from .source_messages import BRACE, PERCENT, Key, Message, SourceError, messages_of_sources

WRAP_AT = 120

# --- Who must have what ----------------------------------------------------------------------------------------------
# The rule that decides how complete a catalogue must be; which messages visitors see is decided by
# :func:`portal.core.source_messages.is_admin_only`. French, the language of the editors, has everything. English
# and Arabic have what visitors see. A language added in the settings starts empty: French frames serve meanwhile.
WHOLE_LANGUAGES = {"fr"}
PUBLIC_LANGUAGES = {"en", "ar"}


class CatalogueError(Exception):
    """A catalogue that can't be read; the text says which and why."""


# --- Catalogues ------------------------------------------------------------------------------------------------------
def catalogue_path(folder: Path, language: str) -> Path:
    """Where the catalogue of ``language`` lives in the folder of catalogues."""
    return folder / to_locale(language) / "LC_MESSAGES" / "django.po"


# Django's French has a third form for whole millions ("un million de lieux"), which no text here needs.
PLURAL_FORMS = {"fr": "nplurals=2; plural=(n > 1);", "en": "nplurals=2; plural=(n != 1);"}


def plural_forms(language: str) -> str:
    """The ``Plural-Forms`` of ``language``: ours, or those of Django's own catalogue."""
    if language in PLURAL_FORMS:
        return PLURAL_FORMS[language]
    folder = Path(django.conf.__file__).parent / "locale"
    for code in (language, language.split("-", maxsplit=1)[0]):
        path = folder / to_locale(code) / "LC_MESSAGES" / "django.mo"
        if path.exists():
            with path.open("rb") as file:
                forms = gettext.GNUTranslations(file).info().get("plural-forms")
            if forms:
                return " ".join(forms.split())
    return PLURAL_FORMS["en"]


def number_of_forms(language: str) -> int:
    """How many forms a plural has in ``language``: 2 in French, 6 in Arabic."""
    match = re.search(r"nplurals=(\d+)", plural_forms(language))
    return int(match[1]) if match else 2


def read(path: Path) -> Any:
    """The catalogue at ``path`` as polib's; empty when there is none. Raises :class:`CatalogueError`."""
    if not path.exists():
        return polib.POFile()
    try:
        return polib.pofile(str(path), encoding="utf-8", check_for_duplicates=True)
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path.name} of {path.parts[-3]} can't be read: {error}") from error


def entries_by_key(catalogue: Iterable[Any]) -> dict[Key, Any]:
    """The living entries of a catalogue."""
    return {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}


def translations_of(entry: Any) -> dict[int, str]:
    """The translations of an entry by plural form; a message without plural has one, numbered 0."""
    return dict(entry.msgstr_plural) if entry.msgid_plural else {0: entry.msgstr}


def merged_entry(message: Message, known: Any | None, language: str) -> Any:
    """The entry of ``message`` in the catalogue of ``language``, with what ``known`` already translates."""
    entry = polib.POEntry(
        msgctxt=message.context,
        msgid=message.text,
        msgid_plural=message.plural or "",
        comment="\n".join(sorted(message.comments)),
        tcomment=known.tcomment if known else "",
        occurrences=[(path, "") for path in sorted(message.paths)],
        flags=message.flags + (["fuzzy"] if known and known.fuzzy else []),
    )
    if message.plural:
        kept = known.msgstr_plural if known and known.msgid_plural else {}
        entry.msgstr_plural = {form: kept.get(form, "") for form in range(number_of_forms(language))}
    else:
        entry.msgstr = known.msgstr if known and not known.msgid_plural else ""
    if language == "en":  # the messages are English already
        if message.plural:
            texts = {0: message.text, 1: message.plural}
            entry.msgstr_plural = {form: text or texts[form] for form, text in entry.msgstr_plural.items()}
        else:
            entry.msgstr = entry.msgstr or message.text
    return entry


def extract(root: Path, folder: Path, languages: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Bring the catalogues in ``folder`` up to date with the sources below ``root``.

    Translations are kept, messages that no source holds any more are dropped, the order is that of the messages, no
    date or line number is written: the same sources give the same bytes. Returns, for each language, how many messages
    came and how many went.
    """
    messages = messages_of_sources(root)
    changes = {}
    for language in languages:
        path = catalogue_path(folder, language)
        known = entries_by_key(read(path))
        catalogue = polib.POFile(wrapwidth=WRAP_AT)
        catalogue.metadata = {
            "Project-Id-Version": "La Boussole",
            "Language": to_locale(language),
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": plural_forms(language),
        }
        for key in sorted(messages, key=lambda key: (key[1], key[0] or "")):
            catalogue.append(merged_entry(messages[key], known.get(key), language))
        text = f"{catalogue}".removeprefix("#\n").rstrip("\n") + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        changes[language] = (len(messages.keys() - known.keys()), len(known.keys() - messages.keys()))
    return changes


def compile_catalogues(folder: Path) -> list[Path]:
    """Compile the catalogues that changed since they were compiled; returns those written.

    Each is written beside and moved into place, so a server that starts at the same time never reads half a file.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        beside = target.with_suffix(f".{os.getpid()}.tmp")
        read(source).save_as_mofile(str(beside))
        beside.replace(target)
        written.append(target)
    return written


# --- Checks ----------------------------------------------------------------------------------------------------------
MARKUP = re.compile(r"</?\w+")
# Placeholders that carry the number of a plural: "no place left" may leave it out where "5 places left" can't.
NUMBERS = {"count", "counter", "number", "total", "n"}


def placeholders(text: str) -> list[str]:
    """Placeholders and tags of a text, sorted, as they must be in its translation."""
    percents = [match[0] for match in PERCENT.finditer(text.replace("%%", ""))]
    return sorted([*percents, *(match[0] for match in BRACE.finditer(text)), *MARKUP.findall(text)])


def is_number(placeholder: str) -> bool:
    """Whether a placeholder carries the number of a plural. A bare ``%d`` does not: leaving it out is an error."""
    match = PERCENT.fullmatch(placeholder)
    name = match["name"] if match else placeholder.strip("{}")
    return name in NUMBERS or bool(match and match["kind"] == "d")


def formats(text: str) -> bool:
    """Whether Python can format ``text``: a lone per cent sign breaks it, as does ``%(name)`` without its letter."""
    values: dict[str, int] = defaultdict(lambda: 1)
    bare = tuple(1 for match in PERCENT.finditer(text.replace("%%", "")) if match["bare"])
    try:
        text % (bare or values)
    except (TypeError, ValueError):
        return False
    return True


def placeholder_fault(message: Message, form: int, forms: int, translation: str) -> str:
    """What is wrong with the placeholders of one translation; empty when nothing is.

    In a plural, each form may have the number or not, but the last form, used for most numbers, has it as the English
    plural has.
    """
    found = placeholders(translation)
    originals = [message.text] if message.plural is None else [message.text, message.plural]
    expected = [placeholders(text) for text in originals]
    if message.plural is not None and form < forms - 1:
        without = [[one for one in texts if not is_number(one)] for texts in expected]
        if not {one for one in found if is_number(one)} <= {one for texts in expected for one in texts}:
            return f"has a number {found} that the message {expected} has not"
        found, expected = [one for one in found if not is_number(one)], without
    elif message.plural is not None:
        expected = expected[1:]
    if found not in expected:
        return f"has {found} where the message has {expected[-1]}"
    in_template = any(not path.endswith(".py") for path in message.paths)  # where every text is formatted
    if (in_template or message.flags == ["python-format"]) and not formats(translation):
        return "has a per cent sign that breaks it: write %%"
    return ""


def entry_faults(message: Message, entry: Any, language: str) -> Iterator[str]:
    """What is wrong with one entry of a catalogue."""
    required = language in WHOLE_LANGUAGES or (language in PUBLIC_LANGUAGES and message.is_public)
    translations = translations_of(entry)
    if (message.plural or "") != (entry.msgid_plural or ""):
        yield "its plural has changed in the sources; run: manage.py messages extract"
        return
    if entry.fuzzy:
        yield "is fuzzy: a human must read it, then remove the flag"
    forms = number_of_forms(language) if message.plural else 1
    if required and not all(translations.get(form, "").strip() for form in range(forms)):
        yield "is not translated"
    for form, text in sorted(translations.items()):
        if text.strip() and (fault := placeholder_fault(message, form, forms, text)):
            yield f"translation {text!r} {fault}"


def check(root: Path, folder: Path, languages: Collection[str]) -> list[str]:
    """What is wrong with the catalogues, a line each; empty when sources and catalogues agree and are complete."""
    try:
        messages = messages_of_sources(root)
    except SourceError as error:
        return [str(error)]
    faults = []
    for language in languages:
        if not catalogue_path(folder, language).exists():
            faults.append(f"{language}: there is no catalogue; run: manage.py messages extract")
            continue
        try:
            entries = entries_by_key(read(catalogue_path(folder, language)))
        except CatalogueError as error:
            faults.append(f"{language}: {error}")
            continue
        for key, message in sorted(messages.items(), key=lambda item: (item[0][1], item[0][0] or "")):
            where = f"{language}: {message.text!r} ({', '.join(sorted(message.paths))})"
            if key not in entries:
                faults.append(f"{where} is missing; run: manage.py messages extract")
                continue
            faults.extend(f"{where} {fault}" for fault in entry_faults(message, entries[key], language))
        faults.extend(
            f"{language}: {text!r} is in no source any more; run: manage.py messages extract"
            for _context, text in sorted(entries.keys() - messages.keys(), key=lambda key: (key[1], key[0] or ""))
        )
    return faults
