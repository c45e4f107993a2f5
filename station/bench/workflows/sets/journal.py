"""What the workflow of sets journals; each before what follows from it is done."""

from __future__ import annotations

from typing import Final

from station.base.words import tell
from station.bench.item.counted_parts import Sized
from station.bench.workflows.sets.rules import SetInHand
from station.bench.workflows.workflow import WorkflowDesk
from station.domain.events import (
    CatalogingRequested,
    ItemScanned,
    SetClosed,
    SetOpened,
    SetSized,
)
from station.domain.snapshot import ItemRecord
from station.domain.workflows.sets import SetModel

PARTS_DIFFER: Final = "set-parts"
"""Code of the request to the catalogers: the set has another number of parts than its record."""


def opened(desk: WorkflowDesk, item: ItemRecord, said: Sized) -> None:
    """The set is taken in hand."""
    desk.journal.record(
        ItemScanned(barcode=item.barcode, part=1, item=item),
        SetOpened(
            barcode=item.barcode,
            model=said.model,
            parts=said.parts,
            record_parts=item.parts,
            operator=desk.worker().id,
        ),
    )


def resized(desk: WorkflowDesk, now: SetInHand, total: int, model: SetModel) -> None:
    """Another number of parts, or another model; no tag was written for it yet."""
    if now.item is not None:
        desk.journal.record(
            SetSized(
                barcode=now.item.barcode,
                model=model,
                parts=total,
                before=now.total,
                record_parts=now.record_parts,
                operator=desk.worker().id,
            )
        )


def ended(desk: WorkflowDesk, now: SetInHand, *, complete: bool, loose: int | None, remark: str = "") -> None:
    """The set is put down, with what is missing. Of a complete one whose record says another number the catalogers are told."""
    item = now.item
    if item is None:
        return
    who = desk.worker().id
    closed = SetClosed(
        barcode=item.barcode,
        model=now.model,
        parts=now.total,
        record_parts=now.record_parts,
        complete=complete,
        seen=tuple(sorted(now.right)),
        missing=now.missing,
        loose=loose,
        remark=remark,
        operator=who,
    )
    if not complete or now.total == now.record_parts:
        desk.journal.record(closed)
        return
    wrong = CatalogingRequested(
        request=desk.new_id(),
        barcode=item.barcode,
        title=item.title,
        code=PARTS_DIFFER,
        reason=tell("sets.record-differs", parts=now.total, record=now.record_parts),
        record_id=item.record_id,
        operator=who,
    )
    desk.journal.record(closed, wrong)
