"""What is this tag? Every data model is tried on the memory; DSFID decides whether the best one was finished.

Order and evidence: tag-data-models.md 7.1 (blank; 28560-3 by its CRC; 3M; 28560-2 by a complete walk), reliability.md
1.5 (DSFID is the outer commit byte, block 0 the sentinel). DSFID breaks ties between models that both fit.
"""

from __future__ import annotations

from typing import Final

from station.encoding import iso28560_2, iso28560_3, rfid501
from station.encoding.content import Candidate, Recognition, TagContent, TagProfile, TagState, user_memory
from station.encoding.explain import explain
from station.errors import Undecodable
from station.image import TagImage

__all__ = ["explain", "recognise"]

UNKNOWN: Final = "unknown"
BLANK: Final = "blank"


class _Match:
    """One model that fits the memory."""

    def __init__(
        self, model: str, confidence: float, reason: str, content: TagContent, owned: bool, remarks: tuple[str, ...]
    ):
        self.candidate = Candidate(model, confidence, reason)
        self.content = content
        self.owned = owned
        self.remarks = remarks


def recognise(image: TagImage, profile: TagProfile) -> Recognition:
    """Judge a tag. Never raises, whatever the memory holds; never lets an unfinished tag pass as an identity."""
    memory = user_memory(image)
    if not memory or image.block_size < 1:
        return Recognition(TagState.UNKNOWN, UNKNOWN, 0.0, ("No memory of this tag could be read.",))
    if not any(memory):
        return Recognition(TagState.BLANK, BLANK, 1.0, ("All of the memory is zero.", _dsfid_note(image.dsfid)))
    if rfid501.is_factory_blank(memory):
        reason = "The memory holds the filling (55) of a new 3M tag."
        return Recognition(TagState.BLANK, BLANK, 1.0, (reason, _dsfid_note(image.dsfid)))
    if not any(memory[: image.block_size]):
        reason = "The first block is zero, but something stands behind it: writing this tag was begun and not finished."
        return Recognition(TagState.INCOMPLETE, UNKNOWN, 0.9, (reason, _dsfid_note(image.dsfid)))
    matches, failed = _try_models(image, memory, profile)
    candidates = tuple(sorted((*(match.candidate for match in matches), *failed), key=lambda c: -c.confidence))
    if not matches:
        reasons = ("The memory follows no data model that the station knows.", *(c.reason for c in candidates))
        return Recognition(TagState.UNKNOWN, UNKNOWN, 0.0, (*reasons, _dsfid_note(image.dsfid)), None, candidates)
    best = max(
        matches, key=lambda match: (match.candidate.confidence, profile.commits(match.candidate.model, image.dsfid))
    )
    return _judge(best, candidates, image.dsfid, profile)


def _judge(best: _Match, candidates: tuple[Candidate, ...], dsfid: int, profile: TagProfile) -> Recognition:
    model = best.candidate.model
    content = best.content
    reasons = [best.candidate.reason, *best.remarks]
    owner = content.owner_institution
    if not content.primary_item_identifier:
        state = TagState.INCOMPLETE
        reasons.append("The tag is prepared, but it names no item.")
    elif not profile.commits(model, dsfid):
        state = TagState.INCOMPLETE
        reasons.append(
            f"DSFID {dsfid:02X} does not mark a finished tag of this model: writing was begun and not finished, "
            "or another system marks its tags differently."
        )
        reasons.append("What it says is a claim only; scan the barcode.")
    elif best.owned:
        state = TagState.OURS
        reasons.append(f"The owner is {owner}: this library.")
    elif owner:
        state = TagState.FOREIGN
        reasons.append(f"The owner is {owner}, not {profile.isil or 'this library, whose ISIL is not set'}.")
    else:
        state = TagState.FOREIGN
        reasons.append("The tag names no owner.")
    return Recognition(state, model, best.candidate.confidence, tuple(reasons), content, candidates)


def _try_models(image: TagImage, memory: bytes, profile: TagProfile) -> tuple[list[_Match], list[Candidate]]:
    matches: list[_Match] = []
    failed: list[Candidate] = []
    try:
        basic = iso28560_3.decode(memory, image.block_size)
        owned = bool(profile.isil) and basic.owner_is(profile.isil)
        reason = "The memory is an ISO 28560-3 (Danish model) block and its CRC is right."
        matches.append(_Match(iso28560_3.MODEL, 0.98, reason, basic.content, owned, basic.remarks))
    except Undecodable as error:
        failed.append(Candidate(iso28560_3.MODEL, 0.0, f"Not ISO 28560-3: {error.reason}."))
    try:
        legacy = rfid501.decode(memory)
        reason = "The memory has the layout of a 3M tag (RFID 501)."
        matches.append(_Match(rfid501.MODEL, 0.9, reason, legacy, False, ()))
    except Undecodable as error:
        failed.append(Candidate(rfid501.MODEL, 0.0, f"Not 3M: {error.reason}."))
    try:
        decoded = iso28560_2.decode(memory)
        owned = bool(profile.isil) and decoded.content.owner_institution == profile.isil
        reason = "The memory is a sound row of ISO 28560-2 elements."
        confidence = 0.95 - 0.1 * len(decoded.remarks)
        matches.append(_Match(iso28560_2.MODEL, max(confidence, 0.5), reason, decoded.content, owned, decoded.remarks))
    except Undecodable as error:
        failed.append(Candidate(iso28560_2.MODEL, 0.0, f"Not ISO 28560-2: {error.reason} (byte {error.offset})."))
    return matches, failed


def _dsfid_note(dsfid: int) -> str:
    return f"DSFID is {dsfid:02X}."
