"""The least time one tag can take: the exchanges of the write algorithm, counted by hand, times the standards' formulas.

Nothing here looks at what the station sends. The list is that of the write algorithm for ISO 28560-2 on a blank tag
(gate, undo image, body, verify, commit, field off and on, compare); the air times are ISO/IEC 15693-3 at the high data
rate, the wire times are FEIG standard frames at 38400 baud 8E1 (11 bits a byte), each exchange followed by the
reader's PSST of 5 ms. Sources: docs/readers/feig.md.
"""

from __future__ import annotations

from typing import Final

import msgspec

BAUD: Final = 38400
BITS: Final = 11
PSST: Final = 0.005
TPROG: Final = 0.0048
"""Programming one block; a parameter of the emulator too, since no data sheet settles it."""
RF_RESET: Final = 0.015
GATE: Final = 0.1

BLOCKS: Final = 28
BLOCK: Final = 4


def down(count: int) -> float:
    """Seconds of a request of `count` bytes (flags to CRC), 1 out of 4: SOF + EOF 113.27 us, 302.06 us a byte."""
    return (113.27 + 302.06 * count) / 1e6


def up(count: int) -> float:
    """Seconds of a response of `count` bytes: SOF and EOF together one byte's time."""
    return 302.06 * (1 + count) / 1e6


def air(request: int, response: int) -> float:
    """One request and its response, with t1 = 320.9 us before and t2 = 309.1 us after the response."""
    return down(request) + 320.9e-6 + up(response) + 309.1e-6


def wire(request: int, reply: int) -> float:
    """Seconds on the serial line for both frames."""
    return (request + reply) * BITS / BAUD


class Exchange(msgspec.Struct, frozen=True):
    """One line of the list."""

    what: str
    seconds: float


def _inventory() -> float:
    # 16 slots, one tag: request 5 bytes, 15 empty slots of t3 = 474.33 us, 15 EOFs of 37.76 us, one answer of 12 bytes.
    slots = down(5) + 320.9e-6 + up(12) + 309.1e-6 + 15 * 474.33e-6 + 15 * 37.76e-6
    return wire(7, 7 + 10) + slots + RF_RESET + PSST


def _system_information() -> float:
    # Request 12 bytes (flags, 2B, UID, CRC); response flags, info flags, UID, DSFID, AFI, 2 memory, IC reference, CRC = 17.
    return wire(15, 19) + air(12, 17) + PSST


def _read(count: int, *, security: bool) -> float:
    # Request 14 bytes; response flags + count * (4 or 5) + CRC. FEIG sends a SEC byte for every block in either case.
    response = 3 + count * (BLOCK + (1 if security else 0))
    return wire(17, 8 + count * (BLOCK + 1)) + air(14, response) + PSST


def _write(count: int) -> float:
    # Each block is one Write Single Block on the air: request 17 bytes, answer 3, and the programming time.
    return wire(18 + count * BLOCK, 6) + count * (air(17, 3) + TPROG) + PSST


def _write_byte() -> float:
    # Write AFI, Write DSFID: request 13 bytes, answer 3.
    return wire(16, 6) + air(13, 3) + TPROG + PSST


def cycle(content_blocks: int) -> tuple[Exchange, ...]:
    """From the first look to the verified tag, for content of so many blocks on a blank 28 x 4 tag."""
    body = content_blocks - 1
    first = _inventory()
    return (
        Exchange("gate: inventory", first),
        Exchange("gate: the rest of 100 ms", max(0.0, GATE - first)),
        Exchange("gate: inventory", _inventory()),
        Exchange("undo image: system information", _system_information()),
        Exchange("undo image: read 28 blocks with lock status", _read(BLOCKS, security=True)),
        Exchange(f"body: write {body} blocks", _write(body)),
        Exchange(f"verify body: read {body} blocks", _read(body, security=False)),
        Exchange(f"verify body: read {body} blocks again", _read(body, security=False)),
        Exchange("commit: write block 0", _write(1)),
        Exchange("commit: read block 0", _read(1, security=False)),
        Exchange("commit: write DSFID", _write_byte()),
        Exchange("AFI last: write AFI", _write_byte()),
        Exchange("field off and on", wire(5, 6) + RF_RESET + PSST),
        Exchange("verified: inventory", _inventory()),
        Exchange("verified: system information (DSFID, AFI)", _system_information()),
        Exchange("verified: read 28 blocks", _read(BLOCKS, security=False)),
    )
