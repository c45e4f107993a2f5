"""Tags' answers to ISO/IEC 15693-3 requests that a reader passes through."""

from __future__ import annotations

from typing import Final

from station.base.errors import TagAbsent, TagRefused
from station.domain.tag_image import Uid
from station.drivers.reader.operands import uid_bytes

ERROR: Final = 0x01
"""Answer flag: an error code follows (7.4.1)."""
_NO_CODE: Final = 0x0F
"""Error with no information given (7.4.2)."""
_TEXAS: Final = b"\xe0\x07"
"""First bytes of the UIDs of Texas Instruments (ISO/IEC 7816-6 maker code 07)."""


def is_texas(uid: Uid) -> bool:
    """Return whether the tag is from Texas Instruments: a write to it needs the option flag, and an end of frame after
    it."""
    return uid_bytes(uid).startswith(_TEXAS)


def tag_answer(command: str, data: bytes) -> bytes:
    """Return the answer without its flags. Raises `TagAbsent`, and `TagRefused` with the tag's own code."""
    if not data:
        raise TagAbsent(f"no answer to {command}")
    if data[0] & ERROR:
        raise TagRefused(data[1] if len(data) > 1 else _NO_CODE, f"to {command}")
    return data[1:]
