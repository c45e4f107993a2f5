"""The law of every tag write: journal the start, run the plan, prove the tag, journal the end.

`security`, `undo_write`, `tag_writer` and the workflows erase and migrate fill in the events and the proof. Nothing else
in the bench runs a write plan (`tests/architecture/test_sources.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from station.base.errors import ReaderRefused, StationError, TagMismatch
from station.bench.item.write_steps import Writer, read_image, refuse_impossible
from station.domain.events import AnyEvent, TagChangeStarted, TagWriteAbandoned
from station.domain.ports import Journal, Reader
from station.domain.tag_image import TagImage
from station.encoding.write_plan.steps import SetEas, WritePlan
from station.encoding.write_plan.trial import put_back

REPLANS: Final = 2
"""Maximum number of new plans for a finished write that reads back differently."""


@dataclass(slots=True)
class WriteRun:
    """What the reader has done for one change. Counts are valid after an error too."""

    steps_done: int = 0
    """Of the newest plan."""
    steps_planned: int = 0
    """Of the newest plan."""
    write_commands: int = 0
    """Of all plans."""
    tags_answered: int = 0
    """Tags that answered after the field was switched on again; 0 = nothing was read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """One change of one tag, ready to be carried out."""

    plan: WritePlan
    started: tuple[TagChangeStarted | TagWriteAbandoned, ...]
    """Events to journal before the first byte of the plan goes to the port; () = nothing to write: the tag is proven as
    it was read, and the field stays on."""
    prove: Callable[[TagImage], None]
    """Raises `TagMismatch` if the tag with this image is not what the change promises."""
    interrupted: Callable[[StationError, WriteRun], tuple[AnyEvent, ...]]
    """Returns the events that record an error; () = none."""
    ended: Callable[[TagImage, WriteRun], AnyEvent]
    """Returns the event that records the proven tag."""
    alone: bool = True
    """No other tag may answer while the tag is read back."""
    replan: Callable[[TagImage], WritePlan] | None = None
    """Plans anew from the tag as it is, if it reads back differently; None = such a change is interrupted."""


def carry_out(
    change: TagChange, reader: Reader, journal: Journal, progress: Callable[[int, int], None]
) -> tuple[TagImage, WriteRun]:
    """Write and prove one tag. Return the tag as read back, and what it took.

    Raises `NotPossible` before anything is journaled or written. A later error is raised after its interruption is
    journaled; only an error that cannot be journaled, and a defect, leave the start as the last entry, as a power cut
    does.
    """
    refuse_impossible(change.plan, reader.capabilities)
    if change.started:
        journal.record(*change.started)
    run = WriteRun(steps_planned=len(change.plan.steps))
    try:
        image = _written(change, reader, run, progress)
        change.prove(image)
    except StationError as error:
        _put_back(change, reader, error)
        if events := change.interrupted(error, run):
            journal.record(*events)
        raise
    journal.record(change.ended(image, run))
    return image, run


def _put_back(change: TagChange, reader: Reader, error: StationError) -> None:
    """Put the AFI and the DSFID back if the reader, or the tag, did not take the change and the memory is as it was.
    If that fails, too, the tag stays unfinished."""
    may_have_set_eas = isinstance(error, TagMismatch) and any(isinstance(step, SetEas) for step in change.plan.steps)
    if not change.started or may_have_set_eas or not isinstance(error, ReaderRefused | TagMismatch):
        return
    with suppress(StationError):
        plan = put_back(read_image(reader, change.plan.uid), change.plan.old)
        if plan is not None and not plan.empty:
            Writer(reader, plan, lambda _done, _total: None, alone=change.alone).run()


def _written(change: TagChange, reader: Reader, run: WriteRun, progress: Callable[[int, int], None]) -> TagImage:
    """Run the plan, and new plans where the change has them. Return the tag as read back."""
    plan = change.plan
    if not change.started:
        return plan.new
    replans = 0
    while True:
        writer = Writer(reader, plan, progress, alone=change.alone)
        run.steps_planned = len(plan.steps)
        try:
            return writer.run()
        except TagMismatch:
            if change.replan is None or replans == REPLANS:
                raise
            plan, replans = change.replan(read_image(reader, plan.uid)), replans + 1
        finally:
            run.steps_done = writer.steps_done
            run.write_commands += writer.write_commands
            run.tags_answered = writer.tags_seen
