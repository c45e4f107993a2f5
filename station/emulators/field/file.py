"""Persistent tags: one JSON file for each tag, replaced atomically after every accepted write.

Write-then-rename survives a kill -9 of any process, but not a power failure of the machine (no fsync).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.emulators.field import ndef
from station.emulators.field.chips import CHIPS, ISO14443A, Chip

AFI = "afi"
DSFID = "dsfid"
EAS = "eas"
LOCK = "lock:"
_KILLING = b"\x0f\x0f\x0f\x0f"  # privacy and destroy passwords at delivery, from memory
REGISTERS = {
    "counter": bytes(3),
    "failures": b"\0",
    **{f"pwd:{number:02x}": _KILLING if number in (4, 8) else bytes(4) for number in (1, 2, 4, 8, 16)},
}
"""Initial content of cells that are neither a block nor a register of ISO 15693."""


@dataclass
class Tag:
    """Memory of one tag. Cells are named "0".."79" (block), "afi", "dsfid", "eas" and "lock:<cell>" (one byte, 00 or 01)."""

    uid: str  # 16 hex digits, E0 first; 14 for an NTAG
    chip: Chip
    memory: bytearray
    afi: int = 0
    dsfid: int = 0
    eas: bool = False
    locked: set[str] = field(default_factory=set)  # cells, without "lock:"
    writes: dict[str, int] = field(default_factory=dict)  # cell -> programming cycles
    weak: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # cell -> the two contents it varies between
    reverting: dict[str, bytes] = field(default_factory=dict)  # cell -> its content after the field was off
    registers: dict[str, bytes] = field(default_factory=dict)  # other cells: counters, passwords

    def cell(self, name: str) -> bytes:
        if name.startswith(LOCK):
            return b"\x01" if name[len(LOCK) :] in self.locked else b"\x00"
        if name == EAS:
            return bytes((self.eas,))
        if name in (AFI, DSFID):
            return bytes((self.afi if name == AFI else self.dsfid,))
        if not name.isdecimal():
            return self.registers.get(name, REGISTERS.get(name, b"\0"))
        size = self.chip.block_size
        return bytes(self.memory[int(name) * size : (int(name) + 1) * size])

    def put(self, name: str, value: bytes) -> None:
        if name.startswith(LOCK):
            (self.locked.add if value[0] & 1 else self.locked.discard)(name[len(LOCK) :])
        elif name == EAS:
            self.eas = bool(value[0] & 1)
        elif name == AFI:
            self.afi = value[0]
        elif name == DSFID:
            self.dsfid = value[0]
        elif not name.isdecimal():
            self.registers[name] = value
        else:
            size = self.chip.block_size
            self.memory[int(name) * size : (int(name) + 1) * size] = value

    def field_off(self) -> bool:
        """Revert weakly programmed cells. Return True if something changed."""
        changed = bool(self.reverting)
        for name, value in self.reverting.items():
            self.put(name, value)
        self.reverting.clear()
        return changed

    def to_json(self) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "chip": self.chip.name,
            "memory": self.memory.hex(),
            "afi": self.afi,
            "dsfid": self.dsfid,
            "eas": self.eas,
            "locked": sorted(int(name) for name in self.locked if name.isdigit()),
            "afi_locked": AFI in self.locked,
            "dsfid_locked": DSFID in self.locked,
            "locked_cells": sorted(name for name in self.locked if not name.isdigit() and name not in (AFI, DSFID)),
            "writes": dict(self.writes),
            "weak": {name: [a.hex(), b.hex()] for name, (a, b) in self.weak.items()},
            "reverting": {name: value.hex() for name, value in self.reverting.items()},
            "registers": {name: value.hex() for name, value in self.registers.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tag:
        """Create a tag from `to_json`, or from a create request, in which all but uid may be absent. Raises ValueError
        for impossible values."""
        strange = sorted(set(data) - _KNOWN)
        if strange:
            raise ValueError(f"a tag has no {', '.join(strange)}; it has {', '.join(sorted(_GIVEN))}")
        uid = str(data["uid"]).upper()
        name = str(data.get("chip", "slix"))
        if name not in CHIPS:
            raise ValueError(f"unknown chip {name!r}; known: {', '.join(CHIPS)}")
        chip = CHIPS[name]
        if len(bytes.fromhex(uid)) != chip.uid_bytes:
            raise ValueError(f"uid must have {chip.uid_bytes} bytes")
        size = chip.blocks * chip.block_size
        memory = bytes.fromhex(str(data["memory"])) if "memory" in data else _fresh(chip, uid, data)
        if len(memory) > size:
            raise ValueError(f"{name} holds {size} bytes, not {len(memory)}")
        locked = {str(int(block)) for block in data.get("locked", ())}
        if any(not 0 <= int(block) < chip.blocks for block in locked):
            raise ValueError(f"{name} has blocks 0 to {chip.blocks - 1}")
        locked |= {str(name) for name in data.get("locked_cells", ())}
        locked |= {AFI} if data.get("afi_locked") else set()
        locked |= {DSFID} if data.get("dsfid_locked") else set()
        return cls(
            uid=uid,
            chip=chip,
            memory=bytearray(memory.ljust(size, b"\0")),
            afi=_byte(data, "afi"),
            dsfid=_byte(data, "dsfid"),
            eas=bool(data.get("eas", False)),
            locked=locked,
            writes={str(k): int(v) for k, v in data.get("writes", {}).items()},
            weak={str(k): (bytes.fromhex(a), bytes.fromhex(b)) for k, (a, b) in data.get("weak", {}).items()},
            reverting={str(k): bytes.fromhex(v) for k, v in data.get("reverting", {}).items()},
            registers={str(k): bytes.fromhex(v) for k, v in data.get("registers", {}).items()},
        )


_GIVEN = {
    "uid",
    "chip",
    "memory",
    "text",
    "uri",
    "user",
    "afi",
    "dsfid",
    "eas",
    "locked",
    "afi_locked",
    "dsfid_locked",
    "registers",
}
"""Keys with which a person describes a tag."""
_KNOWN = _GIVEN | {
    "do",
    "place",
    "replace",
    "locked_cells",
    "writes",
    "weak",
    "reverting",
    "on_pad",
    "state",
    "coupling",
}
"""The same, and the keys of a control word, a file and a dump."""


def _byte(data: dict[str, Any], name: str) -> int:
    value = int(data.get(name, 0))
    if not 0 <= value <= 0xFF:
        raise ValueError(f"{name} is a byte, not {value}")
    return value


def _fresh(chip: Chip, uid: str, data: dict[str, Any]) -> bytes:
    """Return the memory of a new tag. An NTAG may hold a `text`, a `uri` or `user` bytes from page 4."""
    if chip.air != ISO14443A:
        return b""
    message = None
    if "text" in data:
        message = ndef.text_record(str(data["text"]))
    elif "uri" in data:
        message = ndef.uri_record(str(data["uri"]))
    user = bytes.fromhex(str(data["user"])) if "user" in data else None
    return bytes(ndef.pages(chip, bytes.fromhex(uid), message, user))


class Drawer:
    """All tags of one folder, on the pad or not."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._tags: dict[str, Tag] = {}
        for path in sorted(folder.glob("[0-9A-F]*.json")):
            tag = Tag.from_json(json.loads(path.read_text(encoding="ascii")))
            self._tags[tag.uid] = tag

    def __iter__(self) -> Iterator[Tag]:
        return iter(self._tags.values())

    def __getitem__(self, uid: str) -> Tag:
        """Return the tag. Raises KeyError with the UID if there is none."""
        return self._tags[uid.upper()]

    def add(self, tag: Tag) -> None:
        self._tags[tag.uid] = tag
        self.save(tag)

    def save(self, tag: Tag) -> None:
        replace(self._folder / f"{tag.uid}.json", json.dumps(tag.to_json()))


def replace(path: Path, text: str) -> None:
    """Write a temporary file, then rename it over the old one, so that other processes see either the old or the new
    text."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="ascii")
    beside.replace(path)
