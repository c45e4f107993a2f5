"""The write plan as pure data: what is sent to one tag, in an order that never leaves a wrong identifier.

The algorithm is reliability.md 1.5. Invalidate (DSFID 00, block 0 zero, both read back), body, verify the body by two
agreeing reads, commit block 0 and then DSFID, AFI (and EAS) last, field off and on, verify all; locks only behind that
proof, and only if they were asked for. Whoever honours DSFID never meets an identifier that is neither the old nor the
new one, wherever the power goes. A plan is always the difference between the tag *as it was just read* and the wanted
image, so a torn tag is finished by planning again.

Fewest block writes subject to that: every block that differs once, block 0 twice (zero, new) if any block differs; a
block 0 that is zero already is not written again. `tests/encoding/test_plan_minimal.py` counts independently.

Commands over several blocks: the body may go by any number of blocks a command, even if the chip leaves all of them torn
at once, for block 0 is zero and DSFID is 00 all the while. Block 0 always goes alone: together with others it could be
whole while they are torn. Blocks that do not differ are never written to join two runs: each write wears and risks one.

Never blank: were all other blocks zero while one is torn, the tag could look new, and the next station would write it
for any item without a question. So while a tag that is not blank is changed, some block outside the command that is
being sent holds something (`_order`). Almost always one does by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from station.encoding import blank
from station.encoding.content import TagContent, TagProfile, is_locked, user_memory
from station.encoding.image_plan import UNFINISHED, as_written, blocks_to_lock, new_image
from station.encoding.steps import (
    WRITES,
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
from station.errors import DoesNotFit, NotPossible, TagLocked
from station.image import TagImage

__all__ = [
    "UNFINISHED",
    "WRITES",
    "CheckBlocks",
    "CheckDsfid",
    "CheckLocks",
    "ChipLimits",
    "LockAfi",
    "LockBlocks",
    "LockDsfid",
    "ResetField",
    "SetAfi",
    "SetBlocks",
    "SetDsfid",
    "SetEas",
    "Step",
    "VerifyAll",
    "WritePlan",
    "as_written",
    "blocks_to_lock",
    "new_image",
    "plan_item",
    "plan_write",
    "undo",
]


def plan_item(
    old: TagImage,
    content: TagContent,
    profile: TagProfile,
    *,
    max_blocks_per_write: int = 32,
    limits: ChipLimits | None = None,
) -> WritePlan:
    """The whole way from the tag as read to the item on it, as the profile wants it: image, EAS bit and locks.

    With the default profile nothing is locked. Raises what `new_image`, `blocks_to_lock` and `plan_write` raise.
    """
    new = new_image(old, content, profile)
    lock = blocks_to_lock(old, content, profile) if profile.lock else ()
    eas = True if profile.eas and new != old else None
    return plan_write(old, new, max_blocks_per_write=max_blocks_per_write, limits=limits, lock=lock, eas=eas)


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
) -> WritePlan:
    """Plan the way from `old`, the tag as it was just read (also a torn one), to `new`.

    `lock` names blocks that shall be locked once everything is proven (those that are locked already are left alone);
    `eas` sets or resets the EAS bit, None leaves it. `max_blocks_per_write` is the reader's limit, `limits` the chip's.
    All refusals come before anything is written: `TagLocked` if a block, DSFID or AFI that must change is locked;
    `NotPossible` for what the chip cannot do. Images of different tags or shapes, and blocks that the tag does not have,
    are a `ValueError`.
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
        steps += _change(old, new, changed, longest)
    elif old.dsfid != new.dsfid:
        steps += _mark(old, new)
    if old.afi != new.afi:
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
        # Nothing is made irreversible that was not proven right before it, and the end is proven again.
        steps = [*(steps or [ResetField(), VerifyAll()]), *locks, ResetField(), VerifyAll(locks=bool(new.locked))]
    return WritePlan(uid=old.uid, old=old, new=new, steps=tuple(steps), block_size=old.block_size)


def undo(
    plan: WritePlan,
    present: TagImage | None = None,
    *,
    max_blocks_per_write: int = 32,
    limits: ChipLimits | None = None,
) -> WritePlan:
    """Bring the tag back to what it held before `plan`: from `present`, the tag as just read, or from the finished plan.

    As safe against tears as any plan. What the plan locked stays locked: `TagLocked` if the old image needs such a block.
    """
    now = plan.new if present is None else present
    old = dataclasses.replace(plan.old, locked=now.locked)
    return plan_write(now, old, max_blocks_per_write=max_blocks_per_write, limits=limits)


def _refuse(steps: Iterable[Step], limits: ChipLimits) -> None:
    for step in steps:
        if isinstance(step, SetDsfid) and limits.dsfid_locked:
            # Without this gate a tear could pass for another item: the sentinel alone does not carry ISO 28560-2.
            raise TagLocked("DSFID")
        if isinstance(step, SetAfi) and limits.afi_locked:
            raise TagLocked("AFI")
        if isinstance(step, SetEas) and not limits.has_eas:
            raise NotPossible("the chip has no EAS bit")


# --- memory ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Order:
    """In which order the body is written, so that the tag never looks blank."""

    body: list[list[int]]
    """Groups of blocks while block 0 is zero; a command stays within its group."""
    early: list[int] = field(default_factory=list)
    """Written before block 0 is cleared."""
    late: list[int] = field(default_factory=list)
    """Written after block 0 is committed."""
    mark: int | None = None
    """A free block that is filled before block 0 is cleared, and emptied after it is committed."""


def _order(old: TagImage, new: TagImage, changed: list[int], longest: int) -> _Order:
    """At every moment of the change some block that is not being written is not zero, unless the old or the new tag is
    blank itself.

    1. A block that does not change holds something: any order will do.
    2. Else one block of the old content is kept until one of the new content stands. No extra write.
    3. Else (either content is in block 0 alone, or in one and the same block beside it: no library tag is that short) a
       block far behind both contents carries the tag over: one of the new content that is written early, one of the old
       that is cleared late, or a free one that is filled and emptied (two extra writes). It lies behind the terminator, so
       also a reader that ignores DSFID does not read it.
    """
    body = [block for block in changed if block]
    count = len(user_memory(old)) // old.block_size
    if blank.pattern(user_memory(old)) or blank.pattern(user_memory(new)) or (is_locked(old, 0) and any(old.block(0))):
        return _Order([body])
    holds = [block for block in range(1, count) if any(old.block(block))]
    comes = [block for block in range(1, count) if any(new.block(block))]
    if any(block not in body for block in holds):
        return _Order([body])
    splits = [[[b for b in body if b != last], [last]] for last in holds if any(block != last for block in comes)]
    if splits:
        return _Order(min(splits, key=lambda groups: sum(len(_runs(group, longest)) for group in groups)))
    if not holds and comes and comes[-1] > 1:
        return _Order([[block for block in body if block != comes[-1]]], early=[comes[-1]])
    if holds and not comes and holds[-1] > 1:
        return _Order([[block for block in body if block != holds[-1]]], late=[holds[-1]])
    free = [block for block in range(2, count) if not any(old.block(block)) and not any(new.block(block))]
    mark = next((block for block in reversed(free) if not is_locked(old, block)), None)
    if mark is None:
        if count < 3:
            raise DoesNotFit(3 * old.block_size, len(user_memory(old)))
        raise TagLocked("every free block")
    return _Order([body], mark=mark)


def _runs(blocks: Collection[int], longest: int) -> list[list[int]]:
    """Consecutive blocks by one command, at most `longest` each."""
    runs: list[list[int]] = []
    for block in blocks:
        if runs and block == runs[-1][-1] + 1 and len(runs[-1]) < longest:
            runs[-1].append(block)
        else:
            runs.append([block])
    return runs


def _change(old: TagImage, new: TagImage, changed: list[int], longest: int) -> list[Step]:
    """Steps 3 to 6 of reliability.md 1.5, from the open gate to the open gate."""
    size = old.block_size
    zero, full = bytes(size), b"\xff" * size
    order = _order(old, new, changed, longest)
    steps: list[Step] = []
    if old.dsfid != UNFINISHED or any(user_memory(old)):
        steps += _shut(old)
        for block, data in [(block, new.block(block)) for block in order.early] + _filled(order.mark, full):
            steps += [SetBlocks(block, data), CheckBlocks(block, data)]
        if not is_locked(old, 0):
            steps += [] if old.block(0) == zero else [SetBlocks(0, zero)]
            steps.append(CheckBlocks(0, zero))
    for group in order.body:
        steps += [SetBlocks(run[0], b"".join(map(new.block, run))) for run in _runs(group, longest)]
    later = [(block, new.block(block)) for block in order.late] + _filled(order.mark, zero)
    steps += _proof(new, changed, [block for block, _ in later])
    if not is_locked(old, 0) and any(new.block(0)):
        steps.append(SetBlocks(0, new.block(0)))
    steps.append(CheckBlocks(0, new.block(0)))
    for block, data in later:
        steps += [SetBlocks(block, data), CheckBlocks(block, data, twice=True)]
    return [*steps, *_open(new)]


def _filled(block: int | None, data: bytes) -> list[tuple[int, bytes]]:
    return [] if block is None else [(block, data)]


def _shut(old: TagImage) -> list[Step]:
    """The outer gate. A write that would change nothing is skipped, its proof is not."""
    return [*([] if old.dsfid == UNFINISHED else [SetDsfid(UNFINISHED)]), CheckDsfid(UNFINISHED)]


def _open(new: TagImage) -> list[Step]:
    """The tag is marked as what it shall be; an old image that is brought back may have no mark."""
    return [] if new.dsfid == UNFINISHED else [SetDsfid(new.dsfid), CheckDsfid(new.dsfid)]


def _proof(new: TagImage, changed: list[int], later: list[int]) -> list[Step]:
    """Step 5: nothing is marked as finished before two agreeing reads have proven what it marks.

    The body that is proven reaches from block 1 to the last block that was written or that holds anything of the new
    image, its terminator included, without blocks that are still to be written; the zeros behind it are proven with
    everything else at the end (step 7).
    """
    last = max([len(new.memory.rstrip(b"\0")) // new.block_size, *changed])
    blocks = [block for block in range(1, min(last + 1, new.block_count)) if block not in later]
    runs = _runs(blocks, new.block_count)
    return [CheckBlocks(run[0], b"".join(map(new.block, run)), twice=True) for run in runs]


def _mark(old: TagImage, new: TagImage) -> list[Step]:
    """The memory is right, the DSFID is not. The gate is shut here too: whoever carries the plan out may have to write a
    weak block again."""
    return [*(_shut(old) if old.dsfid != UNFINISHED else []), CheckBlocks(0, new.memory, twice=True), *_open(new)]


# --- locks ----------------------------------------------------------------------------------------------------------


def _locks(old: TagImage, new: TagImage, lock: Collection[int], limits: ChipLimits) -> tuple[list[Step], TagImage]:
    """Lock what is open, read each back; and the new image with these locks."""
    for block in lock:
        if not 0 <= block < len(user_memory(old)) // old.block_size:
            raise ValueError(f"the tag has no block {block} that could be locked")
    blocks = sorted(block for block in set(lock) if not is_locked(old, block))
    if not blocks:
        return [], new
    if not limits.can_lock:
        raise NotPossible("the chip's blocks cannot be locked")
    if len(old.locked) < old.block_count:
        raise NotPossible("the block security status cannot be read, so no lock could be proven")
    steps: list[Step] = []
    for run in _runs(blocks, old.block_count):
        steps += [LockBlocks(run[0], len(run)), CheckLocks(run[0], len(run))]
    locked = tuple(was or block in blocks for block, was in enumerate(old.locked))
    return steps, dataclasses.replace(new, locked=locked)
