"""The write plan as pure data: what is sent to one tag, in an order that never leaves a wrong identifier.

The algorithm is reliability.md 1.5. Invalidate (DSFID 00, block 0 zero, both read back), body, verify the body by two
agreeing reads, commit block 0 and then DSFID, AFI last, field off and on, verify all. Whoever honours DSFID never
meets an identifier that is neither the old nor the new one, wherever the power goes. A plan is always the difference
between the tag *as it was just read* and the wanted image, so a torn tag is finished by planning again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from typing import Final

from station.encoding.content import TagContent, TagProfile, is_locked, user_memory
from station.encoding.registry import writable
from station.errors import ElementInvalid, TagLocked
from station.image import TagImage, Uid
from station.text import clean

UNFINISHED: Final = 0x00
"""DSFID of a tag whose write is not finished."""


@dataclass(frozen=True, slots=True)
class SetDsfid:
    value: int


@dataclass(frozen=True, slots=True)
class SetBlocks:
    """Write whole consecutive blocks by one command."""

    first: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CheckBlocks:
    """Read blocks and compare; `twice` = two reads must both agree (weak bits)."""

    first: int
    data: bytes
    twice: bool = False


@dataclass(frozen=True, slots=True)
class CheckDsfid:
    value: int


@dataclass(frozen=True, slots=True)
class SetAfi:
    value: int


@dataclass(frozen=True, slots=True)
class ResetField:
    """Field off for at least 10 ms and on; then the same UID must answer alone."""


@dataclass(frozen=True, slots=True)
class VerifyAll:
    """Read memory, AFI and DSFID and compare with the plan's `new`, byte for byte."""


Step = SetDsfid | SetBlocks | CheckBlocks | CheckDsfid | SetAfi | ResetField | VerifyAll
WRITES: Final = (SetDsfid, SetBlocks, SetAfi)


@dataclass(frozen=True, slots=True)
class WritePlan:
    """Everything that will be sent to one tag, in order. Empty = the tag holds exactly this already."""

    uid: Uid
    old: TagImage
    new: TagImage
    steps: tuple[Step, ...]
    block_size: int

    @property
    def empty(self) -> bool:
        """True if nothing has to be done."""
        return not self.steps

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal, over the canonical JSON (keys sorted, bytes as hexadecimal) of the plan."""
        return hashlib.sha256(json.dumps(_plain(self), sort_keys=True).encode()).hexdigest()

    @property
    def write_commands(self) -> int:
        """Commands that change the tag."""
        return sum(isinstance(step, WRITES) for step in self.steps)

    @property
    def block_writes(self) -> int:
        """Blocks written, for wear."""
        return sum(len(step.data) // self.block_size for step in self.steps if isinstance(step, SetBlocks))


# --- what shall stand on the tag ------------------------------------------------------------------------------------


def as_written(content: TagContent, profile: TagProfile) -> TagContent:
    """`content` as this library writes it: owner and usage filled in, shelf location only if the profile wants it.

    Raises `ElementInvalid` for what must not be written: no ISIL, another library's, text that would not read back the same.
    """
    if not profile.isil:
        raise ElementInvalid("the library's ISIL is not set")
    if content.owner_institution not in ("", profile.isil):
        raise ElementInvalid(f"the owner would be {content.owner_institution}, not {profile.isil}")
    shelf = content.shelf_location if profile.call_number_on_tag else ""
    for text in (content.primary_item_identifier, shelf, profile.isil):
        if clean(text) != text:
            raise ElementInvalid(f"{clean(text)!r} holds characters that cannot stand on a tag")
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
    """The tag as it shall be: content, terminator, zeros; AFI and DSFID of a finished tag in stock.

    A locked block stays as it is if it lies wholly behind the terminator or already holds what it should. Raises `DoesNotFit`,
    `TagLocked` (naming the block) and `ElementInvalid`.
    """
    if profile.dsfid == UNFINISHED:
        raise ElementInvalid("DSFID 00 marks an unfinished tag and cannot mark a finished one")
    available = len(user_memory(old))
    encoder = writable(profile.model)
    needed = encoder.encode(as_written(content, profile), profile, max(old.block_size, 1), available).data
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


# --- how it gets there ----------------------------------------------------------------------------------------------


def plan_write(old: TagImage, new: TagImage, *, max_blocks_per_write: int = 32) -> WritePlan:
    """Plan the way from `old`, the tag as it was just read (also a torn one), to `new`.

    Raises `TagLocked` if a block that must change is locked. Images of different tags or shapes are a `ValueError`.
    """
    if (old.uid, old.block_size, len(old.memory)) != (new.uid, new.block_size, len(new.memory)) or old.block_size < 1:
        raise ValueError("old and new image are not of the same tag")
    if max_blocks_per_write < 1:
        raise ValueError("max_blocks_per_write must be at least 1")
    changed = [block for block in range(old.block_count) if old.block(block) != new.block(block)]
    for block in changed:
        if is_locked(old, block):
            raise TagLocked(f"block {block}")
    steps: list[Step] = []
    if changed:
        steps += _invalidate(old)
        steps += _runs(new, [block for block in changed if block], max_blocks_per_write)
    if changed or old.dsfid != new.dsfid:
        steps += _commit(old, new, changed)
    if old.afi != new.afi:
        steps.append(SetAfi(new.afi))
    if steps:
        steps += [ResetField(), VerifyAll()]
    return WritePlan(uid=old.uid, old=old, new=new, steps=tuple(steps), block_size=old.block_size)


def _invalidate(old: TagImage) -> list[Step]:
    """Step 3. A write that would change nothing is skipped, its proof is not; a blank tag with DSFID 00 needs neither.

    A locked block 0 cannot be cleared (and is not to change): then DSFID alone is the gate.
    """
    if old.dsfid == UNFINISHED and not any(user_memory(old)):
        return []
    zero = bytes(old.block_size)
    steps: list[Step] = []
    if old.dsfid != UNFINISHED:
        steps.append(SetDsfid(UNFINISHED))
    steps.append(CheckDsfid(UNFINISHED))
    if is_locked(old, 0):
        return steps
    if old.block(0) != zero:
        steps.append(SetBlocks(0, zero))
    steps.append(CheckBlocks(0, zero))
    return steps


def _runs(new: TagImage, blocks: list[int], longest: int) -> list[Step]:
    """Step 4: consecutive changed blocks by one command, at most `longest` each."""
    runs: list[list[int]] = []
    for block in blocks:
        if runs and block == runs[-1][-1] + 1 and len(runs[-1]) < longest:
            runs[-1].append(block)
        else:
            runs.append([block])
    return [SetBlocks(run[0], b"".join(map(new.block, run))) for run in runs]


def _commit(old: TagImage, new: TagImage, changed: list[int]) -> list[Step]:
    """Steps 5 and 6. Nothing is marked as finished before two agreeing reads have proven what it marks.

    The body that is proven reaches from block 1 to the last block that was written or that holds anything of the new
    image, its terminator included; the zeros behind it are proven with everything else at the end (step 7).
    """
    steps: list[Step] = []
    size = new.block_size
    filled = len(new.memory.rstrip(b"\0"))
    last = max([filled // size, *changed])
    behind = new.memory[size : (last + 1) * size]
    if not changed:
        # The gate is shut here too: whoever carries the plan out may have to write a weak block again.
        if old.dsfid != UNFINISHED:
            steps += [SetDsfid(UNFINISHED), CheckDsfid(UNFINISHED)]
        steps.append(CheckBlocks(0, new.memory, twice=True))
    else:
        if behind:
            steps.append(CheckBlocks(1, behind, twice=True))
        if not is_locked(old, 0):
            steps.append(SetBlocks(0, new.block(0)))
        steps.append(CheckBlocks(0, new.block(0)))
    return [*steps, SetDsfid(new.dsfid), CheckDsfid(new.dsfid)]


def _plain(value: object) -> object:
    """A value as JSON can hold it; a dataclass carries its name, so that two steps with equal fields differ."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        plain = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **plain}
    return value
