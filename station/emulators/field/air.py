"""ISO/IEC 15693-3 on the air: CRC, request flags, error codes, and the shortest duration of a frame.

Times are microseconds at the high data rate, one sub-carrier, 1 out of 4 coding (formulas of
docs/reference/readers.md#air-time; fc = 13.56 MHz). Nothing of the station is imported here: emulators are independent
of it.
"""

from __future__ import annotations

# Request flags, ISO/IEC 15693-3 7.3.1 (bit numbers there count from 1).
HIGH_RATE = 0x02
INVENTORY = 0x04
AFI_FLAG = 0x10  # with INVENTORY
ONE_SLOT = 0x20  # with INVENTORY
SELECT = 0x10
ADDRESS = 0x20
OPTION = 0x40

# Error codes, ISO/IEC 15693-3 7.4.2.
NOT_SUPPORTED = 0x01
NOT_RECOGNISED = 0x02
OPTION_NOT_SUPPORTED = 0x03
UNKNOWN_ERROR = 0x0F
NO_BLOCK = 0x10
ALREADY_LOCKED = 0x11
LOCKED = 0x12
NOT_PROGRAMMED = 0x13
NOT_LOCKED = 0x14

SOF_EOF_DOWN = 113.27
BYTE = 302.06
T1 = 320.9
T2 = 309.1
T3 = 323.3 + 151.03  # longest t1 plus one SOF: an empty slot, or no answer
EOF = 37.76
WRITE_POLL = 20_000.0  # a request that programs is abandoned after this
RF_RESET = 15_000.0  # FEIG H20800-16e 6.6: the field is off for 15 ms


def crc(data: bytes) -> bytes:
    """CRC of ISO/IEC 13239: reflected 1021, init FFFF, complemented, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    value ^= 0xFFFF
    return bytes((value & 0xFF, value >> 8))


def seal(data: bytes) -> bytes:
    """Return a frame: data and its CRC."""
    return data + crc(data)


def intact(frame: bytes) -> bool:
    """Return whether the frame is long enough and its CRC is right."""
    return len(frame) >= 3 and crc(frame[:-2]) == frame[-2:]


def down(count: int) -> float:
    """D(n): duration of a request of n bytes, including flags and CRC."""
    return SOF_EOF_DOWN + BYTE * count


def up(count: int) -> float:
    """U(n): duration of a response of n bytes, including flags and CRC."""
    return BYTE * (1 + count)


def request(code: int, *, flags: int = HIGH_RATE, maker: bytes = b"", uid: bytes = b"", params: bytes = b"") -> bytes:
    """Return a request frame. uid: most significant byte first, as written; it travels reversed. `maker`: the IC
    manufacturer's code, which custom commands (A0 to DF) have before the UID."""
    if uid:
        flags |= ADDRESS
    return seal(bytes((flags, code)) + maker + uid[::-1] + params)


def custom(code: int) -> bool:
    """Return whether the IC manufacturer's code follows this command code."""
    return 0xA0 <= code <= 0xDF


def inventory_request(mask: int, mask_length: int, *, one_slot: bool, afi: int | None) -> bytes:
    """Inventory (01): mask_length in bits, mask least significant byte first, padded to whole bytes."""
    flags = HIGH_RATE | INVENTORY | (ONE_SLOT if one_slot else 0) | (AFI_FLAG if afi is not None else 0)
    body = bytes((flags, 0x01)) + (b"" if afi is None else bytes((afi,)))
    return seal(body + bytes((mask_length,)) + mask.to_bytes((mask_length + 7) // 8, "little"))
