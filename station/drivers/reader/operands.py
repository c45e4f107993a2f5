"""Operands of a reader's commands as bytes. A value that does not fit raises `LocalProtocolError`, before anything is
sent."""

from __future__ import annotations

from station.base.errors import LocalProtocolError
from station.domain.tag_image import Uid


def uid_bytes(uid: Uid) -> bytes:
    """Return the 8 bytes of an ISO 15693 UID, most significant first."""
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if len(raw) != 8 or len(uid) != 16:
        raise LocalProtocolError(f"{uid!r} is not a UID")
    return raw


def byte_values(**values: int) -> bytes:
    """Return each value as one byte. The error names a value that is not a byte."""
    for name, value in values.items():
        if not 0 <= value <= 0xFF:
            raise LocalProtocolError(f"{name} {value} is not a byte")
    return bytes(values.values())


def word_values(**values: int) -> bytes:
    """Return each value as two bytes, most significant first. The error names a value that does not fit."""
    for name, value in values.items():
        if not 0 <= value <= 0xFFFF:
            raise LocalProtocolError(f"{name} {value} does not fit 16 bits")
    return b"".join(value.to_bytes(2, "big") for value in values.values())
