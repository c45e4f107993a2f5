"""Unfinished writes: how one ends, which of them count against the tag, and giving one up."""

from __future__ import annotations

from typing import Final

from station.base.errors import ReaderPassword, ReaderRefused, StationError, TagMismatch
from station.base.sentence import Sentence
from station.bench.item.tag_change import WriteRun
from station.bench.item.write_steps import read_image
from station.domain.events import AnyEvent, TagWriteAbandoned, TagWriteInterrupted, TagWriteStarted
from station.domain.ports import Journal, Reader
from station.domain.tag_image import TagImage, Uid

_REFUSALS: Final = frozenset({ReaderRefused.code, ReaderPassword.code})


def failures(journal: Journal, attempt: TagWriteStarted) -> int:
    """Return how often writing this tag has failed, up to this open attempt. If the reader did not carry it out, that
    says nothing about the tag, and does not count."""
    ended = journal.interruption(attempt)
    return attempt.tries - (ended is not None and ended.code in _REFUSALS)


def interrupted(reader: Reader, started: TagWriteStarted, error: StationError, run: WriteRun) -> tuple[AnyEvent, ...]:
    """Return the events that end a write with an error. If the reader did not carry it out, or perhaps did not, and the tag
    is as it was before, the write is abandoned, too: there is nothing to finish."""
    end = TagWriteInterrupted(
        attempt=started.attempt,
        uid=started.uid,
        barcode=started.barcode,
        written=run.steps_done,
        planned=run.steps_planned,
        code=error.code,
        detail=error.detail,
    )
    # A reader not yet seen to set the AFI or the DSFID may answer OK and do nothing. The EAS bit is not in the image.
    perhaps = isinstance(error, TagMismatch) and reader.capabilities.unproven and started.eas is None
    if not (isinstance(error, ReaderRefused) or perhaps) or not _is(reader, started.old):
        return (end,)
    return end, TagWriteAbandoned(
        attempt=started.attempt,
        uid=started.uid,
        barcode=started.barcode,
        reason=Sentence("detail.as-it-was"),
        operator=started.operator,
    )


def _is(reader: Reader, image: TagImage) -> bool:
    """Return True if the tag is read as this image."""
    try:
        return read_image(reader, image.uid) == image
    except StationError:
        return False


def give_up(journal: Journal, uid: Uid, reason: Sentence, operator: str) -> bool:
    """Journal that the tag's unfinished write is given up. Return False, and journal nothing, if it has none."""
    attempt = journal.open_attempt(uid)
    if attempt is None:
        return False
    journal.record(
        TagWriteAbandoned(
            attempt=attempt.attempt,
            uid=attempt.uid,
            barcode=attempt.barcode,
            reason=reason or Sentence("detail.given-up"),
            operator=operator,
        )
    )
    return True
