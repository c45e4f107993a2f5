"""A list of barcodes in a file: one a line. Pure: bytes in, lines out.

UTF-8, or UTF-16 with its mark, as spreadsheets write it; any other is refused whole, with its line: half a list would pass
for all of it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from station.base.text import clean

LARGEST: Final = 4 << 20
"""More bytes than that are no list of barcodes."""


class NoBarcodeList(ValueError):
    """The bytes are no UTF-8 in this line (0 = somewhere); None = they are no text at all."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__(line)
        self.line = line


def text_of(data: bytes) -> str:
    """The file as text. Raises `NoBarcodeList`."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoBarcodeList(0 if wide else data.count(b"\n", 0, error.start) + 1) from error
    if text.count("\0") * 4 > len(text):  # UTF-16 without its mark, or no text at all; a stray one is a line's affair
        raise NoBarcodeList()
    return text


def lines_of(file: Iterable[str]) -> Iterator[str]:
    """What stands there, one a line; empty lines and those with # are skipped."""
    for line in file:
        text = clean(line.strip())
        if text and not text.startswith("#"):
            yield text


def barcodes_of(data: bytes) -> tuple[str, ...]:
    """Every line of a list. Raises `NoBarcodeList`."""
    return tuple(lines_of(StringIO(text_of(data), newline=None)))
