"""Parts of a write plan: steps as values, the plan that holds them, and the known limits of a chip.

Steps define *what* to do, never *how*: `bench.item.write_steps` executes them and reads back. A plan has irreversible
steps (locks) only if the caller of `plan.plan_write` requested them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from typing import Final

from station.domain.tag_image import TagImage, Uid
from station.encoding.chips import Feature, chip_of


@dataclass(frozen=True, slots=True)
class ChipLimits:
    """Known limits of one chip, as the reader reaches it. The defaults promise no special feature."""

    blocks_per_write: int = 32
    """Maximum blocks in one write command; 1 = no Write Multiple Blocks."""
    dsfid_locked: bool = False
    """True if the DSFID is known to be locked. ISO/IEC 15693-3 has no command that reports it: False = not known."""
    afi_locked: bool = False
    """The same for the AFI."""
    can_lock: bool = True
    """True if blocks can be locked, and their security status can be read back."""
    has_eas: bool = False
    """True if the chip has an EAS bit (NXP ICODE)."""
    has_afi: bool = True
    has_dsfid: bool = True
    """True if the chip has these bytes (AFI, DSFID) at all."""

    @classmethod
    def of(
        cls, uid: Uid, *, blocks_per_write: int = 32, dsfid_locked: bool = False, afi_locked: bool = False
    ) -> ChipLimits:
        """Return the limits from `station.encoding.chips` for the chip with this UID, and the known state of this
        tag."""
        chip = chip_of(uid)
        return cls(
            blocks_per_write=min(blocks_per_write, chip.most_write),
            dsfid_locked=dsfid_locked,
            afi_locked=afi_locked,
            can_lock=chip.has(Feature.LOCK),
            has_eas=chip.has(Feature.EAS),
            has_afi=chip.has(Feature.AFI),
            has_dsfid=chip.has(Feature.DSFID),
        )


# --- steps that change the tag --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetDsfid:
    value: int


@dataclass(frozen=True, slots=True)
class SetBlocks:
    """Write whole consecutive blocks by one command."""

    first: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SetAfi:
    value: int


@dataclass(frozen=True, slots=True)
class SetEas:
    """Set or reset the chip's EAS bit (custom commands A2, A3 of NXP ICODE). The executing bench proves it."""

    on: bool


@dataclass(frozen=True, slots=True)
class LockBlocks:
    """Lock consecutive blocks. Irreversible."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class LockAfi:
    """Lock the AFI. Irreversible; ISO/IEC 15693-3 has no way to read it back."""


@dataclass(frozen=True, slots=True)
class LockDsfid:
    """Lock the DSFID. Irreversible; ISO/IEC 15693-3 has no way to read it back."""


# --- steps that verify ----------------------------------------------------------------------------------------------


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
class CheckAfi:
    value: int


@dataclass(frozen=True, slots=True)
class CheckLocks:
    """Read the security status of consecutive blocks: all must be locked."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class ResetField:
    """Switch the field off for at least 10 ms and on; then the same UID must answer alone."""


@dataclass(frozen=True, slots=True)
class VerifyAll:
    """Read memory, AFI and DSFID and compare with the plan's `new`, byte for byte; `locks` = the security status
    too."""

    locks: bool = False


Step = (
    SetDsfid
    | SetBlocks
    | SetAfi
    | SetEas
    | LockBlocks
    | LockAfi
    | LockDsfid
    | CheckBlocks
    | CheckDsfid
    | CheckAfi
    | CheckLocks
    | ResetField
    | VerifyAll
)
LOCKS: Final = (LockBlocks, LockAfi, LockDsfid)
"""Irreversible steps."""
WRITES: Final = (SetDsfid, SetBlocks, SetAfi, SetEas, *LOCKS)


@dataclass(frozen=True, slots=True)
class WritePlan:
    """All steps for one tag, in order. Empty = the tag already matches."""

    uid: Uid
    old: TagImage
    """The tag as it was read: the undo image."""
    new: TagImage
    """The wanted tag; `locked` includes the plan's locks."""
    steps: tuple[Step, ...]
    block_size: int

    @property
    def empty(self) -> bool:
        """True if there are no steps."""
        return not self.steps

    @property
    def irreversible(self) -> bool:
        """True if the plan locks something."""
        return any(isinstance(step, LockBlocks | LockAfi | LockDsfid) for step in self.steps)

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal, over the canonical JSON (keys sorted, bytes as hexadecimal) of the plan."""
        return hashlib.sha256(json.dumps(_plain(self), sort_keys=True).encode()).hexdigest()

    @property
    def write_commands(self) -> int:
        """Commands that change the tag; a locked block counts as one."""
        return sum(_commands(step) for step in self.steps)

    @property
    def block_writes(self) -> int:
        """Blocks written, for wear."""
        return sum(len(step.data) // self.block_size for step in self.steps if isinstance(step, SetBlocks))

    @property
    def locks(self) -> tuple[int, ...]:
        """Blocks that the plan locks, ascending."""
        steps = (step for step in self.steps if isinstance(step, LockBlocks))
        return tuple(sorted(block for step in steps for block in range(step.first, step.first + step.count)))


def _commands(step: Step) -> int:
    return step.count if isinstance(step, LockBlocks) else int(isinstance(step, WRITES))


def _plain(value: object) -> object:
    """Return a value as JSON; a dataclass includes its name, so that two steps with equal fields differ."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        plain = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **plain}
    return value
