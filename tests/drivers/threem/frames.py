"""Frames of a real 3M 810, of third-party clients and of the manual, as hex, with their meaning.

Sources: R = capture of a real 810 (client koha-rfid-go; the reader's CRCs were stripped by the capture tool and are
computed again). B = sent by Biblio-RFID 3M810.pm; the replies come from a stand-in and prove only that the layout is the
manual's. M = example of the 3M Model 210 Protocol Specification 1.0.0, which prints XX XX for all CRCs but one: the CRC
here is crccheck's CRC-16/GENIBUS, so that the bytes before it are the manual's. * = composed from the manual's tables.
H = literal in City-of-Helsinki/signum-savotta @405cc9a or @a9bb374, application/src/rfid_reader.py, used with real
readers: what they answered, compared byte for byte there, and what they are asked.
"""

from __future__ import annotations

from crccheck.crc import Crc16Genibus

from station.domain.inventory import TagSeen
from station.domain.tag_image import Uid
from station.drivers.threem import commands as c
from station.drivers.threem.replies import (
    AirAnswer,
    Blocks,
    Done,
    ExtendedInfo,
    InventoryAnswer,
    Number,
    Refused,
    TagInformation,
    Version,
)
from tests.drivers.words import Words

FIRST = Uid("E004010031269117")
SECOND = Uid("E00401001F77FB98")
SLI = Uid("E00401000012AB01")
TI = Uid("E007000001234567")
NXP = Uid("E004000001234567")
OLD_TI = Uid("E007C10001234567")
TAG_IT = "0000000001234567"
PASSED = Uid("E007000012736993")

DONE = Done()


def sealed(body: str, start: str = "D6") -> str:
    """Return the hex of a frame with this body between length and CRC, with the oracle's CRC."""
    data = bytes.fromhex(body)
    data = (len(data) + 2).to_bytes(2, "big") + data
    return (bytes.fromhex(start) + data + Crc16Genibus.calc(data).to_bytes(2, "big")).hex()


EIGHT = bytes.fromhex("04110001 31333032 30393939 39390000 00000000 00000000 00000000 00000000")

WORDS: tuple[Words, ...] = (
    Words("R", "probe", c.probe(), "D500050400118C66", "D500090400110A0500027250", Version(10, 5, 0, 2)),
    Words(
        "R",
        "inventory of two, without DSFID",
        c.inventory(dsfid=False),
        "D60005FE0005FA40",
        "D60017FE00000502 E004010031269117 E00401001F77FB98 7C5B",
        InventoryAnswer((TagSeen(FIRST, 0), TagSeen(SECOND, 0))),
    ),
    Words(
        "R",
        "get AFI",
        c.get_afi(FIRST),
        "D6000B0AE004010031269117EC84",
        "D6000D0A00E004010031269117DA39EE",
        Number(0xDA),
    ),
    Words(
        "R",
        "read 8 blocks",
        c.read_blocks(FIRST, 0, 8),
        "D6000D02E00401003126911700084E9B",
        "D6003D0200E00401003126911708 000004110001 010031333032 020030393939 030039390000 040000000000 050000000000"
        "060000000000 070000000000 C015",
        Blocks(EIGHT, (False,) * 8),
    ),
    Words(
        "B",
        "extended info",
        c.extended_info(),
        "D6000C13040100020003000400AAF2",
        "D6000C13000201010302020300E778",
        ExtendedInfo(bytes.fromhex("0201010302020300")),
    ),
    Words("H", "probe, 5.2.27", c.probe(), "", "D500090400110A05021B972A", Version(10, 5, 2, 27)),
    Words("H", "probe, 5.1.25", c.probe(), "", "D500090400110A050119E23B", Version(10, 5, 1, 25)),
    Words("H", "empty inventory with DSFID", c.inventory(), "", "D60007FE00000700AF19", InventoryAnswer()),
    Words("B", "get AFI of another tag", c.get_afi(SLI), "D6000B0AE00401000012AB013715"),
    Words(
        "M",
        "inventory of a Tag-it and an ISO tag",
        c.inventory(dsfid=False),
        "D60005FE0005FA40",
        sealed("FE 00 00 05 02 00000000 00AD6302 E0070000 006000AE"),
        InventoryAnswer((TagSeen(Uid("E0070000006000AE"), 0),), foreign=True),
    ),
    Words("M", "version", c.reader_version(), "D60003116420", sealed("11 00 0A 03 02 06"), Version(10, 3, 2, 6)),
    Words(
        "M",
        "pass-through of Read Single Block",
        c.pass_thru(bytes.fromhex("2320 93697312000007E0 00"), 6),
        "D6001414000B0006000023209369731200 0007E00027C3",
        sealed("14 00 83 0005 00 55555555"),
        AirAnswer(0x83, bytes.fromhex("0055555555")),
    ),
    Words("M", "quiet", c.quiet(TI), sealed(f"01 {TI}"), sealed(f"01 00 {TI}"), DONE),
    Words(
        "M",
        "read 2 blocks, old style",
        c.read_blocks(Uid(TAG_IT), 0, 2),
        sealed(f"02 {TAG_IT} 00 02"),
        sealed(f"02 00 {TAG_IT} 02 00 00 00112233 01 00 00112233"),
        Blocks(bytes.fromhex("0011223300112233"), (False, False)),
    ),
    Words(
        "M",
        "write 2 blocks",
        c.write_blocks(Uid(TAG_IT), 0, bytes.fromhex("1234ABCD55667788")),
        sealed(f"04 {TAG_IT} 00 02 00 1234ABCD 55667788"),
        sealed(f"04 00 {TAG_IT} 01"),
        DONE,
    ),
    Words("M", "lock block", c.lock_block(TI, 0), sealed(f"08 {TI} 00"), sealed(f"08 00 {TI}"), DONE),
    Words("M", "get AFI, DA", c.get_afi(TI), sealed(f"0A {TI}"), sealed(f"0A 00 {TI} DA"), Number(0xDA)),
    Words("M", "write AFI", c.write_afi(TI, 0xD7), sealed(f"09 {TI} D7"), sealed(f"09 00 {TI}"), DONE),
    Words("M", "lock AFI", c.lock_afi(TI), sealed(f"06 {TI}"), sealed(f"06 00 {TI}"), DONE),
    Words("M", "EAS is on", c.check_eas(NXP), sealed(f"03 {NXP}"), sealed(f"03 00 {NXP} 01"), Number(1)),
    Words("M", "EAS is off, or no tag", c.check_eas(NXP), sealed(f"03 {NXP}"), sealed(f"03 06 {NXP} 00"), Refused(6)),
    Words("M", "EAS on", c.eas_control(NXP, on=True), sealed(f"0C {NXP} 01"), sealed(f"0C 00 {NXP}"), DONE),
    Words("M", "get DSFID", c.get_dsfid(TI), sealed(f"0F {TI}"), sealed(f"0F 00 {TI} 31"), Number(0x31)),
    Words("M", "write DSFID", c.write_dsfid(TI, 0x31), sealed(f"0B {TI} 31"), sealed(f"0B 00 {TI}"), DONE),
    Words("M", "lock DSFID", c.lock_dsfid(TI), sealed(f"0E {TI}"), sealed(f"0E 00 {TI}"), DONE),
    Words(
        "M",
        "tag information: an AFI and no DSFID",
        c.tag_information(OLD_TI, 0x03),
        sealed(f"0D {OLD_TI} 03"),
        sealed(f"0D 00 {OLD_TI} 02 DA"),
        TagInformation(afi=0xDA),
    ),
    Words(
        "M",
        "tag information: nothing",
        c.tag_information(Uid(TAG_IT), 0x03),
        sealed(f"0D {TAG_IT} 03"),
        sealed(f"0D 00 {TAG_IT} 00"),
        TagInformation(),
    ),
    Words("M", "a command that is not implemented", c.lock_afi(TI), "", sealed("06 02"), Refused(0x02)),
    Words("*", "empty inventory", c.inventory(dsfid=False), "", "D60007FE00000500C97B", InventoryAnswer()),
    Words(
        "*",
        "inventory with DSFID, the same tag twice",
        c.inventory(),
        "D60005FE0007DA02",
        sealed(f"FE 00 00 07 03 3E {SLI} 06 {TI} 3E {SLI}"),
        InventoryAnswer((TagSeen(SLI, 0x3E), TagSeen(TI, 0x06))),
    ),
    Words("*", "inventory of one AFI", c.inventory(afi=0xD7, dsfid=False), "D60005FED70576F0"),
    Words("*", "lock AFI of an SLI", c.lock_afi(SLI), "D6000B06E00401000012AB018205"),
    Words("*", "EAS on of an SLI", c.eas_control(SLI, on=True), "D6000C0CE00401000012AB01010798"),
    Words(
        "*",
        "read 2 blocks, new style",
        c.read_blocks(SLI, 4, 2, options=0x04),
        sealed(f"02 {SLI} 04 02 04"),
        sealed(f"02 00 {SLI} 04 02 00 01020304 01 05060708"),
        Blocks(bytes(range(1, 9)), (False, True)),
    ),
    Words(
        "*",
        "read 2 blocks, new style without locks",
        c.read_blocks(SLI, 4, 2, options=0x0C),
        sealed(f"02 {SLI} 04 02 0C"),
        sealed(f"02 00 {SLI} 04 02 01020304 05060708"),
        Blocks(bytes(range(1, 9)), ()),
    ),
    Words(
        "*",
        "read 2 blocks, the second in error, no data behind it",
        c.read_blocks(SLI, 4, 2),
        "",
        sealed(f"02 00 {SLI} 02 04 00 01020304 05 11"),
        Refused(0x11, 5),
    ),
    Words(
        "*",
        "the same in the new style",
        c.read_blocks(SLI, 4, 2, options=0x04),
        "",
        sealed(f"02 00 {SLI} 04 02 00 01020304 11"),
        Refused(0x11, 5),
    ),
    Words(
        "*",
        "new style asked of a firmware that does not know options",
        c.read_blocks(SLI, 2, 2, options=0x04),
        "",
        sealed(f"02 00 {SLI} 02 02 00 01020304 03 01 05060708"),
        Blocks(bytes(range(1, 9)), (False, True)),
    ),
    Words("*", "write without block number", c.write_blocks(SLI, 0, bytes(4)), "", sealed(f"04 00 {SLI}"), DONE),
    Words("*", "block 5 is locked", c.write_blocks(SLI, 4, bytes(8)), "", sealed(f"04 12 {SLI} 05"), Refused(0x12, 5)),
    Words("*", "no transponder", c.read_blocks(SLI, 0, 1), "", sealed(f"02 06 {SLI}"), Refused(0x06)),
    Words(
        "*",
        "tag information of an SLIX",
        c.tag_information(SLI),
        sealed(f"0D {SLI} 0F"),
        sealed(f"0D 00 {SLI} 0F 06 07 03 1B 0001"),
        TagInformation(0x06, 0x07, 4, 28, 0x01),
    ),
)
