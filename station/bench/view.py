"""From the bench's state to the snapshot that screens show: prompts, lights and words. No decisions."""

from __future__ import annotations

from collections.abc import Sequence

from station.bench.hand import Hand, StopKind, Stopped
from station.bench.pad import Pad
from station.encoding.content import Recognition, TagState
from station.errors import StationError
from station.model import (
    Choice,
    CorrectionKind,
    CorrectionState,
    Fault,
    Flag,
    Light,
    Phase,
    PlannedTag,
    Snapshot,
    Sound,
    Uid,
    Verdict,
)
from station.ports import StationStatus

IDLE_PROMPT = "Scan a barcode, or put an item on the pad"
TRY_NOW = Choice(id="reader-retry", label="Try now", main=True)


def prompt(phase: Phase, hand: Hand | None, *, finished_on_pad: bool) -> str:
    """The one sentence that says what to do next."""
    match phase:
        case Phase.NEED_TAG if finished_on_pad:
            return "Take the finished item off the pad, then lay this one on it"
        case Phase.NEED_TAG if hand is not None and hand.item.parts > 1:
            return f"Lay part {hand.part} of {hand.item.parts} on the pad"
        case Phase.NEED_TAG:
            return "Lay the item on the pad"
        case Phase.NEED_SCAN:
            return "Scan the barcode of the item on the pad"
        case Phase.WRITING:
            return "Writing the tag - do not move the item"
        case Phase.CHECKING if hand is not None and hand.current < len(hand.checks):
            return hand.checks[hand.current].question
        case Phase.DONE if hand is not None and hand.verdict is Verdict.PASS and hand.flags:
            return _waits(hand.flags)
        case Phase.DONE if hand is not None and hand.verdict is Verdict.PASS:
            return "Good. Scan the next barcode, or put the next item on the pad"
        case Phase.DONE:
            return "Not good: put the item on the problem shelf, then scan the next one"
        case Phase.STOPPED:
            return "Stopped"
        case _:
            return IDLE_PROMPT


def _waits(flags: Sequence[Flag]) -> str:
    """A pass of an item that is not done all the same."""
    if all(flag.kind is CorrectionKind.RECHECK or flag.state is CorrectionState.MENDED for flag in flags):
        return "Good, but another person must look: put the item on the shelf for rechecks"
    return "Good, but not all is mended: put the item on the problem shelf"


def tag_in_words(recognition: Recognition, *, on_loan: bool) -> str:
    """What lies on the pad, for people. `on_loan`: its security state is that of a lent item."""
    content = recognition.content
    name = content.primary_item_identifier if content else ""
    lent = ", on loan" if on_loan else ""
    match recognition.state:
        case TagState.BLANK:
            return "blank tag"
        case TagState.OURS:
            part = f", part {content.part} of {content.parts}" if content and content.parts > 1 else ""
            return f"our tag of {name}{part}{lent}"
        case TagState.FOREIGN:
            return (
                f"another library's tag ({(content.owner_institution if content else '') or 'no owner'}): {name}{lent}"
            )
        case TagState.INCOMPLETE:
            return "tag that was not finished"
        case _:
            return "tag with unknown content"


def light(phase: Phase, hand: Hand | None, stopped: Stopped | None) -> Light:
    """Green only for a verdict or a verified tag; red for what must not go on; amber for what a look settles."""
    match phase:
        case Phase.WRITING:
            return Light.BUSY
        case Phase.STOPPED if stopped is not None and stopped.kind is StopKind.PAD:
            return Light.WARNING
        case Phase.STOPPED:
            return Light.BAD
        case Phase.DONE if hand is not None and hand.verdict is Verdict.PASS:
            return Light.WARNING if hand.flags else Light.GOOD
        case Phase.DONE if hand is not None:
            return Light.BAD
        case _:
            return Light.NEUTRAL


def reader_fault(error: StationError) -> Fault:
    """The reader is gone: shown over everything else until it is back."""
    return Fault(code=error.code, sentence=error.message, detail=error.detail, choices=(TRY_NOW,))


def snapshot(
    *,
    phase: Phase,
    hand: Hand | None,
    stopped: Stopped | None,
    pad: Pad,
    planned: PlannedTag | None,
    tag: tuple[Uid, str] | None,
    finished_on_pad: bool,
    notice: str,
    sound: tuple[Sound, int],
    operator: str,
    worker: str,
    status: StationStatus,
    unfinished: Sequence[str],
) -> Snapshot:
    """All of it, as a value (`number` is filled in when it is published)."""
    gone = pad.error
    # While a person looks at the item, or the verdict stands, the reader is not needed: the title line says it is gone.
    shown = gone if phase not in (Phase.CHECKING, Phase.DONE) else None
    fault = reader_fault(shown) if shown is not None else stopped.fault if stopped else None
    shown_phase = Phase.STOPPED if shown is not None else phase
    return Snapshot(
        phase=shown_phase,
        prompt=prompt(shown_phase, hand, finished_on_pad=finished_on_pad),
        light=Light.BAD if shown is not None else light(phase, hand, stopped),
        sound=sound[0],
        sound_number=sound[1],
        item=hand.item if hand else None,
        part=hand.part if hand else 1,
        planned=planned,
        tag_uid=tag[0] if tag else "",
        tag_summary=tag[1] if tag else "",
        fault=fault,
        notice=notice,
        steps_done=hand.steps[0] if hand else 0,
        steps_total=hand.steps[1] if hand else 0,
        checks=hand.checks if hand else (),
        current_check=hand.current if hand else 0,
        findings=hand.findings if hand else (),
        verdict=hand.verdict if hand else None,
        flags=hand.flags if hand else (),
        reader="ready" if gone is None else gone.message,
        reader_ready=gone is None,
        outbox_depth=status.outbox_depth,
        outbox_parked=status.outbox_parked,
        outbox_note=status.outbox_note,
        operator=operator,
        worker=worker,
        done_today=status.done_today,
        web=status.web,
        web_ready=status.web_ready,
        unfinished=tuple(unfinished),
    )
