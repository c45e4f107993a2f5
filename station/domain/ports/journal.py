"""The journal: recording events, and reading what was recorded about a tag, an item or a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.corrections.correction import Correction
from station.domain.deliveries.delivery import Delivery, NewDelivery
from station.domain.events import (
    AnyEvent,
    ItemJudged,
    Ordered,
    SecurityWriteStarted,
    TagWriteInterrupted,
    TagWriteStarted,
    VerdictTakenBack,
)
from station.domain.item import Barcode, OpenSet, Unjudged
from station.domain.item_state import StateSince
from station.domain.people.staff_call import StaffCall
from station.domain.tag_image import Uid


class Binding(msgspec.Struct, frozen=True):
    """The tag that carries this part of this item, from the newest verified write of either."""

    uid: Uid
    barcode: Barcode
    part: int
    parts: int
    bench: str = ""
    """Name of the bench that wrote it; "" = this one."""
    day: Sentence = EMPTY
    """When that bench wrote it."""


class Journal(Protocol):
    """The append-only record: a result counts once it is journaled."""

    def record(self, *events: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        """Append events, their projections and deliveries in one transaction; durable when this returns.

        The deliveries belong to the last event. Return the last event's sequence number.
        """
        ...

    def order(
        self,
        *events: Ordered,
        results: Sequence[tuple[ItemJudged, Sequence[NewDelivery]]] = (),
        expects: int | None = None,
    ) -> int:
        """Record a person's request like `record`, but check in the same transaction that it is allowed. If not, raise
        `WorkError` and journal nothing. `results`: the verdicts that follow from the request, with their deliveries.

        `expects`: the newest event that the person has seen of everything that the request is about; None = anything.
        If there is a newer one, raise `ChangedMeanwhile`; if this very request was recorded since, return its number
        and record nothing."""
        ...

    def take_back(self, event: VerdictTakenBack, *also: AnyEvent) -> bool:
        """Record that a verdict was taken back, with what follows, and discard the verdict's deliveries in the same
        transaction. Return False, and record nothing, if a delivery was begun or decided, or a newer verdict exists."""
        ...

    def unjudged(self) -> tuple[Unjudged, ...]:
        """Return the items whose tag was verified after a scan, and that were neither judged nor set aside since, the
        earliest first."""
        ...

    def correction(self, name: str) -> Correction | None:
        """Return the correction with this id, or the one that a report with this id joined."""
        ...

    def open_sets(self) -> tuple[OpenSet, ...]:
        """Return the sets of which some parts carry a tag and others none, the newest first."""
        ...

    def open_corrections(self, barcode: Barcode) -> tuple[Correction, ...]:
        """Return open corrections and rechecks of an item, oldest first."""
        ...

    def open_attempt(self, uid: Uid) -> TagWriteStarted | None:
        """Return the newest write to this tag that was started and neither verified nor abandoned."""
        ...

    def interruption(self, attempt: TagWriteStarted) -> TagWriteInterrupted | None:
        """Return the end of an open write; None if the station ended during it."""
        ...

    def open_attempts(self) -> tuple[TagWriteStarted, ...]:
        """Return all such writes, oldest first."""
        ...

    def open_security(self) -> SecurityWriteStarted | None:
        """Return the newest change of security, if the station ended during it."""
        ...

    def binding_of(self, uid: Uid) -> Binding | None: ...

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]: ...

    def state_of(self, barcode: Barcode) -> StateSince | None:
        """Return the item's state, and since when; None = the station has done nothing with it."""
        ...

    def passed_by(self, barcode: Barcode, part: int) -> str:
        """Return the worker whose newest verdict on this part is a pass; "" = the newest verdict is a fail, or there is
        none."""
        ...

    def passed_parts(self, barcode: Barcode) -> frozenset[int]:
        """Return the parts of the item (1 = first) whose newest verdict is a pass."""
        ...


class Logged(msgspec.Struct, frozen=True):
    """One event with its sequence number and time."""

    seq: int
    at: str
    """ISO 8601, UTC."""
    event: AnyEvent
    said: Sentence = EMPTY
    """The event as one sentence."""
    plain: Sentence = EMPTY
    """The same for a screen: titles, no ids, no codes. Empty if the station itself reads."""


def standing(logged: Iterable[Logged]) -> tuple[Logged, ...]:
    """Return the events without the verdicts that were taken back."""
    entries = tuple(logged)
    gone = {entry.event.judged for entry in entries if isinstance(entry.event, VerdictTakenBack)}
    return tuple(entry for entry in entries if entry.seq not in gone)


class History(Protocol):
    """Read access to the journal, oldest event first. Calls may block for milliseconds. Raises `StoreError`."""

    def seen_by(self, viewer: str) -> History:
        """Return the history for one viewer: `about_tag` and `about_item` omit what a blind second check must hide."""
        ...

    def about_tag(self, uid: str) -> tuple[Logged, ...]:
        """Return every event that names this tag."""
        ...

    def about_item(self, barcode: str) -> tuple[Logged, ...]:
        """Return every event that names this item."""
        ...

    def state_of(self, barcode: str) -> StateSince | None:
        """Return the item's state as `Journal.state_of`; for a viewer who still has to check it, without the verdict."""
        ...

    def open_session(self) -> Logged | None:
        """Return the newest `ConvertBegan` without a `ConvertEnded`."""
        ...

    def of_session(self, seq: int) -> tuple[Logged, ...]:
        """Return scans, verdicts, stacks and undos since event `seq`, the start of the session."""
        ...

    def newest_session(self) -> tuple[Logged, ...]:
        """Return the newest conversion session, open or ended: its start, and the events of `of_session` after it."""
        ...

    def open_release(self) -> tuple[Logged, ...]:
        """Return the changes to the newest truck list; () if it was released."""
        ...

    def open_withdrawal(self) -> tuple[Logged, ...]:
        """Return the newest `WithdrawalBegan` and its answers; () if it was judged or left."""
        ...

    def withdrawal_checklists(self) -> tuple[Logged, ...]:
        """Return all events of withdrawal checklists: begun, judged, left."""
        ...

    def newest_write(self) -> Logged | None:
        """Return the newest verified write that changed a tag, erasure or undo, whichever came last."""
        ...

    def writes(self) -> tuple[Logged, ...]:
        """Return every verified write and every undo: the ledger of tags and items."""
        ...

    def deliveries_of(self, barcode: str) -> tuple[Delivery, ...]:
        """Return deliveries about this item, past and open."""
        ...

    def of_set(self, barcode: str) -> tuple[Logged, ...]:
        """Return the events about the item as a set: opened, sized, closed."""
        ...

    def open_set(self) -> Logged | None:
        """Return the newest `SetOpened` without a `SetClosed`."""
        ...

    def sets(self) -> tuple[Logged, ...]:
        """Return the events of `of_set` for all items."""
        ...

    def staff_call(self) -> StaffCall | None:
        """Return the open call for staff: the newest `StaffCalled` without a `StaffCallAnswered`."""
        ...


class NoHistory:
    """Null `History`."""

    def seen_by(self, viewer: str) -> History:
        return self

    def about_tag(self, uid: str) -> tuple[Logged, ...]:
        return ()

    def about_item(self, barcode: str) -> tuple[Logged, ...]:
        return ()

    def state_of(self, barcode: str) -> StateSince | None:
        return None

    def open_session(self) -> Logged | None:
        return None

    def of_session(self, seq: int) -> tuple[Logged, ...]:
        return ()

    def newest_session(self) -> tuple[Logged, ...]:
        return ()

    def open_release(self) -> tuple[Logged, ...]:
        return ()

    def open_withdrawal(self) -> tuple[Logged, ...]:
        return ()

    def withdrawal_checklists(self) -> tuple[Logged, ...]:
        return ()

    def newest_write(self) -> Logged | None:
        return None

    def writes(self) -> tuple[Logged, ...]:
        return ()

    def deliveries_of(self, barcode: str) -> tuple[Delivery, ...]:
        return ()

    def of_set(self, barcode: str) -> tuple[Logged, ...]:
        return ()

    def open_set(self) -> Logged | None:
        return None

    def sets(self) -> tuple[Logged, ...]:
        return ()

    def staff_call(self) -> StaffCall | None:
        return None
