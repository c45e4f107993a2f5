"""The wanted image of a tag, from present memory, lock bits, content and profile; and the blocks to lock."""

from __future__ import annotations

from typing import Final

from station.base.errors import DoesNotFit, ElementInvalid, TagLocked
from station.base.text import clean
from station.domain.tag_image import TagImage
from station.encoding.content import BEING_WRITTEN, Encoded, TagContent, TagProfile, is_locked, user_memory
from station.encoding.profiles.value import wrong_dsfid
from station.encoding.recognition.registry import writable

UNFINISHED: Final = 0x00
"""DSFID of an unfinished tag: a new one, or one whose first write was interrupted. Never marks a finished tag."""


def as_written(content: TagContent, profile: TagProfile) -> TagContent:
    """Return `content` as this library writes it: owner and usage filled in, shelf location only if the profile wants
    it.

    Raises `ElementInvalid` for content that must not be written: no ISIL, another library's, or text that would read
    back differently.
    """
    if not profile.isil:
        raise ElementInvalid("the library's ISIL is not set")
    if content.owner_institution not in ("", profile.isil):
        raise ElementInvalid(f"the owner would be {content.owner_institution}, not {profile.isil}")
    shelf = content.shelf_location if profile.call_number_on_tag else ""
    further = (value for _, value in content.further)
    for text in (content.primary_item_identifier, shelf, profile.isil, *further):
        if clean(text) != text:
            raise ElementInvalid(f"{clean(text)!r} holds characters that cannot be stored on a tag")
    return TagContent(
        primary_item_identifier=content.primary_item_identifier,
        owner_institution=profile.isil,
        part=content.part,
        parts=content.parts,
        type_of_usage=profile.type_of_usage if content.type_of_usage is None else content.type_of_usage,
        shelf_location=shelf,
        further=content.further,
    )


def new_image(old: TagImage, content: TagContent, profile: TagProfile) -> TagImage:
    """Return the wanted tag: content, terminator, zeros; AFI and DSFID of a finished tag in stock. Locks stay
    unchanged.

    The zeros are intended, although nothing reads after the terminator: a former owner's data must not stay on our
    tags. A locked block stays unchanged if it is completely after the terminator or already holds the right bytes.
    Raises `DoesNotFit`, `TagLocked` (naming the block) and `ElementInvalid`.
    """
    if profile.dsfid in (UNFINISHED, BEING_WRITTEN):
        raise ElementInvalid(f"DSFID {profile.dsfid:02X} marks an unfinished tag and cannot mark a finished one")
    if wrong := wrong_dsfid(profile.model, profile.dsfid):
        raise ElementInvalid(wrong)
    available = len(user_memory(old))
    if available < profile.smallest:
        raise DoesNotFit(profile.smallest, available)
    needed = _encoded(old, content, profile).data
    memory = bytearray(needed + bytes(available - len(needed)) + old.memory[available:])
    size = old.block_size
    for block in range(available // size):
        if not is_locked(old, block):
            continue
        start, end = block * size, (block + 1) * size
        must = needed[start:end]
        if old.memory[start : start + len(must)] != must:
            raise TagLocked(f"block {block}")
        memory[start:end] = old.memory[start:end]
    return TagImage(
        uid=old.uid,
        block_size=size,
        memory=bytes(memory),
        locked=old.locked,
        afi=profile.afi_in_stock,
        dsfid=profile.dsfid,
    )


def blocks_to_lock(old: TagImage, content: TagContent, profile: TagProfile) -> tuple[int, ...]:
    """Return the blocks to lock by `profile.lock` once `content` is on the tag, ascending, including those already
    locked.

    Whole blocks only. Raises `ElementInvalid` if the encoder could not align an element, because its block would also
    lock a neighbor's bytes.
    """
    size = old.block_size
    blocks: set[int] = set()
    for offset, length in _encoded(old, content, profile).lock_bytes:
        if offset % size or length % size:
            raise ElementInvalid(f"bytes {offset} to {offset + length - 1} are not whole blocks and cannot be locked")
        blocks.update(range(offset // size, (offset + length) // size))
    return tuple(sorted(blocks))


def _encoded(old: TagImage, content: TagContent, profile: TagProfile) -> Encoded:
    encoder = writable(profile.model)
    return encoder.encode(as_written(content, profile), profile, max(old.block_size, 1), len(user_memory(old)))
