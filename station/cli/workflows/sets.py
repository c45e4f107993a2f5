"""`station set`: gather all parts of one item without the touch screen; `station sets`: list the sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click
import msgspec

from station.base.cells import table
from station.base.errors import NotAllowed, NotFinished, StationBusy
from station.base.local_time import local_minute
from station.base.sentence import EMPTY, Sentence
from station.base.words import tell
from station.bench.item.counted_parts import sized
from station.catalog.barcodes.barcode import check as check_barcode
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_said, pass_app, timeout_said
from station.cli.shared.authorise import TerminalAuthoriser, refuse_prompt
from station.cli.shared.prove_identity import at_the_bench
from station.cli.workflows.follow import Follower, back_to, entered, following
from station.cli.workflows.operator import SCAN_AGAIN, error_of
from station.cli.workflows.process import bench_of, choose_option
from station.domain.commands import Act, Cancel, Choose, Enter, Scan
from station.domain.events import SetClosed, SetOpened, SetSized
from station.domain.people.sign_on import SignOnPrompt
from station.domain.ports import BenchPort, Logged
from station.domain.snapshot import Snapshot
from station.domain.workflows import MOST_PARTS, SetModel, SetState, SetView, Workflow
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries


class SetWish(msgspec.Struct, frozen=True, kw_only=True):
    """Request of the caller for one set."""

    barcode: str
    parts: int = 0
    """0 = as many as are known."""
    model: SetModel | None = None
    part: int = 0
    """Part that the next new tag becomes; 0 = the first part without a tag."""
    any_order: bool = False
    loose: int | None = None
    choices: tuple[str, ...] = ()
    leave: bool = False
    """Put the set down incomplete as soon as the tags on the pad are done."""


class SetsOperator:
    """Operates the bench as a person at the screen would."""

    def __init__(
        self,
        bench: BenchPort,
        wish: SetWish,
        say: Callable[[str], None],
        answer_prompt: Callable[[SignOnPrompt | None], bool] = refuse_prompt,
    ) -> None:
        """`answer_prompt` handles a prompt for a person with a right (`authorise.TerminalAuthoriser.answer_prompt`)."""
        self._follower = Follower(bench, say)
        self._answer_prompt = answer_prompt
        self._wish = wish
        self._choices = list(wish.choices)
        self._asked_part = not wish.part

    def run(self, news: Iterator[Snapshot]) -> SetView:
        """Gather the set. Return it as it was put down; raise the present `StationError` if that is impossible."""
        first = entered(news, Workflow.SETS)
        now = first.workflow_view
        if (
            isinstance(now, SetView)
            and now.barcode
            and now.barcode != self._wish.barcode
            and now.state is not SetState.COMPLETE
        ):
            raise StationBusy(Sentence("sets.busy-with", barcode=now.barcode))
        stood = first.fault if first.fault is not None and first.fault.code == NotAllowed.code else None
        if stood is not None:
            # A right was asked for before and not granted: ask again.
            self._follower.submit(Choose("retry"))
        self._follower.submit(Scan(self._wish.barcode))
        begun: SetView | None = None
        for snapshot in news:
            view = snapshot.workflow_view if isinstance(snapshot.workflow_view, SetView) else SetView()
            if begun is not None and view.barcode != self._wish.barcode:
                self._follower.tell(tell("process.set-aside"))
                return begun
            self._follower.tell(_said(snapshot))
            if self._answer_prompt(snapshot.sign_on_prompt):
                stood = None
                continue
            if stood is not None and snapshot.fault == stood:
                continue
            if view.barcode != self._wish.barcode:
                if (refused := self._follower.refusal(snapshot)) is not None:
                    raise NotFinished(refused.sentence)
                continue
            begun = view
            if snapshot.fault is not None and snapshot.reader_ready:
                self._stopped(snapshot)
            elif view.answers:
                self._answer(view, _said(snapshot))
            elif view.state is SetState.COMPLETE:
                return view
            elif self._sizes(view) or not self._step(snapshot, view):
                continue
            else:
                return view
        raise NotFinished(Sentence("sets.not-finished"))

    def _stopped(self, snapshot: Snapshot) -> None:
        fault = snapshot.fault
        if fault is None or not self._follower.once((fault.code, fault.sentence, fault.choices)):
            return
        offered = {choice.id for choice in fault.choices}
        if self._choices and (self._choices[0] in offered or (self._choices[0] == SCAN_AGAIN and "keep" in offered)):
            choice = self._choices.pop(0)
            self._follower.submit(Scan(self._wish.barcode) if choice == SCAN_AGAIN else Choose(choice))
        elif fault.code not in _SETTLED_AT_PAD:
            raise error_of(fault)

    def _answer(self, view: SetView, question: str) -> None:
        """Give the answer from the wish. Raises `NotFinished` if the wish contains none."""
        if not self._follower.once((view.state, view.answers)):
            return
        ids = [answer.id for answer in view.answers]
        if view.state is SetState.ASK_ORDER and self._wish.any_order:
            self._follower.submit(Choose("number-them"))
        elif view.state is SetState.ASK_SIZE and (self._wish.parts or self._wish.model is not None):
            stays = self._wish.parts == len(view.parts) and self._wish.model in (None, view.model)
            self._follower.submit(Choose("size-0" if stays else "size-1"))
        elif self._choices and self._choices[0] in ids:
            self._follower.submit(Choose(self._choices.pop(0)))
        else:
            labels = "; ".join(f"{answer.id}: {tell(answer.label)}" for answer in view.answers)
            raise NotFinished(
                Sentence("process.nobody-answered", question=question), Sentence("process.choices", names=labels)
            )

    def _sizes(self, view: SetView) -> bool:
        """Submit the wished model or number of parts. Return True if a command was submitted."""
        if view.state not in (SetState.GATHER, SetState.COUNT):
            return False
        wish = self._wish
        if wish.model not in (None, view.model):
            return self._follower.once(("model", wish.model)) and self._submit(Act("model", str(wish.model)))
        if wish.parts not in (0, len(view.parts)):
            return self._follower.once(("size", wish.parts)) and self._submit(Act("size", str(wish.parts)))
        return False

    def _step(self, snapshot: Snapshot, view: SetView) -> bool:
        """Take the next step. Return True if the set was put down incomplete, as wished."""
        if view.state is SetState.GATHER and not self._asked_part:
            self._asked_part = True
            self._submit(Act("part", str(self._wish.part)))
        elif view.state is SetState.COUNT and self._wish.loose is not None:
            pieces = self._wish.loose + (len(view.parts) if view.model is SetModel.MAIN else 0)
            if self._follower.once(("loose", pieces)):
                self._submit(Act("loose", str(pieces)))
        elif view.state is SetState.COUNT:
            raise NotFinished(
                Sentence("process.nobody-answered", question=Sentence.joined((snapshot.prompt, "."), "")),
                "--loose NUMBER",  # not for people
            )
        elif view.state is SetState.GATHER and self._wish.leave and view.seen:
            self._submit(Cancel())
            return True
        return False

    def _submit(self, command: Act | Cancel) -> bool:
        self._follower.submit(command)
        return True


def _said(snapshot: Snapshot) -> str:
    sentence = tell(snapshot.fault.sentence if snapshot.fault is not None else snapshot.prompt)
    return f"{sentence} ({tell(snapshot.notice.sentence)})" if snapshot.notice.sentence else sentence


_SETTLED_AT_PAD = frozenset({"tag-lost", "tag-absent", "tags-collide", "tag-unreadable"})
"""Faults that are settled by moving tags on the pad."""


@click.command("set")
@data_option
@json_option
@click.argument("barcode")
@click.option(
    "--parts",
    type=click.IntRange(1, MOST_PARTS),
    default=None,
    help="Number of parts of the set; tags are renumbered.",
)
@click.option(
    "--model",
    type=click.Choice([model.value for model in SetModel]),
    default=None,
    help="Tag every part, or only the main part.",
)
@click.option("--part", type=click.IntRange(1, MOST_PARTS), default=None, help="Part number for the next new tag.")
@click.option("--any-order", is_flag=True, help="Number several new tags on the pad in any order.")
@click.option(
    "--loose",
    type=click.IntRange(0, 999),
    default=None,
    help="Number of pieces without tag and barcode, counted by hand.",
)
@choose_option("work")
@click.option("--leave", is_flag=True, help="Put the set down incomplete once the tags on the pad are done.")
@timeout_said("Seconds without any change after which to give up.")
@operator_said("Login of the operator from now on.")
@pass_app
def set_(
    app: App,
    barcode: str,
    parts: int | None,
    model: str | None,
    part: int | None,
    any_order: bool,
    loose: int | None,
    choices: tuple[str, ...],
    leave: bool,
    timeout: float,
    operator: str,
) -> int:
    """Gather the parts of BARCODE on the pad, in any order, one or several at once: number, write and verify them, and
    report the missing parts.

    Uses the running station if there is one. Exit code 0 for a complete set, 1 for an incomplete one, else the code of
    the error that stopped it.
    """
    wish = SetWish(
        barcode=str(check_barcode(barcode, app.settings().barcodes)),
        parts=parts or 0,
        model=SetModel(model) if model else None,
        part=part or 0,
        any_order=any_order,
        loose=loose,
        choices=choices,
        leave=leave,
    )
    with bench_of(app, "a set was gathered from the command line", operator) as (bench, at_end):  # not for people
        at_the_bench(app, bench, operator)
        authoriser = TerminalAuthoriser(app, bench)
        before = bench.snapshot.workflow
        with following(bench, app.clock, timeout, at_end) as news:
            bench.submit(Enter(Workflow.SETS))
            try:
                view = SetsOperator(bench, wish, app.note, authoriser.answer_prompt).run(news)
            finally:
                back_to(bench, app.clock, before)
    app.report(_value(view), list(_lines(view)))
    return 0 if view.state is SetState.COMPLETE else NOT_GOOD


def _value(view: SetView) -> dict[str, object]:
    return {
        "barcode": view.barcode,
        "complete": view.state is SetState.COMPLETE,
        "model": view.model,
        "parts": view.parts,
        "missing": view.missing,
        "loose": view.loose,
    }


def _lines(view: SetView) -> Iterator[str]:
    missing = ", ".join(map(str, view.missing))
    parts = len(view.parts)
    if missing:
        yield tell("sets.report.missing", barcode=view.barcode, missing=missing, parts=parts)
    else:
        yield tell("sets.report.parts", barcode=view.barcode, parts=parts)
    yield from table([(str(part.number), tell(f"sets.part.{part.state.value}"), part.uid) for part in view.parts])
    if view.loose is not None:
        yield tell("sets.report.loose", count=view.loose)


# --- known sets ------------------------------------------------------------------------------------------------------


class KnownSet(msgspec.Struct, frozen=True, kw_only=True):
    """Set as the journal has it."""

    barcode: str
    parts: int
    model: SetModel
    record_parts: int
    complete: bool
    missing: tuple[int, ...] = ()
    loose: int | None = None
    at: str
    remark: Sentence = EMPTY


def known_sets(logged: Iterable[Logged]) -> tuple[KnownSet, ...]:
    """Return the newest state of each set, the oldest first. A set that was never put down lacks all its parts."""
    by_item: dict[str, list[Logged]] = {}
    for entry in logged:
        if isinstance(entry.event, SetOpened | SetSized | SetClosed):
            by_item.setdefault(entry.event.barcode, []).append(entry)
    known = []
    for barcode, events in by_item.items():
        now, last = sized(events), events[-1]
        if now is None:
            continue
        closed = last.event if isinstance(last.event, SetClosed) else None
        known.append(
            KnownSet(
                barcode=barcode,
                parts=now.parts,
                model=now.model,
                record_parts=now.record_parts,
                complete=closed is not None and closed.complete,
                missing=closed.missing if closed is not None else tuple(range(1, now.parts + 1)),
                loose=now.loose,
                at=last.at,
                remark=closed.remark if closed is not None else EMPTY,
            )
        )
    return tuple(sorted(known, key=lambda known_set: known_set.at))


@click.command("sets")
@data_option
@json_option
@click.option("--incomplete", is_flag=True, help="Only sets with missing parts.")
@pass_app
def sets(app: App, incomplete: bool) -> int:
    """List the sets that were processed at this bench, the oldest first: parts, missing parts, pieces without a tag.
    Exit code 1 if any set is incomplete."""
    app.settings()
    known = known_sets(Queries(app.data / JOURNAL, app.clock).sets())
    shown = [known_set for known_set in known if not incomplete or not known_set.complete]
    rows = [
        (
            known_set.barcode,
            tell("sets.list.complete")
            if known_set.complete
            else tell("sets.list.missing", missing=", ".join(map(str, known_set.missing))),
            tell("sets.list.parts", parts=known_set.parts, model=tell(f"sets.list.model.{known_set.model.value}")),
            "" if known_set.loose is None else tell("sets.list.loose", count=known_set.loose),
            local_minute(known_set.at),
            tell(known_set.remark),
        )
        for known_set in shown
    ]
    app.report(shown, table(rows) if rows else [tell("sets.list.none")])
    return 0 if all(known_set.complete for known_set in known) else NOT_GOOD
