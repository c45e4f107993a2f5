"""Custom commands of chip makers [B1] and raw requests on the air [BF], as data.

[B1] (MR, PR, LR families; H60301-3e p. 80-95): MFR SUB MODE UID. EAS Alarm answers status 00 while the bit is on, and
01 both when it is off and when no tag is there. The station sends NXP's commands only. Those of ST and Texas
Instruments are for other programs: Activate EAS (LR200, H90692-16e 7.2.5.1 p. 123), Kill and Write Single Block Pwd of
the Tag-it HF-I Pro (H60301-3e 8.5 p. 95). For Kill, the table prints A2; its heading, p. 112 and TI's own list of
commands give A4.

[BF] (H20800-16e 8.1): MODE RSP-LENGTH(2) CMD-RSP-DELAY(2) [EOF-PULSE-DELAY(2), in mode 5 MULTIPLE 302us GRIDS(2)] and the
request from its flags on, without CRC. The reader checks the answer's CRC and passes on the CRC (CPR.M02) or zeros
(CPR.02).

H20800-16e does not give the unit of RSP-LENGTH. The manual of Siemens' RF290R, which has the same protocol, gives bits,
and 4 bytes for an error (9.1 p. 79). Bits are tried first: `eas.Custom` finds the unit with an answer whose length is
known.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from station.base.errors import LocalProtocolError
from station.domain.inventory import TagSeen
from station.domain.tag_image import Uid
from station.drivers.feig import replies
from station.drivers.feig.frame import crc16
from station.drivers.feig.replies import Acknowledged, AirAnswer, AirInventory
from station.drivers.feig.request import Request, Row
from station.drivers.line.cursor import Misshapen
from station.drivers.reader.operands import byte_values, uid_bytes, word_values

NXP: Final = 0x04
"""IC manufacturer's code (ISO/IEC 7816-6)."""

ST_MICRO: Final = 0x02
TEXAS_INSTRUMENTS: Final = 0x07
_HEADS: Final = {ST_MICRO: b"\xe0\x02", TEXAS_INSTRUMENTS: b"\xe0\x07"}

SET_EAS: Final = Row("Set EAS", 0xB1, 0xA2, NXP, changes_tag=True)
RESET_EAS: Final = Row("Reset EAS", 0xB1, 0xA3, NXP, changes_tag=True)
LOCK_EAS: Final = Row("Lock EAS", 0xB1, 0xA4, NXP, changes_tag=True)
EAS_ALARM: Final = Row("EAS Alarm", 0xB1, 0xA5, NXP)
ACTIVATE_EAS: Final = Row("Activate EAS", 0xB1, 0xA0, ST_MICRO, changes_tag=True)
KILL: Final = Row("Kill", 0xB1, 0xA4, TEXAS_INSTRUMENTS, changes_tag=True)
WRITE_WITH_PASSWORD: Final = Row("Write Single Block Pwd", 0xB1, 0xA5, TEXAS_INSTRUMENTS, changes_tag=True)
TRANSPARENT: Final = Row("ISO15693 Transparent Command", 0xBF)

COMMANDS: Final = (
    *(SET_EAS, RESET_EAS, LOCK_EAS, EAS_ALARM),
    *(ACTIVATE_EAS, KILL, WRITE_WITH_PASSWORD),
    TRANSPARENT,
)

EAS_BYTES: Final = 32
"""Bytes of an EAS alarm after the tag's flags (NXP SL2S2002 data sheet: a sequence of 256 bits)."""

T1: Final = 0x021F
"""CMD-RSP-DELAY: 320.9 us in units of 590 ns, as the manual requires."""
INVENTORY_BYTES: Final = 12
"""Bytes of one answer to an inventory: flags, DSFID, UID, CRC (ISO/IEC 15693-3, 10.3.1)."""
WRITE_WAIT: Final = 0x846A
"""EOF-PULSE-DELAY: 20 ms in units of 590 ns, the maximum."""


class Mode(IntEnum):
    """MODE of [BF] (8.1)."""

    READ = 1
    WRITE = 2
    WRITE_OPTION = 3
    """The tag answers only after a separate end of frame (option flag; Texas Instruments)."""
    INVENTORY = 4
    """One slot or 16: the reader sends the ends of frame between the slots."""
    WRITE_GRID = 5
    """The tag answers at one known multiple of 302 us."""


def eas(row: Row, uid: Uid) -> Request[Acknowledged]:
    """B1 04 A2..A5, addressed."""
    if row.maker != NXP:
        raise LocalProtocolError(f"{row.name} is not a custom command of NXP's chips")
    return _custom(row, uid, b"")


def activate_eas(uid: Uid) -> Request[Acknowledged]:
    """B1 02 A0, addressed: set the EAS bit of an STMicroelectronics chip."""
    return _custom(ACTIVATE_EAS, uid, b"")


def kill(uid: Uid, password: int) -> Request[Acknowledged]:
    """B1 07 A4, addressed, with the 32-bit password, least significant byte first: a Tag-it HF-I Pro never answers
    again. Irreversible."""
    return _custom(KILL, uid, _password(password))


def write_with_password(uid: Uid, password: int, block: int, data: bytes) -> Request[Acknowledged]:
    """B1 07 A5, addressed: password, block number and 4 bytes, sent last byte first as in B0 24 (Annex F; the manual
    does not repeat it here)."""
    if len(data) != 4:
        raise LocalProtocolError(f"a block of a Tag-it HF-I Pro has 4 bytes, not {len(data)}")
    return _custom(WRITE_WITH_PASSWORD, uid, _password(password) + byte_values(block=block) + data[::-1])


def _password(value: int) -> bytes:
    if not 0 <= value <= 0xFFFFFFFF:
        raise LocalProtocolError("a password has 32 bits")
    return value.to_bytes(4, "little")


def _custom(row: Row, uid: Uid, parameters: bytes) -> Request[Acknowledged]:
    address = uid_bytes(uid)
    if row.sub is None or row.maker is None:
        raise LocalProtocolError(f"{row.name} is not a custom command")
    if row.maker in _HEADS and not address.startswith(_HEADS[row.maker]):
        raise LocalProtocolError(f"{row.name} is for chips of another maker than that of {uid}")
    return Request(row, bytes((row.maker, row.sub, 0x01)) + address + parameters, replies.acknowledged)


def transparent(mode: Mode, request: bytes, most: int, unit: int = 8) -> Request[AirAnswer]:
    """BF in modes 1 to 3. `request`: from its flags on, without CRC. `most`: length of the answer in bytes, from its
    flags on, without CRC. `unit`: value of one byte in RSP-LENGTH: 8 if the reader counts bits, 1 if it counts
    bytes."""
    if not 2 <= len(request) <= 200 or most < 1 or mode > Mode.WRITE_OPTION:
        raise LocalProtocolError("not a valid transparent request")
    data = bytes((mode,)) + word_values(length=(most + 2) * unit, delay=T1)
    if mode is Mode.WRITE_OPTION:
        data += word_values(pulse=WRITE_WAIT)
    return Request(TRANSPARENT, data + request, air_answer)


def transparent_inventory(
    *, slots: int = 16, mask: bytes = b"", bits: int = 0, afi: int | None = None, unit: int = 8
) -> Request[AirInventory]:
    """BF mode 4: an inventory on the air in 1 or 16 slots. Only tags whose UID ends with the `bits` bits of `mask`
    (least significant byte first) answer and, with `afi`, only tags of that family. Flags: ISO/IEC 15693-3, 7.3.1
    (inventory, high data rate)."""
    if slots not in (1, 16) or len(mask) != (bits + 7) // 8 or not 0 <= bits <= (60 if slots == 16 else 64):
        raise LocalProtocolError("an inventory takes 1 or 16 slots, and a mask as long as its number of bits")
    flags = 0x06 | (0x20 if slots == 1 else 0) | (0x10 if afi is not None else 0)
    request = bytes((flags, 0x01)) + (byte_values(afi=afi) if afi is not None else b"") + bytes((bits,)) + mask
    data = bytes((Mode.INVENTORY,)) + word_values(length=INVENTORY_BYTES * unit, delay=T1, pulse=WRITE_WAIT)
    return Request(TRANSPARENT, data + request, air_inventory)


def transparent_at_step(request: bytes, most: int, grids: int, unit: int = 8) -> Request[AirAnswer]:
    """BF mode 5: a write without option flag, otherwise as `transparent`. The reader listens for the answer only at
    step `grids` of 302.06 us, instead of at each step for up to 20 ms: for a chip whose programming time is known."""
    if not 2 <= len(request) <= 200 or most < 1:
        raise LocalProtocolError("not a valid transparent request")
    data = bytes((Mode.WRITE_GRID,)) + word_values(length=(most + 2) * unit, delay=T1, grids=grids)
    return Request(TRANSPARENT, data + request, air_answer)


def transparent_unanswered(request: bytes) -> Request[AirAnswer]:
    """BF with RSP-LENGTH 0: send without waiting for an answer (Stay Quiet)."""
    if not 2 <= len(request) <= 200:
        raise LocalProtocolError("not a valid transparent request")
    return Request(TRANSPARENT, bytes((Mode.READ,)) + word_values(length=0, delay=T1) + request, air_answer)


def air_request(uid: Uid, command: int, parameters: bytes, *, option: bool = False) -> bytes:
    """Return flags, command, maker's code (custom commands: the first byte of `parameters`), UID, and the other
    parameters."""
    address = uid_bytes(uid)[::-1]
    flags = 0x22 | (0x40 if option else 0)
    maker = parameters[:1] if 0xA0 <= command <= 0xDF else b""
    return bytes((flags, command)) + maker + address + parameters[len(maker) :]


def air_answer(_status: int, data: bytes) -> AirAnswer:
    """Return the tag's answer from its flags on. Its CRC must be right, or zeros. No data: the reader awaited no
    answer."""
    if not data:
        return AirAnswer(b"")
    if len(data) < 3:
        raise Misshapen(f"{len(data)} bytes are not an answer from a tag")
    body, seal = data[:-2], int.from_bytes(data[-2:], "little")
    if seal not in (0, crc16(body) ^ 0xFFFF):
        raise Misshapen("an answer from a tag with a wrong CRC")
    return AirAnswer(body)


def air_inventory(_status: int, data: bytes) -> AirInventory:
    """Read consecutive answers of 12 bytes: flags, DSFID, UID least significant byte first, CRC or zeros. Raises
    `Misshapen` for an error answer, which has no place in an inventory."""
    if len(data) % INVENTORY_BYTES:
        raise Misshapen(f"{len(data)} bytes are not answers to an inventory")
    tags = []
    for at in range(0, len(data), INVENTORY_BYTES):
        answer = air_answer(0, data[at : at + INVENTORY_BYTES]).data
        if answer[0]:
            raise Misshapen("an answer to an inventory that reports an error")
        tags.append(TagSeen(Uid(answer[:1:-1].hex().upper()), answer[1]))
    return AirInventory(tuple(tags))
