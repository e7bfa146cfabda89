"""The encoding of a text file, and its text piece by piece."""

import codecs
import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from .errors import UnreadableFileError

CHUNK = 1 << 16
#: What charset-normalizer looks at.
SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Encodings that French files are found in, beside UTF-8; another guess is taken for Windows' own.
_LIKELY = {"cp1252", "latin_1", "iso8859_15", "mac_roman", "cp850", "utf_16", "utf_16_le", "utf_16_be"}


def detect(path: Path) -> str:
    """The name of a codec that reads the whole file. Raises ``UnreadableFileError`` for what is no text."""
    status = path.stat()
    return _detect(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _detect(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as stream:
        head = stream.read(SAMPLE)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        if b"\0" in head:
            return _wide(head)
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _guess(path)
    return "utf-8"


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of a French text is a zero."""
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) > len(zeros) * 0.8:
            return name
    raise UnreadableFileError(_("This is not a text file: give a CSV, XLSX, JSON or NDJSON file."))


def _guess(path: Path) -> str:
    # The letters with accents may stand far from the beginning: the first ones are what tells encodings apart.
    with path.open("rb") as stream:
        sample = b""
        while len(sample) < SAMPLE and (chunk := stream.read(CHUNK)):
            sample += b"\n".join(line for line in chunk.splitlines() if not line.isascii())
    # A file that is UTF-8 but for a cut letter at its end, or a stray byte, is not another encoding.
    broken = sample.decode("utf-8", errors="replace").count("\ufffd")
    letters = sum(1 for byte in sample if byte >= 0xC0)
    if broken <= max(2, letters * 0.02) and letters > 10 * broken:
        return "utf-8"
    if _is_controlled(sample):
        raise UnreadableFileError(_("This is not a text file: give a CSV, XLSX, JSON or NDJSON file."))
    best = from_bytes(sample[:SAMPLE], cp_isolation=sorted(_LIKELY)).best()
    return best.encoding if best and best.encoding in _LIKELY and "utf" not in best.encoding else "cp1252"


def _is_controlled(sample: bytes) -> bool:
    controls = sum(1 for byte in sample if byte < 32 and byte not in b"\t\n\r\f\v")
    return controls > len(sample) * 0.02


def text_of(path: Path) -> Iterator[str]:
    """The text in pieces, with plain line ends; a byte that is none of the encoding becomes U+FFFD, which is told."""
    letters = codecs.getincrementaldecoder(detect(path))(errors="replace")
    decoder = io.IncrementalNewlineDecoder(letters, translate=True)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)


def lines_of(path: Path, limit: int) -> Iterator[str]:
    """The lines of a text file, their ends included, none longer than ``limit`` signs."""
    left = ""
    for piece in text_of(path):
        *whole, left = (left + piece).split("\n")
        for line in whole:
            yield line + "\n"
        if len(left) > limit:
            raise UnreadableFileError(_("A line of this file is longer than %(limit)d signs.") % {"limit": limit})
    if left:
        yield left
