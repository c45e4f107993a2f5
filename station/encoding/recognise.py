"""What is this tag? Every data model is tried on the memory; DSFID decides whether the best one was finished.

Order and evidence: tag-data-models.md 7.1 (blank; 28560-3 by its CRC; 3M; 28560-2 by a complete walk), reliability.md
1.5 (DSFID is the outer commit byte, block 0 the sentinel). DSFID breaks ties between models that both fit.
"""

from __future__ import annotations

from typing import Final

from station.encoding import rfid501
from station.encoding.content import Candidate, Decoding, Recognition, TagProfile, TagState, user_memory
from station.encoding.datamodel import DataModel
from station.encoding.explain import explain
from station.encoding.registry import DATA_MODELS
from station.errors import Undecodable
from station.image import TagImage

__all__ = ["explain", "recognise"]

UNKNOWN: Final = "unknown"
BLANK: Final = "blank"


def recognise(image: TagImage, profile: TagProfile, models: tuple[DataModel, ...] = DATA_MODELS) -> Recognition:
    """Judge a tag. Never raises, whatever the memory holds; never lets an unfinished tag pass as an identity.

    `models` are tried in their order; the first of equals wins.
    """
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
    matches, candidates = _try_models(image, memory, models)
    if not matches:
        reasons = ("The memory follows no data model that the station knows.", *(c.reason for c in candidates))
        return Recognition(TagState.UNKNOWN, UNKNOWN, 0.0, (*reasons, _dsfid_note(image.dsfid)), None, candidates)
    model, best = max(matches, key=lambda match: (match[1].confidence, profile.commits(match[0].name, image.dsfid)))
    return _judge(model, best, candidates, image.dsfid, profile)


def _judge(
    model: DataModel, best: Decoding, candidates: tuple[Candidate, ...], dsfid: int, profile: TagProfile
) -> Recognition:
    content = best.content
    reasons = [best.reason, *(remark.sentence for remark in best.remarks)]
    owner = content.owner_institution
    if not content.primary_item_identifier:
        state = TagState.INCOMPLETE
        reasons.append("The tag is prepared, but it names no item.")
    elif not best.sound:
        state = TagState.INCOMPLETE
        reasons.append("What it says is a claim only; scan the barcode.")
    elif model.marks_completion and not profile.commits(model.name, dsfid):
        state = TagState.INCOMPLETE
        reasons.append(
            f"DSFID {dsfid:02X} does not mark a finished tag of this model: writing was begun and not finished, "
            "or another system marks its tags differently."
        )
        reasons.append("What it says is a claim only; scan the barcode.")
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


def _try_models(
    image: TagImage, memory: bytes, models: tuple[DataModel, ...]
) -> tuple[list[tuple[DataModel, Decoding]], tuple[Candidate, ...]]:
    """Every model on this memory: those that read it, and all of them ranked with what spoke for or against."""
    matches: list[tuple[DataModel, Decoding]] = []
    candidates: list[Candidate] = []
    for model in models:
        try:
            decoding = model.read(image, memory)
        except Undecodable as error:
            reason = f"Not {model.title}: {error.reason} (byte {error.offset})."
            candidates.append(Candidate(model.name, 0.0, reason))
        else:
            matches.append((model, decoding))
            candidates.append(Candidate(model.name, decoding.confidence, decoding.reason))
    return matches, tuple(sorted(candidates, key=lambda candidate: -candidate.confidence))


def _dsfid_note(dsfid: int) -> str:
    return f"DSFID is {dsfid:02X}."
