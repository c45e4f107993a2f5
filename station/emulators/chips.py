"""The ISO 15693 chips the emulators know, as a table.

Sizes and refused commands: FEIG H20800-16e chapter 9, NXP data sheets as quoted in the project's reader protocol
notes 6.7. IC references are recollection; nothing but the system information answer depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Chip:
    name: str
    prefix: str  # how a UID of it starts, hex
    blocks: int
    block_size: int
    ic_ref: int
    refused: frozenset[int] = field(default_factory=frozenset)  # air commands answered with error 01
    write_option: int = 0  # the option flag this chip demands on write-alike commands
    lock_in_read: bool = True  # option flag on 20/23 gives the lock byte; else it is always 00 (H20800 9.1.7)
    short_security: bool = False  # 2C past the end answers fewer bytes instead of error 10
    counter_block: int | None = None  # 16-bit counter with its own anti-tearing
    eas: bool = False  # custom commands A2 to A5 of NXP ICODE


_NO_2C = frozenset({0x2C})

CHIPS: dict[str, Chip] = {
    chip.name: chip
    for chip in (
        Chip("sli", "E00401", 28, 4, 0x01, lock_in_read=False, short_security=True, eas=True),
        Chip("slix", "E00401", 28, 4, 0x01, short_security=True, eas=True),
        Chip("slix2", "E00401", 80, 4, 0x01, short_security=True, counter_block=79, eas=True),
        Chip("sli-l", "E00403", 8, 4, 0x03, refused=_NO_2C, eas=True),
        Chip("tag-it-hfi-plus", "E007", 64, 4, 0x8B, write_option=1),
        # Its custom air commands are not modelled: the reader hides them from the host, who sees 8-byte blocks.
        Chip("srf55v02p", "6005", 32, 8, 0x00, refused=frozenset({0x2B, 0x2C, 0x29, 0x2A})),
    )
}
