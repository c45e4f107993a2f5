"""The write plan as pure data: the commands for one tag, in an order that never leaves a wrong identifier.

The algorithm is docs/reference/tag-writing.md#the-algorithm. Invalidate (DSFID, block 0 zero, both read back), write
the body, verify the body by two agreeing reads, commit block 0 and then the DSFID, then AFI (and EAS), switch the field
off and on, verify everything. Locks come only after that proof, and only on request. A reader that checks the DSFID
never sees an identifier that is neither the old nor the new one, wherever the power fails. A plan is always the
difference between the tag *as it was just read* and the wanted image, so a torn tag is finished by a new plan.

Under that condition, the number of block writes is minimal: every block that differs once, block 0 twice (zero, new) if
any block differs; a block 0 that is already zero is not written again. `tests/encoding/write_plan/test_minimal.py`
counts independently.

Commands over several blocks: a command may write any number of blocks of the body, even if the chip leaves all of them
torn at once, because block 0 is zero and the outer gate is closed during that time. Block 0 is always written alone: in
a common command it could be complete while the others are torn. Blocks that do not differ are never written to join two
runs, because each write wears and risks a block.

The outer gate is DSFID `BEING_WRITTEN`, not the 00 of docs/reference/tag-writing.md#the-algorithm. Its tear model
looked for wrong identifiers in only two models. A larger one (tests/encoding/write_plan/test_tear.py) found what 00
allows: a tag whose content is cleared looks new, and text may for a moment have the layout of a 3M tag, which is
finished under any DSFID. Only the write to a new tag omits the gate (no extra command), because it has no such moment
(`_exposed`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from typing import Final

from station.base.errors import NotPossible, TagLocked, Undecodable
from station.domain.tag_image import TagImage
from station.encoding.content import BEING_WRITTEN, TagContent, TagProfile, is_locked, user_memory
from station.encoding.recognition import blank, rfid501
from station.encoding.recognition.registry import DATA_MODELS
from station.encoding.write_plan.image import UNFINISHED, blocks_to_lock, new_image
from station.encoding.write_plan.steps import (
    CheckBlocks,
    CheckDsfid,
    CheckLocks,
    ChipLimits,
    LockAfi,
    LockBlocks,
    LockDsfid,
    ResetField,
    SetAfi,
    SetBlocks,
    SetDsfid,
    SetEas,
    Step,
    VerifyAll,
    WritePlan,
)


def plan_item(
    old: TagImage,
    content: TagContent,
    profile: TagProfile,
    *,
    max_blocks_per_write: int = 32,
    limits: ChipLimits | None = None,
) -> WritePlan:
    """Plan the complete change from the tag as read to the item, as the profile wants it: image, EAS bit and locks.

    With the default profile nothing is locked. Raises the errors of `new_image`, `blocks_to_lock` and `plan_write`.
    """
    new = new_image(old, content, profile)
    lock = blocks_to_lock(old, content, profile) if profile.lock else ()
    eas = True if profile.eas and new != old else None
    # If 00 counts as finished, a new tag needs the mark too.
    always = any(profile.commits(model.name, UNFINISHED) for model in DATA_MODELS if model.marks_completion)
    return plan_write(
        old, new, max_blocks_per_write=max_blocks_per_write, limits=limits, lock=lock, eas=eas, mark_always=always
    )


def plan_write(
    old: TagImage,
    new: TagImage,
    *,
    max_blocks_per_write: int = 32,
    limits: ChipLimits | None = None,
    lock: Collection[int] = (),
    lock_afi: bool = False,
    lock_dsfid: bool = False,
    eas: bool | None = None,
    mark_always: bool = False,
) -> WritePlan:
    """Plan the change from `old`, the tag as it was just read (also a torn one), to `new`.

    `lock` holds blocks to lock once everything is proven (blocks already locked are skipped); `eas` sets or resets the
    EAS bit, None leaves it. `max_blocks_per_write` is the reader's limit, `limits` the chip's. `mark_always` is for
    collections in which DSFID 00 counts as finished: there a new tag, too, is marked as being written before anything
    else.

    Every refusal comes before the first write: `TagLocked` if a block, DSFID or AFI that must change is locked;
    `NotPossible` for an operation that the chip does not support. Raises `ValueError` for images of different tags or
    shapes, and for blocks that the tag does not have.
    """
    if (old.uid, old.block_size, len(old.memory)) != (new.uid, new.block_size, len(new.memory)) or old.block_size < 1:
        raise ValueError("old and new image are not of the same tag")
    limits = limits or ChipLimits()
    longest = min(max_blocks_per_write, limits.blocks_per_write)
    if longest < 1:
        raise ValueError("max_blocks_per_write must be at least 1")
    changed = [block for block in range(old.block_count) if old.block(block) != new.block(block)]
    for block in changed:
        if is_locked(old, block):
            raise TagLocked(f"block {block}")
    steps: list[Step] = []
    if changed:
        steps += _change(old, new, changed, longest, mark_always)
    elif old.dsfid != new.dsfid:
        steps += _mark(old, new)
    if new.afi is not None and old.afi != new.afi:
        steps.append(SetAfi(new.afi))
    if eas is not None:
        steps.append(SetEas(eas))
    _refuse(steps, limits)
    if steps:
        steps += [ResetField(), VerifyAll()]
    locks, new = _locks(old, new, lock, limits)
    locks += [LockAfi()] if lock_afi else []
    locks += [LockDsfid()] if lock_dsfid else []
    if locks:
        # An irreversible step needs a proof before it, and the result is proven again.
        steps = [*(steps or [ResetField(), VerifyAll()]), *locks, ResetField(), VerifyAll(locks=bool(new.locked))]
    return WritePlan(uid=old.uid, old=old, new=new, steps=tuple(steps), block_size=old.block_size)


def undo(
    plan: WritePlan,
    present: TagImage | None = None,
    *,
    max_blocks_per_write: int = 32,
    limits: ChipLimits | None = None,
) -> WritePlan:
    """Plan to restore the content before `plan`: from `present`, the tag as just read, or from the finished plan.

    As safe against tears as any plan. Locks of the plan stay: raises `TagLocked` if the old image needs such a block.
    """
    now = plan.new if present is None else present
    old = dataclasses.replace(plan.old, locked=now.locked)
    return plan_write(now, old, max_blocks_per_write=max_blocks_per_write, limits=limits)


def _refuse(steps: Iterable[Step], limits: ChipLimits) -> None:
    for step in steps:
        if isinstance(step, SetDsfid) and limits.dsfid_locked:
            # Without this gate a tear could pass for another item: the sentinel alone does not protect ISO 28560-2.
            raise TagLocked("DSFID")
        if isinstance(step, SetAfi) and limits.afi_locked:
            raise TagLocked("AFI")
        if isinstance(step, SetDsfid) and not limits.has_dsfid:
            raise NotPossible("the chip has no DSFID")
        if isinstance(step, SetAfi) and not limits.has_afi:
            raise NotPossible("the chip has no AFI")
        if isinstance(step, SetEas) and not limits.has_eas:
            raise NotPossible("the chip has no EAS bit")


# --- memory ---------------------------------------------------------------------------------------------------------

_HEAD: Final = bytes((rfid501.MAGIC, 0x11, 0x00, 0x01))
"""First bytes of the only layout that has no mark for finished tags."""


def _change(old: TagImage, new: TagImage, changed: list[int], longest: int, mark_always: bool) -> list[Step]:
    """Return steps 3 to 6 of docs/reference/tag-writing.md#the-algorithm, from open gate to open gate."""
    gate, steps = _shut(old, new, mark_always)
    body = [block for block in changed if block]
    steps += [SetBlocks(run[0], b"".join(map(new.block, run))) for run in _runs(body, longest)]
    steps += _proof(new, changed)
    if not is_locked(old, 0) and any(new.block(0)):
        steps.append(SetBlocks(0, new.block(0)))
    return [*steps, CheckBlocks(0, new.block(0)), *_open(gate, new)]


def _shut(old: TagImage, new: TagImage, mark_always: bool) -> tuple[int, list[Step]]:
    """Return step 3: the DSFID under which the memory is changed, and the steps that set it.

    A write that would change nothing is skipped, but its proof is not. A locked block 0 cannot be cleared (and does not
    change): then the DSFID alone is the gate.
    """
    zero = bytes(old.block_size)
    clear: list[Step] = []
    if not is_locked(old, 0):
        clear = [*([] if old.block(0) == zero else [SetBlocks(0, zero)]), CheckBlocks(0, zero)]
    mark: list[Step] = [*([] if old.dsfid == BEING_WRITTEN else [SetDsfid(BEING_WRITTEN)]), CheckDsfid(BEING_WRITTEN)]
    if old.dsfid != UNFINISHED or mark_always:
        return BEING_WRITTEN, [*mark, *clear]
    if blank.pattern(user_memory(old)) is not None and not _exposed(new):
        return UNFINISHED, clear if any(user_memory(old)) else []
    # DSFID 00 and data in the memory may be a torn write of a new tag. While its DSFID is torn, the tag could pass for
    # finished, so block 0 is cleared first, unless that step would itself need the mark.
    return BEING_WRITTEN, [*mark, *clear] if _exposed(old) else [*clear, *mark]


def _exposed(image: TagImage) -> bool:
    """Return True if the memory could be mistaken under DSFID 00 while its block 0 is torn: for blank, if no other
    block holds data, or for a finished tag of a data model without a mark.
    """
    memory = user_memory(image)
    if not any(memory[image.block_size :]):
        return True
    torn = dataclasses.replace(
        image, dsfid=UNFINISHED, memory=_HEAD.ljust(image.block_size, b"0") + image.memory[image.block_size :]
    )
    for model in DATA_MODELS:
        if not model.marks_completion:
            try:
                if model.read(torn, user_memory(torn)).sound:
                    return True
            except Undecodable:
                continue
    return False


def _runs(blocks: Collection[int], longest: int) -> list[list[int]]:
    """Return runs of consecutive blocks, at most `longest` per command."""
    runs: list[list[int]] = []
    for block in blocks:
        if runs and block == runs[-1][-1] + 1 and len(runs[-1]) < longest:
            runs[-1].append(block)
        else:
            runs.append([block])
    return runs


def _proof(new: TagImage, changed: list[int]) -> list[Step]:
    """Return step 5: two agreeing reads prove the data before they are marked as finished.

    The proven body reaches from block 1 to the last block that was written or that holds data of the new image,
    including its terminator. The final step 7 proves the zeros after it with everything else.
    """
    last = max([len(new.memory.rstrip(b"\0")) // new.block_size, *changed])
    behind = new.memory[new.block_size : (last + 1) * new.block_size]
    return [CheckBlocks(1, behind, twice=True)] if behind else []


def _open(gate: int, new: TagImage) -> list[Step]:
    """Return the steps that set the wanted DSFID; a restored old image may have had no mark."""
    if new.dsfid is None:
        raise NotPossible("the DSFID that the tag had is not known, so it cannot be put back")
    return [] if new.dsfid == gate else [SetDsfid(new.dsfid), CheckDsfid(new.dsfid)]


def _mark(old: TagImage, new: TagImage) -> list[Step]:
    """Return the steps for a correct memory with a wrong DSFID. The gate is closed here too, because the bench may have
    to write a weak block again."""
    gate = old.dsfid
    shut: list[Step] = []
    if gate != BEING_WRITTEN and (gate != UNFINISHED or _exposed(new)):
        gate, shut = BEING_WRITTEN, [SetDsfid(BEING_WRITTEN), CheckDsfid(BEING_WRITTEN)]
    return [*shut, CheckBlocks(0, new.memory, twice=True), *_open(gate, new)]


# --- locks ----------------------------------------------------------------------------------------------------------


def _locks(old: TagImage, new: TagImage, lock: Collection[int], limits: ChipLimits) -> tuple[list[Step], TagImage]:
    """Return the steps that lock the unlocked blocks and read each back, and the new image with these locks."""
    for block in lock:
        if not 0 <= block < len(user_memory(old)) // old.block_size:
            raise ValueError(f"the tag has no block {block} that could be locked")
    blocks = sorted(block for block in set(lock) if not is_locked(old, block))
    if not blocks:
        return [], new
    if not limits.can_lock:
        raise NotPossible("the chip's blocks cannot be locked")
    if len(old.locked) < old.block_count:
        raise NotPossible("the block security status cannot be read, so a lock could not be verified")
    steps: list[Step] = []
    for run in _runs(blocks, old.block_count):
        steps += [LockBlocks(run[0], len(run)), CheckLocks(run[0], len(run))]
    locked = tuple(was or block in blocks for block, was in enumerate(old.locked))
    return steps, dataclasses.replace(new, locked=locked)
