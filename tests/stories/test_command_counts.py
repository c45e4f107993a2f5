"""The number of commands on the wire is that of the algorithm, counted by hand and by the emulator, not by the station.

The hand count follows the write algorithm (docs/readers/feig.md): gate; undo image (System Information, read all);
invalidate (DSFID C0 and block 0 zero, each read back; a blank tag needs none); body (one command for one run of
blocks), read back twice; block 0, read back; DSFID, read back; AFI last; RF reset; System Information, read all. The
first tag of a reader has DSFID C0, too, and its AFI and DSFID C0 are read back first.
Inventories are left out, because the station also looks at the pad between items.
"""

from __future__ import annotations

from pathlib import Path

from station.catalog.sample.sample import numbered_barcode
from station.demo.operator import Operator
from station.demo.shelf import DemoTag, uid
from station.demo.stage import Stage
from station.domain.snapshot import Phase

READ, WRITE, AFI, DSFID, INFORMATION, RESET = "b023", "b024", "b027", "b029", "b02b", "69"


def counted(stage: Stage, operator: Operator, barcode: str, tag: DemoTag, *, overwrite: bool = False) -> dict[str, int]:
    operator.scan(barcode)
    operator.phase(Phase.NEED_TAG)
    if overwrite:
        operator.place(tag)
        operator.fault("other-item")
        operator.choose("overwrite")
        operator.second_gesture()
    stage.reader.call("reset-counters")
    if overwrite:
        operator.scan(barcode)
    else:
        operator.place(tag)
    operator.phase(Phase.CHECKING)
    commands = stage.reader.call("counters")["commands"]
    assert operator.judge() == "pass"
    operator.clear()
    return {code: commands.get(code, 0) for code in (READ, WRITE, AFI, DSFID, INFORMATION, RESET)}


def test_commands_of_a_blank_tag_of_an_overwritten_one_and_of_an_equal_one(tmp_path: Path) -> None:
    with Stage(tmp_path / "data", numbered_items=3, virtual_clock=True) as stage:
        operator = Operator(stage.station.bench, stage.reader, stage.ils)
        tag = DemoTag(uid=uid(0x20001))
        stage.create(tag)
        operator.eyes.wait("the reader", lambda s: s.reader_ready)

        first_tag = DemoTag(uid=uid(0x20002))
        stage.create(first_tag)
        first = counted(stage, operator, numbered_barcode(3), first_tag)
        assert first == {READ: 1 + 2 + 1 + 1, WRITE: 1 + 1, AFI: 1, DSFID: 1 + 1, INFORMATION: 1 + 2 + 1 + 1, RESET: 1}

        blank = counted(stage, operator, numbered_barcode(1), tag)
        assert blank == {READ: 1 + 2 + 1 + 1, WRITE: 1 + 1, AFI: 1, DSFID: 1, INFORMATION: 1 + 1 + 1, RESET: 1}

        # The last block of the identifier and that of the call number differ: two runs, read back as one range, twice.
        again = counted(stage, operator, numbered_barcode(2), tag, overwrite=True)
        assert again[AFI] == 0, "the security state is already correct"
        assert again[DSFID] == 2
        assert again[WRITE] == 1 + 2 + 1
        assert again[READ] == 1 + 1 + 2 + 1 + 1
        assert again[INFORMATION] == 1 + 1 + 1 + 1
        assert again[RESET] == 1

        equal = counted(stage, operator, numbered_barcode(2), tag)
        assert equal == {READ: 1, WRITE: 0, AFI: 0, DSFID: 0, INFORMATION: 1, RESET: 0}

        writes = stage.reader.call("dump", uid=tag.uid)["tag"]["writes"]
        assert max(writes.values()) <= 3, "wear: no cell may be written more often than in the algorithm"
        operator.eyes.close()
