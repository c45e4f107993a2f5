"""`station tag erase`, and the write of `station tag migrate`, through the same bench, gate and gestures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

import click
import msgspec

from station.base.cells import filled
from station.base.errors import NotFinished
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_said, pass_app, timeout_said
from station.cli.shared.authorise import TerminalAuthoriser
from station.cli.shared.prove_identity import at_the_bench
from station.cli.tag.source import uid
from station.cli.workflows.follow import Follower, back_to, entered, following
from station.cli.workflows.operator import error_of
from station.cli.workflows.process import bench_of
from station.domain.commands import Act, Cancel, Choose, Enter, Scan
from station.domain.ports import BenchPort
from station.domain.snapshot import Snapshot
from station.domain.tag_image import Uid
from station.domain.workflows import RetagState, RetagTask, RetagView, Workflow

_WORKFLOWS: Final = {RetagTask.ERASE: Workflow.ERASE, RetagTask.MIGRATE: Workflow.MIGRATE}
_SETTLED_AT_PAD: Final = frozenset({"tag-lost", "tag-absent", "tags-collide", "tag-unreadable"})


@click.command()
@data_option
@json_option
@click.option("--barcode", default="", help="Barcode of the item on the tag, as scanned: the second gesture.")
@click.option("--uid", "number", callback=uid, help="Full UID of a tag without an item: the second gesture.")
@timeout_said("Seconds without any change after which to give up.")
@operator_said("Login of the operator from now on.")
@pass_app
def erase(app: App, barcode: str, number: Uid | None, timeout: float, operator: str) -> int:
    """Erase the one tag on the pad: it becomes like a new one. The write is planned, journaled and read back, and the
    ledger releases the tag.

    Without --barcode or --uid, the command only shows the tag's content, and nothing is written. A tag that is unknown,
    damaged or from another library requires a technician; if sign-on is required, the command asks for one at this
    terminal. A tag with content in locked blocks is refused before any command goes to the reader.

    Exit code 1 if nothing was written.
    """
    return carry_out(app, RetagTask.ERASE, barcode=barcode, number=number or "", timeout=timeout, operator=operator)


def carry_out(app: App, task: RetagTask, *, barcode: str, number: str, timeout: float, operator: str) -> int:
    """Carry out the task on the running station, or on a station of this process. Report; return the exit code."""
    with bench_of(app, f"to {task} a tag from the command line", operator) as (bench, at_end):  # not for people
        at_the_bench(app, bench, operator)
        before = bench.snapshot.workflow
        with following(bench, app.clock, timeout, at_end) as news:
            bench.submit(Enter(_WORKFLOWS[task]))
            try:
                view = _Worker(bench, TerminalAuthoriser(app, bench), app.note, barcode, Uid(number)).run(
                    news, _WORKFLOWS[task]
                )
            finally:
                bench.submit(Cancel())
                back_to(bench, app.clock, before)
    done = view.state is RetagState.DONE
    app.report({"done": done, "tag": view}, _lines(view, done=done))
    return 0 if done else NOT_GOOD


class _Worker:
    """Operates the bench as a person at the screen would."""

    def __init__(
        self, bench: BenchPort, authoriser: TerminalAuthoriser, say: Callable[[str], None], barcode: str, number: Uid
    ) -> None:
        self._follower = Follower(bench, say)
        self._authoriser = authoriser
        self._barcode = barcode
        self._number = number

    def run(self, news: Iterator[Snapshot], workflow: Workflow) -> RetagView:
        """Carry out the task. Return the tag as it was last shown: before the write, or after it."""
        shown = RetagView()
        first = entered(news, workflow)
        over = isinstance(first.workflow_view, RetagView) and first.workflow_view.state is RetagState.DONE
        for snapshot in chain([first], news):
            if snapshot.sender != first.sender:  # the bench has ended the job
                self._follower.tell(tell("process.set-aside"))
                return shown
            view = snapshot.workflow_view if isinstance(snapshot.workflow_view, RetagView) else RetagView()
            self._follower.tell(tell(snapshot.fault.sentence if snapshot.fault is not None else snapshot.prompt))
            over = over and view.state is RetagState.DONE
            if self._authoriser.answer_prompt(snapshot.sign_on_prompt):
                continue
            if snapshot.fault is not None and snapshot.reader_ready:
                if snapshot.fault.code not in _SETTLED_AT_PAD:
                    raise error_of(snapshot.fault)
            elif view.state is RetagState.DONE:
                if over:
                    continue  # a previous tag of this workflow, which the prompt asks to lift
                return view if view.lines else msgspec.structs.replace(shown, state=view.state)
            elif view.state is RetagState.SHOWN:
                shown = view
                if not self._go_on(view, snapshot):
                    return view
            elif view.state is RetagState.SURE and view.held:
                self._follower.submit(Choose("keep"))
                raise NotFinished(Sentence("retag.another-barcode"))
            elif view.state is RetagState.SURE and self._follower.once(("sure", view.uid)):
                sure = Scan(self._barcode) if self._barcode else Act("uid", self._number)
                self._follower.submit(sure)
        raise NotFinished(Sentence("retag.not-finished"))

    def _go_on(self, view: RetagView, snapshot: Snapshot) -> bool:
        """Request the write if a second gesture was given. Return False if nothing remains to be done."""
        if not self._barcode and not self._number:
            return False
        if not view.commands and view.refused and self._barcode and not view.barcode and self._follower.once("claim"):
            self._follower.submit(Scan(self._barcode))
            return True
        if not view.commands:
            return False
        if self._follower.once(("want", view.uid)):
            self._follower.submit(Act("want"))
        elif (refused := self._follower.refusal(snapshot)) is not None:
            raise self._authoriser.refusal or NotFinished(refused.sentence)
        return True


def _lines(view: RetagView, *, done: bool) -> list[str]:
    if not view.uid:
        return [tell("retag.report.nothing")]
    item = f"{view.barcode} {view.title}".strip()
    lines = [
        tell("retag.report.tag", uid=view.uid, says=view.says),
        *([tell("retag.report.item", item=item)] if item else []),
        *([tell(view.bound)] if view.bound else []),
    ]
    for line in view.lines:
        before, kind = tell(line.old), filled(tell(f"retag.kind.{line.kind}"), 13)
        if line.after in ("", line.before):
            sentence = tell("retag.report.same", kind=kind, name=line.name, before=before)
        else:
            before = before or tell("retag.nothing")
            sentence = tell("retag.report.change", kind=kind, name=line.name, before=before, after=line.new)
        lines.append(f"{sentence}{f': {tell(line.reason)}' if line.reason else ''}")
    if done:
        return [*lines, tell("retag.report.done")]
    return [*lines, tell(view.refused or "retag.report.nothing")]
