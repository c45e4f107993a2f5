"""Tag doctor's table for the chip: whether it can be read, is large enough, and has locks that fit the content.

Locks are permanent (ISO/IEC 15693). A tag does not report whether AFI or DSFID is locked; only a write attempt shows
it. The AFI must not be locked if the gate relies on it (ISO 28560-1 as quoted by procurement guides,
docs/reference/quality-sources.md#tag-rules, rule 15).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from station.base.errors import DoesNotFit, ElementInvalid
from station.base.text import printable_hex
from station.domain.tag_image import shown
from station.encoding.content import (
    ElementValue,
    Encoded,
    Severity,
    TagContent,
    TagState,
    is_locked,
)
from station.encoding.doctor.case import Case, Check, Finding, found, numbers
from station.encoding.iso15962.data_elements import PRIMARY_ITEM_IDENTIFIER
from station.encoding.recognition.registry import writable
from station.encoding.write_plan.image import as_written

_UID: Final = re.compile(r"[0-9A-F]{16}")


# --- requirements of a new write ------------------------------------------------------------------------------------


def intended(case: Case) -> TagContent | None:
    """Return the content for a rewrite of this tag: its own data if it is ours, otherwise the minimum."""
    old = case.content
    identifier = case.barcode or (old.primary_item_identifier if old else "")
    if not identifier:
        return None
    part = case.part or (old.part if old else 1)
    parts = max(part, case.parts or (old.parts if old else 1))
    if old is None or case.recognition.state is not TagState.OURS:
        return TagContent(identifier, part=part, parts=parts)
    isil = case.profile.isil
    return replace(old, primary_item_identifier=identifier, owner_institution=isil, part=part, parts=parts, elements=())


def rewritten(case: Case) -> Encoded | DoesNotFit | None:
    """Return the bytes that this library would write, or the error if they do not fit; None if that is unknown."""
    content = intended(case)
    if content is None or case.image.block_size < 1:
        return None
    try:
        if not content.owner_institution:
            content = as_written(content, case.profile)
        model = writable(case.profile.model)
        return model.encode(content, case.profile, case.image.block_size, len(case.memory))
    except DoesNotFit as error:
        return error
    except ElementInvalid:
        return None


def locked_blocks(case: Case) -> tuple[int, ...]:
    """Return the locked blocks of the user memory."""
    if case.image.block_size < 1:
        return ()
    return tuple(block for block in range(len(case.memory) // case.image.block_size) if is_locked(case.image, block))


def _in_the_way(case: Case) -> tuple[int, ...]:
    """Return the locked blocks whose data differ from a new write."""
    new = rewritten(case)
    if not isinstance(new, Encoded):
        return ()
    size = case.image.block_size
    return tuple(
        block
        for block in locked_blocks(case)
        for must in (new.data[block * size : (block + 1) * size],)
        if case.memory[block * size : block * size + len(must)] != must
    )


def _blocks(case: Case, offset: int, length: int) -> range:
    size = case.image.block_size
    return range(offset // size, (offset + max(length, 1) - 1) // size + 1)


def _to_lock(case: Case) -> set[int]:
    """Return the blocks that the profile's lock policy covers, on this tag as it is."""
    new = rewritten(case)
    spans: list[tuple[int, int]] = []
    if case.profile.lock and isinstance(new, Encoded) and new.lock_bytes and case.memory.startswith(new.data):
        spans = list(new.lock_bytes)
    elif case.content is not None:
        spans = [(item.offset, item.length) for item in case.content.elements if item.oid in case.profile.lock]
    return {block for offset, length in spans for block in _blocks(case, offset, length)}


def _at(case: Case, blocks: tuple[int, ...], **values: object) -> Finding:
    size = case.image.block_size
    detail = f"block {blocks[0]} holds {printable_hex(case.image.block(blocks[0]))}"
    named = f"{'block' if len(blocks) == 1 else 'blocks'} {numbers(blocks)}"
    return found(blocks[0] * size, size, detail, blocks=named, **values)


# --- the checks -----------------------------------------------------------------------------------------------------


def _unread(case: Case) -> Iterator[Finding]:
    if not case.memory or case.image.block_size < 1:
        yield found()


def _uid_malformed(case: Case) -> Iterator[Finding]:
    if not _UID.fullmatch(case.image.uid):
        yield found(detail=repr(case.image.uid[:40]))


def _uid_foreign(case: Case) -> Iterator[Finding]:
    if _UID.fullmatch(case.image.uid) and not case.image.uid.startswith("E0"):
        yield found(uid=case.image.uid, detail="ISO/IEC 15693-3: the most significant byte of a UID is E0")


def _status_unread(case: Case) -> Iterator[Finding]:
    if case.memory and case.image.block_size > 0 and len(case.image.locked) != case.image.block_count:
        yield found(detail=f"{len(case.image.locked)} of {case.image.block_count} blocks")


def _counter(case: Case) -> Iterator[Finding]:
    rest = case.image.memory[len(case.memory) :]
    if any(rest):
        yield found(len(case.memory), len(rest), f"ICODE SLIX2: {printable_hex(rest)}")


def _too_small(case: Case) -> Iterator[Finding]:
    if 0 < len(case.memory) < case.profile.smallest:
        yield found(have=len(case.memory), need=case.profile.smallest)


def _does_not_fit(case: Case) -> Iterator[Finding]:
    new = rewritten(case)
    if isinstance(new, DoesNotFit):
        yield found(have=new.available, need=new.needed)


def _identifier(case: Case) -> ElementValue | None:
    elements = case.content.elements if case.content else ()
    return next((item for item in elements if item.oid == PRIMARY_ITEM_IDENTIFIER), None)


def _wrong_for_ever(case: Case) -> Iterator[Finding]:
    item = _identifier(case)
    if item is None or not case.barcode or item.value == case.barcode or case.image.block_size < 1:
        return
    locked = [block for block in _blocks(case, item.offset, item.length) if is_locked(case.image, block)]
    if locked:
        yield found(item.offset, item.length, f"locked: {numbers(locked)}", identifier=item.value, barcode=case.barcode)


def _right_already(case: Case) -> bool:
    """Return True if the tag is ours and already holds the intended identifier and part."""
    old, new = case.content, intended(case)
    return (
        case.recognition.state is TagState.OURS
        and old is not None
        and new is not None
        and (old.primary_item_identifier, old.part, old.parts) == (new.primary_item_identifier, new.part, new.parts)
    )


def _locked_in_the_way(case: Case) -> Iterator[Finding]:
    blocks = _in_the_way(case)
    if blocks and not _right_already(case) and not any(_wrong_for_ever(case)):
        yield _at(case, blocks)


def _locked_other_form(case: Case) -> Iterator[Finding]:
    blocks = _in_the_way(case)
    if blocks and _right_already(case):
        yield _at(case, blocks)


def _locked_unwritten(case: Case) -> Iterator[Finding]:
    blocks = locked_blocks(case)
    if blocks and not case.finished and intended(case) is None:
        yield _at(case, blocks)


def _not_locked(case: Case) -> Iterator[Finding]:
    if case.profile.lock and case.recognition.state is TagState.OURS:
        open_blocks = tuple(sorted(_to_lock(case) - set(locked_blocks(case))))
        if open_blocks:
            yield _at(case, open_blocks)


def _locked_needlessly(case: Case) -> Iterator[Finding]:
    if case.recognition.state is TagState.OURS and not any(_locked_other_form(case)):
        blocks = tuple(sorted(set(locked_blocks(case)) - _to_lock(case)))
        if blocks:
            yield _at(case, blocks)


def _afi_locked(case: Case) -> Iterator[Finding]:
    if case.afi_locked:
        yield found(afi=shown(case.image.afi))


def _dsfid_locked(case: Case) -> Iterator[Finding]:
    if case.dsfid_locked:
        yield found(dsfid=shown(case.image.dsfid))


_WRITE_IT: Final = frozenset({"blank", "blank-but-marked"})
"""Rows about an empty tag: a tag that must not be used is not told to be written."""

CHIP_CHECKS: Final = (
    Check(
        "memory-unread",
        Severity.CRITICAL,
        "No memory of this tag could be read.",
        "Put the item on the pad again and read once more.",
        _unread,
    ),
    Check(
        "locked-wrong-identifier",
        Severity.CRITICAL,
        "The tag is locked with the wrong number: it says {identifier}, the barcode is {barcode}.",
        "Take this tag out and use a new one.",
        _wrong_for_ever,
    ),
    Check(
        "afi-locked",
        Severity.CRITICAL,
        "The security byte (AFI {afi}) is locked: the item can never be checked in or out at the gate.",
        "Take this tag out and use a new one.",
        _afi_locked,
        _WRITE_IT,
    ),
    Check(
        "locked-in-the-way",
        Severity.MAJOR,
        "This tag cannot be written for this item: locked blocks are in the way ({blocks}).",
        "Take this tag out and use a new one.",
        _locked_in_the_way,
        _WRITE_IT,
    ),
    Check(
        "locked-unwritten",
        Severity.MAJOR,
        "Something is locked ({blocks}), and the tag has no finished content.",
        "Take this tag out and use a new one.",
        _locked_unwritten,
        _WRITE_IT,
    ),
    Check(
        "dsfid-locked",
        Severity.MAJOR,
        "The format byte (DSFID {dsfid}) is locked. A broken write cannot be marked on this tag.",
        "Do not write this tag again; when its data must change, use a new one.",
        _dsfid_locked,
        _WRITE_IT,
    ),
    Check(
        "chip-too-small",
        Severity.MAJOR,
        "The chip has {have} bytes; this library's tags need {need}.",
        "Use a bigger tag.",
        _too_small,
        _WRITE_IT,
    ),
    Check(
        "does-not-fit",
        Severity.MAJOR,
        "This item's data need {need} bytes, and the chip has {have}.",
        "Use a bigger tag.",
        _does_not_fit,
        _WRITE_IT,
    ),
    Check(
        "uid-malformed",
        Severity.MAJOR,
        "The chip's own number was not read properly.",
        "Put the item on the pad again and read once more.",
        _uid_malformed,
    ),
    Check(
        "uid-not-iso15693",
        Severity.MAJOR,
        "The chip's own number {uid} does not begin with E0: it is no genuine library chip.",
        "Take this tag out and use a new one.",
        _uid_foreign,
        _WRITE_IT,
    ),
    Check(
        "locked-other-form",
        Severity.MINOR,
        "The content is right. Locked blocks ({blocks}) keep a form this library does not write.",
        "Leave it; when the item's data change, use a new tag.",
        _locked_other_form,
    ),
    Check(
        "not-locked",
        Severity.MINOR,
        "Not locked, although this library locks what is there: {blocks}.",
        "Write the tag again and let the station lock it.",
        _not_locked,
    ),
    Check(
        "locked-needlessly",
        Severity.MINOR,
        "Locked, although this library does not lock what is there: {blocks}.",
        "Leave it; when the item's data change, use a new tag.",
        _locked_needlessly,
    ),
    Check(
        "lock-status-unread",
        Severity.INFO,
        "Which blocks are locked is not known.",
        "Nothing to do; a locked block will refuse to be written.",
        _status_unread,
    ),
    Check(
        "counter-block",
        Severity.INFO,
        "The chip's own counter uses the last block. It is not part of the data.",
        "Nothing to do.",
        _counter,
    ),
)
