"""Giving up an unfinished write that cannot be finished, because its tag was lost or thrown away."""

from __future__ import annotations

from station.base.text import clean
from station.base.words import tell
from station.domain.events import TagWriteAbandoned
from station.domain.ports import Journal
from station.domain.tag_image import Uid


def give_up(journal: Journal, uid: Uid, reason: str, operator: str) -> bool:
    """Journal that the tag's unfinished write is given up. Return False, and journal nothing, if it has none."""
    attempt = journal.open_attempt(uid)
    if attempt is None:
        return False
    journal.record(
        TagWriteAbandoned(
            attempt=attempt.attempt,
            uid=attempt.uid,
            barcode=attempt.barcode,
            reason=clean(reason) or tell("detail.given-up"),
            operator=operator,
        )
    )
    return True
