"""What a FEIG command is: a row of the manual, and a request with the way to read its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from station.base.errors import LocalProtocolError
from station.domain.tag_image import Uid
from station.drivers.feig.replies import Event

E = TypeVar("E", bound=Event)


class Row(msgspec.Struct, frozen=True):
    """One command of the manual. `sub` is the sub-command of B0 and B1, `maker` whose it is in B1 (ISO/IEC 7816-6);
    `answers`: statuses read as an answer."""

    name: str
    code: int
    sub: int | None = None
    maker: int | None = None
    changes_tag: bool = False
    answers: tuple[int, ...] = (0x00,)


@dataclass(frozen=True, slots=True)
class Request(Generic[E]):
    """A command with its DATA, and the way to read its answer from (status, DATA)."""

    row: Row
    data: bytes
    parse: Callable[[int, bytes], E]


def uid_bytes(uid: Uid) -> bytes:
    """The 8 bytes of a UID, most significant first; raises `LocalProtocolError` for what is none."""
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if len(raw) != 8 or len(uid) != 16:
        raise LocalProtocolError(f"{uid!r} is no UID")
    return raw


def byte_values(**values: int) -> bytes:
    """Each value as one byte; raises `LocalProtocolError` with the name of one that is none."""
    for name, value in values.items():
        if not 0 <= value <= 0xFF:
            raise LocalProtocolError(f"{name} {value} is not a byte")
    return bytes(values.values())


def word_values(**values: int) -> bytes:
    """Each value as two bytes, most significant first; raises `LocalProtocolError` with the name of one that is none."""
    for name, value in values.items():
        if not 0 <= value <= 0xFFFF:
            raise LocalProtocolError(f"{name} {value} does not fit 16 bits")
    return b"".join(value.to_bytes(2, "big") for value in values.values())
