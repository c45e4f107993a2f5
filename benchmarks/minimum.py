"""The minimum time for one tag: the exchanges of the write algorithm, counted by hand, times the standards' formulas.

This module ignores the station's traffic. The list is that of the write algorithm
(docs/reference/tag-writing.md#the-algorithm) for ISO 28560-2 on a blank tag: gate, undo image, body, verify, commit,
AFI, field off and on, compare. The air times are those of ISO/IEC 15693-3 at the high data rate, 1 out of 4
(docs/reference/readers.md#air-time); the wire times are FEIG standard frames at 38400 baud 8E1, 11 bits per byte
(docs/reference/readers.md#wire-time); each exchange is followed by the reader's PSST of 5 ms
(docs/reference/readers.md#feig-line-and-timing), and the reader, which reports every tag at every inventory (ONT = 0),
resets its field for 15 ms before each inventory.

Where the algorithm leaves a choice, the list uses the cheaper one, so that the ratio is the worse one for the station:
the gate's 100 ms run from the beginning of its first look to the beginning of the second; the body is verified by
reading only the written blocks; only the undo image asks for the lock status; the DSFID is read back once, with
everything else, at the end.
"""

from __future__ import annotations

from typing import Final

import msgspec

BAUD: Final = 38400
BITS: Final = 11
PSST: Final = 0.005
TPROG: Final = 0.0048
"""Programming time of one block; also a parameter of the emulator, since no data sheet settles it."""
RF_RESET: Final = 0.015
GATE: Final = 0.1

BLOCKS: Final = 28
BLOCK: Final = 4

T1: Final = 320.9e-6
T2: Final = 309.1e-6
T3: Final = 474.33e-6
"""An empty slot: the longest t1 and one SOF, 323.3 + 151.03 us."""
EOF: Final = 37.76e-6
BYTE: Final = 302.06e-6


# --- formulas -------------------------------------------------------------------------------------------------------


def down(count: int) -> float:
    """Return D(n), seconds of a request of `count` bytes (flags to CRC): SOF and EOF 113.27 us, 302.06 us per byte."""
    return 113.27e-6 + BYTE * count


def up(count: int) -> float:
    """Return U(n), seconds of a response of `count` bytes: SOF and EOF together take one byte's time."""
    return BYTE * (1 + count)


def air(request: int, response: int) -> float:
    """Return X(a, b), seconds of one request and its response, with t1 before and t2 after the response."""
    return down(request) + T1 + up(response) + T2


def air_inventory(tags: int) -> float:
    """Return the seconds of a round of 16 slots without mask, with one slot per tag: request of 5 bytes, answers of
    12."""
    return down(5) + tags * (T1 + up(12) + T2) + (16 - tags) * T3 + 15 * EOF


def air_read(count: int, *, security: bool) -> float:
    """Return the seconds of Read Multiple Blocks, addressed (one block: Read Single Block, which has no count). The
    answer has flags, data, CRC."""
    return air(13 if count == 1 else 14, 3 + count * (BLOCK + security))


def air_write() -> float:
    """Return the seconds of Write Single Block, addressed, without the programming time."""
    return air(17, 3)


def air_write_byte() -> float:
    """Return the seconds of Write AFI or Write DSFID, addressed, without the programming time."""
    return air(13, 3)


def air_system_information() -> float:
    """Return the seconds of flags, 2B, UID, CRC; the answer has flags, info flags, UID, DSFID, AFI, memory size (2), IC
    reference, CRC."""
    return air(12, 17)


def wire(request: int, reply: int) -> float:
    """Return the seconds on the serial line for both frames."""
    return (request + reply) * BITS / BAUD


def wire_inventory(tags: int) -> float:
    """FEIG [B0 01]."""
    return wire(7, 7 + 10 * tags)


def wire_read(count: int) -> float:
    """FEIG [B0 23]: each block has its SEC byte, requested or not."""
    return wire(17, 8 + count * (BLOCK + 1))


def wire_write(count: int) -> float:
    """FEIG [B0 24]."""
    return wire(18 + count * BLOCK, 6)


# --- the list -------------------------------------------------------------------------------------------------------


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list; seconds by purpose."""

    what: str
    command: str = ""
    """As the emulator counts it: FEIG command byte, for [B0] with the sub-command. Empty = a wait."""
    wire: float = 0.0
    air: float = 0.0
    tprog: float = 0.0
    gap: float = 0.0
    rest: float = 0.0

    @property
    def seconds(self) -> float:
        """The sum of all parts."""
        return self.wire + self.air + self.tprog + self.gap + self.rest


def _inventory(what: str) -> Exchange:
    return Exchange(what=what, command="b001", wire=wire_inventory(1), air=RF_RESET + air_inventory(1), gap=PSST)


def _system_information(what: str) -> Exchange:
    return Exchange(what=what, command="b02b", wire=wire(15, 19), air=air_system_information(), gap=PSST)


def _read(what: str, count: int, *, security: bool = False) -> Exchange:
    return Exchange(what=what, command="b023", wire=wire_read(count), air=air_read(count, security=security), gap=PSST)


def _write(what: str, count: int) -> Exchange:
    # Each block is one Write Single Block on the air, with its own programming time.
    return Exchange(
        what=what, command="b024", wire=wire_write(count), air=count * air_write(), tprog=count * TPROG, gap=PSST
    )


def _write_byte(what: str, command: str) -> Exchange:
    return Exchange(what=what, command=command, wire=wire(16, 6), air=air_write_byte(), tprog=TPROG, gap=PSST)


def cycle(content_blocks: int) -> tuple[Exchange, ...]:
    """Return the list from the first look to the verified tag, for content of this many blocks (at least 2) on a blank
    28 x 4 tag."""
    body = content_blocks - 1
    first = _inventory("gate: inventory")
    return (
        first,
        Exchange(what="gate: the rest of 100 ms", rest=max(0.0, GATE - first.seconds)),
        _inventory("gate: inventory again"),
        _system_information("undo image: system information"),
        _read("undo image: read 28 blocks with lock status", BLOCKS, security=True),
        _write(f"body: write {body} blocks", body),
        _read(f"verify body: read {body} blocks", body),
        _read(f"verify body: read {body} blocks again", body),
        _write("commit: write block 0", 1),
        _read("commit: read block 0", 1),
        _write_byte("commit: write DSFID", "b029"),
        _write_byte("AFI last: write AFI", "b027"),
        Exchange(what="field off and on", command="69", wire=wire(5, 6), air=RF_RESET, gap=PSST),
        _inventory("verified: inventory"),
        _system_information("verified: system information (DSFID, AFI)"),
        _read("verified: read 28 blocks", BLOCKS),
    )
