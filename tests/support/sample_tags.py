"""Images and vectors that several tests use. The 28560-3 writer here does not use the package: it works with bytes and
crccheck."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from crccheck.crc import Crc16CcittFalse

from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.image import new_image

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
UID = Uid("E00401501F453D8F")
ISIL = "US-InU-Mu"
PROFILE = TagProfile(isil=ISIL)


@cache
def vectors(name: str) -> tuple[dict[str, Any], ...]:
    lines = (VECTORS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line.strip())


def of_model(name: str, model: str) -> list[dict[str, Any]]:
    found = [vector for vector in vectors(name) if vector["model"] == model]
    assert found, f"no vector of {model} in {name}: the test would be empty"
    return found


def image(
    memory: bytes = b"",
    *,
    dsfid: int = 0,
    afi: int = 0,
    blocks: int = 28,
    locked: frozenset[int] = frozenset(),
    uid: str = UID,
) -> TagImage:
    return TagImage(
        uid=Uid(uid),
        block_size=4,
        memory=memory.ljust(blocks * 4, b"\0"),
        locked=tuple(block in locked for block in range(blocks)),
        afi=afi,
        dsfid=dsfid,
    )


def luhn(stem: str) -> str:
    """Return `stem` with its mod-10 check digit."""
    total = 0
    for place, digit in enumerate(reversed(stem)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return stem + str(-total % 10)


def barcode(random: Random) -> str:
    return luhn("30123" + "".join(random.choices("0123456789", k=8)))


def item(identifier: str, **more: Any) -> TagImage:
    """Return a finished tag in the library's own format."""
    return new_image(image(), TagContent(identifier, **more), PROFILE)


def danish(
    identifier: str, owner: str = "DE705", *, first: int = 0x11, parts: int = 1, part: int = 1, size: int = 34
) -> bytes:
    """Return a 28560-3 basic block, built without the package. `owner` is stored as given."""
    head = bytes([first, parts, part]) + identifier.encode().ljust(16, b"\0")
    tail = owner.encode().ljust(13, b"\0")
    if size == 32:
        tail = tail[:11] + b"\0\0"
    crc = Crc16CcittFalse.calc(head + tail)
    return (head + bytes([crc & 0xFF, crc >> 8]) + tail)[:size]


def three_m(identifier: str) -> bytes:
    return bytes([4, 0x11, 0, 1]) + identifier.encode().ljust(16, b"\0") + bytes.fromhex("00200159") + bytes(8)
