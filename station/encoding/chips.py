"""Chips by UID, and the capabilities of each: one table of data. Needs only the standard library.

The table holds what a tag cannot report (EAS, passwords, option flag, limits of a command). Memory size, AFI and DSFID
always come from the tag's own system information; a size in this table is only for information. A UID that matches no
row is `UNKNOWN`: one block per command, no special feature.

Sources, by docs/reference/readers.md#chips: I5 = Proxmark3 uidmapping for the UID bits; F1 = FEIG H20800-16e chapter 9
for sizes, refused commands and blocks per command, and for UID bits where it gives them; I3, I4 = NXP data sheets;
passwords as listed in docs/reference/readers.md#chips (Flipper Zero). ST's chips have the product code in bits 47 to 42
(F1 9.1.12; FEIG H40801-5e 7.1.14; ST's own NFC demo app; LRI64 data sheet p. 24). I5 compares that number with bits 47
to 40 and is not followed there: its E00205, E00208 and E0020A are the codes 5, 8 and 10, here E00214
(LRI64), E00220 (LRI2K), E00228 (LRIS2K). "not established" in `note` = no source was found, so the feature counts as
absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Feature(StrEnum):
    """A feature that a command needs."""

    AFI = "AFI"
    DSFID = "DSFID"
    SYSTEM_INFORMATION = "system information"
    SECURITY_STATUS = "block security status"
    LOCK = "lockable blocks"
    EAS = "EAS bit"


class Password(StrEnum):
    """Operation that a password of the chip protects (NXP ids 01, 02, 04, 08, 10; TI Pro: writing)."""

    READ = "read"
    WRITE = "write"
    PRIVACY = "privacy"
    DESTROY = "destroy"
    EAS_AFI = "EAS and AFI"


_ALL: Final = frozenset(Feature)
_ISO: Final = _ALL - {Feature.EAS}
_NO_STATUS: Final = _ALL - {Feature.SECURITY_STATUS}
_BARE: Final = frozenset({Feature.LOCK})
_MY_D: Final = frozenset({Feature.LOCK, Feature.AFI})
"""The features that F1 9.1.5 and 9.1.6 list."""
_EVERY: Final = (Password.READ, Password.WRITE, Password.PRIVACY, Password.DESTROY, Password.EAS_AFI)


@dataclass(frozen=True, slots=True)
class Chip:
    """One row. A UID belongs to this chip if `uid & mask == match` in its first four bytes (bits 63 to 32)."""

    name: str
    maker: str
    match: int
    mask: int
    blocks: int = 0
    """Blocks of user memory; 0 = several sizes, or not established."""
    block_size: int = 4
    """Bytes per block."""
    features: frozenset[Feature] = _ISO
    write_option: int | None = 0
    """Option flag of write commands (21, 22, 24, 27 to 2A); None = either value. A FEIG reader sets it
    automatically."""
    most_read: int = 32
    """Maximum blocks of this chip in one read command of a reader."""
    most_write: int = 32
    """Maximum blocks of this chip in one write command of a reader. Readers loop if the chip has no Write Multiple
    Blocks."""
    passwords: tuple[Password, ...] = ()
    counter_block: int | None = None
    """The block that is a counter and holds no data."""
    locks_in_read: bool = True
    """True if a read can report the locks. For SLI (9.1.7), Fujitsu's chips (9.1.2 to 9.1.4) and my-d (9.1.5), F1 says
    "Security status is always 00"; the SLI, MB89R116 and MB89R118 report locks only by the security status command, the
    others not at all."""
    note: str = ""

    def has(self, feature: Feature) -> bool:
        """Return True if the chip has this feature."""
        return feature in self.features


def _four(text: str) -> int:
    return int(text, 16)


def _row(name: str, maker: str, match: str, mask: str, **values: object) -> Chip:
    return Chip(name, maker, _four(match), _four(mask), **values)  # type: ignore[arg-type]


UNKNOWN: Final = Chip(
    "unknown chip", "", 0, 0, most_read=1, most_write=1, write_option=None, note="no row of the table has this UID"
)
"""Works with system information only: one block per command; no feature beyond ISO/IEC 15693-3."""

CHIPS: Final[tuple[Chip, ...]] = (
    # NXP. Bits 36 and 35 (mask 18) distinguish the E00401 family; ICODE 3 has bit 37 and must come before the SLI.
    _row("ICODE 3", "NXP", "E0040120", "FFFFFF38", blocks=76, note="one UID seen; EAS and passwords not established"),
    _row("NTAG 5", "NXP", "E0040118", "FFFFFF18", note="several sizes; EAS and passwords not established"),
    _row(
        "ICODE SLIX2", "NXP", "E0040108", "FFFFFF18",
        blocks=80, features=_ALL, passwords=_EVERY, counter_block=79, note="block 79 counts and may refuse writes",
    ),
    _row("ICODE SLIX", "NXP", "E0040110", "FFFFFF18", blocks=28, features=_ALL, passwords=(Password.EAS_AFI,)),
    _row(
        "ICODE SLI", "NXP", "E0040100", "FFFFFF18",
        blocks=28, features=_ALL, locks_in_read=False, note="a status read past the last block is cut short",
    ),
    _row("ICODE SLIX-S", "NXP", "E0040210", "FFFFFF10", blocks=40, features=_NO_STATUS, passwords=_EVERY),
    _row(
        "ICODE SLI-S", "NXP", "E0040200", "FFFFFF10",
        blocks=40, features=_NO_STATUS, note="10 pages; passwords not established",
    ),
    _row(
        "ICODE SLIX-L", "NXP", "E0040310", "FFFFFF10",
        blocks=8, features=_NO_STATUS, passwords=(Password.PRIVACY, Password.DESTROY, Password.EAS_AFI),
    ),
    _row(
        "ICODE SLI-L", "NXP", "E0040300", "FFFFFF10",
        blocks=8, features=_NO_STATUS, note="passwords not established",
    ),
    # Texas Instruments: the first 20 or 23 bits identify the chip.
    _row("Tag-it HF-I Plus Inlay", "Texas Instruments", "E0070000", "FFFFF000", blocks=64, write_option=1),
    _row("Tag-it HF-I Plus Chip", "Texas Instruments", "E0071000", "FFFFF000", blocks=64, write_option=1),
    _row("Tag-it HF-I Plus", "Texas Instruments", "E0078000", "FFFFF000", blocks=64, write_option=1),
    _row(
        "Tag-it HF-I Standard", "Texas Instruments", "E007C000", "FFFFFE00",
        blocks=8, features=_BARE, write_option=1, most_read=1, most_write=1,
    ),
    _row(
        "Tag-it HF-I Pro", "Texas Instruments", "E007C400", "FFFFFE00",
        blocks=8, features=_BARE, write_option=1, most_read=1, most_write=1, passwords=(Password.WRITE,),
        note="can be killed (A4)",
    ),
    # STMicroelectronics: the first 22 bits identify the chip.
    _row(
        "LRI512", "STMicroelectronics", "E0020400", "FFFFFC00",
        blocks=16, features=_BARE | {Feature.AFI}, most_read=1, most_write=1,
    ),
    _row(
        "LRI64", "STMicroelectronics", "E0021400", "FFFFFC00",
        blocks=15, block_size=1, features=frozenset({Feature.SYSTEM_INFORMATION}), write_option=None, most_read=1, most_write=1,
        note="needs 10 % modulation",
    ),
    _row("LRI2K", "STMicroelectronics", "E0022000", "FFFFFC00", blocks=64, write_option=None, note="needs 10 % modulation"),
    _row(
        "LRIS2K", "STMicroelectronics", "E0022800", "FFFFFC00",
        blocks=64, write_option=None, most_read=1, note="passwords not established",
    ),
    _row(
        "LRIS64K", "STMicroelectronics", "E0024400", "FFFFFC00",
        write_option=None, note="blocks beyond 255 need commands that no driver here has",
    ),
    # Fujitsu.
    _row(
        "MB89R118", "Fujitsu", "E0080100", "FFFFFF00",
        blocks=250, block_size=8, write_option=None, most_read=2, most_write=2, locks_in_read=False,
    ),
    _row(
        "MB89R116", "Fujitsu", "E0080000", "FFFFFF00",
        blocks=250, block_size=8, write_option=None, most_read=2, most_write=2, locks_in_read=False,
    ),
    _row(
        "MB89R119", "Fujitsu", "E0080200", "FFFFFF00",
        blocks=58, features=_ISO - {Feature.SECURITY_STATUS},
        write_option=None, most_read=2, most_write=2, locks_in_read=False,
    ),
    # Infineon my-d. Letters and their UID bytes: Proxmark3 uidmapping.
    _row("my-d light SRF55V01P", "Infineon", "E005A100", "FFFFFF00", blocks=18, features=_MY_D),
    _row("my-d light SRF55V01P, pilot series", "Infineon", "E005A800", "FFFFFF00", blocks=18, features=_MY_D),
    _row(
        "my-d SRF55V02P", "Infineon", "E0054000", "FFFFFF00",
        blocks=32, block_size=8, features=_MY_D, most_read=16, most_write=16, locks_in_read=False,
    ),
    _row(
        "my-d SRF55V10P", "Infineon", "E0050000", "FFFFFF00",
        blocks=128, block_size=8, features=_MY_D, most_read=16, most_write=16, locks_in_read=False,
    ),
    _row(
        "my-d SRF55V02S", "Infineon", "E0055000", "FFFFFF00",
        block_size=8, features=_MY_D, most_read=16, most_write=16, locks_in_read=False,
    ),
    _row(
        "my-d SRF55V10S", "Infineon", "E0051000", "FFFFFF00",
        block_size=8, features=_MY_D, most_read=16, most_write=16, locks_in_read=False,
    ),
    _row(
        "my-d with custom commands", "Infineon", "60000000", "FF000000",
        block_size=8, features=_BARE, most_read=16, most_write=16, locks_in_read=False,
        note="the UID begins with 60, not with E0",
    ),
    # EM Microelectronic-Marin.
    _row(
        "EM4034", "EM Microelectronic-Marin", "E0160400", "FFFF7C00",
        blocks=14, features=frozenset(), most_read=1, most_write=1,
    ),
)  # fmt: skip
"""The first matching row applies."""


def chip_of(uid: str) -> Chip:
    """Return the chip with this UID (16 hexadecimal digits, most significant byte first); `UNKNOWN` for any other text.
    Never raises."""
    try:
        first = int(uid[:8], 16) if len(uid) == 16 and uid.isalnum() else -1
    except ValueError:
        first = -1
    if first < 0:
        return UNKNOWN
    return next((chip for chip in CHIPS if first & chip.mask == chip.match), UNKNOWN)
