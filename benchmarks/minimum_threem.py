"""The minimum time for one tag on a 3M 810 / 210: exchanges counted by hand from its protocol specification, times
formulas.

19200 baud 8N1, 10 bits per byte. The manual requires no silence between two commands. Air times are those of `minimum`.
Read Block UID polls with 16 slots, quiets the tags that answered, and polls once more. The command does that itself, so
it is in the list. Reads are counted in the new style without the block's number, the shorter of the manual's two, with
the lock byte that `ports.Reader` promises. One command may name 255 blocks.
"""

from __future__ import annotations

from typing import Final

from benchmarks import minimum
from benchmarks.minimum import BLOCK, BLOCKS, GATE, TPROG, Exchange

BAUD: Final = 19200
BITS: Final = 10


def wire(request: int, reply: int) -> float:
    """Return the seconds on the serial line for both frames."""
    return (request + reply) * BITS / BAUD


def inventory(tags: int, air: float) -> Exchange:
    """[FE] with DSFID: D6 LEN(2) CMD AFI OPT CRC(2); D6 LEN(2) CMD ERR AFI OPT N, 9 bytes per tag, CRC(2). `air`: the
    first poll; a Stay Quiet is 12 bytes and has no answer."""
    second = tags * (minimum.down(12) + minimum.T2) + minimum.air_inventory(0)
    return Exchange(what=f"inventory of {tags}", command="fe", wire=wire(8, 10 + 9 * tags), air=air + second)


def read(what: str, count: int) -> Exchange:
    """[02] new style: D6 LEN(2) CMD UID(8) FIRST COUNT OPT CRC(2); D6 LEN(2) CMD ERR UID(8) FIRST COUNT, 5 bytes per
    block, CRC."""
    return Exchange(
        what=what, command="02", wire=wire(17, 17 + (1 + BLOCK) * count), air=minimum.air_read(count, security=True)
    )


def write(what: str, count: int) -> Exchange:
    """[04]: D6 LEN(2) CMD UID(8) FIRST COUNT 00, the blocks, CRC(2); D6 LEN(2) CMD ERR UID(8) CRC(2)."""
    return Exchange(
        what=what,
        command="04",
        wire=wire(17 + BLOCK * count, 15),
        air=count * minimum.air_write(),
        tprog=count * TPROG,
    )


def _tag_info(what: str) -> Exchange:
    """[0D] all four: D6 LEN(2) CMD UID(8) MASK CRC(2); D6 LEN(2) CMD ERR UID(8) AVAIL DSFID AFI MEM(2) IC(2) CRC(2)."""
    return Exchange(what=what, command="0d", wire=wire(15, 22), air=minimum.air_system_information())


def _write_byte(what: str, command: str) -> Exchange:
    """[0B], [09]: D6 LEN(2) CMD UID(8) VALUE CRC(2); D6 LEN(2) CMD ERR UID(8) CRC(2)."""
    return Exchange(what=what, command=command, wire=wire(15, 15), air=minimum.air_write_byte(), tprog=TPROG)


def cycle(content_blocks: int) -> tuple[Exchange, ...]:
    """Return the list of `minimum.cycle` with this reader's commands. None of them switches the field off and on."""
    body = content_blocks - 1
    first = inventory(1, minimum.air_inventory(1))
    return (
        first,
        Exchange(what="gate: the rest of 100 ms", rest=max(0.0, GATE - first.seconds)),
        inventory(1, minimum.air_inventory(1)),
        _tag_info("undo image: tag information"),
        read("undo image: read 28 blocks with lock status", BLOCKS),
        write(f"body: write {body} blocks", body),
        read(f"verify body: read {body} blocks", body),
        read(f"verify body: read {body} blocks again", body),
        write("commit: write block 0", 1),
        read("commit: read block 0", 1),
        _write_byte("commit: write DSFID", "0b"),
        _write_byte("AFI last: write AFI", "09"),
        inventory(1, minimum.air_inventory(1)),
        _tag_info("verified: tag information (DSFID, AFI)"),
        read("verified: read 28 blocks", BLOCKS),
    )
