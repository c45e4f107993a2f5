"""ISO/IEC 15693-3 requests that the reader passes through (14)."""

from __future__ import annotations

from typing import Final

from station.domain.tag_image import Uid
from station.drivers.reader.on_air import is_texas
from station.drivers.reader.operands import uid_bytes
from station.drivers.threem import commands
from station.drivers.threem.commands import Request
from station.drivers.threem.replies import AirAnswer

_ADDRESSED: Final = 0x22
"""Request flags of ISO/IEC 15693-3 7.3.1: addressed, high data rate."""
_OPTION: Final = 0x40
GET_SECURITY_STATUS: Final = 0x2C
"""Get Multiple Block Security Status of ISO/IEC 15693-3."""


def request(uid: Uid, command: int, parameters: bytes, most: int, *, writes: bool = False) -> Request[AirAnswer]:
    """Return the request of a command byte and parameters (for custom commands, the maker's code first). `most`: number
    of bytes expected after the tag's flags. `writes`: the tag programs its memory; Texas Instruments tags then get the
    option flag and the end of frame that they need."""
    texas = writes and is_texas(uid)
    flags = _ADDRESSED | (_OPTION if texas else 0)
    maker = parameters[:1] if 0xA0 <= command <= 0xDF else b""
    address = uid_bytes(uid)[::-1]
    data = bytes((flags, command)) + maker + address + parameters[len(maker) :]
    # The flags and the expected bytes; an error has its code after the flags.
    return commands.pass_thru(data, max(most, 1) + 1, commands.write_control(uid) if writes else 0)
