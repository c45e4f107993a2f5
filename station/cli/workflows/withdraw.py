"""`station withdraw answer`: the checks of items that leave the library, without the touch screen."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable

import click

from station.base.errors import DepartureRefused, StationBusy
from station.base.sentence import Sentence
from station.bench.workflows.withdraw.workflow import TASKS
from station.catalog.barcodes.barcode import check as check_barcode
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app, stands_option, timeout_option
from station.cli.shared.authorise import TerminalAuthoriser
from station.cli.shared.prove_identity import at_the_bench, queries
from station.cli.workflows.follow import following
from station.cli.workflows.operator import NoAnswers, Operator, Result, Wish
from station.cli.workflows.process import Terminal, answer_options, answers_of, bench_of, findings_option, report
from station.domain.commands import Act, Enter
from station.domain.snapshot import Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import WithdrawState, WithdrawView, Workflow
from station.runtime.library_systems import load_rules

task_option = click.option(
    "--task", type=click.Choice(TASKS), default=TASKS[0], show_default=True, help="Task for which to check."
)


@click.command()
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
    that stopped it. Without an answer, --pass-all leaves a live tag open: `list` shows it until the tag is erased.
    """
    check_barcode(barcode, app.settings().barcodes)
    by_rule = answers_of(answers, notes, photos, counted)
    _refuse_unknown(app, task, by_rule)
    if task == TASKS[0]:
        _refuse_too_early(app, barcode)
    wish = Wish(barcode=barcode, pass_all=pass_all, answers=by_rule, timeout=timeout)
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
            raise StationBusy(Sentence("withdraw.others-open", task=Sentence(f"withdraw.task.{view.task}")))
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


def _refuse_too_early(app: App, barcode: str) -> None:
    """Raise `DepartureRefused` for an item whose withdrawal nobody decided, or that the library system still has."""
    now = queries(app).withdrawal_of_item(barcode)
    if now is None or not now.decided_at:
        raise DepartureRefused(Sentence("withdrawal.refused.not-decided", title=barcode))
    if not now.deleted_at and not now.part:
        raise DepartureRefused(Sentence("withdrawal.refused.not-deleted", title=now.title or barcode))


def _refuse_unknown(app: App, task: str, rules: Iterable[str]) -> None:
    """Raise `click.UsageError` for a rule about which no person is asked in this task."""
    in_force = load_rules(app.settings(), app.data).in_force(app.clock.day())
    known = [rule.id for rule in in_force if rule.by_person and task in rule.applies.tasks]
    for rule in rules:
        if rule not in known:
            names = difflib.get_close_matches(rule, known) or known
            raise click.UsageError(f"--answer {rule}: the task {task} has no such rule. Rules: {', '.join(names)}.")


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
