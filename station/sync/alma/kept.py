"""Why Alma keeps an item that is to be deleted, in plain words: no code and no field name."""

from __future__ import annotations

from typing import Final

from station.base.sentence import Sentence
from station.base.text import clean

_PROCESSES: Final = {
    "LOAN": "alma.kept.loan",
    "LOST_LOAN": "alma.kept.lost",
    "LOST_LOAN_AND_PAID": "alma.kept.lost-paid",
    "LOST_ILL": "alma.kept.lost-ill",
    "CLAIM_RETURNED_LOAN": "alma.kept.claimed",
    "MISSING": "alma.kept.missing",
    "HOLDSHELF": "alma.kept.hold-shelf",
    "REQUESTED": "alma.kept.requested",
    "TRANSIT": "alma.kept.transit",
    "TRANSIT_TO_REMOTE_STORAGE": "alma.kept.transit",
    "ILL": "alma.kept.ill",
    "ACQ": "alma.kept.ordered",
    "WORK_ORDER_DEPARTMENT": "alma.kept.work-order",
    "TECHNICAL": "alma.kept.work-order",
}
"""Catalog keys by process type (docs/reference/systems.md#alma-item)."""


def kept_words(process: str, *, requested: bool) -> Sentence:
    """Return what keeps the item, a sentence for each reason. An unknown process is shown as Alma names it."""
    keys = [_PROCESSES[process]] if process in _PROCESSES else []
    if requested:
        keys.append("alma.kept.requested")
    sentences = [Sentence(key) for key in dict.fromkeys(keys)]
    if process and process not in _PROCESSES:
        sentences.insert(0, Sentence("alma.kept.other", process=clean(process, 60)))
    return Sentence.joined((*sentences, Sentence("alma.kept.unchanged")), " ")
