"""Build the snapshot that screens get from what a workflow shows: prompts, lights and texts. Makes no decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.errors import StationError
from station.base.sentence import EMPTY, Sentence
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped
from station.bench.item.titles import name_of, name_of_part
from station.bench.remarks import BUSY, DIFFERS, OTHER_ITEM, WRONG
from station.domain.choice import Choice
from station.domain.correction_states import CorrectionKind, CorrectionState, Flag
from station.domain.findings import Severity, page
from station.domain.item import OpenSet, Unjudged
from station.domain.notices import Answered, Notice
from station.domain.people.rights import Right, Role, may
from station.domain.people.sign_on import SignOnPrompt
from station.domain.people.staff_call import StaffCall
from station.domain.ports import StationStatus
from station.domain.signals import STATES, of_code
from station.domain.snapshot import Fault, Finished, Light, Phase, PlannedTag, Snapshot, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow, WorkflowView
from station.encoding.content import Recognition, TagState


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Display data of a workflow."""

    prompt: Sentence
    """Sentence that tells the operator what to do next."""
    phase: Phase = Phase.IDLE
    state: str = ""
    """Name of the state (`signals`); "" = that of the phase."""
    light: Light = Light.NEUTRAL
    fault: Fault | None = None
    view: WorkflowView | None = None
    """Data beyond what all workflows show."""
    steps: tuple[int, int] = (0, 0)
    """Progress of the current write: (steps done, total)."""
    in_hand: ItemInHand | None = None
    """The item shown with its checks or its verdict."""
    without_verdict: bool = False
    """True hides the verdict of the item in hand."""
    tag: tuple[Uid, Sentence] | None = None
    """The tag on the pad, with its description."""
    planned: PlannedTag | None = None
    """Planned content of the item's tag."""
    finished: Finished | None = None
    """When the item was finished that was scanned again, or whose tag is on the pad; None = it was not."""
    wrong_scan: str = ""
    """Code of the wrong scan that covers the prompt; "" = none."""
    take_back_s: int = 0
    """See `Snapshot.take_back_s`."""
    without_reader: bool = False
    """The workflow does not need the reader now, so a lost reader hides nothing."""


READING = "reading"
"""State while a tag that was just put on the pad is being read. The phase is still the one before."""
_PROMPTS: Final = {name: Sentence(f"state.{name}") for name in STATES}
_READY: Final = Sentence("page.reader-ready")
TRY_NOW = Choice(id="reader-retry", label=Sentence("choice.reader-retry"), main=True)


def step(
    phase: Phase,
    in_hand: ItemInHand | None,
    stopped: Stopped | None,
    *,
    finished_on_pad: bool,
    other_on_pad: bool,
) -> tuple[str, Sentence, Light]:
    """Return the operator's next step with an item: its state, its sentence and its light.

    The light is green only for a verdict, red for work that must not continue, amber for cases that a look settles
    (`domain.signals`). A half-written tag is always red.
    """
    named = state(phase, in_hand, finished_on_pad=finished_on_pad, other_on_pad=other_on_pad)
    light = STATES[named].light
    if named == "stopped" and stopped is not None:
        light = Light.BAD if stopped.kind is StopKind.INTERRUPTED else of_code(stopped.fault.code).light
    return named, _prompt(named, in_hand), light


def state(phase: Phase, in_hand: ItemInHand | None, *, finished_on_pad: bool, other_on_pad: bool = False) -> str:
    """Return the name of the operator's next step. Its sentence is `state.NAME` in the message catalog, its page in
    `signals`. `other_on_pad`: the tag of another item is on the pad instead of that in hand."""
    match phase:
        case Phase.CHECKING if other_on_pad:
            return "checking-other"
        case Phase.CHECKING if in_hand is not None and in_hand.differs:
            return "checking-piece"
        case Phase.NEED_TAG if finished_on_pad:
            return "need-tag-lift"
        case Phase.NEED_TAG if in_hand is not None and in_hand.item.tags > 1:
            return "need-tag-part"
        case Phase.DONE if in_hand is not None and in_hand.parts_left:
            return "done-part"
        case Phase.DONE if in_hand is not None and in_hand.verdict is Verdict.PASS:
            passed = _passed(in_hand.flags)
            return "done-lift" if passed == "done-pass" and finished_on_pad else passed
        case Phase.DONE if in_hand is not None and in_hand.fixed:
            return "done-fixed"
        case Phase.DONE:
            return "done-fail"
        case _:
            return phase.value


def _passed(flags: Sequence[Flag]) -> str:
    """Return the state of a passed item; flags show that the item still needs work."""
    if not flags:
        return "done-pass"
    if any(flag.kind is CorrectionKind.MEND and flag.state is CorrectionState.OPEN for flag in flags):
        return "done-flags"
    return "done-recheck" if any(flag.other_person for flag in flags) else "done-check-left"


def _prompt(named: str, in_hand: ItemInHand | None) -> Sentence:
    """Return the sentence that tells the operator what to do next. A check uses its rule's own question."""
    if named == "checking" and in_hand is not None and in_hand.current < len(in_hand.checks):
        several = len(page(in_hand.checks, in_hand.current)) > 1
        return Sentence("check.page") if several else Sentence.of(in_hand.checks[in_hand.current].question)
    if named == "checking-other" and in_hand is not None:
        item = in_hand.item
        return Sentence("state.checking-other", title=name_of_part(name_of(item), in_hand.part, item.parts))
    if named == "checking-piece" and in_hand is not None:
        return Sentence("state.checking-piece", kind=in_hand.differs.upper())
    if named == "need-tag-part" and in_hand is not None:
        return Sentence("state.need-tag-part", part=in_hand.part, parts=in_hand.item.parts)
    if named == "done-part" and in_hand is not None:
        return Sentence("state.done-part", part=in_hand.part, next=in_hand.parts_left[0])
    return _PROMPTS[named]


def tag_in_words(recognition: Recognition, *, on_loan: bool, title: str = "") -> Sentence:
    """Describe the tag on the pad for the operator. `on_loan`: its security state is that of a lent item; `title`: of the
    item that a tag of ours names, instead of its barcode."""
    content = recognition.content
    name = content.primary_item_identifier if content else ""
    match recognition.state:
        case TagState.BLANK:
            return Sentence("tag.blank")
        case TagState.OURS if title and content is not None and content.parts > 1:
            sentence = Sentence("tag.ours-titled-part", title=title, part=content.part, parts=content.parts)
        case TagState.OURS if title:
            sentence = Sentence("tag.ours-titled", title=title)
        case TagState.OURS if content is not None and content.parts > 1:
            sentence = Sentence("tag.ours-part", barcode=name, part=content.part, parts=content.parts)
        case TagState.OURS:
            sentence = Sentence("tag.ours", barcode=name)
        case TagState.FOREIGN:
            owner = content.owner_institution if content and content.owner_institution else Sentence("tag.no-owner")
            sentence = Sentence("tag.foreign", owner=owner, barcode=name)
        case TagState.INCOMPLETE:
            return Sentence("tag.incomplete")
        case _:
            return Sentence("tag.unknown")
    return Sentence("tag.on-loan", tag=sentence) if on_loan else sentence


def reader_fault(error: StationError) -> Fault:
    """Return the fault of a lost reader. It covers all others until the reader is back."""
    return Fault(code=error.code, sentence=error.sentence, detail=error.detail, do=error.remedy, choices=(TRY_NOW,))


def _over_all(
    shown: Shown, gone: StationError | None, *, writing: bool, reading: bool, wrong_scan: str, remark: Sentence
) -> Shown:
    """Cover the workflow's display if the reader is lost, while a tag is being written for another program, while a tag
    that was just put on the pad is being read, or for a moment after a wrong scan. A wrong scan hides no fault.
    `remark`: the sentence of the current notice."""
    if gone is not None and not shown.without_reader:
        return msgspec.structs.replace(
            shown,
            phase=Phase.STOPPED,
            state=Phase.STOPPED.value,
            prompt=_PROMPTS[Phase.STOPPED.value],
            light=Light.BAD,
            fault=reader_fault(gone),
        )
    if writing:
        named = Phase.WRITING.value
        return msgspec.structs.replace(
            shown, phase=Phase.WRITING, state=named, prompt=_PROMPTS[named], light=STATES[named].light, fault=None
        )
    if reading:
        return msgspec.structs.replace(shown, state=READING, prompt=_PROMPTS[READING], light=STATES[READING].light)
    if wrong_scan and shown.fault is None:
        sentence = remark if wrong_scan in (OTHER_ITEM, BUSY) else wrong_scan_sentence(wrong_scan)
        return msgspec.structs.replace(shown, prompt=sentence, light=Light.WARNING, wrong_scan=wrong_scan)
    return shown


def wrong_scan_sentence(code: str) -> Sentence:
    """Return the sentence for a wrong scan (`Snapshot.wrong_scan`). That of another item names titles, and that of a busy
    bench its user: it is the notice."""
    if code == WRONG:
        return Sentence("error.barcode-malformed")
    if code == DIFFERS:
        return Sentence("notice.piece-wrong")
    return Sentence("notice.publisher-barcode", kind=code.upper())


def snapshot(
    workflow: Workflow,
    shown: Shown,
    *,
    reader: StationError | None,
    writing: bool,
    reading: bool,
    notice: Notice,
    wrong_scan: str,
    answered: tuple[Answered, ...],
    sound: tuple[Sound, int],
    loudness: tuple[int, bool],
    silent: bool,
    operator: Sentence,
    worker: str,
    language: str,
    role: Role | None,
    sign_on_prompt: SignOnPrompt | None,
    sign_on: bool,
    undo: str,
    sender: str,
    status: StationStatus,
    unfinished: tuple[Sentence, ...],
    staff_call: StaffCall | None,
    call_sounds: int,
    unjudged: tuple[Unjudged, ...],
    open_sets: tuple[OpenSet, ...],
) -> Snapshot:
    """Build the whole snapshot; `number` is set when it is published. `reader`: the error that made the reader
    unavailable; None = it is ready."""
    shown = _over_all(shown, reader, writing=writing, reading=reading, wrong_scan=wrong_scan, remark=notice.sentence)
    in_hand, tag = shown.in_hand, shown.tag
    checked = in_hand.uid if in_hand is not None else None
    barcode = in_hand.item.barcode if in_hand is not None else ""
    return Snapshot(
        workflow=workflow,
        workflow_view=shown.view,
        phase=shown.phase,
        state=shown.state or shown.phase.value,
        prompt=shown.prompt,
        light=shown.light,
        wrong_scan=shown.wrong_scan,
        take_back_s=shown.take_back_s,
        sound=sound[0],
        sound_number=sound[1],
        volume=loudness[0],
        muted=loudness[1],
        silent=silent,
        item=in_hand.item if in_hand else None,
        part=in_hand.part if in_hand else 1,
        planned=shown.planned,
        finished=shown.finished,
        tag_uid=tag[0] if tag else checked or "",
        tag_summary=tag[1] if tag else EMPTY,
        fault=shown.fault,
        notice=notice,
        answered=answered,
        steps_done=shown.steps[0],
        steps_total=shown.steps[1],
        checks=in_hand.checks if in_hand else (),
        current_check=in_hand.current if in_hand else 0,
        all_good_after=in_hand.all_good_after if in_hand else 0.0,
        findings=in_hand.findings if in_hand else (),
        verdict=in_hand.verdict if in_hand and not shown.without_verdict else None,
        flags=in_hand.flags if in_hand else (),
        waived=tuple(waiver.rule for waiver in in_hand.waivers) if in_hand else (),
        may_waive=_may_waive(in_hand, role, sign_on=sign_on) if in_hand else (),
        undo=undo,
        sender=sender,
        reader=_READY if reader is None else reader.sentence,
        reader_code="" if reader is None else reader.code,
        reader_ready=reader is None,
        outbox_depth=status.outbox_depth,
        outbox_parked=status.outbox_parked,
        outbox_note=status.outbox_note,
        operator=operator,
        worker=worker,
        language=language,
        sign_on_prompt=sign_on_prompt,
        sign_on=sign_on,
        lately=status.lately,
        web=status.web,
        web_ready=status.web_ready,
        web_open=status.web_open,
        unusable=status.unusable,
        center=status.center,
        unfinished=unfinished,
        staff_call=staff_call,
        call_sounds=call_sounds,
        parts_left=in_hand.parts_left if in_hand else (),
        unjudged=tuple(item for item in unjudged if item.barcode != barcode),
        open_sets=tuple(open_set for open_set in open_sets if open_set.barcode != barcode),
    )


def _may_waive(in_hand: ItemInHand, role: Role | None, *, sign_on: bool) -> tuple[str, ...]:
    """Return the rules whose failed finding may be waived: by a worker of this role or, if people sign on, by a person
    who is asked to."""
    failed = [finding for finding in in_hand.findings if finding.fails_item]
    if not failed:
        return ()
    waived = {waiver.rule for waiver in in_hand.waivers}
    rights = {True: Right.WAIVE_CRITICAL, False: Right.WAIVE}
    return tuple(
        finding.rule
        for finding in failed
        if finding.rule not in waived and (sign_on or may(role, rights[finding.severity is Severity.CRITICAL]))
    )
