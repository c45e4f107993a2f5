"""The field: collisions, marginal coupling, shadows and movement, seen by a reader's host; assumptions both ways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.feig_rig import SLIX, TI, Rig

A, B = "E004010000000001", "E004010000000011"
INVENTORY = "B0 01 00"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    rig = Rig(tmp_path_factory.mktemp("field"))
    rig.start()
    yield rig
    rig.close()


@pytest.fixture
def rig(running: Rig) -> Rig:
    running.anew()
    for uid in (A, B, SLIX, TI):
        running.do("create", uid=uid, chip="tag-it-hfi-plus" if uid == TI else "slix", replace=True)
        running.do("couple", uid=uid, heard=1, of=1)
    running.do("assume", size_is_silence=False, errors_unaddressed=False, option_either=False, afi_by_nibbles=True)
    return running


def found(rig: Rig) -> set[str]:
    rig.command("69")  # every tag is reported again
    answer = rig.command(INVENTORY)
    if answer == "01":
        return set()
    assert answer[:2] == "00"
    return {answer[4 + 20 * n + 4 : 4 + 20 * (n + 1)].upper() for n in range(int(answer[2:4], 16))}


def read(rig: Rig, uid: str) -> str:
    return rig.command(f"B0 23 01 {uid} 00 01")[:2]


@pytest.mark.parametrize(("heard", "of"), [(0, 1), (1, 2), (3, 4), (9, 10), (10, 10)])
def test_a_marginal_tag_is_heard_k_times_of_n(rig: Rig, heard: int, of: int) -> None:
    rig.do("place", uid=A)
    rig.do("couple", uid=A, heard=heard, of=of)
    answers = [read(rig, A) for _ in range(2 * of)]
    assert answers.count("00") == 2 * heard
    assert answers.count("01") == 2 * (of - heard)


def test_it_forgets_what_it_was_told_when_it_loses_its_power(rig: Rig) -> None:
    rig.do("place", uid=A)
    rig.command(f"B0 02 01 {A}")
    assert rig.dump(A)["state"] == "quiet"
    rig.do("couple", uid=A, heard=0, of=1)
    read(rig, A)
    assert rig.dump(A)["state"] == "ready"
    assert rig.dump(A)["coupling"] == {"heard": 0, "of": 1}


def test_a_neighbour_shadows(rig: Rig) -> None:
    rig.do("place", uid=A)
    rig.do("shadow", uid=A, by=B)
    assert read(rig, A) == "00", "without the neighbour the tag is heard"
    rig.do("place", uid=B)
    assert read(rig, A) == "01"
    assert found(rig) == {B}
    rig.do("lift", uid=B)
    assert found(rig) == {A}
    rig.do("shadow", uid=A, by=B, heard=1, of=1)


def test_sixteen_slots_resolve_what_collides(rig: Rig) -> None:
    """The UIDs are equal in their first nibble, so that the tags answer in one slot."""
    for uid in (A, B):
        rig.do("place", uid=uid)
    assert found(rig) == {A, B}


# --- movement -------------------------------------------------------------------------------------------------------


def test_a_tag_enters_and_leaves_at_its_time(rig: Rig) -> None:
    rig.do("move", uid=A, to="pad", after=0.005)
    assert rig.do("state")["on_pad"] == [], "time passes only during a command"
    rig.command("65")
    assert rig.do("state")["on_pad"] == [A]
    rig.do("move", uid=A, to="away", after=0.001)
    rig.command("65")
    assert rig.do("state")["on_pad"] == []


def seconds_of(rig: Rig, body: str) -> float:
    before = rig.do("counters")["seconds"]["total"]
    rig.command(body)
    return rig.do("counters")["seconds"]["total"] - before


WRITE = f"B0 24 01 {A} 00 04 04 " + "FFFFFFFF" * 4


def test_it_leaves_at_any_moment_of_a_write(rig: Rig) -> None:
    """At any moment, the blocks are new up to some block, that block is torn or whole, and the later blocks are old."""
    rig.do("place", uid=A)
    whole = seconds_of(rig, WRITE)
    torn, statuses = set(), set()
    for step in range(1, 24):
        rig.tag(A, chip="slix")
        rig.do("move", uid=A, to="away", after=whole * step / 24, mode="subset", mask="f00ff00f")
        statuses.add(rig.command(WRITE)[:2])
        blocks = [rig.block(n, A) for n in range(5)]
        new = blocks.index(next(block for block in blocks if block != "ffffffff"))
        assert blocks[new] in ("00000000", "f00ff00f")
        assert set(blocks[new + 1 :]) <= {"00000000"}
        torn.add((new, blocks[new]))
    assert {new for new, _ in torn} == {0, 1, 2, 3, 4}
    assert (1, "f00ff00f") in torn
    assert statuses >= {"01", "03"}


def test_it_leaves_while_it_speaks(rig: Rig) -> None:
    """The answer is heard in part: its CRC does not fit. The reader calls this "data false" (02)."""
    rig.do("place", uid=A)
    body = f"B0 23 01 {A} 00 1C"
    whole = seconds_of(rig, body)
    said = set()
    for step in range(1, 20):
        rig.do("place", uid=A)
        rig.do("move", uid=A, to="away", after=whole * step / 20)
        said.add(rig.command(body)[:2])
        rig.do("lift")
        rig.command("65")  # let the rest of the time pass
    assert said == {"00", "01", "02"}


# --- assumptions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [False, True])
def test_errors_in_non_addressed_mode(rig: Rig, told: bool) -> None:
    rig.do("place", uid=A)
    rig.do("assume", errors_unaddressed=told)
    assert rig.command("B0 23 00 7F 01") == ("9510" if told else "01")
    assert rig.command(f"B0 23 01 {A} 7F 01") == "9510"


@pytest.mark.parametrize("either", [False, True])
def test_the_option_flag_on_nxps_tags(rig: Rig, either: bool) -> None:
    """WR-OPTION (bits 3-2) 11b of CFG4 makes the reader set it."""
    rig.do("place", uid=A)
    rig.do("place", uid=TI)
    rig.do("assume", option_either=either)
    block = bytearray.fromhex(rig.do("state")["config"]["4"])
    block[6] = 0x0C
    rig.command(f"81 04 {block.hex()}")
    assert rig.command(f"B0 27 01 {A} C2")[:4] == ("00" if either else "9503")
    assert rig.command(f"B0 27 01 {TI} C2") == "00", "TI's tags need it"


@pytest.mark.parametrize("silent", [False, True])
def test_a_block_of_another_size(rig: Rig, silent: bool) -> None:
    rig.do("place", uid=A)
    rig.do("assume", size_is_silence=silent)
    assert rig.command(f"B0 24 01 {A} 03 01 08 0102030405060708")[:4] == ("01" if silent else "9502")
    assert rig.command(f"B0 24 01 {A} 03 01 04 01020304") == "00"


@pytest.mark.parametrize("chip", ["lri2k"])
@pytest.mark.parametrize("option", [0x08, 0x0C])
def test_lri2k_takes_either(rig: Rig, chip: str, option: int) -> None:
    uid = "E002200000000001"
    rig.tag(uid, chip=chip)
    block = bytearray.fromhex(rig.do("state")["config"]["4"])
    block[6] = option
    rig.command(f"81 04 {block.hex()}")
    assert rig.command(f"B0 24 01 {uid} 3F 01 04 04030201") == "00"
    assert rig.block(63, uid) == "01020304"
    assert rig.command(f"B0 2B 01 {uid}").startswith("00" + "00" + uid.lower())


@pytest.mark.parametrize("nibbles", [False, True])
def test_families_of_the_afi(rig: Rig, nibbles: bool) -> None:
    rig.do("assume", afi_by_nibbles=nibbles)
    rig.tag(A, afi=0xC2)
    block = bytearray.fromhex(rig.do("state")["config"]["4"])
    block[4] |= 0x20
    for afi, heard in ((0xC2, True), (0xC0, nibbles), (0x02, nibbles), (0x00, True), (0xD0, False)):
        block[5] = afi
        rig.command(f"81 04 {block.hex()}")
        assert found(rig) == ({A} if heard else set()), hex(afi)
