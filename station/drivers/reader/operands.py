"""Operands of a reader's commands as bytes. What cannot be expressed raises `LocalProtocolError`: nothing is sent then."""

from __future__ import annotations

from station.base.errors import LocalProtocolError
from station.domain.tag_image import Uid


def uid_bytes(uid: Uid) -> bytes:
    """The 8 bytes of a UID of ISO 15693, most significant first."""
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if len(raw) != 8 or len(uid) != 16:
        raise LocalProtocolError(f"{uid!r} is no UID")
    return raw


def byte_values(**values: int) -> bytes:
    """Each value as one byte; the error names one that is none."""
    for name, value in values.items():
        if not 0 <= value <= 0xFF:
            raise LocalProtocolError(f"{name} {value} is not a byte")
    return bytes(values.values())


def word_values(**values: int) -> bytes:
    """Each value as two bytes, most significant first; the error names one that does not fit."""
    for name, value in values.items():
        if not 0 <= value <= 0xFFFF:
            raise LocalProtocolError(f"{name} {value} does not fit 16 bits")
    return b"".join(value.to_bytes(2, "big") for value in values.values())
