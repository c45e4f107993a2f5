"""The journal: what is recorded, and what was recorded about a tag, an item or a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from station.domain.corrections import Correction
from station.domain.deliveries.delivery import Delivery, NewDelivery
from station.domain.events import AnyEvent, ItemJudged, PersonEvent, SecurityWriteStarted, TagWriteStarted, WorkOrder
from station.domain.item import Barcode
from station.domain.tag_image import Uid


class Binding(msgspec.Struct, frozen=True):
    """This tag carries this part of this item (the newest verified write of either)."""

    uid: Uid
    barcode: Barcode
    part: int
    parts: int


class Journal(Protocol):
    """The append-only record: a result counts once it is journaled."""

    def record(self, *events: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        """Append events, their projections and deliveries in one transaction; durable when this returns.

        The deliveries belong to the last event. Returns the last event's sequence number.
        """
        ...

    def order(
        self,
        *events: WorkOrder | PersonEvent,
        result: ItemJudged | None = None,
        deliveries: Sequence[NewDelivery] = (),
    ) -> int:
        """`record` for a person's request: checks in the same transaction that it is allowed. Raises `WorkError`; then nothing
        is journaled. `result`: the verdict that follows from it, with its deliveries."""
        ...

    def open_corrections(self, barcode: Barcode) -> tuple[Correction, ...]:
        """Open corrections and rechecks of an item, the oldest first."""
        ...

    def open_attempt(self, uid: Uid) -> TagWriteStarted | None:
        """The newest write to this tag that was started and neither verified nor abandoned."""
        ...

    def open_attempts(self) -> tuple[TagWriteStarted, ...]:
        """All such writes, oldest first."""
        ...

    def open_security(self) -> SecurityWriteStarted | None:
        """The newest change of security, if the station ended in the middle of it."""
        ...

    def binding_of(self, uid: Uid) -> Binding | None: ...

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]: ...

    def passed_by(self, barcode: Barcode, part: int) -> str:
        """The worker whose newest verdict on this part is a pass; "" = it is a fail, or there is none."""
        ...

    def passed_parts(self, barcode: Barcode) -> frozenset[int]:
        """The parts of the item (1 = first) whose newest verdict is a pass."""
        ...


class Logged(msgspec.Struct, frozen=True):
    """One event with its place and time."""

    seq: int
    at: str
    """ISO 8601, UTC."""
    event: AnyEvent
    said: str = ""
    """The event in one sentence, clean."""


class History(Protocol):
    """What was journaled, the oldest first. Reads only; may block for milliseconds. Raises `StoreError`."""

    def seen_by(self, viewer: str) -> History:
        """The same for one viewer: `about_tag` and `about_item` leave out what a blind second check must not know."""
        ...

    def about_tag(self, uid: str) -> tuple[Logged, ...]:
        """Every event that names this tag."""
        ...

    def about_item(self, barcode: str) -> tuple[Logged, ...]:
        """Every event that names this item."""
        ...

    def open_session(self) -> Logged | None:
        """The newest `ConvertBegan` that has no `ConvertEnded`."""
        ...

    def of_session(self, seq: int) -> tuple[Logged, ...]:
        """Scans, verdicts, stacks and undos since event `seq`, the session's beginning."""
        ...

    def newest_session(self) -> tuple[Logged, ...]:
        """The newest conversion session, open or ended: its beginning, and everything of `of_session` after it."""
        ...

    def open_release(self) -> tuple[Logged, ...]:
        """Changes of the newest truck's list; () if it was released."""
        ...

    def open_withdrawal(self) -> tuple[Logged, ...]:
        """The newest `WithdrawalBegan` and the answers to it; () if it was judged or left."""
        ...

    def withdrawals(self) -> tuple[Logged, ...]:
        """Every checklist beside the main job: begun, judged, left."""
        ...

    def newest_write(self) -> Logged | None:
        """The newest verified write that changed a tag, erasure or undo, whichever came last."""
        ...

    def writes(self) -> tuple[Logged, ...]:
        """Every verified write and every undo: the ledger of tags and items."""
        ...

    def deliveries_of(self, barcode: str) -> tuple[Delivery, ...]:
        """Deliveries about this item, past and open."""
        ...

    def of_set(self, barcode: str) -> tuple[Logged, ...]:
        """What was journaled about the item as a set: opened, sized, closed."""
        ...

    def open_set(self) -> Logged | None:
        """The newest `SetOpened` that has no `SetClosed`."""
        ...

    def sets(self) -> tuple[Logged, ...]:
        """The same as `of_set` of all items."""
        ...


class NoHistory:
    """Null `History`."""

    def seen_by(self, viewer: str) -> History:  # noqa: ARG002
        return self

    def about_tag(self, uid: str) -> tuple[Logged, ...]:  # noqa: ARG002 - the port names it
        return ()

    def about_item(self, barcode: str) -> tuple[Logged, ...]:  # noqa: ARG002
        return ()

    def open_session(self) -> Logged | None:
        return None

    def of_session(self, seq: int) -> tuple[Logged, ...]:  # noqa: ARG002
        return ()

    def newest_session(self) -> tuple[Logged, ...]:
        return ()

    def open_release(self) -> tuple[Logged, ...]:
        return ()

    def open_withdrawal(self) -> tuple[Logged, ...]:
        return ()

    def withdrawals(self) -> tuple[Logged, ...]:
        return ()

    def newest_write(self) -> Logged | None:
        return None

    def writes(self) -> tuple[Logged, ...]:
        return ()

    def deliveries_of(self, barcode: str) -> tuple[Delivery, ...]:  # noqa: ARG002
        return ()

    def of_set(self, barcode: str) -> tuple[Logged, ...]:  # noqa: ARG002
        return ()

    def open_set(self) -> Logged | None:
        return None

    def sets(self) -> tuple[Logged, ...]:
        return ()
