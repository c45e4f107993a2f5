"""State of a run, as each case receives it, and the means to state expectations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from station.base.errors import StationError
from station.base.settings import Reader
from station.domain.inventory import Inventory, SystemInformation
from station.domain.tag_image import Uid
from station.drivers.harness.hands import Hands, Wish
from station.drivers.harness.results import Failed, Skipped
from station.drivers.harness.scratch import Image
from station.drivers.harness.subject import Subject

LOOKS: Final = 5
"""Number of inventories within which an added tag must be seen, or a removed one be gone."""


@dataclass
class Trial:
    """State of a run. Earlier cases fill in what later cases need."""

    subject: Subject
    hands: Hands
    settings: Reader
    uid: Uid | None = None
    """UID of the scratch tag."""
    information: SystemInformation | None = None
    tells_itself: bool = True
    """Whether the reader reads a tag's system information; if not, the size comes from the table of chips, and AFI and
    DSFID are unknown."""
    read: bytes = b""
    """The scratch tag's whole memory, as read by the case read-all."""
    locked: tuple[bool, ...] = ()
    saved: Image | None = None
    """The whole tag, saved before the first case that writes."""

    @property
    def tag(self) -> Uid:
        """The scratch tag's UID. Raises `Skipped` while it is not known."""
        if self.uid is None:
            raise Skipped("no tag was found")
        return self.uid

    @property
    def size(self) -> SystemInformation:
        """The tag's system information. Raises `Skipped` while it is not known."""
        if self.information is None:
            raise Skipped("the tag's size is not known")
        return self.information

    @property
    def memory(self) -> bytes:
        """The tag's memory. Raises `Skipped` until it was read as a whole."""
        if not self.read:
            raise Skipped("the tag was not read as a whole")
        return self.read

    @property
    def image(self) -> Image:
        """The saved tag. Raises `Skipped` until it was saved."""
        if self.saved is None:
            raise Skipped("the tag was not saved")
        return self.saved

    def wish(self, wish: Wish) -> None:
        """Request a physical action. Raises `Skipped` if it is not done."""
        if not self.hands.do(wish):
            raise Skipped(f"the request was not carried out: {wish.value}")

    def look_until(self, good: Callable[[Inventory], bool], what: str) -> Inventory:
        """Repeat the inventory until `good` accepts it. Raises `Failed` after `LOOKS` attempts."""
        for _ in range(LOOKS):
            seen = self.subject.inventory()
            if good(seen):
                return seen
        raise Failed(f"{what}; seen: {told(seen)}")


@dataclass(frozen=True)
class Case:
    """One demand of the contract. `run` returns a description of what was seen; it raises `Failed`, `Skipped`, and what
    the reader raises."""

    name: str
    says: str
    run: Callable[[Trial], str]
    needs_tag: bool = True


def told(seen: Inventory) -> str:
    """Return an inventory as text."""
    uids = ", ".join(tag.uid for tag in seen.tags) or "no tag"
    return f"{uids}{' and something that cannot be told apart' if seen.collision else ''}"


def alone(uid: str) -> Callable[[Inventory], bool]:
    """Return a test that accepts an inventory with exactly this tag."""
    return lambda seen: [tag.uid for tag in seen.tags] == [uid] and not seen.collision


def expect(good: bool, otherwise: str) -> None:
    """Raise `Failed` unless `good`."""
    if not good:
        raise Failed(otherwise)


def refused(what: str, call: Callable[[], object], *errors: type[StationError]) -> StationError:
    """Return the error that `call` raises. Raises `Failed` if it raises no error, or one that is not among `errors`."""
    names = " or ".join(error.code for error in errors)
    try:
        answer = call()
    except StationError as error:
        expect(isinstance(error, errors), f"{what}: {names} was expected, and {error} came")
        return error
    text = answer.hex() if isinstance(answer, bytes) else str(answer)
    raise Failed(f"{what}: {names} was expected, and it was done ({text[:80]})")


def hexed(data: bytes) -> str:
    """Return bytes as text for a sentence; a long value is shortened."""
    return data.hex().upper() if len(data) <= 16 else f"{data[:16].hex().upper()}... ({len(data)} bytes)"
