"""From the bench's state to the snapshot that screens show: prompts, lights and words. No decisions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from station.base.errors import StationError
from station.base.words import tell
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped
from station.bench.pad import Pad
from station.domain.choice import Choice
from station.domain.notices import Answered, Notice
from station.domain.ports import StationStatus
from station.domain.sign_on import SignOnPrompt
from station.domain.signals import of_code, of_state
from station.domain.snapshot import (
    CorrectionKind,
    CorrectionState,
    Fault,
    Flag,
    Light,
    Phase,
    PlannedTag,
    Snapshot,
    Sound,
    Verdict,
)
from station.domain.tag_image import Uid
from station.encoding.content import Recognition, TagState

TRY_NOW = Choice(id="reader-retry", label="choice.reader-retry", main=True)


def state(phase: Phase, in_hand: ItemInHand | None, *, finished_on_pad: bool) -> str:
    """The name of what the operator shall do next: its sentence is `state.NAME` in the catalogue, its page in `signals`."""
    match phase:
        case Phase.NEED_TAG if finished_on_pad:
            return "need-tag-lift"
        case Phase.NEED_TAG if in_hand is not None and in_hand.item.tags > 1:
            return "need-tag-part"
        case Phase.DONE if in_hand is not None and in_hand.verdict is Verdict.PASS:
            return _passed(in_hand.flags)
        case Phase.DONE:
            return "done-fail"
        case _:
            return phase.value


def _passed(flags: Sequence[Flag]) -> str:
    """A pass may be one of an item that is not done all the same."""
    if not flags:
        return "done-pass"
    if all(flag.kind is CorrectionKind.RECHECK or flag.state is CorrectionState.MENDED for flag in flags):
        return "done-recheck"
    return "done-flags"


def prompt(named: str, in_hand: ItemInHand | None) -> str:
    """The one sentence that says what to do next. A check asks with its rule's own question."""
    if named == "checking" and in_hand is not None and in_hand.current < len(in_hand.checks):
        return in_hand.checks[in_hand.current].question
    if named == "need-tag-part" and in_hand is not None:
        return tell("state.need-tag-part", part=in_hand.part, parts=in_hand.item.parts)
    return tell(f"state.{named}")


def in_words(fault: Fault) -> Fault:
    """A fault as it is shown: its choices with their words instead of the keys of these."""
    choices = tuple(msgspec.structs.replace(choice, label=tell(choice.label)) for choice in fault.choices)
    return msgspec.structs.replace(fault, choices=choices)


def tag_in_words(recognition: Recognition, *, on_loan: bool) -> str:
    """What lies on the pad, for people. `on_loan`: its security state is that of a lent item."""
    content = recognition.content
    name = content.primary_item_identifier if content else ""
    match recognition.state:
        case TagState.BLANK:
            return tell("tag.blank")
        case TagState.OURS if content is not None and content.parts > 1:
            said = tell("tag.ours-part", barcode=name, part=content.part, parts=content.parts)
        case TagState.OURS:
            said = tell("tag.ours", barcode=name)
        case TagState.FOREIGN:
            owner = (content.owner_institution if content else "") or tell("tag.no-owner")
            said = tell("tag.foreign", owner=owner, barcode=name)
        case TagState.INCOMPLETE:
            return tell("tag.incomplete")
        case _:
            return tell("tag.unknown")
    return tell("tag.on-loan", tag=said) if on_loan else said


def light(named: str, stopped: Stopped | None) -> Light:
    """Green only for a verdict; red for what must not go on; amber for what a look settles (`domain.signals`). A half
    written tag is red whatever else is said of it."""
    if named != "stopped" or stopped is None:
        return of_state(named).light
    return Light.BAD if stopped.kind is StopKind.INTERRUPTED else of_code(stopped.fault.code).light


def reader_fault(error: StationError) -> Fault:
    """The reader is gone: shown over everything else until it is back."""
    return Fault(code=error.code, sentence=error.message, detail=error.detail, choices=(TRY_NOW,))


def asked(plain: Snapshot, in_hand: ItemInHand) -> Snapshot:
    """A workflow's snapshot with the checks, or the verdict, of the item that it has in hand."""
    phase = Phase.CHECKING if in_hand.verdict is None else Phase.DONE
    return msgspec.structs.replace(
        plain,
        phase=phase,
        state=state(phase, in_hand, finished_on_pad=False),
        item=in_hand.item,
        part=in_hand.part,
        tag_uid=in_hand.uid or "",
        checks=in_hand.checks,
        current_check=in_hand.current,
        findings=in_hand.findings,
        verdict=in_hand.verdict,
        flags=in_hand.flags,
        waived=tuple(one.rule for one in in_hand.waivers),
    )


def snapshot(
    *,
    phase: Phase,
    in_hand: ItemInHand | None,
    stopped: Stopped | None,
    pad: Pad,
    planned: PlannedTag | None,
    tag: tuple[Uid, str] | None,
    finished_on_pad: bool,
    notice: Notice,
    answered: tuple[Answered, ...],
    sound: tuple[Sound, int],
    loudness: tuple[int, bool],
    operator: str,
    worker: str,
    sign_on_prompt: SignOnPrompt | None,
    sign_on: bool,
    status: StationStatus,
    unfinished: Sequence[str],
) -> Snapshot:
    """All of it, as a value (`number` is filled in when it is published)."""
    gone = pad.error
    # While a person looks at the item, or the verdict stands, the reader is not needed: the title line says it is gone.
    shown = gone if phase not in (Phase.CHECKING, Phase.DONE) else None
    fault = reader_fault(shown) if shown is not None else stopped.fault if stopped else None
    shown_phase = Phase.STOPPED if shown is not None else phase
    named = state(shown_phase, in_hand, finished_on_pad=finished_on_pad)
    return Snapshot(
        phase=shown_phase,
        state=named,
        prompt=prompt(named, in_hand),
        light=Light.BAD if shown is not None else light(named, stopped),
        sound=sound[0],
        sound_number=sound[1],
        volume=loudness[0],
        muted=loudness[1],
        item=in_hand.item if in_hand else None,
        part=in_hand.part if in_hand else 1,
        planned=planned,
        tag_uid=tag[0] if tag else "",
        tag_summary=tag[1] if tag else "",
        fault=in_words(fault) if fault is not None else None,
        notice=notice,
        answered=answered,
        steps_done=in_hand.steps[0] if in_hand else 0,
        steps_total=in_hand.steps[1] if in_hand else 0,
        checks=in_hand.checks if in_hand else (),
        current_check=in_hand.current if in_hand else 0,
        findings=in_hand.findings if in_hand else (),
        verdict=in_hand.verdict if in_hand else None,
        flags=in_hand.flags if in_hand else (),
        waived=tuple(one.rule for one in in_hand.waivers) if in_hand else (),
        reader="ready" if gone is None else gone.message,
        reader_code="" if gone is None else gone.code,
        reader_ready=gone is None,
        outbox_depth=status.outbox_depth,
        outbox_parked=status.outbox_parked,
        outbox_note=status.outbox_note,
        operator=operator,
        worker=worker,
        sign_on_prompt=sign_on_prompt,
        sign_on=sign_on,
        done_today=status.done_today,
        last_hour=status.last_hour,
        web=status.web,
        web_ready=status.web_ready,
        unfinished=tuple(unfinished),
    )
