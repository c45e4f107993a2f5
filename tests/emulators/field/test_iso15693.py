"""The emulated ISO 15693 tags, directly on the air: what a TRF7970A hears. Each chip, each lock, each password."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.trf7970a.trf_rig import ON, TrfRig, air, request

UIDS = {
    "sli": "E004010000000001",
    "slix": "E004015000000001",
    "slix2": "E004010800000001",
    "tag-it-hfi-plus": "E007000000000001",
    "lri2k": "E002200000000001",
}
SIZES = {"sli": 28, "slix": 28, "slix2": 80, "tag-it-hfi-plus": 64, "lri2k": 64}
OK, NO_BLOCK, LOCKED, ALREADY, OPTION, UNKNOWN, NOT_SUPPORTED = "00", "0110", "0112", "0111", "0103", "010F", "0101"
EAS_SEQUENCE = "2fb36270d5a7907fe8b18038d281497682da9a866faf8bb0f19cd112a57237ef"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrfRig]:
    rig = TrfRig(tmp_path_factory.mktemp("air"))
    rig.start()
    yield rig
    rig.close()


@pytest.fixture
def rig(running: TrfRig) -> TrfRig:
    running.anew()
    running.do("assume", guarded_is_silent=False, option_either=False, errors_unaddressed=False, nxp_tells_0f=False)
    running.say_text(request(ON))
    return running


class OneTag:
    """One tag of a chip, addressed by its UID."""

    def __init__(self, rig: TrfRig, chip: str, **more: object) -> None:
        self.rig, self.chip, self.uid = rig, chip, UIDS[chip]
        rig.tag(self.uid, chip=chip, **more)

    def ask(self, code: str, params: str = "", *, flags: str = "22", maker: str = "") -> str:
        return self.rig.ask_air(f"{flags} {code} {maker} {air(self.uid)} {params}")

    def write(self, code: str, params: str = "") -> str:
        """Write with the option flag that the tag's manufacturer requires."""
        return self.ask(code, params, flags="62" if self.chip.startswith("tag") else "22")

    def nxp(self, code: str, params: str = "", *, flags: str = "22") -> str:
        return self.ask(code, params, flags=flags, maker="04")

    def power_cycle(self) -> None:
        self.rig.do("lift", uid=self.uid)
        self.rig.do("place", uid=self.uid)

    def password(self, number: int, plain: str) -> str:
        rnd = bytes.fromhex(self.nxp("B2"))[1:]
        crossed = bytes(a ^ b for a, b in zip(bytes.fromhex(plain), rnd * 2, strict=True))
        return self.nxp("B3", f"{number:02X}" + crossed.hex())

    def dump(self) -> dict[str, object]:
        return self.rig.dump(self.uid)


@pytest.fixture(params=UIDS)
def tag(request: pytest.FixtureRequest, rig: TrfRig) -> OneTag:
    return OneTag(rig, request.param)


# --- every chip -----------------------------------------------------------------------------------------------------


def test_memory_to_the_last_block_and_no_further(tag: OneTag) -> None:
    """Sizes: H20800-16e chapter 9 and the chips' data sheets (docs/reference/readers.md#chips)."""
    last = SIZES[tag.chip] - (2 if tag.chip == "slix2" else 1)  # block 79 of an SLIX2 is the counter
    assert tag.write("21", f"{last:02X} 01020304") == OK
    assert tag.ask("20", f"{last:02X}") == "0001020304"
    assert tag.ask("20", f"{SIZES[tag.chip]:02X}") == NO_BLOCK
    assert tag.write("21", f"{SIZES[tag.chip]:02X} 01020304") == NO_BLOCK
    info = tag.ask("2B")
    assert info[:2] == "00"
    assert info[2:20] == "0F" + air(tag.uid)
    assert info[24:28] == f"{SIZES[tag.chip] - 1:02X}03"


def test_blocks_afi_and_dsfid_are_locked_once_and_for_all(tag: OneTag) -> None:
    assert tag.write("22", "05") == OK
    assert tag.write("22", "05") == ALREADY
    assert tag.write("21", "05 FFFFFFFF") == LOCKED
    assert tag.write("21", "06 FFFFFFFF") == OK
    assert tag.write("27", "C2") == OK
    assert tag.write("28") == OK
    assert tag.write("27", "07") == LOCKED
    assert tag.write("29", "06") == OK
    assert tag.write("2A") == OK
    assert tag.write("29", "07") == LOCKED
    tag.power_cycle()
    assert tag.write("21", "05 FFFFFFFF") == LOCKED, "the lock is permanent"
    dump = tag.dump()
    assert (dump["afi"], dump["dsfid"], dump["locked"]) == (0xC2, 6, [5])
    assert tag.ask("2C", "04 02") == "00000100"
    lock = "00" if tag.chip == "sli" else "01"
    assert tag.ask("20", "05", flags="62") == "00" + lock + "00000000", "the SLI never reports locks in a read (9.1.7)"


def test_the_option_flag_on_writes(tag: OneTag) -> None:
    """TI's tags need it (H20800-16e 9.1.14). NXP's do not accept it (SL2 ICS20 3.4.2: "only Option 0", refused by 0F,
    3.5.2.2). ST's LRI2K accepts either (its data sheet 20.9).
    """
    others = {"tag-it-hfi-plus": (OPTION, OK), "lri2k": (OK, OK), "sli": (OK, UNKNOWN)}
    wants = others.get(tag.chip, (OK, OPTION))
    assert tag.ask("21", "00 01020304") == wants[0]
    assert tag.ask("21", "00 01020304", flags="62") == wants[1]


def test_states(tag: OneTag) -> None:
    """A quiet tag stays quiet until the field is switched off, a reset to ready, or a select. A selected tag answers
    without an address.
    """
    assert tag.ask("02") == ""
    assert tag.rig.ask_air("02 20 00") == ""
    assert tag.ask("20", "00")[:2] == OK, "an addressed request is answered all the same"
    assert tag.ask("26") == OK
    assert tag.rig.ask_air("02 20 00")[:2] == OK
    assert tag.ask("25") == OK
    assert tag.rig.ask_air("12 20 00")[:2] == OK
    tag.power_cycle()
    assert tag.rig.ask_air("12 20 00") == ""


def test_a_block_torn_in_mid_write(tag: OneTag) -> None:
    tag.rig.do("lift-in-block", block="3", bytes=2)
    assert tag.write("21", "03 FFFFFFFF") == ""
    tag.power_cycle()
    assert tag.ask("20", "03") == "00FFFF0000"


def test_programming_takes_its_time(tag: OneTag) -> None:
    before = tag.rig.seconds()["tprog"]
    tag.write("21", "03 01020304")
    spent = tag.rig.seconds()["tprog"] - before
    assert spent == pytest.approx(0.02 if tag.chip.startswith("tag") else 0.0048, abs=1e-4)


def test_what_a_chip_does_not_have(tag: OneTag) -> None:
    missing = UNKNOWN if tag.chip == "sli" else NOT_SUPPORTED  # SL2 ICS20 rev. 3.1, 3.5.2.2
    said = tag.ask("A2", maker=f"{int(tag.uid[2:4], 16):02X}")
    others = {"lri2k": missing, "tag-it-hfi-plus": "0102"}  # Tag-it's A2 writes two blocks: here it gets no data
    assert said == others.get(tag.chip, OK)
    assert tag.ask("A2", maker="17") == "", "another manufacturer's command is ignored"
    assert tag.ask("24", "00 00 01020304") == missing, "the tag has no Write Multiple Blocks"


@pytest.mark.parametrize("plain", [False, True])
def test_with_what_code_nxps_tags_refuse(nxp: OneTag, plain: bool) -> None:
    """Both codes are assumed. For commands and options the SLI's data sheet requires 0F (3.5.2.2)."""
    nxp.rig.do("assume", nxp_tells_0f=plain)
    missing = UNKNOWN if plain or nxp.chip == "sli" else NOT_SUPPORTED
    assert nxp.ask("24", "00 00 01020304") == missing
    assert nxp.ask("21", "00 01020304", flags="62") == (UNKNOWN if plain or nxp.chip == "sli" else OPTION)
    assert nxp.write("22", "05") == OK
    assert nxp.write("21", "05 FFFFFFFF") == (UNKNOWN if plain else LOCKED)
    assert nxp.write("22", "05") == (UNKNOWN if plain else ALREADY)
    assert nxp.ask("20", "7F") == (UNKNOWN if plain else NO_BLOCK)
    assert nxp.ask("20", "05") == "0000000000"


def test_an_sli_sends_the_blocks_that_it_has(rig: TrfRig) -> None:
    """SL2 ICS20 rev. 3.1, 3.5.3.1 (reads) and 3.4.2.12 (status): fewer blocks, up to the last."""
    tag = OneTag(rig, "sli", memory="00" * 104 + "0102030405060708")
    assert tag.ask("23", "1A 01") == "00" + "01020304" + "05060708"
    assert tag.ask("23", "1A 05") == "00" + "01020304" + "05060708"
    assert tag.ask("23", "1B 1F") == "00" + "05060708"
    assert tag.ask("2C", "1A 05") == "00" + "0000"


def test_two_blocks_at_once_of_a_tag_it(rig: TrfRig) -> None:
    """A2 and A3 (TI SCBU003; docs/reference/readers.md#chips): an even block and the next, with the option flag."""
    tag = OneTag(rig, "tag-it-hfi-plus")
    assert tag.ask("A2", "04 01020304 05060708", flags="62", maker="07") == OK
    assert tag.ask("23", "04 01") == "00" + "01020304" + "05060708"
    assert tag.ask("A2", "04 01020304 05060708", maker="07") == OPTION
    assert tag.ask("A2", "05 01020304 05060708", flags="62", maker="07") == NO_BLOCK
    assert tag.ask("A3", "04", flags="62", maker="07") == OK
    assert tag.dump()["locked"] == [4, 5]
    assert tag.ask("A2", "04 FFFFFFFF FFFFFFFF", flags="62", maker="07") == LOCKED
    assert tag.ask("A3", "04", flags="62", maker="07") == ALREADY
    assert tag.ask("23", "04 01") == "00" + "01020304" + "05060708"


# --- NXP: EAS -------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sli", "slix", "slix2"])
def nxp(request: pytest.FixtureRequest, rig: TrfRig) -> OneTag:
    return OneTag(rig, request.param)


def test_eas(nxp: OneTag) -> None:
    assert nxp.nxp("A5") == "", "a tag whose EAS bit is off is silent"
    assert nxp.nxp("A2") == OK
    assert nxp.nxp("A5").lower() == "00" + EAS_SEQUENCE
    assert nxp.nxp("A3") == OK
    assert nxp.nxp("A5") == ""
    assert nxp.nxp("A4") == OK
    assert nxp.nxp("A2") == LOCKED
    nxp.power_cycle()
    assert nxp.nxp("A2") == LOCKED
    assert nxp.nxp("A4") == ALREADY


# --- NXP: passwords -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("silent", "refused"), [(False, UNKNOWN), (True, "")])
@pytest.mark.parametrize("chip", ["slix", "slix2"])
def test_eas_and_afi_behind_a_password(rig: TrfRig, chip: str, silent: bool, refused: str) -> None:
    """A6 guards EAS with option 0, and AFI with option 1. The answer to a guarded command is assumed: both
    are tried.
    """
    tag = OneTag(rig, chip)
    rig.do("assume", guarded_is_silent=silent)
    assert tag.nxp("A6") == refused, "without the password nothing can be guarded"
    assert tag.password(0x10, "00000000") == OK
    assert tag.nxp("B4", "10 11223344") == OK
    assert tag.nxp("A6") == OK
    assert tag.nxp("A6", flags="62") == OK
    assert tag.write("27", "C2") == OK, "the password counts until the field is switched off"
    tag.power_cycle()
    assert tag.write("27", "07") == refused
    assert tag.write("28") == refused
    assert tag.nxp("A2") == refused
    assert tag.nxp("A4") == refused
    assert tag.write("21", "00 FFFFFFFF") == OK, "the password does not guard blocks"
    assert tag.password(0x10, "11223344") == OK
    assert (tag.write("27", "07"), tag.nxp("A2")) == (OK, OK)
    assert (tag.dump()["afi"], tag.dump()["eas"]) == (7, True)


@pytest.mark.parametrize("chip", ["slix", "slix2"])
def test_a_wrong_password_makes_it_deaf_until_the_field_goes(rig: TrfRig, chip: str) -> None:
    tag = OneTag(rig, chip)
    assert tag.password(0x10, "00000001") == ""
    assert tag.ask("20", "00") == ""
    assert rig.say_text(request("14 06 01 00")).count("[") == 0
    assert tag.nxp("B2") == ""
    tag.power_cycle()
    assert tag.password(0x10, "00000000") == OK


def test_passwords_are_for_a_tag_that_is_spoken_to(rig: TrfRig) -> None:
    tag = OneTag(rig, "slix")
    assert tag.nxp("B3", "10 00000000") == UNKNOWN, "B3 needs a random number first"
    assert rig.ask_air("02 B3 04 10 00000000") == "", "B3 without an address"
    assert tag.nxp("B4", "10 11223344") == UNKNOWN, "B4 without B3"
    assert tag.nxp("B3", "01 00000000") == UNKNOWN, "the SLIX has no password to read"
    assert tag.nxp("B9", "00000000") == NOT_SUPPORTED
    first, second = tag.nxp("B2"), tag.nxp("B2")
    assert len(first) == len(second) == 6
    assert first != second


def test_a_password_is_locked(rig: TrfRig) -> None:
    tag = OneTag(rig, "slix")
    assert tag.nxp("B5", "10") == UNKNOWN
    assert tag.password(0x10, "00000000") == OK
    assert tag.nxp("B5", "10") == OK
    assert tag.nxp("B4", "10 11223344") == LOCKED
    tag.power_cycle()
    assert tag.password(0x10, "00000000") == OK
    assert tag.nxp("B5", "10") == ALREADY


def test_sli_has_no_passwords(rig: TrfRig) -> None:
    tag = OneTag(rig, "sli")
    assert [tag.nxp(code) for code in ("B2", "A6", "BD")] == [UNKNOWN] * 3, "SL2 ICS20 3.5.2.2"


def test_pages_of_an_slix2_behind_passwords(rig: TrfRig) -> None:
    """B6 with pointer 8: below block 8 reading is free and writing is guarded; from block 8 on both are guarded."""
    tag = OneTag(rig, "slix2")
    assert tag.nxp("B6", "08 32") == UNKNOWN
    assert tag.password(0x01, "00000000") == OK
    assert tag.password(0x02, "00000000") == OK
    assert tag.nxp("B6", "08 32") == OK
    tag.power_cycle()
    assert tag.ask("20", "07") == "0000000000"
    assert tag.write("21", "07 FFFFFFFF") == UNKNOWN
    assert tag.ask("20", "08") == UNKNOWN
    assert tag.ask("23", "06 03") == UNKNOWN
    assert tag.password(0x01, "00000000") == OK
    assert tag.ask("20", "08") == "0000000000"
    assert tag.write("21", "08 FFFFFFFF") == UNKNOWN
    assert tag.password(0x02, "00000000") == OK
    assert tag.write("21", "08 FFFFFFFF") == OK


def test_privacy_and_destruction_of_an_slix2(rig: TrfRig) -> None:
    tag = OneTag(rig, "slix2")

    def crossed(plain: str) -> str:
        rnd = bytes.fromhex(tag.nxp("B2"))[1:]
        return bytes(a ^ b for a, b in zip(bytes.fromhex(plain), rnd * 2, strict=True)).hex()

    assert tag.nxp("BA", crossed("0F0F0F0F")) == OK
    assert tag.ask("20", "00") == ""
    tag.power_cycle()
    assert rig.say_text(request("14 06 01 00")).count("[") == 0, "an inventory does not find the tag"
    assert tag.password(0x04, "0F0F0F0F") == OK
    assert tag.ask("20", "00")[:2] == OK
    assert tag.nxp("B9", crossed("00000000")) == "", "the password is wrong"
    tag.power_cycle()
    assert tag.nxp("B9", crossed("0F0F0F0F")) == OK
    tag.power_cycle()
    assert tag.nxp("B2") == ""
    assert rig.say_text(request("14 06 01 00")).count("[") == 0
    assert tag.dump()["registers"]["destroyed"] == "01"  # type: ignore[index]


def test_the_counter_of_an_slix2(rig: TrfRig) -> None:
    tag = OneTag(rig, "slix2")
    for expected in ("01000000", "02000000"):
        assert tag.write("21", "4F 01000000") == OK
        assert tag.ask("20", "4F") == "00" + expected
    assert tag.write("21", "4F 05000000") == UNKNOWN
    assert tag.ask("20", "4F") == "00" + "02000000"


def test_the_counter_is_preset_with_the_write_password(rig: TrfRig) -> None:
    """SLIX2 data sheet rev. 4.1, 9.5.3.21; the passwords of the memory do not guard it. The counter's last byte is from
    memory, without a source.
    """
    tag = OneTag(rig, "slix2")
    assert tag.password(0x01, "00000000") == OK
    assert tag.password(0x02, "00000000") == OK
    assert tag.nxp("B6", "00 33") == OK  # all pages: reading and writing need the passwords
    assert tag.write("21", "4F FE010001") == OK
    assert tag.write("21", "4F 01000000") == OK
    tag.power_cycle()
    assert tag.ask("20", "4E") == UNKNOWN
    assert tag.ask("20", "4F") == "00" + "FF010001"
    assert tag.write("21", "4F 01000000") == UNKNOWN, "counting needs the read password"
    assert tag.write("21", "4F 00000000") == UNKNOWN, "a preset needs the write password"
    assert tag.password(0x01, "00000000") == OK
    assert tag.write("21", "4F 01000000") == OK
    assert tag.ask("20", "4F") == "00" + "00020001"
