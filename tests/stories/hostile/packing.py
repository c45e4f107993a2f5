"""Packing of the corpus for an input, and the expected result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE

MARC_ENDS: Final = dict.fromkeys((0x1D, 0x1E, 0x1F))
"""Characters that end a subfield, a field and a record (ISO 2709): no text of a record can hold them."""
NOT_IN_XML: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
"""Characters that a well-formed XML document cannot hold (XML 1.0, production 2)."""
NOT_IN_SIP2: Final = dict.fromkeys(map(ord, "\r|"))
"""Characters that end a message and a field (3M SIP2, 2.1 and 3)."""
LONG: Final = "long " + "W" * 10_000
END: Final = "END"
"""Appended to each text, because a catalog may trim punctuation from the end of a title."""


class Arrival(NamedTuple):
    """A value as the station received it."""

    value: Any
    expected: str
    """Text that must be in the value; "" = the input was refused, and only the text of the refusal remains."""


def packed(size: int = 100, without: dict[int, Any] | None = None) -> Iterator[str]:
    """Yield the corpus in texts of at most about this many bytes (UTF-8), each after the mark."""
    text = MARK
    for one in STORABLE:
        one = one.translate(without or {})
        if text != MARK and len(f"{text} {one} {END}".encode()) > size:
            yield f"{text} {END}"
            text = MARK
        text += f" {one}"
    yield f"{text} {END}"
