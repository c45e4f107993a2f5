"""`station withdraw`: checks of items that leave the library, without the touch screen; unfinished withdrawals."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click
import msgspec

from station.base.cells import table
from station.base.errors import StationBusy
from station.base.local_time import local_day
from station.base.words import tell
from station.bench.workflows.withdraw import TASKS
from station.catalog.barcodes.barcode import check as check_barcode
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app, stands_option, timeout_option
from station.cli.shared.authorise import TerminalAuthoriser
from station.cli.shared.prove_identity import at_the_bench, queries
from station.cli.workflows.follow import following
from station.cli.workflows.operator import NoAnswers, Operator, Result, Wish
from station.cli.workflows.process import Terminal, answer_options, answers_of, bench_of, findings_option, report
from station.domain.commands import Act, Enter
from station.domain.events import WithdrawalBegan, WithdrawalJudged, WithdrawalLeft
from station.domain.findings import Outcome
from station.domain.ports import Logged
from station.domain.snapshot import Snapshot, Verdict
from station.domain.workflows import WithdrawState, WithdrawView, Workflow

task_option = click.option(
    "--task", type=click.Choice(TASKS), default=TASKS[0], show_default=True, help="Task for which to check."
)


@click.group()
@data_option
def withdraw() -> None:
    """Items that leave the library: the checks of a withdrawal, or of a return to the vendor."""


@withdraw.command("answer")
@data_option
@json_option
@click.argument("barcode")
@task_option
@answer_options
@timeout_option
@stands_option
@findings_option
@pass_app
def answer(
    app: App,
    barcode: str,
    task: str,
    pass_all: bool,
    answers: tuple[str, ...],
    notes: tuple[str, ...],
    photos: tuple[str, ...],
    counted: int | None,
    timeout: float,
    operator: str,
    all_findings: bool,
) -> int:
    """Answer the checks of this BARCODE for a task, and record the verdict.

    Uses the running station if there is one. If the item is on the pad, its tag is read. Asks at the terminal for
    answers that are not given. Exit code 0 for a pass, 1 for a fail or an item set aside, else the code of the error
    that stopped it.
    """
    check_barcode(barcode, app.settings().barcodes)
    given = answers_of(answers, notes, photos, counted)
    wish = Wish(barcode=barcode, pass_all=pass_all, answers=given, timeout=timeout)
    ask = NoAnswers() if app.json or not sys.stdin.isatty() else Terminal()
    with bench_of(app, "a checklist was answered", operator) as (bench, at_end):  # not for people
        at_the_bench(app, bench, operator)
        if (ended := _ended_by_itself(bench.snapshot, barcode, task)) is not None:
            report(app, ended, all_findings=all_findings)
            return 0 if ended.good else NOT_GOOD
        before = bench.snapshot.workflow
        with following(bench, app.clock, timeout, at_end) as news:
            bench.submit(Enter(Workflow.WITHDRAW))
            bench.submit(Act("task", task))
            for snapshot in news:
                view = snapshot.workflow_view
                if isinstance(view, WithdrawView) and (view.task == task or view.state is WithdrawState.ASKING):
                    break
        if isinstance(view, WithdrawView) and view.task != task:
            raise StationBusy(tell("withdraw.others-open", task=tell(f"withdraw.task.{view.task}")))
        person = Operator(
            bench,
            wish,
            app.clock,
            ask,
            app.note,
            (Workflow.WITHDRAW,),
            answer_prompt=TerminalAuthoriser(app, bench).answer_prompt,
        )
        try:
            result = person.run(at_end)
        finally:
            bench.submit(Enter(before))
    report(app, result, all_findings=all_findings)
    return 0 if result.good else NOT_GOOD


def _ended_by_itself(now: Snapshot, barcode: str, task: str) -> Result | None:
    """Return the verdict that the bench reached at its start, after a kill between the last answer and the verdict.

    A caller that got no answer and repeats the command gets this verdict. The checks are not repeated, and not
    journaled twice.
    """
    if not (
        now.notice.code == "withdraw.taken-up"
        and now.item is not None
        and now.item.barcode == barcode
        and isinstance(now.workflow_view, WithdrawView)
        and now.workflow_view.task == task
        and now.verdict is not None
    ):
        return None
    good = now.verdict is Verdict.PASS
    return Result(barcode=barcode, good=good, outcome=now.verdict.value, snapshot=now)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Newest checklist of an item for a task."""

    barcode: str
    title: str
    task: str
    state: str
    """"pass", "fail", "open", "left"."""
    at: str
    operator: str
    failed: tuple[str, ...] = ()
    """Ids of the failed rules."""


@withdraw.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include passed checklists.")
@pass_app
def listed(app: App, everything: bool) -> int:
    """List the unfinished withdrawals (open, left, or failed at the newest checks), the oldest first."""
    found = [row for row in rows(queries(app).withdrawals()) if everything or row.state != "pass"]
    lines = [
        (
            local_day(row.at),
            row.barcode,
            row.task,
            tell(f"withdraw.state.{row.state}"),
            ", ".join(row.failed),
            row.title,
        )
        for row in found
    ]
    app.report(found, table(lines) if lines else [tell("withdraw.nothing-unfinished")])
    return 0


def rows(logged: Iterable[Logged]) -> tuple[Row, ...]:
    """Return the newest row of each item and task, in the order of their newest events."""
    found: dict[tuple[str, str], Row] = {}
    titles: dict[str, str] = {}
    for one in logged:
        event = one.event
        failed: tuple[str, ...] = ()
        match event:
            case WithdrawalBegan():
                titles[event.barcode] = event.item.title
                state = "open"
            case WithdrawalJudged():
                state = "pass" if event.verdict is Verdict.PASS else "fail"
                failed = tuple(one.rule for one in event.findings if one.outcome is Outcome.FAIL)
            case WithdrawalLeft():
                state = "left"
            case _:
                continue
        key = (event.barcode, event.task)
        found.pop(key, None)
        found[key] = Row(
            barcode=event.barcode,
            title=titles.get(event.barcode, ""),
            task=event.task,
            state=state,
            at=one.at,
            operator=event.operator,
            failed=failed,
        )
    return tuple(found.values())
