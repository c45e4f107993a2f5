"""Recognize a tag. Every data model is tried on the memory; the DSFID decides whether the best one was finished.

Order of judgment (docs/reference/tag-data.md#recognition, docs/reference/tag-writing.md#the-algorithm):
1. blank, by the table of `blank`;
2. unfinished by the station's own mark (DSFID `content.BEING_WRITTEN`), whatever the memory holds, blank or not;
   unfinished by the sentinel: block 0 is zero with data after it (unless `byte_order` explains that), or only the first
   block of a new tag's filling has changed. No data model is tried, because its reading would not be an identity;
3. the data models, by default in the order of `registry` (28560-3 by its CRC, 3M, 28560-2 by a complete walk, then
   merely plausible readings). All are tried, except that claims (`data_model.ClaimingModel`) are tried only if no other
   model reads the memory soundly. Sound readings come before doubtful ones, then the higher confidence counts; DSFID,
   then AFI, then the order of the models only break ties, because collections differ in both;
4. unknown, with the order of bytes in which the memory would be a tag (`byte_order`), or the evidence in the bytes
   (`evidence`).

The best reading gives an identity only if it is sound, names an item, and the DSFID marks the tag as finished for its
model.
"""

from __future__ import annotations

from typing import Final

from station.base.errors import Undecodable
from station.domain.tag_image import TagImage, shown
from station.encoding.content import (
    BEING_WRITTEN,
    Candidate,
    Decoding,
    Recognition,
    TagProfile,
    TagState,
    user_memory,
)
from station.encoding.recognition import blank, evidence, rfid501
from station.encoding.recognition.byte_order import byte_order
from station.encoding.recognition.data_model import DataModel
from station.encoding.recognition.registry import DATA_MODELS, data_model
from station.encoding.recognition.torn_first_block import rest_of

UNKNOWN: Final = "unknown"
BLANK: Final = "blank"

CLAIM: Final = "The content is a claim only. Scan the barcode."
_NO_MEMORY: Final = "No memory of this tag could be read."
_SENTINEL: Final = (
    "The first block is zero, and there is data after it. "
    "Writing this tag was begun and not finished, or a program cleared only its beginning."
)
_BEING_WRITTEN: Final = f"DSFID {BEING_WRITTEN:02X} says that writing this tag was begun and not finished."
_NO_DSFID: Final = "The reader does not tell the DSFID. Whether writing this tag was finished is not known."
_NAMES_ITEM: Final = "It names an item."
_NAMES_NONE: Final = "It names no item."
_ALL: Final = "It explains all that stands on the tag."
_STALE: Final = "Something stands behind its end, which it does not explain."
UNMARKED: Final = 0x00
"""DSFID of a new tag, which has no mark."""
_HEADLESS: Final = (
    "Writing this tag was begun and not finished. The blocks after the first one are a tag of {title}. "
    "Scan the item's barcode to write the tag again."
)
_NO_MODEL: Final = "The memory follows no data model that the station knows."


def recognise(image: TagImage, profile: TagProfile, models: tuple[DataModel, ...] = DATA_MODELS) -> Recognition:
    """Judge a tag. Never raises, whatever the memory holds; never lets an unfinished tag pass as an identity.

    `models` are tried in their order; the first of equals wins.
    """
    memory = user_memory(image)
    size = image.block_size
    if not memory or size < 1:
        return Recognition(TagState.UNKNOWN, UNKNOWN, 0.0, (_NO_MEMORY,))
    found = blank.pattern(memory)
    if found is not None and image.dsfid == BEING_WRITTEN:
        return Recognition(TagState.INCOMPLETE, UNKNOWN, 0.9, (_BEING_WRITTEN, found.sentence))
    if found is not None:
        return Recognition(TagState.BLANK, BLANK, 1.0, (found.sentence, _dsfid_note(image.dsfid)))
    if not any(memory[:size]):
        order = byte_order(image, memory, models) if image.dsfid != BEING_WRITTEN else None
        if order is not None:
            return Recognition(TagState.UNKNOWN, UNKNOWN, 0.0, (_NO_MODEL, order.sentence, _dsfid_note(image.dsfid)))
        return Recognition(TagState.INCOMPLETE, UNKNOWN, 0.9, (_SENTINEL, _dsfid_note(image.dsfid)))
    found = blank.torn_pattern(memory, size)
    if found is not None:
        reason = f"{found.sentence} Only its first block differs: writing this tag was begun and not finished."
        return Recognition(TagState.INCOMPLETE, UNKNOWN, 0.9, (reason, _dsfid_note(image.dsfid)))
    matches, candidates = _try_models(image, memory, profile, models)
    if not matches:
        against = (candidate.reason for candidate in candidates)
        if image.dsfid == BEING_WRITTEN:
            reasons = (_BEING_WRITTEN, _NO_MODEL, *against)
            return Recognition(TagState.INCOMPLETE, UNKNOWN, 0.9, reasons, None, tuple(candidates))
        rest = rest_of(memory, size) if image.dsfid == UNMARKED else ""
        if rest:
            reasons = (_HEADLESS.format(title=data_model(rest, models).title), *against, _dsfid_note(image.dsfid))
            return Recognition(TagState.INCOMPLETE, UNKNOWN, 0.9, reasons, None, tuple(candidates))
        order = byte_order(image, memory, models)
        clues = (order.sentence,) if order is not None else evidence.sentences(memory)
        reasons = (_NO_MODEL, *clues, *against, _dsfid_note(image.dsfid))
        return Recognition(TagState.UNKNOWN, UNKNOWN, 0.0, reasons, None, tuple(candidates))
    model, best = matches[0]
    return _judge(model, best, tuple(candidates), image.dsfid, profile)


def _judge(
    model: DataModel, best: Decoding, candidates: tuple[Candidate, ...], dsfid: int | None, profile: TagProfile
) -> Recognition:
    content = best.content
    reasons = [best.reason, *(remark.sentence for remark in best.remarks)]
    owner = content.owner_institution
    if not content.primary_item_identifier:
        state = TagState.INCOMPLETE
        reasons.append("The tag is prepared, but it names no item.")
    elif not best.sound:
        state = TagState.INCOMPLETE
        reasons.append(CLAIM)
    elif dsfid == BEING_WRITTEN:
        state = TagState.INCOMPLETE
        reasons += [_BEING_WRITTEN, CLAIM]
    elif model.marks_completion and dsfid is None:
        state = TagState.INCOMPLETE
        reasons += [_NO_DSFID, CLAIM]
    elif model.marks_completion and not profile.commits(model.name, dsfid):
        state = TagState.INCOMPLETE
        reasons.append(
            f"DSFID {shown(dsfid)} does not mark a finished tag of this model. "
            "Writing was begun and not finished, or another system marks its tags differently."
        )
        reasons.append(CLAIM)
    elif model.owned(best, profile.isil):
        state = TagState.OURS
        reasons.append(f"The owner is {owner}: this library.")
    elif owner:
        state = TagState.FOREIGN
        reasons.append(f"The owner is {owner}, not {profile.isil or 'this library, whose ISIL is not set'}.")
    else:
        state = TagState.FOREIGN
        reasons.append("The tag names no owner.")
    return Recognition(state, model.name, best.confidence, tuple(reasons), content, candidates, best)


_Match = tuple[DataModel, Decoding]


def _try_models(
    image: TagImage, memory: bytes, profile: TagProfile, models: tuple[DataModel, ...]
) -> tuple[list[_Match], list[Candidate]]:
    """Try the models on this memory. Return the readings, best first, and all models that were tried with their
    reasons, in the same order."""
    matches: list[_Match] = []
    failures: list[Candidate] = []
    sound = False
    claiming: list[DataModel] = []
    for model in models:
        if getattr(model, "only_claims", False):
            claiming.append(model)
            continue
        sound = _try(model, image, memory, matches, failures) or sound
    if not sound:
        for model in claiming:
            _try(model, image, memory, matches, failures)
    if len(matches) > 1:
        # The sort is stable, so the order of the models is the last tie-breaker.
        matches.sort(key=lambda match: _rank(match, image, profile), reverse=True)
    candidates = [_candidate(match, image, memory, profile, rivals=len(matches) > 1) for match in matches]
    return matches, candidates + failures


def _try(model: DataModel, image: TagImage, memory: bytes, matches: list[_Match], failures: list[Candidate]) -> bool:
    """Try one model; return True for a sound reading."""
    try:
        decoding = model.read(image, memory)
    except Undecodable as error:
        reason = f"Not {model.title}: {error.reason} (byte {error.offset})."
        failures.append(Candidate(model.name, 0.0, reason, (reason,)))
        return False
    matches.append((model, decoding))
    return decoding.sound


def _rank(match: _Match, image: TagImage, profile: TagProfile) -> tuple[bool, float, bool, bool]:
    model, decoding = match
    return decoding.sound, decoding.confidence, _marked(model, image, profile), image.afi in _afis(model, profile)


def _marked(model: DataModel, image: TagImage, profile: TagProfile) -> bool:
    return model.marks_completion and profile.commits(model.name, image.dsfid)


def _afis(model: DataModel, profile: TagProfile) -> tuple[int, ...]:
    return rfid501.AFIS if model.name == rfid501.MODEL else (profile.afi_in_stock, profile.afi_on_loan)


def _candidate(match: _Match, image: TagImage, memory: bytes, profile: TagProfile, *, rivals: bool) -> Candidate:
    """Return a reading with its reasons; tie-breakers are mentioned only if there are rivals."""
    model, decoding = match
    reasons: tuple[str, ...] = (
        decoding.reason,
        _NAMES_ITEM if decoding.content.primary_item_identifier else _NAMES_NONE,
        _STALE if memory[decoding.end + 1 :].strip(b"\0") else _ALL,
        *(remark.sentence for remark in decoding.remarks),
    )
    if rivals and _marked(model, image, profile):
        reasons += (f"DSFID {shown(image.dsfid)} marks finished tags of this model.",)
    if rivals and image.afi in _afis(model, profile):
        reasons += (f"AFI {shown(image.afi)} is used with this model.",)
    return Candidate(model.name, decoding.confidence, decoding.reason, reasons, decoding.sound)


def _dsfid_note(dsfid: int | None) -> str:
    return f"DSFID is {shown(dsfid)}."
