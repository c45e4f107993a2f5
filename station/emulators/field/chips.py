"""The chips that the emulators support, as a table: ISO 15693 first, then NTAG (ISO 14443 A).

Sizes and refused commands: FEIG H20800-16e chapter 9, NXP data sheets by docs/reference/readers.md#chips.
Errors and short answers of the SLI: Philips SL2 ICS20 rev. 3.1, 3.4.2.12, 3.5.2.2 and 3.5.3.1. Tag-it's A2 and A3:
docs/reference/readers.md#chips, TI SCBU003 and the names in FEIG's class library. IC references are from memory; only
the system information answer depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ISO15693, ISO14443A = "iso15693", "iso14443a"


@dataclass(frozen=True)
class Chip:
    name: str
    prefix: str  # first bytes of its UIDs, hex
    blocks: int
    block_size: int
    ic_ref: int
    refused: frozenset[int] = field(default_factory=frozenset)  # air commands answered with error 01
    write_option: int | None = 0  # the option flag that this chip demands on programming commands; None = either
    lock_in_read: bool = (
        True  # the option flag on 20/23 returns the lock byte; if not, it is always 00 (H20800 9.1.2 to 9.1.5, 9.1.7)
    )
    short_security: bool = False  # 2C past the end answers fewer bytes instead of error 10
    short_reads: bool = False  # 23 past the end answers fewer blocks instead of error 10
    one_error: bool = False  # unsupported commands and options give error 0F instead of 01 and 03
    pairs: bool = False  # custom commands A2 and A3: write and lock two blocks
    counter_block: int | None = None  # 16-bit counter with its own anti-tearing
    eas: bool = False  # custom commands A2 to A5 of NXP ICODE
    passwords: tuple[int, ...] = ()  # NXP's ids: 01 read, 02 write, 04 privacy, 08 destroy, 10 EAS and AFI
    air: str = ISO15693
    uid_bytes: int = 8
    version: str = ""  # answer to GET_VERSION, hex (NTAG)
    user_pages: int = 0  # of an NTAG, from page 4
    lock_step: int = 2  # pages that one dynamic lock bit covers


def _ntag(name: str, pages: int, version: str, step: int) -> Chip:
    return Chip(
        name,
        "04",
        pages,
        4,
        0,
        air=ISO14443A,
        uid_bytes=7,
        version=version,
        user_pages=pages - 9,
        lock_step=step,
    )


_NO_2C = frozenset({0x2C})

CHIPS: dict[str, Chip] = {
    chip.name: chip
    for chip in (
        Chip(
            "sli",
            "E00401",
            28,
            4,
            0x01,
            lock_in_read=False,
            short_security=True,
            short_reads=True,
            one_error=True,
            eas=True,
        ),
        Chip("slix", "E00401", 28, 4, 0x01, short_security=True, eas=True, passwords=(0x10,)),
        Chip(
            "slix2",
            "E00401",
            80,
            4,
            0x01,
            short_security=True,
            counter_block=79,
            eas=True,
            passwords=(0x01, 0x02, 0x04, 0x08, 0x10),
        ),
        Chip("sli-l", "E00403", 8, 4, 0x03, refused=_NO_2C, eas=True),
        Chip("tag-it-hfi-plus", "E007", 64, 4, 0x8B, write_option=1, pairs=True),
        # ST's LRI2K: product code in bits 47 to 42 (H20800 9.1.12); option flag 0 or 1 (its data sheet 20.9, "supported"; ST
        # community 268057: it then answers after the EOF)
        Chip("lri2k", "E00220", 64, 4, 0x20, write_option=None),
        # Its custom air commands are not modeled: the reader hides them from the host, which sees 8-byte blocks.
        Chip("srf55v02p", "6005", 32, 8, 0x00, refused=frozenset({0x2B, 0x2C, 0x29, 0x2A}), lock_in_read=False),
        # NXP NTAG213/215/216 data sheet, table 5 to 7 (memory) and 28 (version).
        _ntag("ntag213", 45, "0004040201000f03", 2),
        _ntag("ntag215", 135, "0004040201001103", 16),
        _ntag("ntag216", 231, "0004040201001303", 16),
    )
}
