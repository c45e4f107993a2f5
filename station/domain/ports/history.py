"""The seam between the bench and what the journal remembers: everything that was journaled about one tag, item or session."""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.domain.deliveries.delivery import Delivery
from station.domain.events import AnyEvent


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
        """The same for a person's eyes: `about_tag` and `about_item` leave out what a blind second check must not know."""
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
        """What was put on the newest truck's list and taken off; () if it was released."""
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
        """What is or was to be sent about this item."""
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
    """A journal that remembers nothing, for a bench without one."""

    def seen_by(self, viewer: str) -> History:  # noqa: ARG002
        """See `History`."""
        return self

    def about_tag(self, uid: str) -> tuple[Logged, ...]:  # noqa: ARG002 - the port names it
        """See `History`."""
        return ()

    def about_item(self, barcode: str) -> tuple[Logged, ...]:  # noqa: ARG002
        """See `History`."""
        return ()

    def open_session(self) -> Logged | None:
        """See `History`."""
        return None

    def of_session(self, seq: int) -> tuple[Logged, ...]:  # noqa: ARG002
        """See `History`."""
        return ()

    def newest_session(self) -> tuple[Logged, ...]:
        """See `History`."""
        return ()

    def open_release(self) -> tuple[Logged, ...]:
        """See `History`."""
        return ()

    def open_withdrawal(self) -> tuple[Logged, ...]:
        """See `History`."""
        return ()

    def withdrawals(self) -> tuple[Logged, ...]:
        """See `History`."""
        return ()

    def newest_write(self) -> Logged | None:
        """See `History`."""
        return None

    def writes(self) -> tuple[Logged, ...]:
        """See `History`."""
        return ()

    def deliveries_of(self, barcode: str) -> tuple[Delivery, ...]:  # noqa: ARG002
        """See `History`."""
        return ()

    def of_set(self, barcode: str) -> tuple[Logged, ...]:  # noqa: ARG002
        """See `History`."""
        return ()

    def open_set(self) -> Logged | None:
        """See `History`."""
        return None

    def sets(self) -> tuple[Logged, ...]:
        """See `History`."""
        return ()
