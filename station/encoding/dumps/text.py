"""Dumps as text: hexadecimal digits, base64, lines of blocks, hexdumps, Proxmark3 .eml.

Sources: hexdumps as printed by vim's xxd, util-linux `hexdump -C` and POSIX `od -A x -t x1`. `.eml`: Proxmark3
client/src/fileutils.c, loadFileEML_safe at commit 1c8c3b7 (lines of hexadecimal digits, "#" begins a comment; the
client has not written it since fb23d20 of October 2023, but reads it). Lines of blocks: `station tag read`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from station.base.text import clean
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

EML_BLOCKS: Final = (4, 8)
"""Bytes per line that identify an .eml: the block sizes of library chips."""

_SEPARATORS: Final = re.compile(r"[\s:;,_-]+")
_HEADER: Final = re.compile(
    r"UID[ :]+([0-9A-F]{16})(?:[ ,]+DSFID[ :]+([0-9A-F]{2}))?(?:[ ,]+AFI[ :]+([0-9A-F]{2}))?", re.I
)
_BLOCK: Final = re.compile(
    r"(?:block|blk|page)\s*#?\s*(\d{1,5})\s*[:=|]?\s+([0-9A-F]{2}(?:[ :]?[0-9A-F]{2})*)(\s+locked)?", re.I
)
_OFFSET: Final = re.compile(r"(?:0x)?([0-9A-F]{4,16})(:?)(?:[ \t]+(\S.*))?", re.I)
_WORDS_OFFSET: Final = 7
"""Digits of an offset that `hexdump` and `od` print before words."""
_NOT_HEX: Final = re.compile(r"[G-Zg-z+/=]")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of every line that is neither empty nor a comment ("#")."""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def shown(text: str) -> str:
    """Return a piece of a dump for a message."""
    return f'"{clean(text, 24)}"'


# --- hexadecimal digits, base64 -------------------------------------------------------------------------------------


def read_hex(text: str) -> Dump:
    """Read hexadecimal bytes, each complete; separators (white space, colon, comma, semicolon, hyphen, _) and 0x are
    skipped."""
    found = bytearray()
    for number, line in lines_of(text):
        for word in filter(None, _SEPARATORS.split(line)):
            bare = word
            if word[:2] in ("0x", "0X", "\\x") and len(word) > 2:
                bare = word[2:].zfill(2)
            found += digits(bare, shown(word), number)
        if len(found) > MAX_MEMORY:
            refuse(f"more than {MAX_MEMORY} bytes; no tag has so many", number)
    return Dump(Format.HEX, memory_of(bytes(found)))


def looks_like_base64(text: str) -> bool:
    """Return True if the text cannot be hexadecimal digits with a typing error: base64 has many other characters."""
    joined = "".join("".join(line.split()) for _, line in lines_of(text))
    other = set(_NOT_HEX.findall(joined))
    return len(joined) % 4 == 0 and (bool(other & set("+/=")) or len(other) >= 3)


def read_base64(text: str) -> Dump:
    """Read base64 (RFC 4648, section 4) with its padding; white space is skipped."""
    joined = "".join("".join(line.split()) for _, line in lines_of(text))
    try:
        data = base64.b64decode(joined, validate=True)
    except (binascii.Error, ValueError) as error:
        number = next((n for n, line in lines_of(text) if not re.fullmatch(r"[A-Za-z0-9+/=\s]*", line)), 0)
        refuse(f"not base64: {clean(str(error), 80)}", number)
    return Dump(Format.BASE64, memory_of(data))


# --- one line per block ---------------------------------------------------------------------------------------------


def looks_like_blocks(text: str) -> bool:
    """Return True if the first line names a UID or a block."""
    first = next(lines_of(text), (0, ""))[1]
    return bool(_HEADER.match(first) or _BLOCK.match(first))


def read_blocks(text: str) -> tuple[Dump, ...]:
    """Read tags as `station tag read` prints them: an optional line with UID, DSFID and AFI, then block 0, 1, 2 and so
    on."""
    tags: list[_Listing] = []
    for number, line in lines_of(text):
        if header := _HEADER.fullmatch(line):
            tags.append(_Listing(header))
            if len(tags) > MAX_TAGS:
                refuse(f"more than {MAX_TAGS} tags", number)
        elif block := _BLOCK.fullmatch(line):
            if not tags:
                tags.append(_Listing(None))
            tags[-1].add(block, number)
        else:
            refuse(f"{shown(line)} is neither a tag nor a block", number)
    if not tags:
        refuse("the dump contains no memory")
    return tuple(tag.dump() for tag in tags)


class _Listing:
    """One tag of a listing while it is read."""

    def __init__(self, header: re.Match[str] | None) -> None:
        self.header = header
        self.blocks: list[bytes] = []
        self.locked: list[bool] = []

    def add(self, block: re.Match[str], number: int) -> None:
        """Add the next block."""
        data = bytes.fromhex(block[2].replace(":", " "))
        if int(block[1]) != len(self.blocks):
            refuse(f"block {len(self.blocks)} is expected here, not block {int(block[1])}", number)
        if len(data) > MAX_BLOCK or (self.blocks and len(data) != len(self.blocks[0])):
            wanted = len(self.blocks[0]) if self.blocks else MAX_BLOCK
            refuse(f"block {len(self.blocks)} has {len(data)} bytes, not {wanted}", number)
        self.blocks.append(data)
        self.locked.append(block[3] is not None)

    def dump(self) -> Dump:
        """Return the finished dump."""
        if not self.blocks:
            refuse("a tag without blocks")
        known = [None, None, None] if self.header is None else [self.header[1], self.header[2], self.header[3]]
        return Dump(
            format=Format.BLOCKS,
            memory=memory_of(b"".join(self.blocks)),
            block_size=len(self.blocks[0]),
            uid=None if known[0] is None else uid_of(bytes.fromhex(known[0])),
            dsfid=None if known[1] is None else int(known[1], 16),
            afi=None if known[2] is None else int(known[2], 16),
            locked=tuple(self.locked),
        )


# --- hexdumps -------------------------------------------------------------------------------------------------------


def looks_like_hexdump(text: str) -> bool:
    """Return True if the first line begins with offset 0, and the second with the number of bytes of the first."""
    found: list[tuple[int, int]] = []
    for _, line in lines_of(text):
        match = _OFFSET.fullmatch(line)
        if match is None or (not found and (int(match[1], 16) or not match[3])):
            return bool(found)
        if match[2] or "|" in line or len(match[1]) == _WORDS_OFFSET:
            return True
        if re.fullmatch(r"(?:[0-9A-F]{2}\s+)*[0-9A-F]{2}", match[3] or "", re.I):
            found.append((int(match[1], 16), len((match[3] or "").split())))
        elif found and match[3] is None:
            return int(match[1], 16) == found[0][1]
        if len(found) == 2:
            return found[1][0] == found[0][1]
    return False


def read_hexdump(text: str) -> Dump:
    """Read lines of offset and bytes; "*" repeats the previous line, and a last offset without bytes is the size."""
    found = bytearray()
    last = b""
    repeat = False
    for number, line in lines_of(text):
        if line == "*":
            if not last or repeat:
                refuse('"*" has no line to repeat', number)
            repeat = True
            continue
        match = _OFFSET.fullmatch(line)
        if match is None:
            refuse(f"{shown(line)} does not begin with an offset", number)
        offset = int(match[1], 16)
        if offset > MAX_MEMORY:
            refuse(f"more than {MAX_MEMORY} bytes; no tag has so many", number)
        if repeat and offset > len(found):
            missing = offset - len(found)
            if missing % len(last):
                refuse(f"offset {match[1]} is not a whole number of repeated lines later", number)
            found += last * (missing // len(last))
        if offset != len(found):
            refuse(f"offset {match[1]} should be {len(found):0{len(match[1])}x}", number)
        repeat = False
        last = _row(match[3] or "", bool(match[2]), number)
        found += last
    if repeat:
        refuse('after "*" the size is missing')
    return Dump(Format.HEXDUMP, memory_of(bytes(found)))


def _row(rest: str, colon: bool, number: int) -> bytes:
    """Return the bytes of a row without its column of characters."""
    if colon:
        pieces = re.split(r"[ \t]{2,}", rest, maxsplit=1)[0].split()
    else:
        pieces = re.split(r"[|>]", rest, maxsplit=1)[0].split()
        if any(len(piece) != 2 for piece in pieces):
            refuse("words in machine byte order; use xxd, hexdump -C or od -A x -t x1", number)
    return b"".join(digits(piece, shown(piece), number) for piece in pieces)


# --- Proxmark3 .eml -------------------------------------------------------------------------------------------------


def looks_like_eml(text: str) -> bool:
    """Return True for two or more lines of 4 (or 8) bytes each, digits only."""
    lengths = {len(line) if re.fullmatch(r"[0-9A-Fa-f]+", line) else 0 for _, line in lines_of(text)}
    return sum(1 for _ in lines_of(text)) > 1 and len(lengths) == 1 and lengths <= {size * 2 for size in EML_BLOCKS}


def read_eml(text: str) -> Dump:
    """Read one block per line, all of the same length."""
    blocks: list[bytes] = []
    for number, line in lines_of(text):
        blocks.append(digits(line, shown(line), number))
        if len(blocks[-1]) > MAX_BLOCK:
            refuse(f"a block of {len(blocks[-1])} bytes is not a block of ISO 15693 (1 to {MAX_BLOCK})", number)
        if len(blocks[-1]) != len(blocks[0]):
            refuse(f"a block of {len(blocks[-1])} bytes among blocks of {len(blocks[0])}", number)
    memory = memory_of(b"".join(blocks))
    return Dump(Format.EML, memory, block_size=len(blocks[0]))
