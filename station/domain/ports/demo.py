"""Controls of the demo's imaginary bench."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec


class DemoItem(msgspec.Struct, frozen=True):
    """One imaginary item."""

    barcode: str
    title: str
    hint: str
    """What is special about it ("a foreign library's tag")."""


class DemoState(msgspec.Struct, frozen=True):
    """The imaginary bench."""

    item: DemoItem
    on_pad: tuple[str, ...] = ()
    """Titles of what lies on the pad."""
    reader_plugged: bool = True
    ils_up: bool = True


class DemoPort(Protocol):
    """Controls of the imaginary bench. Calls return at once; the effects arrive by `subscribe`."""

    @property
    def state(self) -> DemoState: ...

    def subscribe(self, subscriber: Callable[[DemoState], None]) -> Callable[[], None]: ...

    def act(self, action: str) -> None:
        """ "next" (take the next item), "scan" (its barcode, as keystrokes of a scanner would), "place", "swap" (lift
        what lies there and place the item in hand), "lift", "two" (lay a second item beside it), "unplug"/"plug",
        "ils-down"/"ils-up", "lift-mid-write" (lift by itself during the next write)."""
        ...
