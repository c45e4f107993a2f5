"""The virtual clock against the tables of docs/reference/readers.md#air-time and #wire-time: literal milliseconds."""

from __future__ import annotations

import time

import pytest

from tests.support.feig_rig import SLIX, TI, Rig

ONT_OFF = "81 05 0000000000000000000000 04 0000"


def spent(rig: Rig, body: str, status: str = "00") -> dict[str, float]:
    """Return the milliseconds that one command costs, by kind."""
    rig.do("reset-counters")
    assert rig.command(body)[:2] == status
    return {kind: 1000 * seconds for kind, seconds in rig.seconds().items()}


def near(milliseconds: float, decimals: int) -> object:
    """Match at the precision of the printed tables."""
    return pytest.approx(milliseconds, abs=0.5001 * 10**-decimals)


def test_inventory_on_the_air(rig: Rig) -> None:
    rig.command(ONT_OFF)
    empty = spent(rig, "B0 01 00", "01")
    assert empty["air"] == near(15 + 9.78, 2)
    rig.tag()
    assert spent(rig, "B0 01 00")["air"] == near(15 + 13.86, 2)
    rig.command("83 05")  # ONT = 1: no RF reset, but Stay Quiet for the new tag: D(12) + t2
    assert spent(rig, "B0 01 00")["air"] == near(13.86 + 3.738 + 0.309, 2)
    assert spent(rig, "B0 01 00", "01")["air"] == near(9.78, 2)


def test_one_slot_inventory_on_the_air(rig: Rig) -> None:
    rig.tag()
    rig.command(ONT_OFF)
    rig.command("81 04 00000000 19 0000 00000000000004")
    assert spent(rig, "B0 01 00")["air"] == near(15 + 6.18, 2)


@pytest.mark.parametrize(
    ("body", "milliseconds", "decimals"),
    [
        (f"B0 23 01 {SLIX} 00 01", 7.09, 2),
        (f"B0 23 01 {SLIX} 00 08", 15.85, 2),
        (f"B0 23 01 {SLIX} 00 1C", 40.0, 1),
        (f"B0 23 09 {SLIX} 00 08", 18.3, 1),
        (f"B0 23 09 {SLIX} 00 1C", 48.5, 1),
        ("B0 23 00 00 01", 7.09 - 2.42, 2),  # an unaddressed command saves 8 bytes
    ],
)
def test_reading_on_the_air(rig: Rig, body: str, milliseconds: float, decimals: int) -> None:
    rig.tag()
    cost = spent(rig, body)
    assert cost["air"] == near(milliseconds, decimals)
    assert cost["tprog"] == 0


def test_single_reads_on_the_air(rig: Rig) -> None:
    rig.tag()
    rig.command("81 04 00000000 09 0000 000000000000 44")
    assert spent(rig, f"B0 23 01 {SLIX} 00 08")["air"] == near(56.7, 1)


@pytest.mark.parametrize(
    ("body", "programs", "milliseconds", "decimals"),
    [
        (f"B0 24 01 {SLIX} 00 01 04" + "01" * 4, 1, 11.9, 1),
        (f"B0 24 01 {SLIX} 00 08 04" + "01" * 32, 8, 95, 0),
        (
            f"B0 24 01 {SLIX} 00 1C 04" + "01" * 112,
            28,
            333,
            0,
        ),  # 28 X(17,3) + 28 Tprog = 332.8; the table prints 334
        (f"B0 27 01 {SLIX} C2", 1, 10.7, 1),
        (f"B0 29 01 {SLIX} 06", 1, 10.7, 1),
        (f"B0 22 01 {SLIX} 00 01", 1, 10.7, 1),
    ],
)
def test_writing_on_the_air(rig: Rig, body: str, programs: int, milliseconds: float, decimals: int) -> None:
    """Tprog 4.8 ms each."""
    rig.tag()
    cost = spent(rig, body)
    assert cost["tprog"] == pytest.approx(4.8 * programs)
    assert cost["air"] + cost["tprog"] == near(milliseconds, decimals)


def test_writing_with_option_one_on_the_air(rig: Rig) -> None:
    """TI: the reader waits 20 ms and sends an EOF."""
    rig.tag(TI, chip="tag-it-hfi-plus")
    one, eight = f"B0 24 01 {TI} 00 01 04" + "01" * 4, f"B0 24 01 {TI} 00 08 04" + "01" * 32
    assert sum(spent(rig, one)[kind] for kind in ("air", "tprog")) == near(27.1, 1)
    assert sum(spent(rig, eight)[kind] for kind in ("air", "tprog")) == near(217, 0)


def test_programming_time_is_a_setting(idle_rig: Rig) -> None:
    rig = idle_rig.start("--tprog", "20")
    rig.tag()
    cost = spent(rig, f"B0 24 01 {SLIX} 00 01 04 01020304")
    assert cost["air"] + cost["tprog"] == near(27.09, 2)  # 7.09 + 20


def test_a_refused_write_programs_nothing(rig: Rig) -> None:
    rig.tag(SLIX, locked=[0])
    cost = spent(rig, f"B0 24 01 {SLIX} 00 01 04 01020304", "95")
    assert (cost["tprog"], cost["air"]) == (0, near(7.09 + 0.302, 2))  # the error code adds one byte


@pytest.mark.parametrize(
    ("baud", "inventory", "read8", "read28", "write8"),
    [
        (9600, 27.5, 74.5, 189, 64.2),
        (19200, 13.8, 37.2, 94.5, 32.1),
        (38400, 6.9, 18.6, 47.3, 16.0),
        (115200, 2.3, 6.2, 15.8, 5.3),
    ],
)
def test_wire_time(idle_rig: Rig, baud: int, inventory: float, read8: float, read28: float, write8: float) -> None:
    rig = idle_rig.start("--baud", str(baud))
    rig.set_speed(baud)
    rig.tag()
    assert spent(rig, "B0 01 00")["wire"] == near(inventory, 1)
    assert spent(rig, f"B0 23 01 {SLIX} 00 08")["wire"] == near(read8, 1)
    assert spent(rig, f"B0 23 01 {SLIX} 00 1C")["wire"] == near(read28, 0 if read28 == 189 else 1)
    cost = spent(rig, f"B0 24 01 {SLIX} 00 08 04" + "01" * 32)
    assert cost["wire"] == near(write8, 1)
    assert cost["gap"] == pytest.approx(5)  # PSST
    assert cost["total"] == pytest.approx(sum(cost[kind] for kind in ("wire", "air", "tprog", "gap")))


def test_without_parity_a_byte_has_ten_bits(idle_rig: Rig) -> None:
    rig = idle_rig.start("--parity", "N")
    assert spent(rig, "52 00")["wire"] == pytest.approx(12 * 10 / 38.4)


def test_four_tags_on_the_wire(rig: Rig) -> None:
    for last in "1234":
        rig.tag("E00401000000000" + last)
    assert spent(rig, "B0 01 00")["wire"] == near(15.5, 1)


def test_the_real_clock_waits_at_least_as_long(idle_rig: Rig) -> None:
    """A lower bound only: 28 blocks at 38400 8E1 are 16.0 x 3.2 ms on the wire and 333 ms on the air."""
    rig = idle_rig.start(clock="real")
    rig.tag()
    begun = time.monotonic()
    cost = spent(rig, f"B0 24 01 {SLIX} 00 1C 04" + "01" * 112)
    # The last silence follows the answer.
    assert time.monotonic() - begun >= (cost["total"] - cost["gap"]) / 1000 > 0.37


def test_a_lift_while_a_block_is_programmed_on_the_real_clock(idle_rig: Rig) -> None:
    rig = idle_rig.start("--tprog", "200", clock="real")
    rig.tag()
    rig.send("22ffb02401e00401000012ab0100040403020100070605040b0a09080f0e0d0caaa7")
    while "0" not in rig.dump()["writes"]:
        pass
    rig.do("lift")
    answer = rig.receive(7)  # 07 00 B0 03 DB-ADR-E
    block = int(answer[8:10], 16)
    assert answer[:8] == "0700b003"
    # The tag left while the named block was being programmed, so that it could not answer.
    assert set(rig.dump()["writes"]) == {str(n) for n in range(block + 1)}
