"""The formats that an import reads, by their public names."""

from typing import Protocol

from django.utils.translation import gettext as _

from . import mednum
from .drafts import Draft
from .errors import MappingError
from .inclusion import InclusionFormat
from .mapped import MappedFormat
from .mappings import mapping_named
from .readers import Row

DATA_INCLUSION, DIGITAL_HELP, MAPPED = "data-inclusion", "mediation-numerique", "mapped"
FORMATS = (DATA_INCLUSION, DIGITAL_HELP, MAPPED)


class Format(Protocol):
    """How the rows of a file become drafts."""

    name: str

    def chooses(self, groups: list[str]) -> None:
        """Told the names of the lists or sheets of the file, it decides which ones are read."""

    def wants(self, row: Row) -> bool:
        """Whether a row is of a list or sheet that is read; other rows do not count."""

    def missing(self, columns: list[str]) -> list[str]:
        """The columns without which the file is not of this format, and that it has not."""

    def draft(self, row: Row) -> Draft:
        """The row in our words. Raises ``RowError``."""


def format_named(name: str, mapping: str = "") -> Format:
    """A format for one reading of one file. Raises ``MappingError``."""
    if name == DATA_INCLUSION:
        return InclusionFormat()
    if name == DIGITAL_HELP:
        return MappedFormat(mednum.mapping())
    if name == MAPPED:
        if not mapping:
            raise MappingError(_("Say which mapping of columns to use: --mapping NAME."))
        return MappedFormat(mapping_named(mapping))
    raise MappingError(
        _("There is no format “%(name)s”. These exist: %(names)s.") % {"name": name, "names": ", ".join(FORMATS)}
    )
