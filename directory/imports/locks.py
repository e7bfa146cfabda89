"""Which fields of an imported sheet are the editors', and no longer its source's.

A field is kept from imports as soon as somebody edits it. The last import's values (``ImportedRecord``) tell what was
edited; ``locked_fields`` on the sheet says so for good, also when the value happens to be the source's again.
"""

from ..models import ImportedRecord, StructurePage
from . import values


def record_of(page: StructurePage) -> ImportedRecord | None:
    """What the last import read for a sheet; ``None`` for a sheet that comes from no import."""
    if not page.pk or not page.source_id:
        return None
    kind = ImportedRecord.Kind.STRUCTURE
    return ImportedRecord.objects.filter(kind=kind, page_id=page.pk, is_merged=False).first()


def kept_from_imports(page: StructurePage, record: ImportedRecord) -> list[str]:
    """Names of the fields that the next import will leave as they are, in the order of ``values.OWNED``."""
    owned = [name for name in values.OWNED if name in record.values]
    edited = {name for name in owned if values.is_edited(name, values.read(page, name), record.values[name])}
    kept = values.together({*(page.locked_fields or []), *edited} - values.NEVER_LOCKED)
    return [name for name in owned if name in kept - values.NEVER_LOCKED]


def give_back(page: StructurePage) -> None:
    """Makes what ``locked_fields`` does not name the source's again: called once an editor has saved the sheet."""
    record = record_of(page)
    if record is None:
        return
    locked = values.together(page.locked_fields or [])
    given = {
        name: values.read(page, name)
        for name in values.OWNED
        if name in record.values and name not in locked and name not in values.NEVER_LOCKED
    }
    if any(record.values[name] != value for name, value in given.items()):
        record.values = {**record.values, **given}
        record.save(update_fields=["values"])
