"""A dump of a tag as a value: always the memory, and everything else if the format has it. Also the limits of dumps.

`dumps` describes the formats and their sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn

from station.base.errors import DumpUnreadable
from station.domain.tag_image import TagImage, Uid

MAX_DUMP: Final = 256 * 1024
"""Maximum size of a dump file, in bytes."""
MAX_MEMORY: Final = 8192
"""Maximum memory of one tag in bytes: 64 kbit chips such as LRIS64K (docs/reference/readers.md#chips)."""
MAX_TAGS: Final = 64
"""Maximum tags in one dump."""
MAX_BLOCK: Final = 32
"""Maximum block size in bytes (ISO/IEC 15693-3: block size minus one has 5 bits)."""
ANY_UID: Final = Uid("E004000000000000")
"""UID of a tag whose dump does not contain one."""


class Format(StrEnum):
    """Formats of dumps, by the names of `--format`."""

    HEX = "hex"
    """Hexadecimal digits, with or without separators."""
    BASE64 = "base64"
    BLOCKS = "blocks"
    """One line per block with its number, as `station tag read` prints; UID, DSFID, AFI and locks if present."""
    HEXDUMP = "hexdump"
    """Offset and bytes in each line, as printed by xxd, hexdump -C and od -A x -t x1."""
    EML = "eml"
    """Proxmark3 emulator file: one block per line, digits only."""
    PROXMARK = "proxmark"
    """Proxmark3 JSON, FileType 15693 to 15693 v5."""
    PROXMARK_BIN = "proxmark-bin"
    """Proxmark3 binary dump of an ISO 15693 tag."""
    FLIPPER = "flipper"
    """Flipper Zero .nfc of an ISO15693-3 or SLIX device."""
    JSON = "json"
    """The output of this program with --json."""
    RAW = "raw"
    """The bytes themselves."""


@dataclass(frozen=True, slots=True)
class Dump:
    """One tag of a dump. None = the format or this dump does not contain the value."""

    format: Format
    memory: bytes
    block_size: int | None = None
    uid: Uid | None = None
    dsfid: int | None = None
    afi: int | None = None
    locked: tuple[bool, ...] | None = None
    """Block security status, one entry per block; any bit set counts as locked."""
    dsfid_locked: bool | None = None
    afi_locked: bool | None = None

    def image(self, *, uid: Uid = ANY_UID, block_size: int = 4, dsfid: int = 0, afi: int = 0) -> TagImage:
        """Return the tag. The arguments replace values that the dump does not contain; an unknown lock counts as
        unlocked.

        Raises `DumpUnreadable` if the memory is not a whole number of blocks.
        """
        size = block_size if self.block_size is None else self.block_size
        if not 1 <= size <= MAX_BLOCK:
            refuse(f"a block of {size} bytes is not a block of ISO 15693 (1 to {MAX_BLOCK})")
        if len(self.memory) % size:
            length = len(self.memory)
            counted = f"{length} bytes do" if length != 1 else "1 byte does"
            refuse(f"{counted} not fill blocks of {size} bytes: add the missing bytes, or give the block size")
        count = len(self.memory) // size
        if self.locked is not None and len(self.locked) != count:
            refuse(f"{len(self.locked)} lock bits do not fit {count} blocks")
        return TagImage(
            uid=uid if self.uid is None else self.uid,
            block_size=size,
            memory=self.memory,
            locked=(False,) * count if self.locked is None else self.locked,
            afi=afi if self.afi is None else self.afi,
            dsfid=dsfid if self.dsfid is None else self.dsfid,
        )


def refuse(reason: str, line: int = 0) -> NoReturn:
    """Raise `DumpUnreadable`; `line` counts from 1, 0 = the whole dump."""
    raise DumpUnreadable(reason, line)


def digits(text: str, what: str, line: int = 0, length: int | None = None) -> bytes:
    """Return hexadecimal digits without separators as bytes, exactly `length` of them if given. Raises
    `DumpUnreadable`."""
    if len(text) % 2:
        refuse(f"{what} has an odd number of hexadecimal digits", line)
    if not text or any(char not in "0123456789abcdefABCDEF" for char in text):
        refuse(f"{what} is not written in hexadecimal digits", line)
    data = bytes.fromhex(text)
    if length is not None and len(data) != length:
        refuse(f"{what} has {len(data)} bytes, not {length}", line)
    return data


def uid_of(data: bytes) -> Uid:
    """Return eight bytes, most significant first, as a UID."""
    return Uid(data.hex().upper())


def memory_of(data: bytes) -> bytes:
    """Return `data` if a tag can have this much memory; else raise `DumpUnreadable`."""
    if not data:
        refuse("the dump contains no memory")
    if len(data) > MAX_MEMORY:
        refuse(f"more than {MAX_MEMORY} bytes; no tag has so many")
    return data
