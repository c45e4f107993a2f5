"""What leaves or moves: what the bench reads about withdrawals, carts, pull lists, transfers and watched tags."""

from __future__ import annotations

from typing import Protocol

from station.domain.item import ItemRecord
from station.domain.lost_items import LostItem
from station.domain.transfers.transfer import Transfer
from station.domain.withdrawals.pull_list import PullStanding
from station.domain.withdrawals.stop_signs import SignAnswer
from station.domain.withdrawals.withdrawal import Cart, WatchedTag, Withdrawal


class Departures(Protocol):
    """Read access. Calls may block for milliseconds. Raises `StoreError`."""

    def transfer_of_item(self, barcode: str) -> Transfer | None:
        """Return the item's open transfer."""
        ...

    def lost_item(self, barcode: str) -> LostItem | None:
        """Return what is recorded of an item that is not there; None = nothing, or it turned up again."""
        ...

    def withdrawal(self, ident: str) -> Withdrawal | None: ...

    def withdrawal_of_item(self, barcode: str) -> Withdrawal | None:
        """Return the newest withdrawal of the whole item, or else of a part, that was not canceled."""
        ...

    def ready_to_strip(self) -> tuple[Withdrawal, ...]:
        """Return the withdrawals that are ready to strip (`Withdrawal.ready_to_strip`), the oldest first."""
        ...

    def open_cart(self, operator: str) -> Cart | None:
        """Return the cart that this person has open."""
        ...

    def watched(self, uid: str) -> WatchedTag | None: ...

    def pull_line(self, barcode: str) -> PullStanding | None:
        """Return the line of the newest open pull list with this barcode."""
        ...


class StopSigns(Protocol):
    """Asks every source for the stop signs of an item. May block for as long as a live look-up may. Raises nothing: a
    source that does not answer leaves its signs "not known"."""

    def answers(self, item: ItemRecord) -> tuple[SignAnswer, ...]:
        """Return one answer for each `Sign`, in their order."""
        ...


class NoDepartures:
    """Null `Departures`."""

    def withdrawal(self, ident: str) -> Withdrawal | None:
        return None

    def withdrawal_of_item(self, barcode: str) -> Withdrawal | None:
        return None

    def ready_to_strip(self) -> tuple[Withdrawal, ...]:
        return ()

    def open_cart(self, operator: str) -> Cart | None:
        return None

    def watched(self, uid: str) -> WatchedTag | None:
        return None

    def pull_line(self, barcode: str) -> PullStanding | None:
        return None

    def transfer_of_item(self, barcode: str) -> Transfer | None:
        return None

    def lost_item(self, barcode: str) -> LostItem | None:
        return None
