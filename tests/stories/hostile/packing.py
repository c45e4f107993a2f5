"""How the corpus is packed for a way in, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE

MARC_ENDS: Final = dict.fromkeys((0x1D, 0x1E, 0x1F))
"""End of subfield, field and record (ISO 2709): no text of a record can hold them."""
NOT_IN_XML: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
"""XML 1.0, production 2: a document that holds one is none."""
NOT_IN_SIP2: Final = dict.fromkeys(map(ord, "\r|"))
"""End of message and of field (3M SIP2, 2.1 and 3)."""
LONG: Final = "long " + "W" * 10_000
END: Final = "END"
"""Behind the last string: a title's own end may be trimmed of punctuation."""


class Arrival(NamedTuple):
    """A value as the station has it."""

    value: Any
    expected: str
    """Must be read in it; "" = it was refused, and only the words of the refusal remain."""


def packed(size: int = 100, without: dict[int, Any] | None = None) -> Iterator[str]:
    """The corpus in texts of at most about this many bytes (UTF-8), each with the mark before it."""
    text = MARK
    for one in STORABLE:
        one = one.translate(without or {})
        if text != MARK and len(f"{text} {one} {END}".encode()) > size:
            yield f"{text} {END}"
            text = MARK
        text += f" {one}"
    yield f"{text} {END}"
