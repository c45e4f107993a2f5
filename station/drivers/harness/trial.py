"""What a case is given, and how it says what it expects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from station.base.errors import StationError
from station.base.settings import Reader
from station.domain.snapshot import Inventory, SystemInformation
from station.domain.tag_image import Uid
from station.drivers.harness.hands import Hands, Wish
from station.drivers.harness.results import Failed, Skipped
from station.drivers.harness.scratch import Image
from station.drivers.harness.subject import Subject

LOOKS: Final = 5
"""Inventories within which a tag that was laid down must be seen, or one that was taken away be gone."""


@dataclass
class Trial:
    """A run's state. Cases that come before have filled what later ones need."""

    subject: Subject
    hands: Hands
    settings: Reader
    uid: Uid | None = None
    """The scratch tag's."""
    information: SystemInformation | None = None
    tells_itself: bool = True
    """The reader asks a tag for its system information; False: size by the table of chips, AFI and DSFID unknown."""
    read: bytes = b""
    """The scratch tag's whole memory, as the case read-all read it."""
    locked: tuple[bool, ...] = ()
    saved: Image | None = None
    """The whole tag, before the first case that writes."""

    @property
    def tag(self) -> Uid:
        """The scratch tag's UID; raises `Skipped` while none is known."""
        if self.uid is None:
            raise Skipped("no tag was found")
        return self.uid

    @property
    def size(self) -> SystemInformation:
        """What the tag says of itself; raises `Skipped` while it has not."""
        if self.information is None:
            raise Skipped("the tag's size is not known")
        return self.information

    @property
    def memory(self) -> bytes:
        """What the tag holds; raises `Skipped` while it was not read as a whole."""
        if not self.read:
            raise Skipped("the tag was not read as a whole")
        return self.read

    @property
    def image(self) -> Image:
        """The saved tag; raises `Skipped` before it was saved."""
        if self.saved is None:
            raise Skipped("the tag was not saved")
        return self.saved

    def wish(self, wish: Wish) -> None:
        """Have hands do something; raises `Skipped` when they do not."""
        if not self.hands.do(wish):
            raise Skipped(f"nobody was there to {wish.value}")

    def look_until(self, good: Callable[[Inventory], bool], what: str) -> Inventory:
        """Look until it is as it should be; raises `Failed` when it never is."""
        for _ in range(LOOKS):
            seen = self.subject.inventory()
            if good(seen):
                return seen
        raise Failed(f"{what}; seen: {told(seen)}")


@dataclass(frozen=True)
class Case:
    """One demand of the contract. `run` raises `Failed` or `Skipped`, and what the reader raises; it gives back what was
    seen, in words."""

    name: str
    says: str
    run: Callable[[Trial], str]
    needs_tag: bool = True


def told(seen: Inventory) -> str:
    """An inventory in words."""
    uids = ", ".join(tag.uid for tag in seen.tags) or "no tag"
    return f"{uids}{' and something that cannot be told apart' if seen.collision else ''}"


def alone(uid: str) -> Callable[[Inventory], bool]:
    """Exactly this tag."""
    return lambda seen: [tag.uid for tag in seen.tags] == [uid] and not seen.collision


def expect(good: bool, otherwise: str) -> None:
    """Raise `Failed` unless `good`."""
    if not good:
        raise Failed(otherwise)


def refused(what: str, call: Callable[[], object], *errors: type[StationError]) -> StationError:
    """The error with which `call` ends; raises `Failed` when it ends with none, or with one that does not fit."""
    names = " or ".join(error.code for error in errors)
    try:
        answer = call()
    except StationError as error:
        expect(isinstance(error, errors), f"{what}: {names} was expected, and {error} came")
        return error
    said = answer.hex() if isinstance(answer, bytes) else str(answer)
    raise Failed(f"{what}: {names} was expected, and it was done ({said[:80]})")


def hexed(data: bytes) -> str:
    """Bytes in a sentence."""
    return data.hex().upper() if len(data) <= 16 else f"{data[:16].hex().upper()}... ({len(data)} bytes)"
