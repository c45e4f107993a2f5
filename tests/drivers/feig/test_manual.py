"""The FEIG driver against the vendors' manuals, byte for byte: what it must send for each command, and what each answer
must mean.

The frames are `tests.emulators.feig.manual_frames.SAID`, written by another engineer who had not read the driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from station.base.errors import ReaderRefused, StationError, TagAbsent, TagRefused
from station.domain.inventory import TagSeen
from station.domain.tag_image import Uid
from station.drivers.feig import commands as c
from station.drivers.feig import control as k
from station.drivers.feig import customs as u
from station.drivers.feig.protocol import conversation
from station.drivers.feig.replies import (
    Acknowledged,
    AirAnswer,
    AirInventory,
    Antenna,
    Blocks,
    Configuration,
    DeviceId,
    Event,
    Functions,
    Inputs,
    InventoryAnswer,
    Opaque,
    ReaderInfo,
    Refused,
    SecurityStatus,
    SoftwareVersion,
    TagInformation,
)
from station.drivers.feig.request import Request
from station.drivers.feig.statuses import error_for
from tests.emulators.feig import manual_frames
from tests.emulators.feig.manual_frames import BY_NAME, SAID
from tests.support.for_each import for_each

SLIX, TI = Uid(manual_frames.SLIX), Uid(manual_frames.TI)
VERSION = SoftwareVersion(0x0205, 0, 0x30, 80, 0x0138)
TAGS = tuple(TagSeen(Uid(f"E00401500000{number:04X}"), 0) for number in range(25))


def config(text: str) -> bytes:
    return bytes.fromhex(text)


CFG1 = config("00000801000500 0A000000000000")
CFG4 = config("00000000090000 00000000000004")
CFG5 = config("00000000000000 00000000050000")


DONE = Acknowledged()


@dataclass(frozen=True)
class Meant:
    request: Request[Any] | None
    """None if the driver never sends this."""
    event: Event = DONE
    error: type[StationError] | None = None
    """The station's error for the refusal."""
    advanced: bool = False


def read(first: int, count: int, *, security: bool = False) -> Request[Blocks]:
    return c.read_blocks(SLIX, first, count, security=security)


def air(uid: Uid, block: int) -> Request[AirAnswer]:
    return u.transparent(u.Mode.READ, u.air_request(uid, 0x20, bytes((block,))), 5)


NOBODY = Meant(None)
MEANS: dict[str, Meant] = {
    "baud detection": Meant(k.baud_detection()),
    "CPU reset": Meant(k.cpu_reset()),
    "software version": Meant(k.software_version(), VERSION),
    "reader info 00": Meant(k.reader_info(), ReaderInfo(VERSION, 255, 255)),
    "reader info 02 of a CPR.04": Meant(k.usb_controller(), Opaque(config("0103 00 42 00000000000000"))),
    "reader info 03": Meant(k.decoder_info(), Opaque(config("1122334455 000000000000"))),
    "reader info 04, MAD and T=CL": Meant(k.functions(), Functions(mifare_directory=True, t_cl=True)),
    "reader info 80": Meant(k.device_id(), DeviceId(123_456, 0, 0x0205, 0x3F, 1)),
    "RF reset": Meant(k.rf_reset()),
    "RF off": Meant(k.rf_output(0)),
    "RF on, antenna 1": Meant(k.rf_output(1)),
    "RF on, antenna 2": Meant(k.rf_output(2)),
    "green on for a second": Meant(k.set_output(0x0001, 0, 10)),
    "red flashes at 1.25 Hz, relay 0.5 s": Meant(k.set_output(0x000C, 0x0008, 100, 5)),
    "beeper flashes at 0.625 Hz without end": Meant(k.set_output(0x0030, 0x0030, 0xFFFF)),
    "inputs 1 active, 3 changed": Meant(k.get_input(), Inputs((True, False, False), (False, False, True))),
    "antenna value": Meant(k.adjust_antenna(), Antenna(0x5A)),
    "CFG0 in RAM": Meant(k.read_configuration(0), Configuration(bytes(14))),
    "CFG1 of the EEPROM, default": Meant(k.read_configuration(1, eeprom=True), Configuration(CFG1)),
    "CFG4 in RAM, default": Meant(k.read_configuration(4), Configuration(CFG4)),
    "CFG5 in RAM, default": Meant(k.read_configuration(5), Configuration(CFG5)),
    "reserved CFG8 of the EEPROM": Meant(k.read_configuration(8, eeprom=True), Refused(0x15), ReaderRefused),
    "write CFG5 into RAM": Meant(k.write_configuration(5, CFG5[:11] + b"\x04" + CFG5[12:])),
    "write CFG4 into the EEPROM": Meant(k.write_configuration(4, CFG4, eeprom=True)),
    "write reserved CFG8, EEPROM": Meant(
        k.write_configuration(8, bytes(14), eeprom=True), Refused(0x16), ReaderRefused
    ),
    "TRANS-FORM 03 is not to be used": Meant(
        k.write_configuration(1, CFG1[:3] + b"\x03" + CFG1[4:], eeprom=True), Refused(0x11), ReaderRefused
    ),
    "BAUD 0A is no speed": Meant(
        k.write_configuration(1, CFG1[:2] + b"\x0a" + CFG1[3:], eeprom=True), Refused(0x11), ReaderRefused
    ),
    "save CFG5": Meant(k.save_configuration(5)),
    "save all": Meant(k.save_configuration(None)),
    "save reserved CFG8": Meant(k.save_configuration(8), Refused(0x16), ReaderRefused),
    "default CFG4 in RAM": Meant(k.default_configuration(4)),
    "default all in the EEPROM": Meant(k.default_configuration(None, eeprom=True)),
    "nothing on the pad": Meant(c.inventory(), InventoryAnswer()),
    "one tag": Meant(c.inventory(), InventoryAnswer((TagSeen(SLIX, 0),))),
    "quiet": Meant(c.stay_quiet(SLIX)),
    "lock blocks 2 and 3": Meant(c.lock_blocks(SLIX, 2, 2)),
    "lock a locked block": Meant(c.lock_blocks(SLIX, 2, 2), Refused(0x95, 0x11, 2), TagRefused),
    "read block 0": Meant(read(0, 1), Blocks(4, config("11223344"), (False,))),
    "read blocks 0 and 1 with locks": Meant(
        read(0, 2, security=True), Blocks(4, config("11223344 55667788"), (False, True))
    ),
    "read block 28 of 28": Meant(read(28, 1), Refused(0x95, 0x10), TagRefused),
    "write block 2": Meant(c.write_blocks(SLIX, 2, config("0A0B0C0D"), 4)),
    "write locked block 1 behind 0": Meant(
        c.write_blocks(SLIX, 0, config("01020304 05060708"), 4), Refused(0x95, 0x12, 1), TagRefused
    ),
    "write error at block 5": Meant(c.write_blocks(SLIX, 5, config("0A0B0C0D"), 4), Refused(0x03, None, 5), TagRefused),
    "select": Meant(c.select(SLIX)),
    "reset to ready": Meant(c.reset_to_ready(SLIX)),
    "write AFI 07": Meant(c.write_afi(SLIX, 0x07)),
    "lock AFI": Meant(c.lock_afi(SLIX)),
    "write the locked AFI": Meant(c.write_afi(SLIX, 0xC2), Refused(0x95, 0x12), TagRefused),
    "write DSFID 3E": Meant(c.write_dsfid(SLIX, 0x3E)),
    "lock DSFID": Meant(c.lock_dsfid(SLIX)),
    "write the locked DSFID": Meant(c.write_dsfid(SLIX, 0x06), Refused(0x95, 0x12), TagRefused),
    "system information": Meant(c.system_information(SLIX), TagInformation(0, SLIX, 0, 4, 28, 1)),
    "locks of blocks 0 to 2": Meant(c.security_status(SLIX, 0, 3), SecurityStatus((False, True, False))),
    "a tag that is not there": Meant(c.system_information(TI), Refused(0x01), TagAbsent),
    "set EAS": Meant(u.eas(u.SET_EAS, SLIX)),
    "reset EAS": Meant(u.eas(u.RESET_EAS, SLIX)),
    "lock EAS": Meant(u.eas(u.LOCK_EAS, SLIX)),
    "EAS alarm, bit on": Meant(u.eas(u.EAS_ALARM, SLIX)),
    "EAS alarm, bit off": Meant(u.eas(u.EAS_ALARM, SLIX), Refused(0x01), TagAbsent),
    "customs are not in a CPR": Meant(u.eas(u.EAS_ALARM, SLIX), Refused(0x80), ReaderRefused),
    "transparent read of block 0": Meant(air(SLIX, 0), AirAnswer(config("00 11223344"))),
    "transparent write, option 0": Meant(
        u.transparent(u.Mode.WRITE, u.air_request(SLIX, 0x21, config("03 01020304")), 1), AirAnswer(b"\0")
    ),
    "transparent write, option 1, to TI": Meant(
        u.transparent(u.Mode.WRITE_OPTION, u.air_request(TI, 0x21, config("03 01020304"), option=True), 1),
        AirAnswer(b"\0"),
    ),
    "transparent inventory, one slot": Meant(u.transparent_inventory(slots=1), AirInventory((TagSeen(SLIX, 0),))),
    "transparent, nobody answers": Meant(air(TI, 0), Refused(0x01), TagAbsent),
    "transparent without an answer": Meant(u.transparent_unanswered(u.air_request(SLIX, 0x02, b"")), AirAnswer(b"")),
    "transparent, a tag's error": Meant(air(SLIX, 28), AirAnswer(config("01 10"))),
    "unknown command": NOBODY,
    "too short": NOBODY,
    "too long": NOBODY,
    "advanced asked, advanced answered": Meant(c.inventory(), InventoryAnswer(), advanced=True),
    "advanced is all it hears": Meant(k.rf_reset(), advanced=True),
    "five tags, four at once": Meant(c.inventory(), InventoryAnswer(TAGS[1:5], more=True)),
    "the fifth": Meant(c.inventory(more=True), InventoryAnswer(TAGS[5:6])),
    "one tag and something that collides": Meant(c.inventory(), InventoryAnswer((TagSeen(SLIX, 0),), unresolved=True)),
    "a read that broke off, with what was read": Meant(read(0, 1), Refused(0x83), TagAbsent),
    "a tag of ISO 14443 was asked": Meant(read(0, 1), Refused(0x96), ReaderRefused),
    "CRC error on the air": Meant(read(0, 1), Refused(0x02), TagAbsent),
    "transparent, CRC error, data along": Meant(air(SLIX, 0), Refused(0x02), TagAbsent),
    "25 tags in one advanced answer": Meant(c.inventory(), InventoryAnswer(TAGS)),
    "EEPROM failure at the start": Meant(k.software_version(), Refused(0x10), ReaderRefused),
    "scan mode": Meant(c.inventory(), Refused(0x82), ReaderRefused),
    "hardware warning": Meant(k.rf_output(1), Refused(0xF1), ReaderRefused),
}


def test_every_row_of_the_manual_has_its_meaning() -> None:
    assert set(MEANS) == set(BY_NAME)
    assert len(BY_NAME) == len(SAID)


@for_each("name", [name for name, meant in MEANS.items() if meant.request])
def test_the_driver_says_and_understands_what_the_manual_has(name: str) -> None:
    said, meant = BY_NAME[name], MEANS[name]
    assert meant.request is not None
    protocol = conversation(advanced=meant.advanced)
    assert protocol.send(meant.request).hex().upper() == said.sent, said.source
    answer = bytes.fromhex(said.answered)
    for byte in answer[:-1]:
        protocol.receive_data(bytes((byte,)))
        assert protocol.next_event() is None
    protocol.receive_data(answer[-1:])
    event = protocol.next_event()
    assert event == meant.event, said.source
    if meant.error is not None:
        assert isinstance(event, Refused)
        assert type(error_for(event, name)) is meant.error
