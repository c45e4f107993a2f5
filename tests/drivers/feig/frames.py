"""Frames of the manual and of a third-party client, as hex, with their meaning.

Sources: F = FEIG H20800-16e Annex F p. 164 (vendor; CRCs recomputed). B = sent by Biblio-RFID CPRM02.pm (third-party
client; the replies come from a stand-in and prove only that the layout is the manual's). * = computed from the manual's
layout and the vendor-confirmed CRC: a mistake in the layout would be in both.
"""

from __future__ import annotations

from station.domain.inventory import TagSeen
from station.domain.tag_image import Uid
from station.drivers.feig import commands as c
from station.drivers.feig import control as k
from station.drivers.feig import customs as u
from station.drivers.feig.replies import (
    Acknowledged,
    AirAnswer,
    Antenna,
    Blocks,
    DeviceId,
    Functions,
    Inputs,
    InventoryAnswer,
    ReaderInfo,
    Refused,
    SoftwareVersion,
    TagInformation,
)
from tests.drivers.words import Words

SLI = Uid("E00401000012AB01")
TI = Uid("E00700000071AB02")
PRO = Uid("E007C40000000001")
ST = Uid("E00208000012AB01")
VENDOR_4 = Uid("E00700000147677E")
VENDOR_8 = Uid("6005000002112504")

TWELVE = bytes.fromhex("01020304 11121314 21222324")
EIGHTS = bytes.fromhex("0102030405060708 1112131415161718 2122232425262728")
OK = Acknowledged()
VERSION = SoftwareVersion(0x0205, 0x00, 0x30, 80, 0x0138)


WORDS: tuple[Words, ...] = (
    Words(
        "F",
        "write 3 blocks of 4",
        c.write_blocks(VENDOR_4, 0, TWELVE, 4),
        "1EFFB02401 E00700000147677E 000304 04030201 14131211 24232221 7C34",
    ),
    Words(
        "F",
        "read 3 blocks of 4",
        c.read_blocks(VENDOR_4, 0, 3, security=False),
        "",
        "1700B000 0304 0004030201 0014131211 0024232221 B45B",
        Blocks(4, TWELVE, (False, False, False)),
    ),
    Words(
        "F",
        "write 3 blocks of 8",
        c.write_blocks(VENDOR_8, 3, EIGHTS, 8),
        "2AFFB02401 6005000002112504 030308 0807060504030201 1817161514131211 2827262524232221 E625",
    ),
    Words(
        "F",
        "read 3 blocks of 8",
        c.read_blocks(VENDOR_8, 3, 3, security=False),
        "",
        "2300B000 0308 000807060504030201 001817161514131211 002827262524232221 9965",
        Blocks(8, EIGHTS, (False, False, False)),
    ),
    Words("B", "baud detection", k.baud_detection(), "06FF52000F6E", "06005200FCA8", OK),
    Words("B", "version", k.software_version(), "05FF65E5CB", "0D006500 0205003050 0138 396C", VERSION),
    Words(
        "B",
        "reader info",
        k.reader_info(),
        "06FF6600CDBF",
        "11006600 0205003050 0138 00FF 00FF 2C09",
        ReaderInfo(VERSION, 255, 255),
    ),
    Words("B", "RF reset", k.rf_reset(), "05FF698901", "06006900F6FA", OK),
    Words(
        "B",
        "inventory of two",
        c.inventory(),
        "07FFB001001C56",
        "1B00B000 02 0300E00401000012AB01 033EE00700000071AB02 C9F3",
        InventoryAnswer((TagSeen(SLI, 0x00), TagSeen(TI, 0x3E))),
    ),
    Words(
        "B",
        "system information, sizes as the manual has them",
        c.system_information(SLI),
        "0FFFB02B01 E00401000012AB01 12AE",
        "1300B000 00 E00401000012AB01 DA 041C 01 E731",
        TagInformation(0x00, SLI, 0xDA, 4, 28, 0x01),
    ),
    Words(
        "B",
        "read 4 blocks",
        c.read_blocks(SLI, 0, 4, security=False),
        "11FFB02301 E00401000012AB01 0004 E6ED",
        "1C00B000 0404 0001001104 0031303331 0035343332 0000003736 C015",
        Blocks(4, bytes.fromhex("04110001 31333031 32333435 36370000"), (False,) * 4),
    ),
    Words(
        "B",
        "write 4 blocks",
        c.write_blocks(SLI, 0, bytes(range(16)), 4),
        "22FFB02401 E00401000012AB01 000404 03020100 07060504 0B0A0908 0F0E0D0C AAA7",
        "0600B000D572",
        OK,
    ),
    Words("*", "no tag", c.inventory(), "", "0600B0015C63", InventoryAnswer()),
    Words("*", "no tag, advanced", c.inventory(), "", "02000800B00119CE", InventoryAnswer()),
    Words(
        "*",
        "one tag, advanced",
        c.inventory(),
        "",
        "02001300B00001 0300E00401000012AB01 007C",
        InventoryAnswer((TagSeen(SLI, 0x00),)),
    ),
    Words("*", "more data", c.inventory(more=True), "07FFB0018014D2"),
    Words("*", "read 8 with security", c.read_blocks(SLI, 0, 8, security=True), "11FFB02309E00401000012AB010008209B"),
    Words(
        "*", "block not available", c.read_blocks(SLI, 90, 1, security=True), "", "0700B0951072FD", Refused(0x95, 0x10)
    ),
    Words(
        "*",
        "block 5 is locked",
        c.write_blocks(SLI, 4, bytes(8), 4),
        "",
        "0800B0951205FC09",
        Refused(0x95, 0x12, 5),
    ),
    Words("*", "write AFI C2", c.write_afi(SLI, 0xC2), "10FFB02701E00401000012AB01C2EF7D", "0600B000D572", OK),
    Words("*", "lock AFI", c.lock_afi(SLI), "0FFFB02801E00401000012AB017BDA"),
    Words("*", "lock blocks 0-7", c.lock_blocks(SLI, 0, 8), "11FFB02201E00401000012AB010008DFA2"),
    Words("*", "RF off", k.rf_output(0), "06FF6A006D16"),
    Words("*", "read CFG4 in force", k.read_configuration(4), "06FF8004A044"),
    Words("*", "beep 300 ms", k.set_output(0x0010, 0, 3), "0DFF7100100000000300006D9E"),
    Words("B", "length error", c.write_blocks(SLI, 0, bytes(20), 4), "", "0600B08154E7", Refused(0x81)),
    # The rest of the family: layouts of H20800-16e 5.3, 5.4, 6.3, 6.5, 6.9, 6.10, 7.1.1 and 8.1, of H60301-3e (B1), and
    # of docs/reference/readers.md#feig-commands (64, 72, A0). "set EAS" and "CPU reset":
    # docs/reference/readers.md#feig-frames.
    Words("*", "set EAS", u.eas(u.SET_EAS, SLI), "10FFB104A201 E00401000012AB01 FFB6", "0600B1000D6B", OK),
    # H90692-16e 7.2.5.1 p. 123; H60301-3e 8.5 p. 95.
    Words(
        "*", "activate EAS of an LRI2K", u.activate_eas(ST), "10FFB102A001 E00208000012AB01 7866", "0600B1000D6B", OK
    ),
    Words(
        "*",
        "kill",
        u.kill(PRO, 0x11223344),
        "14FFB107A401 E007C40000000001 44332211 FF16",
        "0700B1950FD84F",
        Refused(0x95, 0x0F),
    ),
    Words(
        "*",
        "write a block with a password",
        u.write_with_password(PRO, 0x11223344, 5, bytes((1, 2, 3, 4))),
        "19FFB107A501 E007C40000000001 44332211 05 04030201 0EA7",
    ),
    Words("*", "EAS is locked", u.eas(u.RESET_EAS, SLI), "", "0700B19512BC84", Refused(0x95, 0x12)),
    Words(
        "*",
        "a block by transparent mode, the answer with the tag's CRC",
        u.transparent(u.Mode.READ, u.air_request(SLI, 0x20, b"\x00"), 5),
        "15FFBF01 0038 021F 222001AB1200000104E000 EF20",
        "0D00BF00 0001020304 380A 209E",
        AirAnswer(bytes(range(5))),
    ),
    Words(
        "*",
        "the same from a CPR.02, zeros for the CRC",
        u.transparent(u.Mode.READ, u.air_request(SLI, 0x20, b"\x00"), 5),
        "",
        "0D00BF00 0001020304 0000 1849",
        AirAnswer(bytes(range(5))),
    ),
    Words(
        "*",
        "nobody answers by transparent mode",
        u.transparent(u.Mode.READ, u.air_request(SLI, 0x20, b"\x00"), 5),
        "",
        "0600BF0194E0",
        Refused(0x01),
    ),
    Words("*", "CPU reset", k.cpu_reset(), "05FF63D3AE", "060063008607", OK),
    Words("*", "system reset of the larger readers", k.system_reset(), "06FF64007D8C", "060064008E4A", OK),
    Words("*", "inputs", k.get_input(), "", "07007400527A92", Inputs((False, True, False), (True, False, True))),
    Words("*", "antenna", k.adjust_antenna(), "05FF7564DB", "0700750080393D", Antenna(0x80)),
    Words("*", "functions", k.functions(), "", "11006600 0100 000000000000000000 32B7", Functions(False, False)),
    Words(
        "*",
        "device number",
        k.device_id(),
        "",
        "16006600 12345678 00000000 0001 0002 0003 0000 EC58",
        DeviceId(0x12345678, 0, 1, 2, 3),
    ),
    Words("*", "newer outputs", k.set_output_newer([k.Output(4, 0x81, 3)]), "0BFF7201 01 04 81 0003 232A"),
    Words("*", "save all", k.save_configuration(None), "06FF82403073"),
    Words("*", "default all, EEPROM", k.default_configuration(None, eeprom=True), "06FF83C0E0EE"),
    Words("*", "read CFG1 of the EEPROM", k.read_configuration(1, eeprom=True), "06FF80810597"),
    Words("*", "login", k.login(bytes(4)), "09FFA0000000005825"),
    Words("*", "inventory that waits 1 s", c.inventory(wait_tenths=10), "08FFB001400A0E0E"),
    Words("*", "inventory with those that were seen", c.inventory(presence=True), "07FFB001201E77"),
)
