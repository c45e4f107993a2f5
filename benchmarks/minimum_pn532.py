"""The minimum time for an NTAG213 at a PN532 on a serial line: exchanges counted by hand from the manuals, times
formulas.

Wire (PN532 user manual UM0701-02): a normal information frame has 7 bytes around TFI and data (6.2.1.1: preamble, start
code, length and its checksum, data checksum, postamble; TFI counts as data); the chip acknowledges each command by 6
bytes (6.2.1.3) before it answers. 115200 baud 8N1, 10 bits per byte.

Air (ISO/IEC 14443-3 at 106 kbit/s, and the timings of the NTAG213F/216F data sheet rev. 3.1, 9.2 and figures 14, 15,
17): a bit is 128/fc, and a byte has a parity bit. The reader's frame has a start bit and two end bits; the tag's frame
has a start bit and one end bit (so that READ is 368 us, its answer 1548 us, WRITE 708 us and an ACK 57 us, as in the
data sheet). Between two frames, in either direction, at least 1172/fc pass (n = 9: 87 us). Programming a page takes 4.1
ms (NTAG203 data sheet rev. 3.0, 8.8.7), which is also a parameter of the emulator.

A Type 2 command has no UID: only the selected tag receives it. So a command for one tag needs its selection, and a tag
that may sleep wakes after the field was off. Where there is a choice, the list uses the cheaper one, so that the ratio
is the worse one for the station: there are no collisions; FAST_READ returns any number of pages; locks come with the
data; neither the chip nor a tag is asked again for its kind; switching the field takes no time.
"""

from __future__ import annotations

from typing import Final

from benchmarks.minimum import Exchange

BAUD: Final = 115_200
BITS: Final = 10
PAGE: Final = 4
TPROG: Final = 0.0041
FC: Final = 13_560_000
BIT: Final = 128 / FC
FDT: Final = 1172 / FC
UID: Final = 7

_AROUND: Final = 7
_ACK: Final = 6
_STATIC_LOCKS: Final = 2
_DYNAMIC_LOCKS: Final = 40
_USER: Final = 4
_STATICALLY_LOCKED: Final = 12
"""The bytes of page 2 lock user pages 4 to 15; page 40 of an NTAG213 locks the pages after them (data sheet 8.5.2)."""
_AT_ONCE: Final = 2
"""Targets that InListPassiveTarget finds at once (7.3.5)."""


# --- formulas -------------------------------------------------------------------------------------------------------


def wire(asked: int, answered: int) -> float:
    """Return the seconds for a command of this many bytes (TFI, code, parameters), its ACK and the answer (TFI, code +
    1, data)."""
    return (_AROUND + asked + _ACK + _AROUND + answered) * BITS / BAUD


def down(count: int) -> float:
    """Return the seconds of a reader's frame of this many bytes."""
    return (9 * count + 3) * BIT


def up(count: int) -> float:
    """Return the seconds of a tag's frame of this many bytes."""
    return (9 * count + 2) * BIT


SHORT: Final = (7 + 3) * BIT
"""REQA: seven bits without parity."""
TAGS_ACK: Final = (4 + 2) * BIT


def air(asked: int, answered: int) -> float:
    """Return the seconds of both frames and the pauses after them."""
    return down(asked) + FDT + up(answered) + FDT


def air_select() -> float:
    """Return the seconds of REQA and ATQA and, in each of two cascade levels, ANTICOLLISION (2 bytes, 5 back) and
    SELECT (9 bytes, SAK and CRC back)."""
    return SHORT + FDT + up(2) + FDT + 2 * (air(2, 5) + air(9, 3))


def air_select_known() -> float:
    """Return the same for a known UID: without ANTICOLLISION."""
    return SHORT + FDT + up(2) + FDT + 2 * air(9, 3)


# --- exchanges ------------------------------------------------------------------------------------------------------


def field(what: str) -> Exchange:
    """RFConfiguration 01 (7.3.1): D4 32 01 xx; D5 33."""
    return Exchange(what=what, command="32", wire=wire(4, 2))


def find(tags: int) -> Exchange:
    """InListPassiveTarget (7.3.5): D4 4A 02 00; D5 4B, number, and for each tag number, ATQA, SAK, length, UID."""
    return Exchange(
        what=f"find {tags}",
        command="4a",
        wire=wire(4, 3 + tags * (5 + UID)),
        air=tags * air_select() if tags else SHORT,
    )


def halt() -> Exchange:
    """InDeselect of all (7.3.10): D4 44 00; D5 45 status. HLTA has 4 bytes and no answer."""
    return Exchange(what="halt", command="44", wire=wire(3, 3), air=down(4))


def select() -> tuple[Exchange, ...]:
    """Switch the field off, and select the tag with this UID, which is sent as its cascade levels (88 and seven
    bytes)."""
    listed = Exchange(what="select", command="4a", wire=wire(4 + 8, 3 + 5 + UID), air=air_select_known())
    return (field("off"), listed)


def inventory(tags: int) -> tuple[Exchange, ...]:
    """Switch the field off; find two tags per command, which then sleep, until fewer than two are found."""
    found = [min(_AT_ONCE, tags - at) for at in range(0, tags, _AT_ONCE)]
    if not found or found[-1] == _AT_ONCE:
        found.append(0)
    listed = [field("off")]
    for number, count in enumerate(found):
        if number:
            listed.append(halt())
        listed.append(find(count))
    return tuple(listed)


def read(count: int) -> tuple[Exchange, ...]:
    """FAST_READ by InCommunicateThru (7.3.9: D4 42 and the frame; D5 43, status and the answer), from the lock bytes in
    page 2 to the last page, or to the lock bytes after the user memory if its pages are requested."""
    end = _DYNAMIC_LOCKS if count > _STATICALLY_LOCKED else _USER + count - 1
    size = (end - _STATIC_LOCKS + 1) * PAGE
    fast = Exchange(what=f"read {count}", command="42", wire=wire(2 + 3, 3 + size), air=air(3 + 2, size + 2))
    return (*select(), fast)


def write(count: int) -> tuple[Exchange, ...]:
    """WRITE by InDataExchange (7.3.8: D4 40 01, A2, page, four bytes; D5 41, status), one page per command."""
    air_one = down(8) + FDT + TAGS_ACK + FDT
    one = Exchange(what="write a page", command="40", wire=wire(3 + 2 + PAGE, 3), air=air_one, tprog=TPROG)
    return (*select(), *([one] * count))
