"""Every right at every place of the bench where it can be missing: the bench asks for a person who has it, or a table
here says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from station.base.errors import NotAllowed
from station.domain.commands import Assign, Close, Mend, Recheck, Settle, Waive
from station.domain.correction_states import Result
from station.domain.deliveries.intents import Decision
from station.domain.findings import Outcome
from station.domain.people.rights import RIGHTS, Right, Role
from station.domain.people.sign_on import Why
from station.domain.snapshot import Phase
from station.domain.workflows import Workflow
from tests.bench.item.test_corrections import CRITICAL
from tests.bench.test_authorise import changed, come, desk, failed, foreign
from tests.bench.test_bench import encoded
from tests.bench.workflows.test_authorise import another_persons, locking
from tests.support.for_each import for_each
from tests.support.leaving_bench import operators_rig
from tests.support.simulated_bench import BOOK, DVD, Rig
from tests.support.told import told

Place = Callable[[], Rig]


def overwriting(workflow: Workflow) -> Rig:
    rig = desk("ann")
    rig.enter(workflow)
    foreign(rig)
    rig.choose("overwrite")
    return rig


def locks(workflow: Workflow) -> Rig:
    rig = locking("ann", workflow)
    rig.scan(DVD if workflow is Workflow.SETS else BOOK)
    rig.world.place(rig.world.tag(1))
    rig.look(3)
    return rig


def task(workflow: Workflow, login: str, owner: str) -> Rig:
    rig = desk(login)
    rig.enter(workflow)
    rig.world.place(rig.world.tag(1, **(encoded(BOOK, owner) if owner else encoded(BOOK))))
    rig.look(3)
    rig.act("want")
    return rig


def own_undo() -> Rig:
    rig = desk("tim")
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.cancel()
    rig.lift()
    rig.enter(Workflow.INSPECT)
    rig.place(uid)
    rig.look(2)
    rig.act("undo")
    rig.act("undo-yes")
    return rig


def others_undo() -> Rig:
    rig = desk("ann")
    another_persons(rig)
    return rig


def correction(step: str, login: str) -> Rig:
    rig = desk("ann")
    failed(rig)
    (flag,) = rig.now.flags
    if step == "recheck":
        rig.bench.handle(Mend(flag.correction))
    come(rig, login) if login != "ann" else None
    steps = {
        "recheck": Recheck(flag.correction, True),
        "assign": Assign(flag.correction, owner="bindery", reason="x"),
        "close": Close(flag.correction, Result.NO_DEFECT, "it is right"),
        "waive": Waive(CRITICAL, "Accepted as it is"),
    }
    rig.bench.handle(steps[step])
    return rig


def minor_waiver() -> Rig:
    rig = desk("tim")
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    wrong = next(check for check in rig.now.checks if check.severity.value != "critical" and check.reasons)
    for check in rig.now.checks[: rig.now.checks.index(wrong)]:
        rig.answer(Outcome.PASS, rule=check.rule)
    rig.answer(Outcome.FAIL, told(wrong.reasons[0]), wrong.rule)
    assert rig.now.phase is Phase.CHECKING, "there must be further checks"
    rig.bench.handle(Waive(wrong.rule, "Accepted as it is"))
    return rig


def refused(right: Right) -> Callable[..., str]:
    def refuse(*_: object) -> str:
        raise NotAllowed(f"{right.value}: technician or above", right.value)

    return refuse


def delivery() -> Rig:
    rig = desk("ann")
    rig.bench.desk.ports = replace(rig.bench.desk.ports, settle=refused(Right.SETTLE))
    rig.bench.handle(Settle("d1", Decision.DISCARD, "why"))
    return rig


def leaving() -> Rig:
    rig = operators_rig()
    rig.act("cart")
    rig.act("choose", "weeded")
    rig.act("choose", "recycle")
    return rig


def rules() -> Rig:
    rig, _ = changed("ann", "others")
    rig.scan(BOOK)
    return rig


ASKS: dict[Right, dict[str, Place]] = {
    Right.OVERWRITE_FOREIGN: {
        "process": lambda: overwriting(Workflow.PROCESS),
        "convert": lambda: overwriting(Workflow.CONVERT),
        "erase": lambda: task(Workflow.ERASE, "ann", "DE-Heu1"),
        "migrate": lambda: task(Workflow.MIGRATE, "ann", "DE-Heu1"),
    },
    Right.LOCK: {
        "process": lambda: locks(Workflow.PROCESS),
        "convert": lambda: locks(Workflow.CONVERT),
        "sets": lambda: locks(Workflow.SETS),
    },
    Right.ERASE_TAG: {"erase": lambda: task(Workflow.ERASE, "tim", "")},
    Right.UNDO: {"inspect": own_undo},
    Right.UNDO_OTHERS: {"inspect": others_undo},
    Right.RECHECK: {"correction": lambda: correction("recheck", "tim")},
    Right.ASSIGN: {"correction": lambda: correction("assign", "ann")},
    Right.CLOSE: {"correction": lambda: correction("close", "ann")},
    Right.WAIVE: {"checks": minor_waiver},
    Right.WAIVE_CRITICAL: {"verdict": lambda: correction("waive", "ann")},
    Right.SETTLE: {"delivery": delivery},
    Right.CHANGE_RULES: {"scan": rules},
    Right.WITHDRAW: {"withdraw": leaving},
}
"""Right -> the place at the bench where a person without the right has just tried the act."""

WHY_NOT = {
    Right.PROCESS: "everybody who works here has it",
    Right.MEND: "everybody who works here has it",
    Right.SEE_OTHERS: "a view and no act: the screen shows what whoever works there may see; others look in their own name",
    Right.TRAIN: "no screen offers it; the command line asks for somebody who has it (`who_asks.order`)",
    Right.MANAGE_PEOPLE: "no screen offers it; at the command line whoever manages people does so in his own name",
    Right.MANAGE_STAFF: "as manage-people",
    Right.ERASE: "as manage-people",
    Right.COUNT: "everybody who works here has it",
    Right.SETTLE_DIFFERENCE: "no screen offers it; office and command line ask for somebody who has it",
    Right.SIGN_INVOICE: "no screen offers it",
    Right.CHANGE_ORDERS: "no screen offers it; office and command line ask for somebody who has it",
}
"""Rights that no place of the bench asks for."""


def test_every_right_stands_in_one_of_the_two_tables() -> None:
    assert set(ASKS) | set(WHY_NOT) == set(Right) and not set(ASKS) & set(WHY_NOT)
    everybody = frozenset.intersection(*RIGHTS.values())
    assert {right for right, why in WHY_NOT.items() if why.startswith("everybody")} <= everybody
    assert not set(ASKS) & everybody and Role.TECHNICIAN in RIGHTS


@for_each(("right", "place"), [(right, place) for right, places in ASKS.items() for place in places])
def test_it_asks_for_somebody_who_has_the_right(right: Right, place: str) -> None:
    rig = ASKS[right][place]()
    asked = rig.now.sign_on_prompt
    assert asked is not None, told(rig.now.notice.sentence)
    assert (asked.why, asked.right, asked.leave) == (Why.AUTHORISE, right.value, True)
    assert asked.question and asked.what
