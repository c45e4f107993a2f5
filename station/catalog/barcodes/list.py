"""A list of barcodes in a file, one per line. Pure: bytes in, lines out.

UTF-8, or UTF-16 with its byte order mark, as spreadsheets write it. Any other encoding is refused as a whole, with the
line: half a list could be mistaken for the whole.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from station.base.text import clean

LARGEST: Final = 4 << 20
"""Maximum bytes; a larger file is not a list of barcodes."""


class NoBarcodeList(ValueError):
    """The bytes are not UTF-8 in this line (0 = line unknown), or are not text at all (None)."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__(line)
        self.line = line


def text_of(data: bytes) -> str:
    """Return the file as text. Raise `NoBarcodeList`."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoBarcodeList(0 if wide else data.count(b"\n", 0, error.start) + 1) from error
    if text.count("\0") * 4 > len(text):  # UTF-16 without its mark, or not text; a single NUL is left to the line
        raise NoBarcodeList()
    return text


def lines_of(file: Iterable[str]) -> Iterator[str]:
    """Yield the entries, one per line, without empty lines and lines that begin with #."""
    for line in file:
        text = clean(line.strip())
        if text and not text.startswith("#"):
            yield text


def barcodes_of(data: bytes) -> tuple[str, ...]:
    """Return every line of a list. Raise `NoBarcodeList`."""
    return tuple(lines_of(StringIO(text_of(data), newline=None)))
