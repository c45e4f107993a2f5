"""The gate: may this item be written to the tag on the pad? A decision from facts, before any write.

Exactly one blank tag, or one tag that already holds this very id, passes by itself. Anything else stops the line with
a sentence and a choice. Overwriting takes a second, different gesture: after the tap, the item's barcode is scanned again.
"""

from __future__ import annotations

import msgspec

from station.encoding.content import Recognition, TagState
from station.events import TagWriteStarted
from station.model import Barcode, Choice, Fault, ItemRecord, Uid
from station.ports import Binding

SET_ASIDE = Choice(id="set-aside", label="Set aside")
OVERWRITE = Choice(id="overwrite", label="Overwrite it")
REPLACE_TAG = Choice(id="overwrite", label="Replace the tag")
RETRY = Choice(id="retry", label="Try again", main=True)
KEEP = Choice(id="keep", label="Do not write", main=True)
FINISH_FIRST = Choice(id="finish-first", label="Finish that item", main=True)
ABANDON = Choice(id="overwrite", label="Give it up, overwrite")


class Proceed(msgspec.Struct, frozen=True):
    """Write (or only verify, if all is equal already) this part."""

    part: int


class Stop(msgspec.Struct, frozen=True):
    """Stop the line. `may_overwrite`: the fault offers the overwriting gesture."""

    fault: Fault
    may_overwrite: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """All that the decision depends on."""

    item: ItemRecord
    part: int
    part_chosen: bool
    """The operator chose the part by hand."""
    uid: Uid
    recognition: Recognition
    isil: str
    bindings: tuple[Binding, ...]
    """Tags that carry parts of this item."""
    attempt: TagWriteStarted | None
    """An unfinished write to this very tag."""
    overwrite: bool
    """The second gesture was made for this tag."""
    rewritten: bool = False
    """Since the unfinished write began, somebody else finished another content on this tag."""


def decide(question: Question) -> Proceed | Stop:
    """The decision. Nothing is read, written or remembered here."""
    item, recognition = question.item, question.recognition
    attempt = question.attempt
    if attempt is not None and (attempt.barcode != item.barcode) and not question.overwrite:
        return Stop(
            Fault(
                code="tag-belongs-to-unfinished",
                sentence="This tag is half written for another item. Finish that item first, or give it up.",
                old=f"half written: {attempt.barcode}",
                new=_new(question),
                choices=(FINISH_FIRST, ABANDON, SET_ASIDE),
            ),
            may_overwrite=True,
        )
    resumed = attempt if attempt is not None and attempt.barcode == item.barcode and not question.rewritten else None
    part = resumed.part if resumed is not None and resumed.part <= item.parts else _part(question)
    holder = next((b for b in question.bindings if b.part == part and b.uid != question.uid), None)
    allowed = question.overwrite or (resumed is not None and holder is not None and resumed.replaces == holder.uid)
    if holder is not None and not allowed:
        return Stop(
            Fault(
                code="second-tag",
                sentence=f"This item already has a tag ({_short(holder.uid)}). Two tags in one item confuse every reader.",
                detail=f"{item.barcode} part {part} is bound to {holder.uid}",
                old=f"tag {_short(holder.uid)}: {item.barcode}",
                new=_new(question),
                choices=(SET_ASIDE, REPLACE_TAG),
            ),
            may_overwrite=True,
        )
    if resumed is not None or question.overwrite or recognition.state is TagState.BLANK:
        return Proceed(part)
    return _judge_content(question, part)


def _judge_content(question: Question, part: int) -> Proceed | Stop:
    recognition = question.recognition
    content = recognition.content
    match recognition.state:
        case TagState.OURS if content is not None and content.primary_item_identifier == question.item.barcode:
            if question.part_chosen and content.part != part:
                return _stop(
                    question,
                    "other-part",
                    f"This tag says it is part {content.part}, but part {part} was chosen.",
                    f"part {content.part} of {content.parts}",
                )
            return Proceed(part)
        case TagState.OURS:
            old = content.primary_item_identifier if content else ""
            return _stop(question, "other-item", "This tag belongs to another item of ours.", old)
        case TagState.FOREIGN:
            owner = (content.owner_institution if content else "") or "no owner"
            old = f"{content.primary_item_identifier if content else '?'} ({owner})"
            return _stop(question, "foreign-tag", "This tag belongs to another library.", old)
        case TagState.INCOMPLETE:
            return _stop(
                question,
                "incomplete-tag",
                "Somebody did not finish writing this tag, and this station does not know what it was.",
                "unfinished tag",
            )
        case _:
            return _stop(
                question, "unknown-content", "This tag holds something that the station does not know.", "unknown"
            )


def _stop(question: Question, code: str, sentence: str, old: str) -> Stop:
    return Stop(
        Fault(
            code=code,
            sentence=sentence,
            detail=" ".join(question.recognition.reasons),
            old=old,
            new=_new(question),
            choices=(SET_ASIDE, OVERWRITE),
        ),
        may_overwrite=True,
    )


def _part(question: Question) -> int:
    """The part to write: the one chosen, else the one the tag says if it is this item's, else the one proposed."""
    content = question.recognition.content
    if (
        not question.part_chosen
        and question.recognition.state is TagState.OURS
        and content is not None
        and content.primary_item_identifier == question.item.barcode
        and 1 <= content.part <= question.item.parts
    ):
        return content.part
    return question.part


def propose_part(item: ItemRecord, bindings: tuple[Binding, ...]) -> int:
    """The first part without a tag; 1 when all have one."""
    bound = {binding.part for binding in bindings}
    return next((part for part in range(1, item.parts + 1) if part not in bound), 1)


def armed(fault: Fault, barcode: Barcode) -> Fault:
    """The same fault after the tap: now the second gesture is asked for."""
    return Fault(
        code=fault.code,
        sentence=f"To overwrite this tag, scan the barcode {barcode} again.",
        detail=fault.detail,
        old=fault.old,
        new=fault.new,
        choices=(KEEP, SET_ASIDE),
    )


def _new(question: Question) -> str:
    if question.item.parts > 1:
        return f"{question.item.barcode} part {question.part} of {question.item.parts}"
    return str(question.item.barcode)


def _short(uid: str) -> str:
    return f"...{uid[-6:]}"
