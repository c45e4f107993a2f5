"""Detection of an unfinished tag: the rest of a tag after a first block that no data model begins with.

Block 0 is the last block that a plan writes on a new tag, while the DSFID is still unset (`plan`). A torn block 0 may
hold any data, and no data model reads the memory. The bytes after it then show that this is not an unknown layout but
an unfinished write. This is our inference, from our own order of writing; it determines a state, never an identifier.
"""

from __future__ import annotations

from typing import Final

from station.base.errors import Undecodable
from station.base.text import clean
from station.encoding.iso15962 import elements
from station.encoding.iso15962.data_elements import CONTENT_PARAMETER, PRIMARY_ITEM_IDENTIFIER
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_3 import basic_block

LONGEST_IDENTIFIER: Final = 64
"""Bytes after block 0 in which the elements may begin: the rest of the identifier is before them."""
_PRECURSORS: Final = (CONTENT_PARAMETER, 0x80 | CONTENT_PARAMETER)


def rest_of(memory: bytes, block_size: int) -> str:
    """Return the data model whose rest follows block 0, or ""."""
    if _part2(memory, block_size):
        return iso28560_2_codec.MODEL
    return basic_block.MODEL if _part3(memory, block_size) else ""


def _part2(memory: bytes, start: int) -> bool:
    """Return True for a content parameter followed by exactly the elements that it announces."""
    for at in range(start, min(start + LONGEST_IDENTIFIER, len(memory))):
        if memory[at] not in _PRECURSORS:
            continue
        try:
            row, _ = elements.decode(memory[at:])
        except Undecodable:
            continue
        found = [item.oid for item in row[1:]]
        announced = iso28560_2_codec.content_parameter_oids(row[0].data)
        if found and PRIMARY_ITEM_IDENTIFIER not in found and sorted(found) == sorted(announced):
            return True
    return False


def _part3(memory: bytes, start: int) -> bool:
    """Return True for the rest of an identifier, and an owner with the two letters of its country, both text filled
    with zeros."""
    if len(memory) < basic_block.SHORT or start > basic_block.CRC_AT:
        return False
    rest = memory[max(start, basic_block.ID_AT) : basic_block.CRC_AT]
    owner = memory[basic_block.OWNER_AT : basic_block.BASIC]
    return _text(rest) and _text(owner) and owner[:2].isalpha() and owner[:2].isupper()


def _text(field: bytes) -> bool:
    """Return True for nonempty printable ASCII followed only by zeros."""
    text = field.rstrip(b"\0")
    return bool(text) and text.isascii() and clean(text.decode("ascii")) == text.decode("ascii")
