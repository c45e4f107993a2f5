"""What the release of a truck's list shows."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.words import Sentence


class ReleaseState(StrEnum):
    """Where a truck's list stands; `bench.workflows.release.rules.MOVES` is its law."""

    OPEN = "open"
    RELEASED = "released"


class ReleaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a truck's list."""

    barcode: str
    title: str = ""
    right: bool = False
    reasons: tuple[str, ...] = ()
    """Why it may not leave, sentences."""
    notes: tuple[str, ...] = ()
    """What does not hold it back."""


class ListFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that holds the list of a truck."""

    key: str
    """Where it lies: what it is chosen by."""
    name: str
    at: str = ""
    """When it was written, for people."""


class ListRead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in such a file."""

    lines: tuple[str, ...] = ()
    refused: Sentence | None = None
    """Why it is no list."""


class ReleaseView(msgspec.Struct, frozen=True, kw_only=True, tag="release"):
    """A truck's list in the order of the scans."""

    state: ReleaseState = ReleaseState.OPEN
    truck: str = ""
    """Name of the truck, from its label; "" = none was scanned."""
    lines: tuple[ReleaseLine, ...] = ()
    files: tuple[ListFile, ...] = ()
    """Lists in files, where one is being chosen."""
