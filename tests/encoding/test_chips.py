"""The table of chips, compared with UIDs and figures taken from the sources; and the refusals made from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ChipUnfit, NotPossible
from station.base.settings import Reader
from station.domain.inventory import SystemInformation
from station.domain.snapshot import Phase
from station.domain.tag_image import TagImage, Uid
from station.drivers.feig.reader import FeigReader
from station.drivers.reader.chip_limits import require
from station.emulators.field.chips import CHIPS as SILICON
from station.encoding.chips import CHIPS, UNKNOWN, Feature, Password, chip_of
from station.encoding.content import user_memory
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import ChipLimits
from tests.bench.test_bench import Rig
from tests.conftest import FakeClock
from tests.drivers.scripted_transport import GREETING, Scripted, frame
from tests.support.for_each import for_each
from tests.support.simulated_bench import SimReader, Tag
from tests.support.told import told

BY_UID = [
    # docs/reference/readers.md#chips and the UIDs that its sources print
    ("E00401000012AB01", "ICODE SLI", 28, 4),
    ("E00401506FCC3FF5", "ICODE SLIX", 28, 4),
    ("E00401501F453D8F", "ICODE SLIX", 28, 4),
    ("E00401081234ABCD", "ICODE SLIX2", 80, 4),
    ("E00401181234ABCD", "NTAG 5", 0, 4),
    ("E00401201234ABCD", "ICODE 3", 76, 4),
    ("E00402001234ABCD", "ICODE SLI-S", 40, 4),
    ("E00402101234ABCD", "ICODE SLIX-S", 40, 4),
    ("E00403001234ABCD", "ICODE SLI-L", 8, 4),
    ("E00403101234ABCD", "ICODE SLIX-L", 8, 4),
    ("E00700000071AB02", "Tag-it HF-I Plus Inlay", 64, 4),
    ("E00700000147677E", "Tag-it HF-I Plus Inlay", 64, 4),
    ("E00710000147677E", "Tag-it HF-I Plus Chip", 64, 4),
    ("E00780000147677E", "Tag-it HF-I Plus", 64, 4),
    ("E007C0000147677E", "Tag-it HF-I Standard", 8, 4),
    ("E007C4000147677E", "Tag-it HF-I Pro", 8, 4),
    # ST: bits 47 to 42, H20800-16e 9.1.12 p146 (001000), H40801-5e 7.1.14 p123 (001000 and 001010), LRI64 data sheet p24 (000101)
    ("E002040000000001", "LRI512", 16, 4),
    ("E002170000000001", "LRI64", 15, 1),
    ("E002200000000001", "LRI2K", 64, 4),
    ("E002230000000001", "LRI2K", 64, 4),
    ("E002280000000001", "LRIS2K", 64, 4),
    ("E002470000000001", "LRIS64K", 0, 4),
    ("E002080000000001", "unknown chip", 0, 4),
    # H20800-16e 9.1.14 p148: bits 47 to 44 are 0000 or 1000; 9.1.1 p135: bits 46 to 42 are 00001
    ("E007820000000001", "Tag-it HF-I Plus", 64, 4),
    ("E016870000000001", "EM4034", 14, 4),
    ("E008010000000001", "MB89R118", 250, 8),
    ("E008020000000001", "MB89R119", 58, 4),
    ("E005400000000001", "my-d SRF55V02P", 32, 8),
    ("6005000002112504", "my-d with custom commands", 0, 8),
    ("E016040000000001", "EM4034", 14, 4),
]


@for_each(("uid", "name", "blocks", "size"), BY_UID)
def test_a_uid_is_the_chip_that_the_sources_say(uid: str, name: str, blocks: int, size: int) -> None:
    chip = chip_of(uid)
    assert (chip.name, chip.blocks, chip.block_size) == (name, blocks, size)


@for_each(
    ("uid", "does"),
    [
        # H20800-16e chapter 9, p135 to p148: those of 22, 27, 29, 2B and 2C that have a mark
        ("E016040000000001", ""),  # EM4034
        ("E008000000000001", "22 27 29 2B 2C"),  # MB89R116
        ("E008010000000001", "22 27 29 2B 2C"),  # MB89R118
        ("E008020000000001", "22 27 29 2B"),  # MB89R119
        ("E005000000000001", "22 27"),  # my-d
        ("E005A10000000001", "22 27"),  # my-d light
        ("E00401000012AB01", "22 27 29 2B 2C"),  # SLI
        ("E004020000000001", "22 27 29 2B"),  # SLI-S
        ("E004030000000001", "22 27 29 2B"),  # SLI-L
        ("E002040000000001", "22 27"),  # LRI512
        ("E002140000000001", "2B"),  # LRI64
        ("E002200000000001", "22 27 29 2B 2C"),  # LRI2K
        ("E007C00000000001", "22"),  # Tag-it HF-I Standard
        ("E007C40000000001", "22"),  # Tag-it HF-I Pro
        ("E007000000000001", "22 27 29 2B 2C"),  # Tag-it HF-I Plus
    ],
)
def test_a_chip_does_what_the_manual_has_a_mark_for(uid: str, does: str) -> None:
    commands = {
        "22": Feature.LOCK,
        "27": Feature.AFI,
        "29": Feature.DSFID,
        "2B": Feature.SYSTEM_INFORMATION,
        "2C": Feature.SECURITY_STATUS,
    }
    assert {code for code, feature in commands.items() if chip_of(uid).has(feature)} == set(does.split())


@pytest.mark.parametrize(
    "uid", ["E02100000000ABCD", "E0FF000000000001", "E004000000000001", "", "E0", "E00401000012AB0", "e0_4010000012ab0"]
)
def test_what_is_in_no_row_is_unknown_and_promises_nothing(uid: str) -> None:
    chip = chip_of(uid)
    assert chip is UNKNOWN
    assert (chip.most_read, chip.most_write, chip.passwords) == (1, 1, ())
    assert not chip.has(Feature.EAS)
    assert chip.has(Feature.SYSTEM_INFORMATION)


@given(st.text(max_size=20))
def test_no_text_raises(text: str) -> None:
    chip_of(text)


@given(st.binary(min_size=8, max_size=8))
def test_upper_and_lower_case_are_the_same_chip(raw: bytes) -> None:
    assert chip_of(raw.hex()) is chip_of(raw.hex().upper())


def test_every_row_can_be_reached_and_makes_sense() -> None:
    assert len({chip.name for chip in CHIPS}) == len(CHIPS)
    for chip in CHIPS:
        assert chip.match & ~chip.mask == 0, chip.name
        assert chip_of(f"{chip.match:08X}00000001") is chip, f"{chip.name} is hidden by an earlier row"
        assert chip_of(f"{chip.match | (~chip.mask & 0xFFFFFFFF):08X}FFFFFFFF").maker == chip.maker
        assert 0 <= chip.blocks <= 256
        assert 1 <= chip.most_read <= 32 and 1 <= chip.most_write <= 32
        assert max(chip.most_read, chip.most_write) * chip.block_size <= 128, "128 bytes per command (F1 7.1)"
        assert chip.write_option in (0, 1, None)
        assert not chip.has(Feature.EAS) or chip.maker == "NXP"
        assert Password.EAS_AFI not in chip.passwords or chip.has(Feature.EAS)
        assert chip.counter_block is None or chip.counter_block == chip.blocks - 1
        assert chip.maker and (chip.blocks or chip.note or chip.maker == "Infineon")


@pytest.mark.parametrize("name", ["sli", "slix", "slix2", "sli-l", "tag-it-hfi-plus", "srf55v02p"])
def test_the_stranger_s_silicon_agrees(name: str) -> None:
    """The emulator's table was written separately from the manuals."""
    uids = {
        "sli": "E00401000012AB01",
        "slix": "E004015000000001",
        "slix2": "E004010800000001",
        "sli-l": "E004030000000001",
        "tag-it-hfi-plus": "E007000000000001",
        "srf55v02p": "E005400000000001",
    }
    silicon, chip = SILICON[name], chip_of(uids[name])
    assert (silicon.blocks, silicon.block_size, silicon.counter_block) == (
        chip.blocks,
        chip.block_size,
        chip.counter_block,
    )
    assert silicon.lock_in_read is chip.locks_in_read
    assert silicon.write_option == chip.write_option
    for command, feature in (
        (0x2C, Feature.SECURITY_STATUS),
        (0x2B, Feature.SYSTEM_INFORMATION),
        (0x29, Feature.DSFID),
    ):
        assert (command in silicon.refused) is not chip.has(feature)


# --- consequences of the table --------------------------------------------------------------------------------------

STANDARD = Uid("E007C0000000AB01")
LRI64 = Uid("E00214000000AB01")
FUJITSU = Uid("E00801000000AB01")
STRANGE = Uid("E02100000000AB01")


def connected(clock: FakeClock, *lines: tuple[str, str]) -> tuple[FeigReader, Scripted]:
    line = Scripted(clock, *GREETING, *lines)
    reader = FeigReader(lambda: line, clock, Reader())
    reader.reconnect()
    return reader, line


@pytest.mark.parametrize(
    ("what", "ask"),
    [
        ("system information", lambda reader: reader.system_information(STANDARD)),
        ("AFI", lambda reader: reader.write_afi(STANDARD, 7)),
        ("DSFID", lambda reader: reader.write_dsfid(STANDARD, 6)),
        ("lockable blocks", lambda reader: reader.lock_block(LRI64, 0)),
        ("AFI", lambda reader: reader.write_afi(LRI64, 7)),
    ],
)
def test_what_the_chip_does_not_have_is_refused_before_the_wire(
    clock: FakeClock, what: str, ask: Callable[[FeigReader], object]
) -> None:
    reader, line = connected(clock)
    sent = len(line.written)
    with pytest.raises(ChipUnfit, match=what) as caught:
        ask(reader)
    assert len(line.written) == sent
    assert what in told(caught.value.sentence)


def test_reads_and_writes_are_cut_to_what_the_chip_takes(clock: FakeClock) -> None:
    eight = "08 0706050403020100"[3:]
    reader, line = connected(
        clock,
        (frame(f"FF B0 23 01 {FUJITSU} 00 02"), frame(f"00 B0 00 02 08 00 {eight} 00 {eight}")),
        (frame(f"FF B0 23 01 {FUJITSU} 02 01"), frame(f"00 B0 00 01 08 00 {eight}")),
        # "Security status is always 00" in its reads (H20800-16e 9.1.3), so that the locks are read separately.
        (frame(f"FF B0 2C 01 {FUJITSU} 00 03"), frame("00 B0 00 03 00 00 01")),
        (frame(f"FF B0 24 01 {STRANGE} 04 01 04 04030201"), frame("00 B0 00")),
        (frame(f"FF B0 24 01 {STRANGE} 05 01 04 08070605"), frame("00 B0 00")),
        (frame(f"FF B0 23 09 {STRANGE} 04 01"), frame("00 B0 00 01 04 00 04030201")),
        (frame(f"FF B0 23 09 {STRANGE} 05 01"), frame("00 B0 00 01 04 00 08070605")),
    )
    assert reader.read_blocks(FUJITSU, 0, 3).locked == (False, False, True)
    reader.write_blocks(STRANGE, 4, bytes(range(1, 9)), 4)
    assert reader.read_blocks(STRANGE, 4, 2).data == bytes(range(1, 9))
    assert line.done


def _image(uid: Uid, blocks: int, size: int, **values: int) -> TagImage:
    both = {"afi": 0, "dsfid": 0, **values}
    return TagImage(uid, size, bytes(blocks * size), (False,) * blocks, both["afi"], both["dsfid"])


@pytest.mark.parametrize(
    ("uid", "values", "lock", "what"),
    [
        (STANDARD, {"afi": 7}, (), "no AFI"),
        (LRI64, {"afi": 7}, (), "no AFI"),
        (STANDARD, {"dsfid": 6}, (), "no DSFID"),
        (LRI64, {}, (0,), "cannot be locked"),
    ],
)
def test_a_plan_that_the_chip_cannot_follow_is_not_made(
    uid: Uid, values: dict[str, int], lock: tuple[int, ...], what: str
) -> None:
    with pytest.raises(NotPossible, match=what):
        plan_write(_image(uid, 8, 4), _image(uid, 8, 4, **values), limits=ChipLimits.of(uid), lock=lock)


def test_limits_of_a_tag_are_those_of_its_chip_and_what_was_found() -> None:
    limits = ChipLimits.of(FUJITSU, blocks_per_write=8, afi_locked=True)
    assert (limits.blocks_per_write, limits.afi_locked, limits.has_eas, limits.has_afi) == (2, True, False, True)
    assert ChipLimits.of(Uid("E00401506FCC3FF5"), blocks_per_write=8).blocks_per_write == 8
    assert ChipLimits.of(Uid("E00401506FCC3FF5")).has_eas


def test_the_counter_of_a_slix2_is_no_memory() -> None:
    assert len(user_memory(_image(Uid("E00401081234ABCD"), 80, 4))) == 79 * 4
    assert len(user_memory(_image(Uid("E00401501F453D8F"), 80, 4))) == 80 * 4
    assert len(user_memory(_image(Uid("E00401081234ABCD"), 28, 4))) == 28 * 4


def test_the_bench_stops_with_the_chip_s_sentence_and_goes_on_with_the_next_tag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    information = SimReader.system_information

    def as_the_drivers_do(self: SimReader, uid: Uid) -> SystemInformation:
        require(uid, Feature.SYSTEM_INFORMATION)
        return information(self, uid)

    monkeypatch.setattr(SimReader, "system_information", as_the_drivers_do)
    rig = Rig()
    rig.world.tags[STANDARD] = Tag(STANDARD, bytearray(32))
    snapshot = rig.place(STANDARD)
    assert snapshot.phase is Phase.STOPPED
    assert snapshot.fault is not None and snapshot.fault.code == ChipUnfit.code
    assert "Tag-it HF-I Standard" in told(snapshot.fault.sentence)
    assert rig.lift().phase is Phase.IDLE
    assert rig.place(rig.world.tag(1)).phase is Phase.NEED_SCAN
