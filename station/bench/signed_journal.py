"""Journal of the bench: adds the operator's name to each event that has none, and announces writes to tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from station.bench.shared_ledger import SharedLedger
from station.domain.corrections.correction import Correction
from station.domain.deliveries.delivery import NewDelivery
from station.domain.events import (
    AnyEvent,
    Event,
    ItemJudged,
    Ordered,
    SecurityWriteStarted,
    TagChangeStarted,
    TagErased,
    TagUndoStarted,
    TagUndoVerified,
    TagWriteInterrupted,
    TagWriteStarted,
    TagWriteVerified,
    VerdictTakenBack,
)
from station.domain.item import Barcode, OpenSet, Unjudged
from station.domain.item_state import StateSince
from station.domain.ports import Binding, Elsewhere, Journal, NoElsewhere
from station.domain.tag_image import Uid

E = TypeVar("E", bound=Event)


class SignedJournal:
    """Implements `ports.Journal`. `who` returns the id of the person who acts at the bench now. `changes` is called
    when a change of a tag is journaled, before the first byte goes to the tag."""

    def __init__(
        self,
        journal: Journal,
        who: Callable[[], str],
        changes: Callable[[TagChangeStarted], None],
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._journal = journal
        self.ledger = SharedLedger(journal, elsewhere or NoElsewhere())
        self._who = who
        self._changes = changes
        self.undoable = ""
        """Target of the last write by any workflow, if it has not been undone: the item's barcode, or the tag's UID."""

    def wrote(self, event: AnyEvent) -> None:
        """Update `undoable` from this event."""
        match event:
            case TagWriteVerified(unchanged=True):
                pass
            case TagWriteVerified(barcode=barcode, uid=uid) | TagErased(barcode=barcode, uid=uid):
                self.undoable = barcode or uid
            case TagUndoVerified():
                self.undoable = ""
            case _:
                pass

    def _signed(self, event: E) -> E:
        return event if event.operator else msgspec.structs.replace(event, operator=self._who())

    def _heard(self, event: E) -> E:
        """Let a write that begins say whether the center had answered."""
        if not isinstance(event, TagWriteStarted) or not (heard := self.ledger.heard(event.barcode, event.uid)):
            return event
        return msgspec.structs.replace(event, elsewhere=heard)

    def record(self, *events: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        seq = self._journal.record(*map(self._heard, map(self._signed, events)), deliveries=deliveries)
        if self.ledger.asks:
            proven = (
                event.uid for event in events if isinstance(event, TagWriteVerified | TagErased | TagUndoVerified)
            )
            self.ledger.recorded(seq, len(events), tuple(proven))
        for event in events:
            self.wrote(event)
            if isinstance(event, TagWriteStarted | TagUndoStarted | SecurityWriteStarted):
                self._changes(event)
        return seq

    def order(
        self,
        *events: Ordered,
        results: Sequence[tuple[ItemJudged, Sequence[NewDelivery]]] = (),
        expects: int | None = None,
    ) -> int:
        return self._journal.order(*map(self._signed, events), results=results, expects=expects)

    def take_back(self, event: VerdictTakenBack, *also: AnyEvent) -> bool:
        return self._journal.take_back(self._signed(event), *map(self._signed, also))

    def unjudged(self) -> tuple[Unjudged, ...]:
        return self._journal.unjudged()

    def open_sets(self) -> tuple[OpenSet, ...]:
        return self._journal.open_sets()

    def correction(self, name: str) -> Correction | None:
        return self._journal.correction(name)

    def open_corrections(self, barcode: Barcode) -> tuple[Correction, ...]:
        return self._journal.open_corrections(barcode)

    def open_attempt(self, uid: Uid) -> TagWriteStarted | None:
        return self._journal.open_attempt(uid)

    def interruption(self, attempt: TagWriteStarted) -> TagWriteInterrupted | None:
        return self._journal.interruption(attempt)

    def open_attempts(self) -> tuple[TagWriteStarted, ...]:
        return self._journal.open_attempts()

    def open_security(self) -> SecurityWriteStarted | None:
        return self._journal.open_security()

    def binding_of(self, uid: Uid) -> Binding | None:
        return self.ledger.binding_of(uid) if self.ledger.asks else self._journal.binding_of(uid)

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]:
        return self.ledger.bindings_for(barcode) if self.ledger.asks else self._journal.bindings_for(barcode)

    def state_of(self, barcode: Barcode) -> StateSince | None:
        return self._journal.state_of(barcode)

    def passed_parts(self, barcode: Barcode) -> frozenset[int]:
        return self._journal.passed_parts(barcode)

    def passed_by(self, barcode: Barcode, part: int) -> str:
        return self._journal.passed_by(barcode, part)
