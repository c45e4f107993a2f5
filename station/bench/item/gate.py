"""The gate: may this item be written to the tag on the pad? A decision from facts, before any write.

The gate passes without a question only if there is exactly one tag, and it is blank or already holds this very id.
Anything else stops the line with a sentence and a choice. The tag on the pad is judged before any other doubt: a tag
that belongs to another item never replaces this item's own tag. Overwriting takes a second, different gesture: after
the tap, the operator scans the item's barcode again.
"""

from __future__ import annotations

import msgspec

from station.base.sentence import Sentence
from station.bench.item.titles import name_of, name_of_part
from station.domain.choice import Choice
from station.domain.events import TagWriteStarted
from station.domain.item import ItemRecord
from station.domain.ports import Binding
from station.domain.snapshot import Fault
from station.domain.tag_image import Uid
from station.encoding.content import Recognition, TagState
from station.quality.tag_words import translated

SET_ASIDE = Choice(id="set-aside", label=Sentence("choice.set-aside"))
SET_ASIDE_MAIN = Choice(id="set-aside", label=Sentence("choice.set-aside"), main=True)
OVERWRITE = Choice(id="overwrite", label=Sentence("choice.overwrite"))
REPLACE_TAG = Choice(id="overwrite", label=Sentence("choice.replace-tag"))
RETRY = Choice(id="retry", label=Sentence("choice.retry"), main=True)
KEEP = Choice(id="keep", label=Sentence("choice.keep"), main=True)
FINISH_FIRST = Choice(id="finish-first", label=Sentence("choice.finish-first"), main=True)
ABANDON = Choice(id="overwrite", label=Sentence("choice.abandon"))


class Proceed(msgspec.Struct, frozen=True):
    """Write this part, or only verify it if the tag already has this content."""

    part: int


class Stop(msgspec.Struct, frozen=True):
    """Stop the line. `may_overwrite`: the fault offers the overwriting gesture."""

    fault: Fault
    may_overwrite: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """All facts that the decision depends on."""

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
    """Unfinished write to this tag."""
    overwrite: bool
    """The second gesture was made for this tag."""
    other: str = ""
    """Name of the other item that the tag or its unfinished write names."""
    rewritten: bool = False
    """After the unfinished write began, another station finished other content on this tag."""


def decide(question: Question) -> Proceed | Stop:
    """Decide. Reads, writes and stores nothing."""
    item, recognition = question.item, question.recognition
    attempt = question.attempt
    others_attempt = attempt is not None and attempt.barcode != item.barcode
    resumed = None if others_attempt or question.rewritten else attempt
    part = resumed.part if resumed is not None and resumed.part <= item.parts else _part(question)
    holder = next((b for b in question.bindings if b.part == part and b.uid != question.uid), None)
    if others_attempt and not question.overwrite:
        # With a tag of its own, the item has a second doubt: this tag is not overwritten with the gestures of one stop.
        has_own_tag = holder is not None
        return Stop(
            Fault(
                code="tag-belongs-to-unfinished",
                sentence=Sentence("fault.tag-belongs-to-unfinished", title=question.other),
                do=Sentence("do.tag-belongs-to-unfinished"),
                old=Sentence.of(question.other),
                new=_new(question, question.part),
                choices=(FINISH_FIRST, SET_ASIDE) if has_own_tag else (FINISH_FIRST, ABANDON, SET_ASIDE),
            ),
            may_overwrite=not has_own_tag,
        )
    if resumed is None and not question.overwrite and recognition.state is not TagState.BLANK:
        judged = _judge_content(question, part, has_own_tag=holder is not None)
        if isinstance(judged, Stop):
            return judged
    allowed = question.overwrite or (resumed is not None and holder is not None and resumed.replaces == holder.uid)
    if holder is not None and not allowed:
        return Stop(
            Fault(
                code="second-tag",
                sentence=_second_tag(holder),
                do=Sentence("do.second-tag"),
                detail=Sentence("detail.bound", barcode=item.barcode, part=part, uid=holder.uid),
                old=_new(question, part),
                new=_new(question, part),
                choices=(SET_ASIDE, REPLACE_TAG),
            ),
            may_overwrite=True,
        )
    return Proceed(part)


def _second_tag(holder: Binding) -> Sentence:
    if not holder.bench:
        return Sentence("fault.second-tag")
    return Sentence("fault.elsewhere.second-tag", bench=holder.bench, day=holder.day)


def _judge_content(question: Question, part: int, *, has_own_tag: bool) -> Proceed | Stop:
    """Judge a tag that is not blank. `has_own_tag`: another tag carries this part. Then this tag is not overwritten with
    the gestures of one stop: there are two doubts, and the tag must be erased first."""
    recognition = question.recognition
    content = recognition.content

    def stop(code: str, sentence: Sentence, old: Sentence) -> Stop:
        fault = Fault(
            code=code,
            sentence=sentence,
            do=Sentence("fault.do.has-own-tag") if has_own_tag and code != "other-part" else Sentence(f"do.{code}"),
            detail=Sentence.joined(map(translated, recognition.reasons), between=" "),
            old=old,
            new=_new(question, question.part),
            choices=(SET_ASIDE,) if has_own_tag else (SET_ASIDE, OVERWRITE),
        )
        return Stop(fault, may_overwrite=not has_own_tag)

    match recognition.state:
        case TagState.OURS if content is not None and content.primary_item_identifier == question.item.barcode:
            if question.part_chosen and content.part != part:
                return stop(
                    "other-part",
                    Sentence("fault.other-part", found=content.part, chosen=part),
                    name_of_part(name_of(question.item), content.part, content.parts),
                )
            return Proceed(part)
        case TagState.OURS:
            sentence = Sentence("fault.other-item", title=question.other, scanned=name_of(question.item))
            return stop("other-item", sentence, Sentence.of(question.other))
        case TagState.FOREIGN:
            owner = (
                content.owner_institution if content and content.owner_institution else Sentence("fault.old.no-owner")
            )
            held = content.primary_item_identifier if content else "?"
            old = Sentence("fault.old.foreign", barcode=held, owner=owner)
            return stop("foreign-tag", Sentence("fault.foreign-tag", owner=owner), old)
        case TagState.INCOMPLETE:
            return stop("incomplete-tag", Sentence("fault.incomplete-tag"), Sentence("fault.old.unfinished"))
        case _:
            return stop("unknown-content", Sentence("fault.unknown-content"), Sentence("fault.old.unknown"))


def _part(question: Question) -> int:
    """Return the part to write: the chosen one; otherwise the tag's part if it is a tag of this item; otherwise the
    proposed one."""
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
    """Return the first part without a tag; 1 if all parts have one."""
    bound = {binding.part for binding in bindings}
    return next((part for part in range(1, item.tags + 1) if part not in bound), 1)


def armed(fault: Fault, item: ItemRecord) -> Fault:
    """Return the same fault after the tap, with the prompt for the second gesture."""
    return Fault(
        code=fault.code,
        sentence=Sentence("fault.scan-again", title=name_of(item)),
        do=Sentence("do.scan-again"),
        detail=fault.detail,
        old=fault.old,
        new=fault.new,
        choices=(KEEP, SET_ASIDE),
    )


def _new(question: Question, part: int) -> Sentence:
    return name_of_part(name_of(question.item), part, question.item.parts)
