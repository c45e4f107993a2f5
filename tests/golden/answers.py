"""What rules say of items, and what library systems answer: findings, checks, receipts, refusals and facts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import StationError
from station.domain.deliveries.delivery import Delivery
from station.domain.findings import Outcome
from station.domain.item import Barcode
from station.domain.ports import CirculationSystem
from station.quality.verdict.checklist import checks, machine_findings
from tests.golden.constant import folder, masked
from tests.golden.leaves import Leaves, leaves
from tests.quality.examples import BASES, CATALOGUE, MACHINE, TODAY, changed
from tests.support.alma_process import AlmaProcess
from tests.sync.system_rigs import EACH, ITEMS, RIGS, UNKNOWN, Rig, Witness, delivery_of, intent_for

UID: Final = "E004015012345678"
WITHOUT_FAULTS: Final = ("sip2", "voyager")
"""Systems whose faults take real seconds each."""


def rules() -> dict[str, Leaves]:
    """Return the checks of each kind of item, and the findings that each changed fact causes."""
    found = {f"checks {name}": leaves(checks(CATALOGUE, facts, TODAY)) for name, facts in BASES.items()}
    for rule, examples in MACHINE.items():
        for number, example in enumerate(examples, 1):
            findings = machine_findings(CATALOGUE, changed(example.base, example.path, example.value), TODAY)
            wrong = tuple(finding for finding in findings if finding.outcome is not Outcome.PASS)
            found[f"{rule} {number}"] = leaves(wrong)
    return found


def systems() -> dict[str, Leaves]:
    """Return what each adapter answers to each kind of delivery, and to faults, in the language in use."""
    root, systems = _each_system()
    return {name: _leaves(answers, root) for name, answers in systems.items()}


def _leaves(answers: dict[str, object], root: Path) -> Leaves:
    found = {path: leaf for what, answer in answers.items() for path, leaf in leaves(answer, f"/{what}").items()}
    return {
        path: masked(leaf, root) if isinstance(leaf, str) else leaf
        for path, leaf in found.items()
        if not path.endswith("/at")
    }


NEWER = frozenset({"receive", "keep"})
"""Kinds of deliveries that came after the recording."""


@cache
def _each_system() -> tuple[Path, dict[str, dict[str, object]]]:
    """Return the answers of each adapter, which have no language, and the folder of its files."""
    with folder() as root:
        process = AlmaProcess(root)
        try:
            return root, {name: _answers(name, root, process) for name in EACH if "result" in RIGS[name].takes}
        finally:
            process.close()


def _answers(name: str, root: Path, process: AlmaProcess) -> dict[str, object]:
    (root / name).mkdir()
    rig: Rig = RIGS[name](root / name, process)
    found: dict[str, object] = {}

    def keep(what: str, ask: Callable[[], object]) -> None:
        try:
            found[what] = ask()
        except StationError as error:
            found[what] = {"code": error.code, "detail": error.detail}

    try:
        keep("check", rig.system.check)
        if isinstance(system := rig.system, CirculationSystem):
            keep("look-up", lambda: system.look_up(Barcode(ITEMS[0])))
            keep("look-up of an unknown item", lambda: system.look_up(Barcode(UNKNOWN)))
        for number, which in enumerate(sorted(rig.takes - NEWER), 1):
            for what, barcode in (("", ITEMS[number]), (" again", ITEMS[number]), (" unknown", UNKNOWN)):
                made = delivery_of(number, intent_for(rig, which, barcode, UID), rig.system.name)
                keep(f"{which}{what}", partial(rig.system.deliver, made))
        if name not in WITHOUT_FAULTS:
            _with_faults(rig, keep)
    finally:
        rig.close()
    return found


def _with_faults(rig: Rig, keep: Callable[[str, Callable[[], object]], None]) -> None:
    def delivery(number: int) -> Delivery:
        return delivery_of(number, intent_for(rig, "result", ITEMS[number], UID), rig.system.name)

    rig.down()
    keep("down", lambda: rig.system.deliver(delivery(20)))
    keep("check, down", rig.system.check)
    rig.up()
    for number, fault in enumerate(rig.faults(), 21):
        fault()
        keep(f"fault {number}", partial(rig.system.deliver, delivery(number)))
        keep(f"check, fault {number}", rig.system.check)
        rig.calm()
    if rig.answers:
        rig.lose_answer()
        witness = Witness(rig)
        lost = delivery(19)
        keep("answer lost", lambda: rig.system.deliver(lost, witness))
        sent = msgspec.structs.replace(lost, sent=True, witness=witness.told[-1] if witness.told else "")
        keep("confirmed", lambda: rig.system.confirm(sent))
