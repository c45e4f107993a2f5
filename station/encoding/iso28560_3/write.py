"""Encode content as ISO 28560-3: basic block, extension blocks, end. Content that would read back differently is
refused.

Named choices, with those of other programs:

- An identifier longer than 16 bytes goes into the library block and its own field holds 01: WG11's clarification of ISO
  28560-3:2011, entry 1. Readers of the basic block alone then find no item, so `spill_identifier=False` refuses it (Doc
  067 p. 15: at most 16 characters). Bibliotheca's writers leave the field empty instead
  (docs/reference/tag-data.md#variants-in-the-field).
- An owner is refused if it does not fit its field (13 bytes, 11 on a tag of 32 bytes), or if its hyphen could not be
  restored after a two-letter country ("ZDB-1"); TH Wildau's programs cut it. The same clarification, entry 3, has a
  place for it in the library block, but the content of the owner field is then open: `spill_owner=True` leaves it
  empty.
- Type of usage: there is room only for the class, so a qualifier other than 0 is refused. A missing type of usage is
  written as class 6, "no usage information on tag" (docs/reference/tag-data.md#type-of-usage).
- Identifier and owner are ISO 646 characters; the texts of extension blocks are UTF-8.
- Locking: the CRC covers the whole basic block, so a policy that locks any of elements 1, 3, 4 and 5 locks all of it,
  and an extension block is locked as a whole. Fillers reach to the boundary of the chip's block, so that blocks can be
  added later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from station.base.errors import DoesNotFit, ElementInvalid
from station.base.text import clean
from station.encoding.content import Encoded, TagContent
from station.encoding.iso15962.data_elements import element
from station.encoding.iso28560_3 import deviants, extensions
from station.encoding.iso28560_3.basic_block import (
    BASIC,
    ELSEWHERE,
    ID_SIZE,
    OWNER_SIZE,
    SHORT,
    SHORT_OWNER_SIZE,
    basic_block,
    stored_owner,
)

NO_USAGE: Final = 0x6
"""Class of type of usage without information."""
IN_BASIC: Final = frozenset({1, 3, 4, 5})
_FILLER: Final = bytes((extensions.FILLER,))

Objections = tuple[tuple[int, str], ...]
"""(relative OID, reason why it cannot be carried)."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Fields that move to the library block if they do not fit; otherwise they are refused."""

    spill_identifier: bool = True
    spill_owner: bool = False


STANDARD: Final = Choices()


def encode(
    content: TagContent, block_size: int, size: int, *, lock: frozenset[int] = frozenset(), choices: Choices = STANDARD
) -> Encoded:
    """Return `content` for a user memory of `size` bytes. Raises `ElementInvalid` naming the element, and
    `DoesNotFit`."""
    for oid, reason in objections(content, choices=choices):
        raise ElementInvalid(f"{element(oid).name}: {reason}")
    owner = stored_owner(content.owner_institution)
    fields = _fields(content, choices)
    basic = basic_block(
        NO_USAGE if content.type_of_usage is None else content.type_of_usage >> 4,
        content.parts,
        content.part,
        ELSEWHERE if 1 in fields else content.primary_item_identifier.encode("ascii"),
        b"" if 3 in fields else owner.encode("ascii"),
    )
    if size < BASIC and not fields and len(owner) <= SHORT_OWNER_SIZE:
        basic = basic[:SHORT]
    data, locked = (basic, ()) if not (fields or lock) else _place(basic, fields, lock, max(block_size, 1))
    needed = max([len(data), *(start + length for start, length in locked)])
    if needed > size:
        raise DoesNotFit(needed, size)
    return Encoded(data + b"\0" if len(data) < size else data, len(data), locked)


def objections(content: TagContent, *, choices: Choices = STANDARD) -> Objections:
    """Return the elements that no tag of this model can carry, whatever its size: ascending by relative OID, one reason
    each."""
    found: dict[int, str] = {}
    identifier, isil = content.primary_item_identifier, content.owner_institution
    if not identifier:
        found[1] = "it is empty"
    elif not identifier.isascii() or clean(identifier) != identifier:
        found[1] = "it holds characters that cannot be stored in its field"
    elif len(identifier) > ID_SIZE and not choices.spill_identifier:
        found[1] = f"it has {len(identifier)} characters; its field has {ID_SIZE}"
    if not isil.isascii() or clean(isil) != isil:
        found[3] = "it holds characters that cannot be stored in its field"
    elif not (_owner_in_basic(isil) or (choices.spill_owner and extensions.looks_like_isil(isil))):
        found[3] = (
            f"{isil} cannot be restored from its stored form {stored_owner(isil)!r}, in at most {OWNER_SIZE} characters"
        )
    if not 1 <= content.part <= content.parts <= 255:
        found[4] = f"part {content.part} of {content.parts} is not possible in one byte each"
    usage = content.type_of_usage
    if usage is not None and (not 0 <= usage <= 0xFF or usage & 0x0F):
        found[5] = f"there is room only for the class of {usage:02X}, not for its qualifier"
    if content.further or content.shelf_location:
        for oid, reason in _further_objections(content, choices):
            found.setdefault(oid, reason)
    return tuple(sorted(found.items()))


def _owner_in_basic(isil: str) -> bool:
    """Return True if the owner field can hold this ISIL and restore it."""
    stored = stored_owner(isil)
    return len(stored) <= OWNER_SIZE and deviants.isil_of(stored, 0, []) == isil


def _further_objections(content: TagContent, choices: Choices) -> list[tuple[int, str]]:
    fields = _fields(content, choices)
    shelf = ((6, content.shelf_location),) if content.shelf_location else ()
    found: dict[int, str] = {}
    seen: set[int] = set()
    for oid, value in (*shelf, *content.further):
        reason = "it is given twice" if oid in seen else extensions.objection(oid, value, fields)
        if reason:
            found.setdefault(oid, reason)
        seen.add(oid)
    good = {oid: value for oid, value in fields.items() if oid not in found}
    for block in extensions.BLOCKS:
        length = len(extensions.payload_of(block, good)) + 4
        if length > extensions.LONGEST:
            reason = f"its block would be {length} bytes long, of at most {extensions.LONGEST}"
            found |= {oid: reason for oid in good if extensions.PLACE[oid] == block}
    return list(found.items())


def cannot_carry(content: TagContent, size: int, *, choices: Choices = STANDARD) -> Objections:
    """Return the elements that a tag with `size` bytes of user memory cannot carry, with reasons; empty = `encode`
    accepts all.

    Without those elements (element 5 without its qualifier) the content fits, unless 1, 3 or 4 is among them. If there
    is no room for all extension blocks, the first ones stay. Locking needs more room than is counted here.
    """
    found = dict(objections(content, choices=choices))
    fields = {oid: value for oid, value in _fields(content, choices).items() if oid not in found}
    if size < SHORT:
        return ((1, f"the tag has {size} bytes, and the basic block needs {SHORT}"),)
    if size < BASIC and len(stored_owner(content.owner_institution)) > SHORT_OWNER_SIZE:
        found.setdefault(
            3, f"a tag of {size} bytes has room for {SHORT_OWNER_SIZE} characters of it without its hyphen"
        )
    at = BASIC
    for block in sorted({extensions.PLACE[oid] for oid in fields}):
        held = {oid: value for oid, value in fields.items() if extensions.PLACE[oid] == block}
        length = len(extensions.payload_of(block, held)) + 4
        if at + length <= size:
            at += length
        else:
            found |= dict.fromkeys(held, f"a tag of {size} bytes has no room for its block")
    return tuple(sorted(found.items()))


# --- assembly --------------------------------------------------------------------------------------------------------


def _fields(content: TagContent, choices: Choices) -> dict[int, str]:
    """Return the content of extension blocks by relative OID; 1 and 3 only if their own field cannot hold them."""
    fields = dict(content.further)
    if content.shelf_location:
        fields[6] = content.shelf_location
    if choices.spill_identifier and len(content.primary_item_identifier) > ID_SIZE:
        fields[1] = content.primary_item_identifier
    if choices.spill_owner and not _owner_in_basic(content.owner_institution):
        fields[3] = content.owner_institution
    return fields


def _place(
    basic: bytes, fields: dict[int, str], lock: frozenset[int], block_size: int
) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """Return the memory from byte 0 on and the ranges to lock. Locked parts are contiguous, between block
    boundaries."""
    locked_frames = open_frames = b""
    for block in sorted({extensions.PLACE[oid] for oid in fields}):
        frame = extensions.encode_frame(block, extensions.payload_of(block, fields))
        if any(oid in lock for oid in fields if extensions.PLACE[oid] == block):
            locked_frames += frame
        else:
            open_frames += frame
    lock_basic = not lock.isdisjoint(IN_BASIC)
    if not (lock_basic or locked_frames):
        return basic + open_frames, ()
    if len(basic) < BASIC:
        return basic, ((0, -(-len(basic) // block_size) * block_size),)
    data, start = basic, 0
    if not lock_basic:
        data += _FILLER * (-len(data) % block_size)
        start = len(data)
    data += locked_frames
    data += _FILLER * (-len(data) % block_size)
    return data + open_frames, ((start, len(data) - start),)
