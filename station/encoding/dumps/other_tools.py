"""Dumps of other programs: Proxmark3 JSON and binary, Flipper Zero .nfc, and this program's JSON.

Sources, consulted but not copied:

* Proxmark3 (RfidResearchGroup/proxmark3) client/src/fileutils.c, prepareJSON and loadFileJSONex, at commit 1c8c3b7 for
  "15693", "15693 v2" (blocks of 4), "15693 v3" (blocks of 8) and "15693 v4"; a later revision of the same file for
  "15693 v5", whose `pagescount` has two bytes, least significant first. The UID is stored as sent, least significant
  byte first (common/iso15693tools.c). Binary: struct iso15_tag_t of include/iso15.h; 2235 bytes (v4) and 2332 (v5,
  commit b25dbef); 2139 bytes while it held 64 lock bytes.
* Flipper Zero (flipperdevices/flipperzero-firmware) lib/nfc/protocols/iso15693_3/iso15693_3.c at commit 03e8bda, and
  applications/debug/unit_tests/resources/unit_tests/nfc/Slix_cap_default.nfc at commit 2ac5bee. The UID is stored most
  significant byte first, "Block Size" is hexadecimal, "Block Count" decimal. Device type ISO15693 is the older form,
  whose "Security Status" has an additional byte at its beginning: bit 0 DSFID locked, bit 1 AFI locked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, cast

from station.base.errors import DumpUnreadable
from station.base.text import clean
from station.encoding.dumps.text import shown
from station.encoding.dumps.value import (
    MAX_BLOCK,
    MAX_MEMORY,
    MAX_TAGS,
    Dump,
    Format,
    digits,
    memory_of,
    refuse,
    uid_of,
)

PROXMARK_TYPES: Final = ("15693", "15693 v2", "15693 v3", "15693 v4", "15693 v5")
FLIPPER_TYPES: Final = ("ISO15693-3", "SLIX", "ISO15693")
_FLIPPER_OLD: Final = "ISO15693"

Object = dict[str, object]


# --- JSON -----------------------------------------------------------------------------------------------------------


def parse_json(text: str) -> object:
    """Parse any JSON value; raise `DumpUnreadable` with the line at fault."""
    try:
        return cast(object, json.loads(text))
    except json.JSONDecodeError as error:
        refuse(f"not JSON: {clean(error.msg, 80)}", error.lineno)
    except (ValueError, RecursionError) as error:
        refuse(f"not JSON that can be parsed: {clean(str(error), 80)}")


def _object(value: object, what: str) -> Object:
    if not isinstance(value, dict):
        refuse(f"{what} is missing or not an object")
    return cast(Object, value)


def _hex(values: Object, key: str, length: int | None = None) -> bytes:
    """Return the bytes of the hexadecimal text under `key`; white space between bytes is allowed."""
    value = values.get(key)
    if not isinstance(value, str):
        refuse(f'"{key}" is missing or not text')
    return digits("".join(value.split()), f'"{key}"', length=length)


def is_proxmark(value: object) -> bool:
    """Return True for the JSON of a Proxmark3 client, for any kind of tag."""
    return isinstance(value, dict) and ("FileType" in value or value.get("Created") == "proxmark3")


def read_proxmark(value: object) -> Dump:
    """Read the JSON of `hf 15 dump`. Raises `DumpUnreadable`, also for a file of another kind of tag."""
    root = _object(value, "the dump")
    kind = root.get("FileType")
    match kind:
        case "15693":
            return Dump(Format.PROXMARK, memory_of(_hex(root, "raw")), block_size=4)
        case "15693 v2" | "15693 v3":
            size = 4 if kind == "15693 v2" else 8
            blocks = _object(root.get("blocks"), '"blocks"')
            return Dump(Format.PROXMARK, memory_of(_blocks(blocks, len(blocks), size)), block_size=size)
        case "15693 v4" | "15693 v5":
            return _proxmark_tag(root, 1 if kind == "15693 v4" else 2)
    raise DumpUnreadable(
        f"FileType {shown(str(kind))} is not an ISO 15693 tag; known types: {', '.join(PROXMARK_TYPES)}"
    )


def _proxmark_tag(root: Object, count_length: int) -> Dump:
    card = _object(root.get("Card"), '"Card"')
    size = _hex(card, "bytesperpage", 1)[0]
    count = int.from_bytes(_hex(card, "pagescount", count_length), "little")
    if not 1 <= size <= MAX_BLOCK or count * size > MAX_MEMORY:
        refuse(f"{count} blocks of {size} bytes cannot be a tag")
    memory = memory_of(_blocks(_object(root.get("blocks"), '"blocks"'), count, size))
    uid = _hex(card, "uid", 8)[::-1]
    return Dump(
        format=Format.PROXMARK,
        memory=memory,
        block_size=size,
        uid=uid_of(uid) if uid[0] == _ISO_15693 else None,
        dsfid=_hex(card, "dsfid", 1)[0],
        afi=_hex(card, "afi", 1)[0],
        locked=tuple(map(bool, _hex(card, "locks", count))),
        dsfid_locked=bool(_hex(card, "dsfidlock", 1)[0]),
        afi_locked=bool(_hex(card, "afilock", 1)[0]),
    )


_ISO_15693: Final = 0xE0
"""First byte of every UID of ISO/IEC 15693; the client has another value there if the tag sent no UID."""


def _blocks(blocks: Object, count: int, size: int) -> bytes:
    if not 1 <= count <= MAX_MEMORY // size:
        refuse(f"{count} blocks of {size} bytes cannot be a tag")
    if len(blocks) != count:
        refuse(f'"blocks" holds {len(blocks)} blocks, not {count}')
    return b"".join(_hex(blocks, str(number), size) for number in range(count))


# --- Proxmark3 binary -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Struct:
    """One revision of iso15_tag_t: 8 UID, DSFID, its lock, AFI, its lock, bytes per page, pages, IC reference, locks,
    data."""

    pages: int
    """Lock bytes, one per page."""
    count_length: int

    @property
    def length(self) -> int:
        """Bytes of the file. After the data: random number 2, password 4, state 4, two flags."""
        return 14 + self.count_length + self.pages + _DATA + 12


_DATA: Final = 2048
_STRUCTS: Final = {each.length: each for each in (_Struct(64, 1), _Struct(160, 1), _Struct(256, 2))}


def is_proxmark_bin(data: bytes) -> bool:
    """Return True if the length and the layout at the beginning are those of a dump of the client."""
    try:
        read_proxmark_bin(data)
    except DumpUnreadable:
        return False
    return data[7] == _ISO_15693 or data[0] == _ISO_15693


def read_proxmark_bin(data: bytes) -> Dump:
    """Read the binary dump of `hf 15 dump`. Raises `DumpUnreadable`."""
    struct = _STRUCTS.get(len(data))
    if struct is None:
        refuse(f"{len(data)} bytes; a dump of the client has {', '.join(map(str, sorted(_STRUCTS)))}")
    size = data[12]
    count = int.from_bytes(data[13 : 13 + struct.count_length], "little")
    if not 1 <= size <= MAX_BLOCK or not 1 <= count <= struct.pages or count * size > _DATA:
        refuse(f"{count} blocks of {size} bytes do not fit a dump of the client")
    locks = 14 + struct.count_length
    start = locks + struct.pages
    return Dump(
        format=Format.PROXMARK_BIN,
        memory=data[start : start + count * size],
        block_size=size,
        uid=uid_of(data[7::-1]) if data[7] == _ISO_15693 else None,
        dsfid=data[8],
        afi=data[10],
        locked=tuple(map(bool, data[locks : locks + count])),
        dsfid_locked=bool(data[9]),
        afi_locked=bool(data[11]),
    )


# --- Flipper Zero ---------------------------------------------------------------------------------------------------


def read_flipper(text: str) -> Dump:
    """Read a .nfc file of an ISO 15693 tag. Raises `DumpUnreadable` with the line at fault."""
    fields = _flipper_fields(text)
    _, kind = fields.get("Device type", (0, ""))
    if kind not in FLIPPER_TYPES:
        refuse(
            f"device type {shown(kind)} is not an ISO 15693 tag; known types: {', '.join(FLIPPER_TYPES)}",
            fields.line("Device type"),
        )
    if "Data Content" not in fields:
        refuse('"Data Content" is missing: the tag\'s memory was not read')
    size = fields.hex("Block Size", 1)[0]
    count = fields.number("Block Count")
    if not 1 <= size <= MAX_BLOCK or not 1 <= count <= MAX_MEMORY // size:
        refuse(f"{count} blocks of {size} bytes cannot be a tag", fields.line("Block Count"))
    memory = fields.hex("Data Content", count * size)
    dsfid_locked, afi_locked = fields.flag("Lock DSFID"), fields.flag("Lock AFI")
    locked: tuple[bool, ...] | None = None
    if "Security Status" in fields:
        old = dsfid_locked is None and afi_locked is None and kind == _FLIPPER_OLD
        status = fields.hex("Security Status", count + old)
        if old:
            dsfid_locked, afi_locked = bool(status[0] & 1), bool(status[0] & 2)
        locked = tuple(map(bool, status[old:]))
    return Dump(
        format=Format.FLIPPER,
        memory=memory,
        block_size=size,
        uid=uid_of(fields.hex("UID", 8)),
        dsfid=fields.hex("DSFID", 1)[0] if "DSFID" in fields else None,
        afi=fields.hex("AFI", 1)[0] if "AFI" in fields else None,
        locked=locked,
        dsfid_locked=dsfid_locked,
        afi_locked=afi_locked,
    )


class _Fields(dict[str, tuple[int, str]]):
    """Key -> (line, value)."""

    def line(self, key: str) -> int:
        """Return the line of the key, 0 if it is missing."""
        return self.get(key, (0, ""))[0]

    def hex(self, key: str, length: int) -> bytes:
        """Return hexadecimal pairs as bytes."""
        if key not in self:
            refuse(f'"{key}" is missing')
        number, value = self[key]
        return digits("".join(value.split()), f'"{key}"', number, length)

    def number(self, key: str) -> int:
        """Return a decimal number."""
        if key not in self:
            refuse(f'"{key}" is missing')
        number, value = self[key]
        if not (value.isascii() and value.isdigit() and len(value) < 9):
            refuse(f'"{key}" is not a number: {shown(value)}', number)
        return int(value)

    def flag(self, key: str) -> bool | None:
        """Return true or false, or None if the key is missing."""
        if key not in self:
            return None
        number, value = self[key]
        if value not in ("true", "false"):
            refuse(f'"{key}" is neither true nor false: {shown(value)}', number)
        return value == "true"


def _flipper_fields(text: str) -> _Fields:
    fields = _Fields()
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        key, colon, value = stripped.partition(":")
        if not colon:
            refuse(f"{shown(stripped)} is not a key with a value", number)
        if key in fields:
            refuse(f"{shown(key)} occurs twice", number)
        fields[key] = (number, value.strip())
    if fields.get("Filetype", (0, ""))[1] != "Flipper NFC device":
        refuse('the file does not begin with "Filetype: Flipper NFC device"', fields.line("Filetype"))
    return fields


# --- this program ---------------------------------------------------------------------------------------------------


def read_station(value: object) -> tuple[Dump, ...]:
    """Read the output of `station tag read --json` (a list of tags), `decode --json` or `encode --json`. Raises
    `DumpUnreadable`."""
    tags = value if isinstance(value, list) else [value]
    if not 1 <= len(tags) <= MAX_TAGS:
        refuse(f"{len(tags)} tags; 1 to {MAX_TAGS} are allowed")
    return tuple(_station_tag(_object(tag, "the tag")) for tag in tags)


def _station_tag(tag: Object) -> Dump:
    image = _object(tag["image"], '"image"') if "image" in tag else tag
    size = image.get("block_size")
    if not isinstance(size, int) or not 1 <= size <= MAX_BLOCK:
        refuse(f'"block_size" is not a number from 1 to {MAX_BLOCK}')
    locked = image.get("locked")
    if locked is not None and not (isinstance(locked, list) and all(isinstance(each, bool) for each in locked)):
        refuse('"locked" is not a list of true and false')
    return Dump(
        format=Format.JSON,
        memory=memory_of(_hex(image, "memory")),
        block_size=size,
        uid=uid_of(_hex(image, "uid", 8)) if "uid" in image else None,
        dsfid=_byte(image, "dsfid"),
        afi=_byte(image, "afi"),
        locked=None if locked is None else tuple(locked),
    )


def _byte(image: Object, key: str) -> int | None:
    value = image.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
        refuse(f'"{key}" is not a number from 0 to 255')
    return value
