"""The emulated FEIG readers against the vendors' manuals, byte for byte (`manual_frames.SAID`, written before the
emulators were read).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.emulators.feig.manual_frames import BY_NAME, SAID, SLIX, TI, Said
from tests.support.feig_rig import Rig

MODELS = ("cpr.m02", "mr101", "mr102")
MEMORY = "11223344 55667788"


@pytest.fixture(scope="module")
def rigs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Rig]]:
    running: dict[str, Rig] = {}
    yield running
    for rig in running.values():
        rig.close()


def rig_of(rigs: dict[str, Rig], model: str, folder: Path) -> Rig:
    """Return the reader after a cold start, with its EEPROM as delivered and no tag on the pad."""
    if model not in rigs:
        folder.mkdir()
        rigs[model] = Rig(folder).start("--model", model)
    rig = rigs[model]
    if model != "mr102":
        rig.command("83 C0")
    rig.anew()
    return rig


def slix(rig: Rig, **more: object) -> None:
    rig.tag(SLIX, chip="slix", memory=MEMORY.replace(" ", ""), **more)


STAGES: dict[str, Callable[[Rig], None]] = {
    "nothing on the pad": lambda rig: None,
    "advanced asked, advanced answered": lambda rig: None,
    "lock a locked block": lambda rig: slix(rig, locked=[2]),
    "read blocks 0 and 1 with locks": lambda rig: slix(rig, locked=[1]),
    "locks of blocks 0 to 2": lambda rig: slix(rig, locked=[1]),
    "write locked block 1 behind 0": lambda rig: slix(rig, locked=[1]),
    "write the locked AFI": lambda rig: slix(rig, afi_locked=True),
    "write the locked DSFID": lambda rig: slix(rig, dsfid_locked=True),
    "EAS alarm, bit on": lambda rig: slix(rig, eas=True),
    "transparent write, option 1, to TI": lambda rig: rig.tag(TI, chip="tag-it-hfi-plus"),
}
"""Preparation of the pad, unless it is one SLIX with nothing locked and its EAS bit off."""

DONE: dict[str, Callable[[Rig], bool]] = {
    "lock blocks 2 and 3": lambda rig: rig.dump(SLIX)["locked"] == [2, 3],
    "write block 2": lambda rig: rig.block(2, SLIX) == "0a0b0c0d",
    "write locked block 1 behind 0": lambda rig: rig.dump(SLIX)["memory"][:16] == "0102030455667788",
    "write AFI 07": lambda rig: rig.dump(SLIX)["afi"] == 0x07,
    "lock AFI": lambda rig: rig.dump(SLIX)["afi_locked"],
    "write DSFID 3E": lambda rig: rig.dump(SLIX)["dsfid"] == 0x3E,
    "lock DSFID": lambda rig: rig.dump(SLIX)["dsfid_locked"],
    "quiet": lambda rig: rig.dump(SLIX)["state"] == "quiet",
    "select": lambda rig: rig.dump(SLIX)["state"] == "selected",
    "set EAS": lambda rig: rig.dump(SLIX)["eas"],
    "lock EAS": lambda rig: rig.dump(SLIX)["locked_cells"] == ["eas"],
    "transparent write, option 0": lambda rig: rig.block(3, SLIX) == "01020304",
    "transparent write, option 1, to TI": lambda rig: rig.block(3, TI) == "01020304",
    "transparent without an answer": lambda rig: rig.dump(SLIX)["state"] == "quiet",
    "write CFG5 into RAM": lambda rig: rig.do("state")["config"]["5"] == "0000000000000000000000040000",
}
"""Expected effect of the command."""


@pytest.mark.parametrize("said", [said for said in SAID if said.family != "-"], ids=lambda said: said.name)
def test_the_emulator_answers_what_the_manual_says(said: Said, rigs: dict[str, Rig], tmp_path: Path) -> None:
    rig = rig_of(rigs, said.family, tmp_path / "reader")
    STAGES.get(said.name, slix)(rig)
    assert rig.ask(said.sent) == said.answered.lower(), said.source
    assert DONE.get(said.name, lambda _: True)(rig)


def test_every_stage_is_of_a_row() -> None:
    assert {*STAGES, *DONE} <= set(BY_NAME)
    assert {said.family for said in SAID} == {*MODELS, "-"}
