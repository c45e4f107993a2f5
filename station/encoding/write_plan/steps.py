"""What a write plan is made of: steps as values, the plan that holds them, and what is known of a chip's limits.

Steps say *what*, never *how*: `bench.item.write_steps` carries them out and reads back. A step that cannot be taken back (locks)
stands in a plan only because the caller of `plan.plan_write` asked for it by name.
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
    """What is known of one chip, as the reader reaches it. The defaults promise nothing special."""

    blocks_per_write: int = 32
    """Blocks that one write command may carry; 1 = no Write Multiple Blocks."""
    dsfid_locked: bool = False
    """The DSFID is known to be locked. ISO/IEC 15693-3 has no way to ask: False = not known."""
    afi_locked: bool = False
    """The same for the AFI."""
    can_lock: bool = True
    """Blocks can be locked, and their security status can be read back."""
    has_eas: bool = False
    """The chip has an EAS bit (NXP ICODE)."""
    has_afi: bool = True
    has_dsfid: bool = True
    """Whether the chip has these bytes at all."""

    @classmethod
    def of(
        cls, uid: Uid, *, blocks_per_write: int = 32, dsfid_locked: bool = False, afi_locked: bool = False
    ) -> ChipLimits:
        """What `station.encoding.chips` knows of the chip with this UID, and what is known of this one tag."""
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
    """Set or reset the chip's EAS bit (custom commands A2, A3 of NXP ICODE). Whoever does it proves it."""

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


# --- steps that prove -----------------------------------------------------------------------------------------------


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
class CheckLocks:
    """Read the security status of consecutive blocks: all must be locked."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class ResetField:
    """Field off for at least 10 ms and on; then the same UID must answer alone."""


@dataclass(frozen=True, slots=True)
class VerifyAll:
    """Read memory, AFI and DSFID and compare with the plan's `new`, byte for byte; `locks` = the security status too."""

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
    | CheckLocks
    | ResetField
    | VerifyAll
)
LOCKS: Final = (LockBlocks, LockAfi, LockDsfid)
"""Steps that nothing can take back."""
WRITES: Final = (SetDsfid, SetBlocks, SetAfi, SetEas, *LOCKS)


@dataclass(frozen=True, slots=True)
class WritePlan:
    """Everything that will be sent to one tag, in order. Empty = the tag holds exactly this already."""

    uid: Uid
    old: TagImage
    """The tag as it was read: the undo image."""
    new: TagImage
    """The tag as it shall be; `locked` with what the plan locks."""
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
        """Commands that change the tag; a locked block counts as one."""
        return sum(_commands(step) for step in self.steps)

    @property
    def block_writes(self) -> int:
        """Blocks written, for wear."""
        return sum(len(step.data) // self.block_size for step in self.steps if isinstance(step, SetBlocks))

    @property
    def locks(self) -> tuple[int, ...]:
        """Blocks that the plan locks, ascending."""
        found = (step for step in self.steps if isinstance(step, LockBlocks))
        return tuple(sorted(block for step in found for block in range(step.first, step.first + step.count)))


def _commands(step: Step) -> int:
    return step.count if isinstance(step, LockBlocks) else int(isinstance(step, WRITES))


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
