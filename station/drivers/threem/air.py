"""Requests of ISO/IEC 15693-3 passed through (14): how they are made, and what the tag says."""

from __future__ import annotations

from typing import Final

from station.base.errors import TagAbsent, TagRefused
from station.domain.tag_image import Uid
from station.drivers.threem import commands
from station.drivers.threem.commands import Request
from station.drivers.threem.replies import AirAnswer

_ADDRESSED: Final = 0x22
"""Request flags of ISO/IEC 15693-3 7.3.1: addressed, high data rate."""
_OPTION: Final = 0x40
_ERROR: Final = 0x01
GET_SECURITY_STATUS: Final = 0x2C
"""Get Multiple Block Security Status of ISO/IEC 15693-3."""


def request(uid: Uid, command: int, parameters: bytes, most: int, *, writes: bool = False) -> Request[AirAnswer]:
    """Command byte, parameters (with the maker's code in front, for custom commands); `most` bytes are expected behind the
    tag's flags. `writes`: the tag programs something; the option flag and the end of frame that Texas Instruments' tags want
    are then given to these."""
    texas = writes and commands.uid_bytes(uid).startswith(commands.TEXAS)
    flags = _ADDRESSED | (_OPTION if texas else 0)
    maker = parameters[:1] if 0xA0 <= command <= 0xDF else b""
    address = commands.uid_bytes(uid)[::-1]
    data = bytes((flags, command)) + maker + address + parameters[len(maker) :]
    # Flags and what is expected; an error has its code behind the flags.
    return commands.pass_thru(data, max(most, 1) + 1, commands.write_control(uid) if writes else 0)


def said(command: int, answer: AirAnswer) -> bytes:
    """What follows the tag's flags. Raises `TagAbsent`, and `TagRefused` with the tag's own code."""
    data = answer.data
    if not data:
        raise TagAbsent(f"no answer to {command:02X} on the air")
    if data[0] & _ERROR:
        raise TagRefused(data[1] if len(data) > 1 else 0x0F, f"to {command:02X} on the air")
    return data[1:]
