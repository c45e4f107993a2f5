"""Controls of the demo's emulated bench."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec


class DemoItem(msgspec.Struct, frozen=True):
    """One demo item."""

    barcode: str
    title: str
    hint: str
    """The item's special property ("a foreign library's tag")."""


class DemoCard(msgspec.Struct, frozen=True):
    """A staff card of an imaginary person. The PIN is public, like everything in the demo; "" = it was changed."""

    card: str
    name: str
    role: str
    """Value of `domain.people.rights.Role`."""
    pin: str


class DemoState(msgspec.Struct, frozen=True):
    """State of the demo bench."""

    item: DemoItem
    on_pad: tuple[str, ...] = ()
    """Titles of the items on the pad."""
    reader_plugged: bool = True
    ils_up: bool = True
    cards: tuple[DemoCard, ...] = ()
    """Cards of the people who can sign on."""


class DemoPort(Protocol):
    """Controls of the demo bench. Calls return at once; their effects arrive through `subscribe`."""

    @property
    def state(self) -> DemoState: ...

    def subscribe(self, subscriber: Callable[[DemoState], None]) -> Callable[[], None]: ...

    def act(self, action: str) -> None:
        """Perform an action: "next" (take the next item), "scan" (type its barcode as a scanner would), "place", "swap"
        (lift the item on the pad and place the item in hand), "lift", "two" (put a second item beside it),
        "unplug"/"plug", "ils-down"/"ils-up", "lift-mid-write" (lift automatically during the next write), "card:CARD"
        (scan a staff card)."""
        ...
